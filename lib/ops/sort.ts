/**
 * Orders: sort with its permutation, and the words argsort and topK.
 *
 * NaN is the largest of all; −0 and 0 are equal; equal elements keep their order, also when
 * descending. The derivative follows the permutation.
 */
import { allocate, dimMul, fail, type TypedArray } from '../data/index.js'
import { apply, type MaybeTerm, type Op, showType, type Term } from '../term/index.js'
import { needFlag, needInteger, needTerm } from './attributes.js'
import { atLeast, axisOf } from './axes.js'
import { count } from './operand.js'
import { alongType, forEachLane } from './recurrence.js'
import { sliceAxis } from './slice.js'
import { takeAlongAxis } from './take.js'
import type { Word } from './vocabulary.js'

export const sortOp: Op = {
  name: 'sort',
  doc:
    'The elements in order along an axis, and where each came from (i32). Stable; NaN is the ' +
    'largest. → values, indices',
  grade: 'kink',
  type: ([x], attrs) => [...alongType('sort', x, attrs), { dtype: 'i32' as const, shape: x.shape }],
  evaluate: ({ args: [x], attrs }) => {
    const values = allocate(x.dtype, x.data.length)
    const indices = allocate('i32', x.data.length)
    const run = { axis: attrs.axis as number, reverse: false }
    forEachLane(x, run, (first, step, n) => {
      const order = orderOf(x.data, first, step, n, attrs.descending === true)
      for (let i = 0; i < n; i++) {
        values[first + i * step] = x.data[first + order[i] * step]
        indices[first + i * step] = order[i]
      }
    })
    const { dtype, shape } = x
    return [
      { dtype, shape, data: values },
      { dtype: 'i32', shape, data: indices },
    ]
  },
  jvp: ({ tangents, attrs, outs }): readonly MaybeTerm[] => [
    tangents[0] && takeAlongAxis(tangents[0], outs[1], attrs.axis as number),
    null,
  ],
  transpose: 'nonlinear',
  batch: ({ node, args, attrs }) =>
    apply(node.op, [args[0]], { ...attrs, axis: (attrs.axis as number) + 1 }),
  cost: ({ args }) => ({ flops: dimMul(16, count(args[0])) }),
  samples: [
    { args: [{ kind: 'float', shape: [5] }], attrs: { axis: 0, descending: false } },
    { args: [{ kind: 'float', shape: [2, 4, 3] }], attrs: { axis: 1, descending: true } },
    { args: [{ kind: 'float', shape: [2, 0] }], attrs: { axis: 1, descending: false } },
  ],
}

/** Positions in a lane in the order of their elements. */
function orderOf(
  data: TypedArray,
  first: number,
  step: number,
  n: number,
  descending: boolean,
): Int32Array {
  const order = new Int32Array(n).map((_, i) => i)
  const at = (i: number) => data[first + i * step]
  const rising = (i: number, j: number) => compare(at(i), at(j))
  // The typed arrays' sort need not be stable: positions break ties.
  return order.sort(descending ? (i, j) => rising(j, i) || i - j : (i, j) => rising(i, j) || i - j)
}

function compare(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/** x in order along an axis (the last by default), and where each element came from. */
export function sortWithIndices(x: Term, axis = -1, descending = false): readonly [Term, Term] {
  const at = axisOf('sort', axis, x)
  const [values, indices] = apply(sortOp, [x], { axis: at, descending })
  return [values, indices]
}

/** x in order along an axis, the last by default. */
export const sort = (x: Term, axis = -1, descending = false): Term =>
  sortWithIndices(x, axis, descending)[0]

/** The positions that sort x along an axis, as i32; equal elements in their order. */
export const argsort = (x: Term, axis = -1, descending = false): Term =>
  sortWithIndices(x, axisOf('argsort', axis, x), descending)[1]

/** The k largest along the last axis, largest first, and where they are. [.., n] → [.., k] twice */
export function topK(x: Term, k: number): readonly [Term, Term] {
  const axis = axisOf('topK', -1, x)
  if (!Number.isInteger(k) || k < 0 || atLeast(x.shape[axis], k) === false) {
    fail({
      code: 'attribute',
      where: 'topK',
      what: `k = ${k} of ${showType(x)}`,
      expected: `a whole number from 0 to ${x.shape[axis]}`,
    })
  }
  const [values, indices] = sortWithIndices(x, axis, true)
  return [sliceAxis(values, axis, 0, k), sliceAxis(indices, axis, 0, k)]
}

export const sortOps: readonly Op[] = [sortOp]

export const sortWords: Readonly<Record<string, Word>> = {
  sort: ([x], attrs) =>
    sort(
      needTerm('sort', x),
      needInteger('sort', attrs, 'axis', -1),
      needFlag('sort', attrs, 'descending', false),
    ),
  argsort: ([x], attrs) =>
    argsort(
      needTerm('argsort', x),
      needInteger('argsort', attrs, 'axis', -1),
      needFlag('argsort', attrs, 'descending', false),
    ),
  topK: ([x], attrs) => topK(needTerm('topK', x), needInteger('topK', attrs, 'k')),
}
