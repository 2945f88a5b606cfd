/**
 * Running sums, products and maxima along an axis.
 */
import { emptyArray, type NDArray } from '../data/index.js'
import {
  type Attrs,
  apply1,
  type JvpCall,
  type MaybeTerm,
  type Op,
  type Sample,
  type Term,
} from '../term/index.js'
import { add, convert, mul, scale, sub } from './arithmetic.js'
import { needFlag, needInteger, needTerm } from './attributes.js'
import { axisOf } from './axes.js'
import { eq, gt } from './compare.js'
import { concat } from './concat.js'
import { count, type Operand } from './operand.js'
import { alongType, forEachLane, type Run, recurrence, runOf, shifted } from './recurrence.js'
import { max } from './select.js'
import { pad, slice } from './slice.js'
import { rounded } from './strided.js'
import { reverse as reverseAxes } from './transpose.js'
import type { Word } from './vocabulary.js'

export const cumsumOp: Op = running('cumsum', {
  doc: 'Running sums along an axis.',
  grade: 'smooth',
  first: 0,
  join: (a, b) => a + b,
  joinInteger: (a, b) => a + b,
  jvp: ({ tangents, attrs }) => [tangents[0] && cumsum(tangents[0], runOf(attrs))],
  transpose: ({ cotangent, attrs }) => [cumsum(cotangent, turned(runOf(attrs)))],
})

export const cumprodOp: Op = running('cumprod', {
  doc: 'Running products along an axis; derivatives exact at zeros, to any order.',
  grade: 'smooth',
  first: 1,
  join: (a, b) => a * b,
  joinInteger: Math.imul,
  // yᵢ = xᵢ · yᵢ₋₁, so dyᵢ = xᵢ · dyᵢ₋₁ + dxᵢ · yᵢ₋₁.
  jvp: ({ primals: [x], tangents: [dx], attrs, out }) => {
    const run = runOf(attrs)
    return [dx && recurrence(x, scale(dx, shifted(out, run, 1)), run)]
  },
  transpose: 'nonlinear',
})

export const cummaxOp: Op = running('cummax', {
  doc:
    'Running maxima along an axis; NaN stays. Ties share as in a balanced tree of `max` (JAX), ' +
    'along an axis of named size as in a chain of `max`.',
  grade: 'kink',
  first: Number.NEGATIVE_INFINITY,
  join: Math.max,
  joinInteger: Math.max,
  jvp: ({ primals: [x], tangents: [dx], attrs, out }) => {
    const run = runOf(attrs)
    const size = x.shape[run.axis]
    if (typeof size === 'number') return [dx && treeTangent(x, dx, run, size)]
    const keeps = shareOfFirst(shifted(out, run, Number.NEGATIVE_INFINITY), x)
    return [dx && recurrence(keeps, scale(dx, sub(1, keeps)), run)]
  },
  transpose: 'nonlinear',
})

/** Running sums; `reverse` starts at the end. */
export const cumsum = (x: Term, run: Run): Term => apply1(cumsumOp, [x], attrsOf(run))
export const cumprod = (x: Term, run: Run): Term => apply1(cumprodOp, [x], attrsOf(run))
export const cummax = (x: Term, run: Run): Term => apply1(cummaxOp, [x], attrsOf(run))

const attrsOf = ({ axis, reverse }: Run) => ({ axis, reverse })
const turned = ({ axis, reverse }: Run): Run => ({ axis, reverse: !reverse })

interface RunningRule {
  readonly doc: string
  readonly grade: Op['grade']
  readonly first: number
  readonly join: (a: number, b: number) => number
  readonly joinInteger: (a: number, b: number) => number
  readonly jvp: (call: JvpCall) => readonly MaybeTerm[]
  readonly transpose: Op['transpose']
}

function running(name: string, rule: RunningRule): Op {
  return {
    name,
    doc: rule.doc,
    grade: rule.grade,
    type: ([x], attrs) => alongType(name, x, attrs),
    evaluate: ({ args, attrs }) => [evaluateRunning(args[0], runOf(attrs), rule)],
    jvp: rule.jvp,
    transpose: rule.transpose,
    batch: ({ node, args, attrs }) => {
      const { axis, reverse } = runOf(attrs)
      return [apply1(node.op, [args[0]], { axis: axis + 1, reverse })]
    },
    cost: ({ results }) => ({ flops: count(results[0]) }),
    samples: samples(),
  }
}

function evaluateRunning(x: NDArray, run: Run, rule: RunningRule): NDArray {
  const y = emptyArray(x.dtype, x.shape)
  const integer = x.dtype === 'i32' || x.dtype === 'u32'
  const join = integer ? rule.joinInteger : rule.join
  forEachLane(x, run, (first, step, n) => {
    let value = rule.first
    for (let i = 0, at = first; i < n; i++, at += step) {
      value = join(value, x.data[at])
      y.data[at] = value
    }
  })
  return rounded(y)
}

function samples(): readonly Sample[] {
  return [
    { args: [{ kind: 'float', shape: [5] }], attrs: { axis: 0, reverse: false } },
    { args: [{ kind: 'float', shape: [2, 4, 3] }], attrs: { axis: 1, reverse: true } },
    { args: [{ kind: 'float', shape: [2, 0] }], attrs: { axis: 1, reverse: false } },
  ]
}

/** 1 where a > b, ½ where they tie, else 0. */
const shareOfFirst = (a: Term, b: Term): Term =>
  add(convert(gt(a, b), a.dtype), mul(0.5, convert(eq(a, b), a.dtype)))

interface Dual {
  readonly value: Term
  readonly tangent: Term
}

const both = (f: (x: Term) => Term, x: Dual): Dual => ({ value: f(x.value), tangent: f(x.tangent) })

/** The tangent of a running maximum as of a parallel prefix scan with `max`. */
function treeTangent(x: Term, dx: Term, { axis, reverse }: Run, size: number): Term {
  const turn = (t: Term) => (reverse ? reverseAxes(t, [axis]) : t)
  return turn(scanTree(both(turn, { value: x, tangent: dx }), axis, size).tangent)
}

/** Join neighbours, scan the pairs, join the rest in; as deep as log₂ of the size. */
function scanTree(x: Dual, axis: number, size: number): Dual {
  if (size < 2) return x
  const half = Math.floor(size / 2)
  const pairs = joined(cut(x, axis, 0, 2 * half, 2), cut(x, axis, 1, 2 * half, 2))
  const odd = scanTree(pairs, axis, half)
  const first = cut(x, axis, 0, 1, 1)
  const rest = joined(cut(odd, axis, 0, Math.ceil(size / 2) - 1, 1), cut(x, axis, 2, size, 2))
  const weave = (a: Term, b: Term, c: Term) => woven(concat([a, b], axis), c, axis, size)
  return {
    value: weave(first.value, rest.value, odd.value),
    tangent: weave(first.tangent, rest.tangent, odd.tangent),
  }
}

const joined = (a: Dual, b: Dual): Dual => {
  const share = shareOfFirst(a.value, b.value)
  return {
    value: max(a.value, b.value),
    tangent: add(scale(a.tangent, share), scale(b.tangent, sub(1, share))),
  }
}

const cut = (x: Dual, axis: number, from: number, to: number, by: number): Dual =>
  both((t) => {
    const start = t.shape.map((_, i) => (i === axis ? Math.min(from, to) : 0))
    const limit = t.shape.map((d, i) => (i === axis ? to : d))
    const stride = t.shape.map((_, i) => (i === axis ? by : 1))
    return slice(t, start, limit, stride)
  }, x)

/** even[0], odd[0], even[1], … */
function woven(even: Term, odd: Term, axis: number, size: number): Term {
  const spread = (x: Term, from: number) => {
    const on = (width: number) => x.shape.map((_, i) => (i === axis ? width : 0))
    const length = x.shape[axis] as number // a number: the caller's size is one
    return pad(x, on(from), on(size - from - (2 * length - 1)), on(1))
  }
  return add(spread(even, 0), spread(odd, 1))
}

export const cumulativeOps: readonly Op[] = [cumsumOp, cumprodOp, cummaxOp]

export const cumulativeWords: Readonly<Record<string, Word>> = {
  cumsum: ([x], attrs) => cumsum(needTerm('cumsum', x), givenRun('cumsum', x, attrs)),
  cumprod: ([x], attrs) => cumprod(needTerm('cumprod', x), givenRun('cumprod', x, attrs)),
  cummax: ([x], attrs) => cummax(needTerm('cummax', x), givenRun('cummax', x, attrs)),
}

/** The axis (the last one if none is given) and the direction. */
function givenRun(op: string, x: Operand, attrs: Attrs): Run {
  return {
    axis: axisOf(op, needInteger(op, attrs, 'axis', -1), needTerm(op, x)),
    reverse: needFlag(op, attrs, 'reverse', false),
  }
}
