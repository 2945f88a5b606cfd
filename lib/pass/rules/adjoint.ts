/**
 * What differentiation leaves behind: sums of broadcasts, transposes around contractions, padded
 * cotangents that are added up.
 *
 *   sum(broadcast x) → n · x     dot(transpose a, b) → dot(a, b)     pad a + pad b → concat(a, b)
 *
 * Sums change their order, no more; a sum of one element is that element, whatever zero a longer
 * one would start from. Ends: each rule removes a broadcast, a transpose, a pad or a reduction, or
 * moves a transpose or neg behind a reduction or contraction, towards the results.
 */
import { type Dim, dimAdd, dimProduct, isFloat } from '../../data/index.js'
import {
  addOp,
  broadcastTo,
  broadcastToOp,
  concat,
  dot,
  dotAxes,
  dotOp,
  full,
  mul,
  neg,
  negOp,
  pad,
  padOp,
  reduceMaxOp,
  reduceMinOp,
  reshape,
  reshapeOp,
  scale,
  scatterOp,
  sizeTerm,
  sumAxes,
  sumOp,
  transpose,
  transposeOp,
} from '../../ops/index.js'
import { type Attrs, apply1, type Term } from '../../term/index.js'
import { isSplat } from '../constant.js'
import { type Rule, reorders, rule } from '../rewrite.js'

const axesIn = (attrs: Attrs) => attrs.axes as readonly number[] // of reductions
const permOf = (x: Term) => x.node.attrs.perm as readonly number[] // of transpose
const widths = (attrs: Attrs, key: string) => attrs[key] as readonly Dim[] // of pad

export const adjointRules: readonly Rule[] = [
  reorders('sum(broadcast x) → n · sum x', [sumOp], ({ args: [x], attrs, out }) =>
    x.node.op === broadcastToOp ? sumOfBroadcast(x, axesIn(attrs), out) : undefined,
  ),
  reorders('sum over an axis of size 1 → reshape', [sumOp], ({ args: [x], attrs }) => {
    const axes = axesIn(attrs)
    if (axes.length === 0) return x
    const ones = axes.filter((a) => x.shape[a] === 1)
    if (ones.length === 0) return undefined
    const kept = x.shape.flatMap((_, i) => (ones.includes(i) ? [] : [i]))
    const rest = axes.filter((a) => !ones.includes(a)).map((a) => kept.indexOf(a))
    return sumAxes(
      reshape(
        x,
        kept.map((i) => x.shape[i]),
      ),
      rest,
    )
  }),
  rule(
    'max over an axis of size 1 → reshape',
    [reduceMaxOp, reduceMinOp],
    ({ args: [x], attrs, out }) =>
      axesIn(attrs).every((a) => x.shape[a] === 1) ? reshape(x, out.shape) : undefined,
  ),
  reorders('sum(sum x) → sum x', [sumOp], ({ args: [x], attrs, uses }) => {
    if (x.node.op !== sumOp || uses(x) > 1) return undefined
    const [inner] = x.node.args
    const below = axesIn(x.node.attrs)
    const kept = inner.shape.flatMap((_, i) => (below.includes(i) ? [] : [i]))
    return sumAxes(inner, [...below, ...axesIn(attrs).map((a) => kept[a])])
  }),
  reorders('sum(−x) → −sum x', [sumOp], ({ args: [x], attrs, uses }) =>
    x.node.op === negOp && uses(x) <= 1 ? neg(sumAxes(x.node.args[0], axesIn(attrs))) : undefined,
  ),
  reorders('sum(transpose x) → transpose(sum x)', [sumOp], ({ args: [x], attrs }) => {
    if (x.node.op !== transposeOp) return undefined
    const axes = axesIn(attrs)
    const rest = permOf(x).filter((_, i) => !axes.includes(i))
    const order = [...rest].sort((a, b) => a - b)
    const summed = sumAxes(
      x.node.args[0],
      axes.map((a) => permOf(x)[a]),
    )
    return transpose(
      summed,
      rest.map((p) => order.indexOf(p)),
    )
  }),
  reorders('sum of all of reshape x → sum of all of x', [sumOp], ({ args: [x], attrs }) => {
    const all = x.node.op === reshapeOp && axesIn(attrs).length === x.shape.length
    if (!all) return undefined
    // A reshape that only drops ones is what the rule above leaves.
    const [inner] = x.node.args
    const wide = inner.shape.filter((d) => d !== 1)
    const done = wide.length === x.shape.length && wide.every((d, i) => d === x.shape[i])
    return done
      ? undefined
      : sumAxes(
          inner,
          inner.shape.map((_, i) => i),
        )
  }),
  reorders('sum(pad x) → sum x', [sumOp], ({ args: [x], attrs }) => {
    if (x.node.op !== padOp || !isSplat(x.node.args[1], 0)) return undefined
    const grows = ['low', 'high', 'interior'].every((key) =>
      widths(x.node.attrs, key).every(
        (w, i) => w === 0 || (Number(w) > 0 && axesIn(attrs).includes(i)),
      ),
    )
    return grows ? sumAxes(x.node.args[0], axesIn(attrs)) : undefined
  }),
  rule('dot(transpose a, b) → dot(a, b)', [dotOp], ({ args: [a, b], attrs }) => {
    const axes = dotAxes(attrs)
    const left = through(a, axes.lhsBatch, axes.lhsContract)
    const right = through(b, axes.rhsBatch, axes.rhsContract)
    if (left === undefined && right === undefined) return undefined
    return dot(left?.x ?? a, right?.x ?? b, {
      lhsBatch: left?.batch ?? axes.lhsBatch,
      lhsContract: left?.contract ?? axes.lhsContract,
      rhsBatch: right?.batch ?? axes.rhsBatch,
      rhsContract: right?.contract ?? axes.rhsContract,
    })
  }),
  rule('transpose(dot(a, b)) → dot(b, a)', [transposeOp], ({ args: [x], attrs, uses }) => {
    if (x.node.op !== dotOp || uses(x) > 1) return undefined
    const [a, b] = x.node.args
    const axes = dotAxes(x.node.attrs)
    const batch = axes.lhsBatch.length
    const left = a.shape.length - batch - axes.lhsContract.length
    const rank = x.shape.length
    const swapped = Array.from({ length: rank }, (_, i) => {
      if (i < batch) return i
      return i < rank - left ? i + left : i - (rank - batch - left)
    })
    const isSwap = swapped.every((p, i) => p === (attrs.perm as readonly number[])[i])
    return isSwap
      ? dot(b, a, {
          lhsBatch: axes.rhsBatch,
          rhsBatch: axes.lhsBatch,
          lhsContract: axes.rhsContract,
          rhsContract: axes.lhsContract,
        })
      : undefined
  }),
  reorders('dot(−a, b) → −dot(a, b)', [dotOp], ({ args: [a, b], attrs, uses }) => {
    const negated = (x: Term) => x.node.op === negOp && uses(x) <= 1
    if (negated(a)) return neg(apply1(dotOp, [a.node.args[0], b], attrs))
    return negated(b) ? neg(apply1(dotOp, [a, b.node.args[0]], attrs)) : undefined
  }),
  reorders('x + scatter add(0, i, u) → scatter add(x, i, u)', [addOp], ({ args: [x, y], uses }) => {
    const isSum = (s: Term) =>
      s.node.op === scatterOp &&
      s.node.attrs.mode === 'add' &&
      isSplat(s.node.args[0], 0) &&
      uses(s) <= 1
    const [into, s] = isSum(y) ? [x, y] : [y, x]
    if (!isSum(s)) return undefined
    const [, i, u] = s.node.args
    return apply1(scatterOp, [into, i, u], s.node.attrs)
  }),
  reorders('pad a + pad b → pad(concat(a, b))', [addOp], ({ args: [x, y], uses }) => {
    const sole = [x, y].every(
      (p) => p.node.op === padOp && isSplat(p.node.args[1], 0) && uses(p) <= 1,
    )
    return sole ? (joinPads(x, y) ?? joinPads(y, x)) : undefined
  }),
]

/** Repeated axes that are summed count; the others are summed, and repeated again. */
function sumOfBroadcast(x: Term, axes: readonly number[], out: Term): Term | undefined {
  const [inner] = x.node.args
  const lead = x.shape.length - inner.shape.length
  const repeated = axes.filter((a) => a < lead || inner.shape[a - lead] !== x.shape[a])
  if (repeated.length === 0) return undefined
  const count = dimProduct(repeated.map((a) => x.shape[a]))
  if (count === 0) return full(0, out)
  const rest = axes.filter((a) => !repeated.includes(a)).map((a) => a - lead)
  const summed = sumAxes(inner, rest)
  const gone = axes.map((a) => a - lead)
  const few = reshape(
    summed,
    inner.shape.filter((_, i) => !gone.includes(i)),
  )
  const times = broadcastTo(sizeTerm(count, x.dtype), few.shape)
  // A named size may be 0, and 0 · ∞ must be the empty sum.
  const safe = typeof count === 'number' || !isFloat(x.dtype)
  return broadcastTo(safe ? mul(few, times) : scale(few, times), out.shape)
}

/** One side of a dot without its transpose, if the free axes stay in order. */
function through(x: Term, batch: readonly number[], contract: readonly number[]) {
  if (x.node.op !== transposeOp) return undefined
  const perm = permOf(x)
  const free = perm.filter((_, i) => !batch.includes(i) && !contract.includes(i))
  if (free.some((p, i) => i > 0 && free[i - 1] > p)) return undefined
  const mapped = (list: readonly number[]) => list.map((i) => perm[i])
  return { x: x.node.args[0], batch: mapped(batch), contract: mapped(contract) }
}

/** Cotangents of neighbouring slices: the first ends where the second begins, on one axis. */
function joinPads(x: Term, y: Term): Term | undefined {
  const [a, b] = [x.node.args[0], y.node.args[0]]
  const [p, q] = [x.node.attrs, y.node.attrs]
  if ([...widths(p, 'interior'), ...widths(q, 'interior')].some((n) => n !== 0)) return undefined
  const differ = a.shape.flatMap((d, i) =>
    widths(p, 'low')[i] === widths(q, 'low')[i] &&
    widths(p, 'high')[i] === widths(q, 'high')[i] &&
    d === b.shape[i]
      ? []
      : [i],
  )
  const [axis] = differ
  if (differ.length !== 1) return undefined
  if (!isWidth(widths(p, 'low')[axis]) || !isWidth(widths(q, 'high')[axis])) return undefined
  if (dimAdd(widths(p, 'low')[axis], a.shape[axis]) !== widths(q, 'low')[axis]) return undefined
  const joined = concat([a, b], axis)
  const high = widths(p, 'high').with(axis, widths(q, 'high')[axis])
  return pad(joined, widths(p, 'low'), high, undefined, x.node.args[1])
}

/** Not a crop: a number that is not negative, or a sum of sizes. */
const isWidth = (w: Dim): boolean => (typeof w === 'number' ? w >= 0 : !w.includes('-'))
