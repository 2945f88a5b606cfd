/** Elements of arrays: where they are, how they are read and written. */
import { type Dim, dimProduct } from '../../../lib/data/dim.js'
import { add, type Expr, mul, size } from '../../../lib/loop/index.js'
import { type Emission, type Memory, memoryOf, need } from './emission.js'

type Go = (x: Expr) => string

/** The value of an element. */
export function readText(e: Emission, buffer: string, at: readonly Expr[], go: Go): string {
  const memory = memoryOf(e, buffer)
  touch(e, memory, 'read')
  const element = elementText(memory, go(memory.position(at)))
  if (isWord(memory)) return `bitcast<${memory.dtype}>(${element})`
  if (memory.dtype === 'bool') return `(${element} != 0u)`
  return memory.element === 'f16' ? `f32(${element})` : element
}

/** The statement that gives an element a value. */
export const storeText = (e: Emission, memory: Memory, position: string, value: string): string =>
  `${elementText(memory, position)} = ${storedText(e, memory, value)};`

/** A value as it lies in memory. */
export function storedText(e: Emission, memory: Memory, value: string): string {
  if (memory.dtype === 'bool') return `u32(${value})`
  if (isWord(memory)) return `bitcast<u32>(${value})`
  if (memory.dtype !== 'f16') return value
  need(e, 'toHalf')
  const half = `toHalf(${value})`
  return memory.element === 'f16' ? `f16(${half})` : half
}

/** Whether its elements lie among others' as bits; a bool is a word anyway. */
const isWord = ({ name, binding, dtype }: Memory): boolean =>
  name !== binding && dtype !== 'u32' && dtype !== 'bool'

const elementText = ({ text, wide }: Memory, position: string): string =>
  wide ? `${text}[u32(${position}) >> 2u][u32(${position}) & 3u]` : `${text}[${position}]`

export function touch(e: Emission, memory: Memory, access: 'read' | 'read_write'): void {
  if (memory.space !== 'storage') return
  const before = e.used.buffers.get(memory.binding)
  if (before !== 'read_write') e.used.buffers.set(memory.binding, access)
}

/** The position of an element in row-major order. */
export function rowMajor(shape: readonly Dim[], at: readonly Expr[]): Expr {
  return at.reduce<Expr>(
    (sum, index, axis) => add(sum, mul(index, size(dimProduct(shape.slice(axis + 1))))),
    size(0),
  )
}
