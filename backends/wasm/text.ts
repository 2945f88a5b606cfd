/**
 * Functions in WebAssembly's text format, for people to read.
 *
 *   (func $scale (param i32 i32 i32) (local i32 v128)
 *     local.get 2
 *     …)
 */
import type { ValueType, WasmFunction } from './encode.js'
import { codeOf, type Instruction } from './opcodes.js'

export function showFunction(f: WasmFunction): string {
  const group = (word: string, types: readonly ValueType[]): string =>
    types.length === 0 ? '' : ` (${word} ${types.join(' ')})`
  const head = `(func $${f.name}${group('param', f.parameters)}${group('local', f.locals)}`
  let depth = 1
  const lines = f.body.map((instruction) => {
    const [op] = instruction
    if (op === 'end' || op === 'else') depth--
    const line = `${'  '.repeat(depth)}${showInstruction(instruction)}`
    if (op === 'block' || op === 'loop' || op === 'if' || op === 'else') depth++
    return line
  })
  return `${[head, ...lines].join('\n')})`
}

export function showInstruction([op, ...immediates]: Instruction): string {
  const { immediate } = codeOf(op)
  const [first = 0, second] = immediates
  switch (immediate) {
    case 'none':
    case 'block':
    case 'zero-zero':
      return op
    case 'memory':
      return first === 0 ? op : `${op} offset=${first}`
    case 'memory-lane':
      return `${first === 0 ? op : `${op} offset=${first}`} ${second}`
    case 'index':
    case 'lane':
    case 'i32':
    case 'i64':
      return `${op} ${first}`
    case 'f32':
    case 'f64':
      return `${op} ${showFloat(Number(first))}`
    case 'v128':
      return op === 'v128.const' ? `${op} ${showWords(immediates)}` : [op, ...immediates].join(' ')
  }
}

function showFloat(x: number): string {
  if (Number.isNaN(x)) return 'nan'
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf'
  return Object.is(x, -0) ? '-0' : String(x)
}

/** Sixteen bytes as four hexadecimal words. */
function showWords(bytes: readonly (number | bigint)[]): string {
  const view = new DataView(Uint8Array.from(bytes, Number).buffer)
  const words = [0, 4, 8, 12].map((at) => view.getUint32(at, true).toString(16).padStart(8, '0'))
  return `i32x4 ${words.map((word) => `0x${word}`).join(' ')}`
}
