/**
 * Strided views of a typed array, and the one copy loop that the reference evaluation of
 * transpose, broadcast, slice, pad, concat, reverse and windows is made of.
 *
 *   element [i, j, …] of a view lies at offset + i·strides[0] + j·strides[1] + …
 *
 * Before copying, axes of size 1 go and neighbours that both views run through alike are merged,
 * so that what is contiguous is copied in one sweep.
 */
import {
  allocate,
  type DType,
  type NDArray,
  roundToHalf,
  sizeOf,
  stridesOf,
  type TypedArray,
} from '../data/index.js'

export interface View {
  readonly data: TypedArray
  readonly offset: number
  readonly strides: readonly number[]
}

/** The whole array as a view. */
export const viewOf = (array: NDArray): View => ({
  data: array.data,
  offset: 0,
  strides: stridesOf(array.shape),
})

/** Copies every element of `from` to `to`, both of the given shape. */
export function copyView(shape: readonly number[], from: View, to: View): void {
  if (shape.includes(0)) return
  const axes = mergeAxes(shape, from.strides, to.strides)
  const last = axes[axes.length - 1]
  if (last === undefined) {
    to.data[to.offset] = from.data[from.offset]
    return
  }
  const level = (depth: number, source: number, target: number): void => {
    if (depth === axes.length - 1) {
      copyRow(last, from.data, source, to.data, target)
      return
    }
    const { size, read, write } = axes[depth]
    for (let i = 0; i < size; i++) level(depth + 1, source + i * read, target + i * write)
  }
  level(0, from.offset, to.offset)
}

/** A new row-major array of the view's elements. */
export function gathered(dtype: DType, shape: readonly number[], from: View): NDArray {
  const data = allocate(dtype, sizeOf(shape))
  copyView(shape, from, { data, offset: 0, strides: stridesOf(shape) })
  return { dtype, shape, data }
}

interface Axis {
  readonly size: number
  readonly read: number
  readonly write: number
}

function mergeAxes(
  shape: readonly number[],
  read: readonly number[],
  write: readonly number[],
): readonly Axis[] {
  const axes: Axis[] = []
  shape.forEach((size, i) => {
    if (size === 1) return
    const outer = axes.at(-1)
    if (outer && outer.read === read[i] * size && outer.write === write[i] * size) {
      axes[axes.length - 1] = { size: outer.size * size, read: read[i], write: write[i] }
    } else {
      axes.push({ size, read: read[i], write: write[i] })
    }
  })
  return axes
}

/** Hot: the innermost loop of every copy. */
function copyRow(axis: Axis, from: TypedArray, source: number, to: TypedArray, target: number) {
  const { size, read, write } = axis
  if (read === 1 && write === 1 && size >= 16) {
    to.set(from.subarray(source, source + size), target)
  } else if (read === 0 && write === 1) {
    to.fill(from[source], target, target + size)
  } else {
    for (let i = 0; i < size; i++) to[target + i * write] = from[source + i * read]
  }
}

/** An array seen as a matrix: each row holds the elements that one result is reduced from. */
export interface Rows {
  readonly data: TypedArray
  readonly count: number
  readonly length: number
}

/** Kept axes lead, reduced axes trail in each row; copies only where they do not already. */
export function rowsOf(x: NDArray, axes: readonly number[]): Rows {
  const kept = x.shape.flatMap((_, i) => (axes.includes(i) ? [] : [i]))
  const length = axes.reduce((acc, a) => acc * x.shape[a], 1)
  const count = kept.reduce((acc, a) => acc * x.shape[a], 1)
  const order = [...kept, ...axes]
  if (order.every((a, i) => a === i)) return { data: x.data, count, length }
  const strides = stridesOf(x.shape)
  const view: View = { data: x.data, offset: 0, strides: order.map((a) => strides[a]) }
  const shape = order.map((a) => x.shape[a])
  return { data: gathered(x.dtype, shape, view).data, count, length }
}

/** Rounds what was computed in wider numbers; storing has rounded every dtype but f16. */
export function rounded(array: NDArray): NDArray {
  if (array.dtype === 'f16') {
    const { data } = array
    for (let i = 0; i < data.length; i++) data[i] = roundToHalf(data[i])
  }
  return array
}
