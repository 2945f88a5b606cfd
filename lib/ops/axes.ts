/**
 * Axes as users write them (negative ones count from the end) and orders of axes.
 */
import { type Dim, dimSub, fail } from '../data/index.js'
import { type Attrs, showType, type TensorType } from '../term/index.js'

/** The axis counted from the front; one out of range is an error. */
export function axisOf(op: string, axis: number, x: TensorType): number {
  const rank = x.shape.length
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis
  return fail({
    code: 'attribute',
    where: op,
    what: `axis ${axis} of ${showType(x)}`,
    expected: rank === 0 ? 'a tensor with axes' : `an axis from ${-rank} to ${rank - 1}`,
  })
}

/** Several axes in rising order, all of them where none are given; a repeated one is an error. */
export function axesOf(
  op: string,
  axes: readonly number[] | undefined,
  x: TensorType,
): readonly number[] {
  if (axes === undefined) return x.shape.map((_, i) => i)
  const found = axes.map((a) => axisOf(op, a, x)).sort((a, b) => a - b)
  if (new Set(found).size !== found.length) {
    fail({
      code: 'attribute',
      where: op,
      what: `axes [${axes.join(', ')}] of ${showType(x)} name one axis twice`,
      expected: 'different axes',
    })
  }
  return found
}

/** The attribute as a list of axes, or nothing; a single number is a list of one. */
export function givenAxes(op: string, attrs: Attrs, key = 'axes'): readonly number[] | undefined {
  const value = attrs[key]
  if (value === undefined) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const axes = list.filter((v): v is number => Number.isInteger(v))
  if (axes.length === list.length) return axes
  return fail({
    code: 'attribute',
    where: op,
    what: `attribute '${key}' is ${JSON.stringify(value)}`,
    expected: 'axes: whole numbers',
  })
}

/** Fails on axes in a node that are not rising, in range and each once. */
export function checkAxes(op: string, axes: readonly number[], x: TensorType): void {
  const rising = axes.every((a, i) => i === 0 || a > axes[i - 1])
  const inside = axes.every((a) => Number.isInteger(a) && a >= 0 && a < x.shape.length)
  if (rising && inside) return
  fail({
    code: 'attribute',
    where: op,
    what: `axes [${axes.join(', ')}] of ${showType(x)}`,
    expected: `rising axes below ${x.shape.length}`,
  })
}

/** The order that undoes `perm`. */
export function inverse(perm: readonly number[]): readonly number[] {
  const back = new Array<number>(perm.length)
  perm.forEach((p, i) => {
    back[p] = i
  })
  return back
}

export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i)

/** Whether a ≥ b: undefined where it depends on the named sizes. */
export function atLeast(a: Dim, b: Dim): boolean | undefined {
  const difference = dimSub(a, b)
  return typeof difference === 'number' ? difference >= 0 : undefined
}

export const showShape = (shape: readonly Dim[]): string => `[${shape.join(', ')}]`
