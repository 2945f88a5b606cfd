/**
 * What the engine can do, asked by offering it a module, and what the machine gains by.
 */
import { type Hardware, wasmHardware } from '../../lib/loop/schedule/index.js'
import { assembler } from './assembler.js'
import { encodeModule } from './encode.js'
import type { Op } from './opcodes.js'

/** Whether multiply-adds on vectors may be rounded once: relaxed SIMD is there and enabled. */
export const hasRelaxedSimd = (): boolean =>
  accepts((emit) => {
    for (let i = 0; i < 3; i++) emit('v128.const', ...new Array<number>(16).fill(0))
    emit('f32x4.relaxed_madd')
    emit('drop')
  })

/**
 * Relaxed SIMD, switched on for this process where Node has it behind a flag (Node 20; workers
 * follow). It must be on before the first module that uses it is compiled.
 */
export function enableRelaxedSimd(): boolean {
  if (hasRelaxedSimd()) return true
  if (typeof process !== 'object' || typeof process.getBuiltinModule !== 'function') return false
  process.getBuiltinModule('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd')
  return hasRelaxedSimd()
}

/** Whether vectors of 128 bits are there at all; the backend needs them. */
export const hasSimd = (): boolean =>
  accepts((emit) => {
    emit('v128.const', ...new Array<number>(16).fill(0))
    emit('drop')
  })

/** The name of the processor, where Node says it. */
function processor(): string | undefined {
  if (typeof process !== 'object' || typeof process.getBuiltinModule !== 'function') return
  return process.getBuiltinModule('node:os').cpus()[0]?.model
}

/**
 * What schedules are chosen for on this machine. Asking for the next row ahead gains on Intel's
 * servers, whose own looking ahead does little in virtual machines; on AMD's a softmax of
 * 4096 × 1024 takes 10 % longer with it. By name, not by measuring: the same machine chooses alike
 * in every run. Results are the same either way.
 */
export function hardwareOf(name = processor()): Hardware {
  const { touch } = wasmHardware
  const nextRows = /intel/i.test(name ?? '')
  return touch === undefined ? wasmHardware : { ...wasmHardware, touch: { ...touch, nextRows } }
}

function accepts(
  body: (emit: (op: Op, ...immediates: readonly number[]) => void) => void,
): boolean {
  const code = assembler([])
  body(code.emit)
  const functions = [code.finish('probe', true)]
  const memory = { minimum: 0, maximum: 1, shared: false }
  return WebAssembly.validate(
    encodeModule({ memory, imports: [], globals: 0, functions, data: [] }),
  )
}
