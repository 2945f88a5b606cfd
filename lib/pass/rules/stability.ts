/**
 * Formulas that lose digits, or overflow, where another form of the same function does not.
 *
 *   log(softmax x) → logSoftmax x     log(1 + eˣ) → softplus x     1 − sigmoid x → sigmoid(−x)
 *
 * Each brings the result nearer to the exact one, never further by more than a rounding; where
 * the old form was NaN or infinite by overflow alone, the new one is right. The rule's name says
 * which. Ends: each rule removes an exp, a log or a quotient.
 */
import { dimProduct } from '../../data/index.js'
import {
  abs,
  addOp,
  broadcastToOp,
  divOp,
  expm1,
  expm1Op,
  expOp,
  log,
  log1p,
  log1pOp,
  logOp,
  logSigmoid,
  logSoftmax,
  logsumexp,
  mulOp,
  neg,
  negOp,
  reciprocalOp,
  reduceMaxOp,
  reshapeOp,
  rsqrt,
  selectOp,
  sigmoid,
  sigmoidOp,
  softplus,
  softplusOp,
  sqrtOp,
  squareOp,
  stopGradientOp,
  sub,
  subOp,
  sumOp,
} from '../../ops/index.js'
import type { Op, Term } from '../../term/index.js'
import { isSplat } from '../constant.js'
import { nearer, type Rule } from '../rewrite.js'

const under = (op: Op, x: Term): Term | undefined => (x.node.op === op ? x.node.args[0] : undefined)

/** The other summand of 1 + x. */
const besideOne = (x: Term): Term | undefined => {
  if (x.node.op !== addOp) return undefined
  const [a, b] = x.node.args
  return isSplat(b, 1) ? a : isSplat(a, 1) ? b : undefined
}

/** The subtrahend of 1 − x. */
const takenFromOne = (x: Term): Term | undefined =>
  x.node.op === subOp && isSplat(x.node.args[0], 1) ? x.node.args[1] : undefined

export const stabilityRules: readonly Rule[] = [
  nearer('log(eᵘ / Σ eᵘ) → logSoftmax u', [logOp], ({ args: [x] }) => {
    if (x.node.op !== divOp) return undefined
    const [e, total] = x.node.args
    const u = under(expOp, e)
    const sum = spreadSum(total)
    if (u === undefined || sum === undefined || sum.x !== e) return undefined
    if (isShifted(u, sum.axes)) return sub(u, log(total))
    return sum.axes.length === 1 ? logSoftmax(u, sum.axes[0]) : undefined
  }),
  nearer('log(Σ eˣ) → logsumexp x', [logOp], ({ args: [x] }) => {
    const axes = x.node.op === sumOp ? (x.node.attrs.axes as readonly number[]) : undefined // sum's own
    const u = axes && under(expOp, x.node.args[0])
    return u && axes && !isShifted(u, axes) ? logsumexp(u, { axes }) : undefined
  }),
  nearer('log(1 + eˣ) → softplus x', [logOp, log1pOp], ({ node, args: [x] }) => {
    const e = node.op === log1pOp ? x : besideOne(x)
    const u = e && under(expOp, e)
    return u && softplus(u)
  }),
  nearer('log(1 + x) → log1p x', [logOp], ({ args: [x] }) => {
    const u = besideOne(x)
    return u && under(expOp, u) === undefined ? log1p(u) : undefined
  }),
  nearer('eˣ − 1 → expm1 x', [subOp, addOp], ({ node, args: [x, y] }) => {
    const u = under(expOp, x)
    return u && isSplat(y, node.op === subOp ? 1 : -1) ? expm1(u) : undefined
  }),
  nearer('log(sigmoid x) → logSigmoid x', [logOp], ({ args: [x] }) => {
    const u = under(sigmoidOp, x)
    return u && logSigmoid(u)
  }),
  nearer('1 − sigmoid x → sigmoid(−x)', [subOp], ({ node, uses }) => {
    const s = takenFromOne(node.outs[0])
    // Where the sigmoid itself is needed too, a second one would cost more than it gains.
    const u = s && uses(s) <= 1 ? under(sigmoidOp, s) : undefined
    return u && sigmoid(neg(u))
  }),
  nearer('1 / (1 + e⁻ˣ) → sigmoid x', [reciprocalOp], ({ args: [x] }) => {
    const e = besideOne(x)
    const u = e && under(expOp, e)
    return u && sigmoid(neg(u))
  }),
  nearer('−softplus(−x) → logSigmoid x', [negOp], ({ args: [x], uses }) => {
    const u = uses(x) <= 1 ? under(softplusOp, x) : undefined
    const v = u && under(negOp, u)
    return v && logSigmoid(v)
  }),
  nearer('log(eˣ) → x', [logOp], ({ args: [x] }) => under(expOp, x)),
  nearer('log1p(expm1 x) → x', [log1pOp], ({ args: [x] }) => under(expm1Op, x)),
  nearer('√x² → |x|', [sqrtOp], ({ args: [x] }) => {
    const [a, b] = x.node.args
    const u = under(squareOp, x) ?? (x.node.op === mulOp && a === b ? a : undefined)
    return u && abs(u)
  }),
  nearer('1 / √x → rsqrt x', [reciprocalOp], ({ args: [x], uses }) => {
    const u = uses(x) <= 1 ? under(sqrtOp, x) : undefined
    return u && rsqrt(u)
  }),
]

/** A sum that is repeated over the axes that it was taken over. */
function spreadSum(term: Term): { readonly x: Term; readonly axes: readonly number[] } | undefined {
  const outer = under(broadcastToOp, term)
  if (outer === undefined) return undefined
  const inner = under(reshapeOp, outer) ?? outer
  if (inner.node.op !== sumOp) return undefined
  const [x] = inner.node.args
  const axes = inner.node.attrs.axes as readonly number[] // sum's own
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
  // Ones in front of a shape may be left out.
  const lead = kept.length - outer.shape.length
  const fits =
    lead >= 0 &&
    kept.every((d, i) => (i < lead ? d === 1 : d === outer.shape[i - lead])) &&
    x.shape.length === term.shape.length &&
    x.shape.every((d, i) => d === term.shape[i])
  return fits && dimProduct(outer.shape) === dimProduct(kept) ? { x, axes } : undefined
}

/** Whether x is something less its own largest over the axes, as softmax computes it. */
function isShifted(x: Term, axes: readonly number[]): boolean {
  if (x.node.op !== subOp) return false
  const [u, shift] = x.node.args
  const seen: Op[] = [broadcastToOp, reshapeOp, selectOp, stopGradientOp]
  let top = shift
  while (seen.includes(top.node.op)) top = top.node.args[top.node.op === selectOp ? 1 : 0]
  if (top.node.op !== reduceMaxOp) return false
  const source = under(stopGradientOp, top.node.args[0]) ?? top.node.args[0]
  const over = top.node.attrs.axes as readonly number[] // reduceMax's own
  return source === u && axes.length === over.length && axes.every((a) => over.includes(a))
}
