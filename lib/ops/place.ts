/**
 * Place: the axis at which gather reads and scatter writes, and the walk over what they pick.
 *
 *   x [B…, pre…, N, post…], i [B…, I…]   →   [B…, pre…, I…, post…]
 */
import { type Dim, fail, type NDArray, sizeOf } from '../data/index.js'
import { type Attrs, showType, type TensorType } from '../term/index.js'
import { range } from './axes.js'

export interface Place {
  readonly axis: number
  /** How many leading sizes x and the indices share. */
  readonly batch: number
}

export const placeOf = (attrs: Attrs): Place => attrs as Attrs & Place // checked by the type rules

/** The shape of what is picked. */
export function gatheredShape(
  x: TensorType,
  i: TensorType,
  { axis, batch }: Place,
): readonly Dim[] {
  return [...x.shape.slice(0, axis), ...i.shape.slice(batch), ...x.shape.slice(axis + 1)]
}

/** Refuses indices that are no whole numbers, and an axis that is not behind equal sizes. */
export function checkPlace(op: string, x: TensorType, i: TensorType, { axis, batch }: Place): void {
  if (i.dtype !== 'i32' && i.dtype !== 'u32') {
    fail({
      code: 'dtype',
      where: op,
      what: `indices ${showType(i)}`,
      expected: 'i32 or u32',
      fix: "Cast them: convert(i, 'i32')",
    })
  }
  const inside = Number.isInteger(axis) && axis < x.shape.length && batch >= 0 && batch <= axis
  if (!inside || range(0, batch).some((b) => i.shape[b] !== x.shape[b])) {
    fail({
      code: 'shape',
      where: op,
      what: `axis ${axis} of ${showType(x)} with indices ${showType(i)} and ${batch} shared axes`,
      expected: 'an axis of x behind equal leading sizes',
    })
  }
}

/** Sizes around the axis, each the product of some. */
export function extents(x: NDArray, i: NDArray, { axis, batch }: Place) {
  return {
    outer: sizeOf(x.shape.slice(0, batch)),
    pre: sizeOf(x.shape.slice(batch, axis)),
    size: x.shape[axis],
    post: sizeOf(x.shape.slice(axis + 1)),
    picks: sizeOf(i.shape.slice(batch)),
  }
}

/** Calls `visit` with the row of x (above the axis), the index, and the number of the update. */
export function forEachPick(
  x: NDArray,
  i: NDArray,
  place: Place,
  visit: (row: number, index: number, update: number) => void,
): void {
  const { outer, pre, picks } = extents(x, i, place)
  let update = 0
  for (let b = 0; b < outer; b++) {
    for (let p = 0; p < pre; p++) {
      for (let k = 0; k < picks; k++) visit(b * pre + p, i.data[b * picks + k], update++)
    }
  }
}
