/**
 * The linear recurrence along an axis, and what it makes differentiable: running sums, products
 * and maxima.
 *
 *   yᵢ = aᵢ · yᵢ₋₁ + bᵢ,  y₋₁ = 0
 *
 * It is closed under differentiation: its jvp is a recurrence over the same a, its transpose one
 * over a shifted, in the other direction. No division anywhere, so zeros in a are exact to any
 * order. `reverse` runs from the last element to the first.
 */
import { dimMul, emptyArray, fail, type NDArray, sizeOf } from '../data/index.js'
import { type Attrs, apply1, type Op, showType, type TensorType, type Term } from '../term/index.js'
import { add, scale } from './arithmetic.js'
import { axisOf } from './axes.js'
import { batchAll } from './elementwise.js'
import { count, needFloat } from './operand.js'
import { padAxis } from './slice.js'
import { rounded } from './strided.js'

export interface Run {
  readonly axis: number
  readonly reverse: boolean
}

/** Attributes of ops along an axis; their type rules have checked them. */
export const runOf = (attrs: Attrs): Run => attrs as Attrs & Run

export const recurrenceOp: Op = {
  name: 'recurrence',
  doc: 'yᵢ = aᵢ · yᵢ₋₁ + bᵢ along an axis, from y₋₁ = 0. (a, b of one shape) → that shape.',
  grade: 'smooth',
  type: ([a, b], attrs) => {
    needFloat('recurrence', [a, b])
    axisOf('recurrence', runOf(attrs).axis, a)
    if (a.dtype !== b.dtype || String(a.shape) !== String(b.shape)) {
      fail({
        code: 'shape',
        where: 'recurrence',
        what: `${showType(a)} and ${showType(b)}`,
        expected: 'one type',
      })
    }
    return [{ dtype: a.dtype, shape: a.shape }]
  },
  evaluate: ({ args: [a, b], attrs }) => {
    const y = emptyArray(a.dtype, a.shape)
    forEachLane(a, runOf(attrs), (first, step, n) => {
      let value = 0
      for (let i = 0, at = first; i < n; i++, at += step) {
        value = a.data[at] * value + b.data[at]
        y.data[at] = value
      }
    })
    return [rounded(y)]
  },
  jvp: ({ primals: [a], tangents: [da, db], attrs, out }) => {
    const run = runOf(attrs)
    const push = da && scale(da, shifted(out, run, 0))
    const drive = push && db ? add(push, db) : (push ?? db)
    return [drive && recurrence(a, drive, run)]
  },
  transpose: ({ cotangent, args: [a], attrs }) => {
    const run = runOf(attrs)
    const back = { axis: run.axis, reverse: !run.reverse }
    return [null, recurrence(shifted(a, back, 0), cotangent, back)]
  },
  batch: ({ args, attrs, batched, size }) => {
    const { axis, reverse } = runOf(attrs)
    const [a, b] = batchAll(args, batched, size)
    return [recurrence(a, b, { axis: axis + 1, reverse })]
  },
  cost: ({ results }) => ({ flops: dimMul(2, count(results[0])) }),
  samples: [
    { args: twice([5]), attrs: { axis: 0, reverse: false } },
    { args: twice([2, 4, 3]), attrs: { axis: 1, reverse: true } },
    { args: twice([3, 0]), attrs: { axis: 1, reverse: false } },
  ],
}

function twice(shape: readonly number[]) {
  return [
    { kind: 'float' as const, shape },
    { kind: 'float' as const, shape },
  ]
}

/** yᵢ = aᵢ · yᵢ₋₁ + bᵢ along an axis. */
export const recurrence = (a: Term, b: Term, run: Run): Term =>
  apply1(recurrenceOp, [a, b], { axis: run.axis, reverse: run.reverse })

/** x one step later in the run's direction, `first` in front: yᵢ = xᵢ₋₁. */
export const shifted = (x: Term, { axis, reverse }: Run, first: number): Term =>
  reverse ? padAxis(x, axis, -1, 1, first) : padAxis(x, axis, 1, -1, first)

/** Calls `visit` with the first position, the step and the length of each lane along the axis. */
export function forEachLane(
  x: NDArray,
  { axis, reverse }: Run,
  visit: (first: number, step: number, length: number) => void,
): void {
  const length = x.shape[axis]
  const inner = sizeOf(x.shape.slice(axis + 1))
  const outer = sizeOf(x.shape.slice(0, axis))
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const base = o * length * inner + i
      if (reverse) visit(base + (length - 1) * inner, -inner, length)
      else visit(base, inner, length)
    }
  }
}

/** The type rule of ops that keep the shape and run along an axis. */
export function alongType(op: string, x: TensorType, attrs: Attrs): readonly TensorType[] {
  axisOf(op, runOf(attrs).axis, x)
  if (x.dtype === 'bool') {
    fail({ code: 'dtype', where: op, what: showType(x), expected: 'numbers' })
  }
  return [{ dtype: x.dtype, shape: x.shape }]
}

export const recurrenceOps: readonly Op[] = [recurrenceOp]
