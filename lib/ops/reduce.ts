/**
 * Reductions by one join: products and extremes. (sum is in broadcast.ts.)
 */
import { type Dim, dimProduct, emptyArray, fail, type NDArray } from '../data/index.js'
import {
  type Attrs,
  apply1,
  type JvpCall,
  type MaybeTerm,
  type Op,
  type Sample,
  showType,
  type Term,
} from '../term/index.js'
import { convert, div, mul, scale } from './arithmetic.js'
import { needFlag, needTerm } from './attributes.js'
import { axesOf, checkAxes, givenAxes, range } from './axes.js'
import { broadcastTo, reshape, sumAxes } from './broadcast.js'
import { eq } from './compare.js'
import { cumprod } from './cumulative.js'
import type { Operand } from './operand.js'
import { shifted } from './recurrence.js'
import { rounded, rowsOf } from './strided.js'
import { transpose } from './transpose.js'
import type { Word } from './vocabulary.js'

export interface ReduceOptions {
  /** All axes where absent; negative ones count from the end. */
  readonly axes?: readonly number[] | undefined
  /** Reduced axes stay, with size 1. */
  readonly keepDims?: boolean | undefined
}

export const prodOp: Op = reduction('prod', {
  doc: 'The product over axes, which vanish; 1 of none. Derivatives exact at zeros, to any order.',
  grade: 'smooth',
  first: () => 1,
  join: (a, b) => a * b,
  joinInteger: Math.imul,
  jvp: ({ primals: [x], tangents: [dx], attrs }) => [
    dx &&
      sumAxes(scale(rowsLast(dx, axesIn(attrs)), productOfOthers(x, axesIn(attrs))), [
        keptCount(x, attrs),
      ]),
  ],
})

export const reduceMaxOp: Op = reduction('reduceMax', {
  doc: 'The largest over axes, which vanish; −∞ of none; NaN stays. Ties share the derivative.',
  grade: 'kink',
  first: (dtype) => (dtype === 'i32' ? -(2 ** 31) : dtype === 'u32' ? 0 : -Infinity),
  join: Math.max,
  joinInteger: Math.max,
  jvp: shareAmongTies,
})

export const reduceMinOp: Op = reduction('reduceMin', {
  doc: 'The smallest over axes, which vanish; ∞ of none; NaN stays. Ties share the derivative.',
  grade: 'kink',
  first: (dtype) => (dtype === 'i32' ? 2 ** 31 - 1 : dtype === 'u32' ? 2 ** 32 - 1 : Infinity),
  join: Math.min,
  joinInteger: Math.min,
  jvp: shareAmongTies,
})

/** The product over axes. */
export const prod = (x: Term, options: ReduceOptions = {}): Term =>
  reduceWith('prod', x, options, (axes) => apply1(prodOp, [x], { axes }))

/** The largest over axes; NaN if there is one. */
export const reduceMax = (x: Term, options: ReduceOptions = {}): Term =>
  reduceWith('reduceMax', x, options, (axes) => apply1(reduceMaxOp, [x], { axes }))

/** The smallest over axes; NaN if there is one. */
export const reduceMin = (x: Term, options: ReduceOptions = {}): Term =>
  reduceWith('reduceMin', x, options, (axes) => apply1(reduceMinOp, [x], { axes }))

/** The sum over axes. */
export const sum = (x: Term, options: ReduceOptions = {}): Term =>
  reduceWith('sum', x, options, (axes) => sumAxes(x, axes))

/** Reduces over the axes that the options name, and keeps them as 1 where they say so. */
export function reduceWith(
  op: string,
  x: Term,
  { axes, keepDims }: ReduceOptions,
  reduce: (axes: readonly number[]) => Term,
): Term {
  const over = axesOf(op, axes, x)
  const result = over.length === 0 ? x : reduce(over)
  return keepDims ? reshape(result, keptShape(x, over)) : result
}

/** x's shape with 1 at the axes. */
export const keptShape = (x: Term, axes: readonly number[]): readonly Dim[] =>
  x.shape.map((d, i) => (axes.includes(i) ? 1 : d))

/** Options as a case file has them. */
export const reduceOptions = (op: string, attrs: Attrs): ReduceOptions => ({
  axes: givenAxes(op, attrs),
  keepDims: needFlag(op, attrs, 'keepDims', false),
})

/** A word for a function of a tensor and these options. */
export const reduceWord =
  (op: string, reduce: (x: Term, options: ReduceOptions) => Term): Word =>
  ([x]: readonly Operand[], attrs) =>
    reduce(needTerm(op, x), reduceOptions(op, attrs))

interface ReduceRule {
  readonly doc: string
  readonly grade: Op['grade']
  readonly first: (dtype: string) => number
  readonly join: (a: number, b: number) => number
  readonly joinInteger: (a: number, b: number) => number
  readonly jvp: (call: JvpCall) => readonly MaybeTerm[]
}

function reduction(name: string, rule: ReduceRule): Op {
  return {
    name,
    doc: rule.doc,
    grade: rule.grade,
    type: ([x], attrs) => {
      const axes = axesIn(attrs)
      checkAxes(name, axes, x)
      if (x.dtype === 'bool') {
        fail({ code: 'dtype', where: name, what: showType(x), expected: 'numbers' })
      }
      return [{ dtype: x.dtype, shape: x.shape.filter((_, i) => !axes.includes(i)) }]
    },
    evaluate: ({ args: [x], attrs, types }) => [
      reduceRows(x, axesIn(attrs), emptyArray(x.dtype, types[0].shape), rule),
    ],
    jvp: rule.jvp,
    transpose: 'nonlinear',
    batch: ({ node, args, attrs }) => [
      apply1(node.op, [args[0]], { axes: axesIn(attrs).map((a) => a + 1) }),
    ],
    cost: ({ args }) => ({ flops: dimProduct(args[0].shape) }),
    samples: samples(),
  }
}

function reduceRows(x: NDArray, axes: readonly number[], out: NDArray, rule: ReduceRule): NDArray {
  const rows = rowsOf(x, axes)
  const join = x.dtype === 'i32' || x.dtype === 'u32' ? rule.joinInteger : rule.join
  for (let r = 0; r < rows.count; r++) {
    let value = rule.first(x.dtype)
    const from = r * rows.length
    for (let i = from; i < from + rows.length; i++) value = join(value, rows.data[i])
    out.data[r] = value
  }
  return rounded(out)
}

function samples(): readonly Sample[] {
  return [
    { args: [{ kind: 'float', shape: [4] }], attrs: { axes: [0] } },
    { args: [{ kind: 'float', shape: [2, 3, 2] }], attrs: { axes: [0, 2] } },
    { args: [{ kind: 'float', shape: [0, 3] }], attrs: { axes: [1] } },
  ]
}

const axesIn = (attrs: Attrs) => attrs.axes as readonly number[] // checked by the type rule

const keptCount = (x: Term, attrs: Attrs): number => x.shape.length - axesIn(attrs).length

/** [kept…, all reduced as one]. */
function rowsLast(x: Term, axes: readonly number[]): Term {
  const kept = range(0, x.shape.length).filter((i) => !axes.includes(i))
  const row = dimProduct(axes.map((a) => x.shape[a]))
  return reshape(transpose(x, [...kept, ...axes]), [...kept.map((i) => x.shape[i]), row])
}

/** For each element the product of the others in its row: those before times those after. */
function productOfOthers(x: Term, axes: readonly number[]): Term {
  const rows = rowsLast(x, axes)
  const axis = rows.shape.length - 1
  const before = { axis, reverse: false }
  const after = { axis, reverse: true }
  return mul(shifted(cumprod(rows, before), before, 1), shifted(cumprod(rows, after), after, 1))
}

/** Each of the k elements that equal the extreme takes 1/k of the derivative. */
function shareAmongTies({
  primals: [x],
  tangents: [dx],
  attrs,
  out,
}: JvpCall): readonly MaybeTerm[] {
  const axes = axesIn(attrs)
  const spread = (t: Term) => broadcastTo(reshape(t, keptShape(x, axes)), x.shape)
  const ties = convert(eq(x, spread(out)), x.dtype)
  const share = div(ties, spread(sumAxes(ties, axes)))
  return [dx && sumAxes(scale(dx, share), axes)]
}

export const reduceOps: readonly Op[] = [prodOp, reduceMaxOp, reduceMinOp]

export const reduceWords: Readonly<Record<string, Word>> = {
  sum: reduceWord('sum', sum),
  prod: reduceWord('prod', prod),
  reduceMax: reduceWord('reduceMax', reduceMax),
  reduceMin: reduceWord('reduceMin', reduceMin),
}
