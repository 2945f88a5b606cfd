/**
 * Arrays on the host: a dtype, a shape, and row-major elements in a typed array.
 */
import { allocate, type DType, type TypedArray } from './dtype.js'
import { invariant } from './error.js'

export interface NDArray {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** Row-major, `sizeOf(shape)` elements. */
  readonly data: TypedArray
}

/** The number of elements. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((acc, n) => acc * n, 1)

/** Row-major strides in elements. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= shape[axis]
  }
  return strides
}

/** A zeroed array. */
export const emptyArray = (dtype: DType, shape: readonly number[]): NDArray => ({
  dtype,
  shape,
  data: allocate(dtype, sizeOf(shape)),
})

/** An array over existing elements; the caller keeps hold of `data`. */
export function arrayOf(dtype: DType, shape: readonly number[], data: TypedArray): NDArray {
  invariant(data.length === sizeOf(shape), `${data.length} elements for shape [${shape}]`)
  return { dtype, shape, data }
}

/** An array from numbers, rounded to the dtype by storing them. */
export function arrayFrom(
  dtype: DType,
  shape: readonly number[],
  values: ArrayLike<number>,
  round?: (x: number) => number,
): NDArray {
  const array = emptyArray(dtype, shape)
  invariant(values.length === array.data.length, `${values.length} values for shape [${shape}]`)
  if (round === undefined) array.data.set(values)
  else for (let i = 0; i < values.length; i++) array.data[i] = round(values[i])
  return array
}

export type Nested = number | boolean | readonly Nested[]

/** The elements as nested arrays; a scalar is its number. Bools come back as 0 and 1. */
export function toNested(array: NDArray): Nested {
  const level = (axis: number, offset: number, count: number): Nested => {
    if (axis === array.shape.length) return array.data[offset]
    const n = array.shape[axis]
    const step = n === 0 ? 0 : count / n
    return Array.from({ length: n }, (_, i) => level(axis + 1, offset + i * step, step))
  }
  return level(0, 0, array.data.length)
}

/** Calls `visit` with each index of `shape` in row-major order; the index array is reused. */
export function forEachIndex(
  shape: readonly number[],
  visit: (index: readonly number[], flat: number) => void,
): void {
  const index = shape.map(() => 0)
  const size = sizeOf(shape)
  for (let flat = 0; flat < size; flat++) {
    visit(index, flat)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = index[axis] + 1
      if (next < shape[axis]) {
        index[axis] = next
        break
      }
      index[axis] = 0
    }
  }
}
