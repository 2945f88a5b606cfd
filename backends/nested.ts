/**
 * Nested arrays of numbers to shape and elements.
 *
 *   [[1, 2], [3, 4]]   →   shape [2, 2], elements 1 2 3 4
 *
 * Faults are phrases that continue "'x' …". The depth is bounded by the rank that the input has,
 * so an array that contains itself is only too deep.
 */
import {
  allocate,
  type Dim,
  type DType,
  elementFault,
  roundTo,
  sizeOf,
  type TypedArray,
} from '../lib/data/index.js'

export interface Read {
  readonly shape: readonly number[]
  readonly data: TypedArray
}

/** The elements, or what is wrong. `wanted` is the shape that the input has. */
export function readNested(value: unknown, dtype: DType, wanted: readonly Dim[]): Read | string {
  const shape = shapeOf(value, wanted)
  if (typeof shape === 'string') return shape
  const data = allocate(dtype, sizeOf(shape))
  let next = 0
  const path: number[] = []
  const fill = (level: unknown): string | undefined => {
    const axis = path.length
    if (axis === shape.length) {
      if (Array.isArray(level)) return `is ragged: ${place(path)} is an array beside numbers`
      const fault = elementFault(level, dtype)
      if (fault !== undefined) return `holds ${fault}${axis > 0 ? `, at ${place(path)}` : ''}`
      data[next++] = roundTo(dtype, Number(level))
      return undefined
    }
    if (!Array.isArray(level)) return `is ragged: ${place(path)} is no array beside arrays`
    if (level.length !== shape[axis]) {
      return `is ragged: ${place(path)} has ${level.length} entries where the first has ${shape[axis]}`
    }
    for (let i = 0; i < level.length; i++) {
      path.push(i)
      const fault = i in level ? fill(level[i]) : `has a hole at ${place(path)}`
      if (fault !== undefined) return fault
      path.pop()
    }
    return undefined
  }
  return fill(value) ?? { shape, data }
}

/** The lengths along the first entries; below an empty level, what the input asks for. */
function shapeOf(value: unknown, wanted: readonly Dim[]): readonly number[] | string {
  const rank = wanted.length
  const shape: number[] = []
  let level = value
  while (Array.isArray(level)) {
    if (shape.length === rank) {
      return rank === 0 ? 'is an array, needs a number' : `is nested deeper than ${rank} arrays`
    }
    shape.push(level.length)
    if (level.length === 0) break
    level = level[0]
  }
  if (shape.at(-1) !== 0) return shape
  const below = wanted.slice(shape.length).map((dim) => (typeof dim === 'number' ? dim : 0))
  return [...shape, ...below]
}

const place = (path: readonly number[]): string => `[${path.join(', ')}]`
