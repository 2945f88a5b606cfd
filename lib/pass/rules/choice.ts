/**
 * Choices that are settled: select, comparisons, logic, conversions.
 *
 *   select(true, a, b) → a     lt(exp x, 0) → false     not(eq(x, y)) → ne(x, y)
 *
 * Comparisons with NaN are false but `ne`: only rules that hold then are here. Ends: each rule
 * removes a node, or a `not`, or replaces a comparison by a constant.
 */
import type { DType } from '../../data/index.js'
import {
  andOp,
  broadcastTo,
  constant,
  convert,
  convertOp,
  eq,
  eqOp,
  full,
  geOp,
  gtOp,
  isFiniteOp,
  leOp,
  ltOp,
  ne,
  neOp,
  not,
  notOp,
  orOp,
  scanOp,
  selectOp,
  stopGradientOp,
  switchOp,
  whileAttrs,
  whileOp,
  xorOp,
} from '../../ops/index.js'
import { apply1, type Func, inline, type Term } from '../../term/index.js'
import { isSplat, splatOf } from '../constant.js'
import { isBounded, type Range } from '../range.js'
import { type Rule, rule } from '../rewrite.js'

const truth = (value: boolean, like: Term): Term =>
  broadcastTo(constant([Number(value)], [], 'bool'), like.shape)

const isInteger = (x: Term): boolean => x.dtype === 'i32' || x.dtype === 'u32' || x.dtype === 'bool'

const select = (c: Term, a: Term, b: Term): Term => apply1(selectOp, [c, a, b])

export const choiceRules: readonly Rule[] = [
  rule('select(true, a, b) → a', [selectOp], ({ args: [c, a, b] }) => {
    const known = splatOf(c)
    return known === undefined ? undefined : known !== 0 ? a : b
  }),
  rule('select(c, a, a) → a', [selectOp], ({ args: [, a, b] }) => {
    const [u, v] = [splatOf(a), splatOf(b)]
    return a === b || (u !== undefined && v !== undefined && Object.is(u, v)) ? a : undefined
  }),
  rule('select(not c, a, b) → select(c, b, a)', [selectOp], ({ args: [c, a, b] }) =>
    c.node.op === notOp ? select(c.node.args[0], b, a) : undefined,
  ),
  rule('select(c, select(c, a, b), d) → select(c, a, d)', [selectOp], ({ args: [c, a, b] }) => {
    const inner = (x: Term) =>
      x.node.op === selectOp && x.node.args[0] === c ? x.node.args : undefined
    const [yes, no] = [inner(a), inner(b)]
    return yes || no ? select(c, yes?.[1] ?? a, no?.[2] ?? b) : undefined
  }),
  rule('not(not x) → x', [notOp], ({ args: [x] }) =>
    x.node.op === notOp ? x.node.args[0] : undefined,
  ),
  rule('not(x = y) → x ≠ y', [notOp], ({ args: [x] }) => {
    const [a, b] = x.node.args
    if (x.node.op === eqOp) return ne(a, b)
    return x.node.op === neOp ? eq(a, b) : undefined
  }),
  rule('x and true → x', [andOp, orOp, xorOp], ({ node, args: [x, y] }) => {
    if (x.dtype !== 'bool') return undefined
    const known = splatOf(y)
    if (known === undefined) return x === y && node.op !== xorOp ? x : undefined
    if (node.op === xorOp) return known !== 0 ? not(x) : x
    return (known !== 0) === (node.op === andOp) ? x : y
  }),
  rule('x < x → false', [ltOp, gtOp, eqOp, neOp, leOp, geOp], ({ node, args: [x, y], out }) => {
    if (x !== y) return undefined
    if (node.op === ltOp || node.op === gtOp) return truth(false, out)
    return isInteger(x) ? truth(node.op !== neOp, out) : undefined
  }),
  rule(
    'x < c, decided by ranges',
    [ltOp, leOp, gtOp, geOp],
    ({ node, args: [x, y], out, range }) => {
      const flipped = node.op === gtOp || node.op === geOp
      const [a, b] = flipped ? [range(y), range(x)] : [range(x), range(y)]
      const known = isLess(a, b, node.op === leOp || node.op === geOp)
      return known === undefined ? undefined : truth(known, out)
    },
  ),
  rule('isFinite(x), decided by ranges', [isFiniteOp], ({ args: [x], out, range }) =>
    isBounded(range(x)) ? truth(true, out) : undefined,
  ),
  rule('convert(convert x) → convert x, exact', [convertOp], ({ args: [x], out }) => {
    if (x.dtype === out.dtype) return x
    const inner = x.node.op === convertOp ? x.node.args[0] : undefined
    return inner && holds(x.dtype, inner.dtype) ? convert(inner, out.dtype) : undefined
  }),
  rule('stopGradient(x) → x, where x has no derivative', [stopGradientOp], ({ args: [x] }) =>
    isInteger(x) || x.node.op === stopGradientOp || x.node.binders.length === 0 ? x : undefined,
  ),
  rule(
    'a switch that is decided → its branch',
    [switchOp],
    ({ args: [index, ...operands], attrs }) => {
      const branches = attrs.branches as readonly Func[] // the op's own
      const at = branches.length === 1 ? 0 : splatOf(index)
      if (at === undefined) return undefined
      return inline(branches[Math.min(Math.max(at, 0), branches.length - 1)], operands)
    },
  ),
  rule('a loop of no steps → its start', [scanOp, whileOp], ({ node, args, attrs }) => {
    if (node.op === whileOp) {
      const { condition, conditionConsts, bodyConsts } = whileAttrs(attrs)
      const never = splatOf(condition.results[0]) === 0 || attrs.maxSteps === 0
      return never ? args.slice(conditionConsts + bodyConsts) : undefined
    }
    const { consts, carry } = attrs as { consts: number; carry: number } // the op's own
    if (attrs.length !== 0) return undefined
    const empty = node.outs.slice(carry).map((y) => full(0, y))
    return [...args.slice(consts, consts + carry), ...empty]
  }),
  rule('c ? 1 : 0 ≠ 0 → c', [neOp], ({ args: [x, y] }) => {
    const inner = x.node.op === convertOp ? x.node.args[0] : undefined
    return inner?.dtype === 'bool' && isSplat(y, 0) ? inner : undefined
  }),
]

/** Whether a < b (or a ≤ b), if that is so for all values in the ranges. */
function isLess(a: Range, b: Range, orEqual: boolean): boolean | undefined {
  const never = orEqual ? a.lo > b.hi : a.lo >= b.hi
  if (never) return false
  const always = orEqual ? a.hi <= b.lo : a.hi < b.lo
  return always && !a.nan && !b.nan ? true : undefined
}

const wider: Readonly<Record<DType, readonly DType[]>> = {
  bool: ['bool', 'i32', 'u32', 'f16', 'f32', 'f64'],
  i32: ['i32', 'f64'],
  u32: ['u32', 'f64'],
  f16: ['f16', 'f32', 'f64'],
  f32: ['f32', 'f64'],
  f64: ['f64'],
}

/** Whether `dtype` holds every value of `from`. */
const holds = (dtype: DType, from: DType): boolean => wider[from].includes(dtype)
