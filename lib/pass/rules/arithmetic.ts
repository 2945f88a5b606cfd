/**
 * Algebra that is exact in IEEE arithmetic: on NaN, ±∞ and both zeros.
 *
 *   x + 0 → x only where x is never −0;   x · 0 stays;   x − x stays;   x / 4 → x · ¼
 *
 * pow with exponent 3 or 4 becomes products, which are as near to the exact power (1 ulp).
 * Ends: each rule removes a node, or puts a cheaper op (pow > div > scale > mul > neg) in place of
 * a node, or moves a constant to the right or a neg towards one, where it vanishes.
 */
import { type DType, isFloat } from '../../data/index.js'
import {
  absOp,
  add,
  addOp,
  andOp,
  cosOp,
  divOp,
  eqOp,
  full,
  maxOp,
  minOp,
  mul,
  mulOp,
  neg,
  negOp,
  neOp,
  orOp,
  powOp,
  reciprocal,
  reciprocalOp,
  scaleOp,
  square,
  squareOp,
  sub,
  subOp,
  xorOp,
} from '../../ops/index.js'
import { apply1, type Op, type Term } from '../../term/index.js'
import { isConstant, isSplat, splatOf } from '../constant.js'
import { isBounded, isNonzero, type Range } from '../range.js'
import { nearer, type Rule, rule } from '../rewrite.js'

/** The argument of a node of that op. */
const under = (op: Op, term: Term): Term | undefined =>
  term.node.op === op ? term.node.args[0] : undefined

export const arithmeticRules: readonly Rule[] = [
  rule(
    'c ∘ x → x ∘ c',
    [addOp, mulOp, scaleOp, maxOp, minOp, eqOp, neOp, andOp, orOp, xorOp],
    ({ node, args: [a, b] }) =>
      isConstant(a) && !isConstant(b) ? apply1(node.op, [b, a]) : undefined,
  ),
  rule('x + 0 → x', [addOp], ({ args: [x, y], range }) => {
    if (isSplat(y, -0)) return x
    return isSplat(y, 0) && (!isFloat(x.dtype) || !range(x).negativeZero) ? x : undefined
  }),
  rule('x − 0 → x', [subOp], ({ args: [x, y], range }) => {
    if (isSplat(y, 0)) return x
    return isSplat(y, -0) && !range(x).negativeZero ? x : undefined
  }),
  rule('−0 − x → −x', [subOp], ({ args: [x, y] }) =>
    isSplat(x, -0) || (isSplat(x, 0) && !isFloat(x.dtype)) ? neg(y) : undefined,
  ),
  rule('x + (−y) → x − y', [addOp], ({ args: [x, y] }) => {
    const [u, v] = [under(negOp, x), under(negOp, y)]
    return v !== undefined ? sub(x, v) : u && sub(y, u)
  }),
  rule('x − (−y) → x + y', [subOp], ({ args: [x, y] }) => {
    const v = under(negOp, y)
    return v && add(x, v)
  }),
  rule('x · 1 → x', [mulOp, divOp], ({ args: [x, y] }) => (isSplat(y, 1) ? x : undefined)),
  rule('x · (−1) → −x', [mulOp, divOp], ({ args: [x, y] }) =>
    isSplat(y, -1) ? neg(x) : undefined,
  ),
  rule('x · 0 → 0, integers', [mulOp], ({ args: [x, y] }) =>
    isSplat(y, 0) && !isFloat(x.dtype) ? y : undefined,
  ),
  rule('x − x → 0, integers', [subOp], ({ args: [x, y] }) =>
    x === y && !isFloat(x.dtype) ? full(0, x) : undefined,
  ),
  rule('(x ∘ c) ∘ d → x ∘ (c ∘ d), integers', [addOp, mulOp], ({ node, args: [x, d] }) => {
    if (isFloat(x.dtype) || x.node.op !== node.op || !isConstant(d)) return undefined
    const [y, c] = x.node.args
    return isConstant(c) ? apply1(node.op, [y, apply1(node.op, [c, d])]) : undefined
  }),
  rule('−(−x) → x', [negOp], ({ args: [x] }) => under(negOp, x)),
  rule('(−x) · (−y) → x · y', [mulOp, divOp], ({ node, args: [x, y] }) => {
    const [u, v] = [under(negOp, x), under(negOp, y)]
    return u && v && mayNegate(node.op, x.dtype) ? apply1(node.op, [u, v]) : undefined
  }),
  rule('(−x) · c → x · (−c)', [mulOp, divOp], ({ node, args: [x, y] }) => {
    const [u, c] = [under(negOp, x), splatOf(y)]
    const exact = c !== undefined && mayNegate(node.op, x.dtype)
    return u && exact ? apply1(node.op, [u, full(-c, y)]) : undefined
  }),
  rule('−(x · c) → x · (−c)', [negOp], ({ args: [x], uses }) => {
    if (x.node.op !== mulOp && x.node.op !== divOp) return undefined
    const [y, c] = [x.node.args[0], splatOf(x.node.args[1])]
    return c !== undefined && uses(x) <= 1 ? apply1(x.node.op, [y, full(-c, x)]) : undefined
  }),
  rule('x ⋆ y → x · y, factors finite', [scaleOp], ({ args: [x, y], range }) => {
    const [a, b] = [range(x), range(y)]
    const safe = (isBounded(a) && isBounded(b)) || isRegular(x, range) || isRegular(y, range)
    return safe ? mul(x, y) : undefined
  }),
  rule('x / 2ᵏ → x · 2⁻ᵏ', [divOp], ({ args: [x, y] }) => {
    const c = splatOf(y)
    return c !== undefined && isFloat(x.dtype) && isPowerOfTwo(c, x.dtype)
      ? mul(x, 1 / c)
      : undefined
  }),
  rule('1 / x → reciprocal x', [divOp], ({ args: [x, y] }) =>
    isSplat(x, 1) && isFloat(x.dtype) ? reciprocal(y) : undefined,
  ),
  nearer('xⁿ → x · x …', [powOp], ({ args: [x, y] }) => powerOf(x, splatOf(y))),
  rule('f(−x) → f(x), f even', [absOp, squareOp, cosOp], ({ node, args: [x] }) => {
    const inner = x.dtype === 'u32' ? undefined : under(negOp, x)
    return inner && apply1(node.op, [inner])
  }),
  rule('|x|² → x²', [squareOp, absOp], ({ node, args: [x] }) => {
    const inner = under(absOp, x)
    return inner && apply1(node.op, [inner])
  }),
  rule('max(x, x) → x', [maxOp, minOp], ({ args: [x, y] }) => (x === y ? x : undefined)),
  rule('−(1/x), 1/(−x) → the sign outside', [reciprocalOp], ({ args: [x] }) => {
    const inner = under(negOp, x)
    return inner && neg(reciprocal(inner))
  }),
]

/** A quotient of integers truncates, and of unsigned ones has no sign to move. */
const mayNegate = (op: Op, dtype: DType): boolean => op === mulOp || isFloat(dtype)

/** Finite and not zero: with such a factor, `scale` is `mul` whatever the other one is. */
const isRegular = (x: Term, range: (term: Term) => Range): boolean =>
  isBounded(range(x)) && isNonzero(range(x))

/** Both c and 1/c are normal numbers, so that multiplying by 1/c rounds as dividing by c does. */
function isPowerOfTwo(c: number, dtype: DType): boolean {
  const exponent = Math.log2(Math.abs(c))
  const most = dtype === 'f16' ? 14 : dtype === 'f32' ? 126 : 1022
  return Number.isInteger(exponent) && Math.abs(exponent) <= most && 2 ** exponent === Math.abs(c)
}

function powerOf(x: Term, exponent: number | undefined): Term | undefined {
  switch (exponent) {
    case 0:
      return full(1, x)
    case 1:
      return x
    case 2:
      return square(x)
    case 3:
      return mul(square(x), x)
    case 4:
      return square(square(x))
    case -1:
      return isFloat(x.dtype) ? reciprocal(x) : undefined
    default:
      return undefined
  }
}
