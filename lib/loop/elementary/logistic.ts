/**
 * Sigmoid, tanh and the soft kinks, each from one exponential.
 *
 *   sigmoid x = p/(1 + (excess + p))                         with e⁻ˣ = (1 + excess)/p, p = 2ⁿ
 *   tanh x = 1 − 2p/(d + 2p),  d = excess + 1 − p, p = 2⁻ⁿ   with e²ˣ = (1 + excess)·2ⁿ, x ≥ 0
 *          = h − h·d/(d + 2p),  h = d/2p                     where n ≤ 1
 *
 * So nothing overflows, the smallest results keep all their bits, and the rounding of the quotient
 * weighs little in tanh.
 */
import {
  abs,
  add,
  copysign,
  div,
  type Expr,
  eq,
  ge,
  gt,
  lt,
  max,
  min,
  mul,
  neg,
  select,
  sub,
} from '../expression.js'
import { twoSum } from './double.js'
import { expm1Parts, expOfNegative, inverseExp } from './exponential.js'
import { inverseOfPower, like, negateIf, per } from './format.js'
import { log1pOfUnit } from './logarithm.js'

/** Below, the result is 0; above, it is 1. */
const logistic = { f32: [-104, 20], f64: [-746, 40] }

/**
 * One quotient. The power is lifted, so that it is normal where the result is not: the quotient
 * alone rounds those. Three roundings of at most one, half and half a unit, where the quotient is
 * just below a power of two; a transcription in C was off by 1.9991 ulp at the most.
 */
export function sigmoid(x: Expr): Expr {
  const [low, high] = per(x, logistic)
  const lifted = per(x, { f32: 64, f64: 512 })
  const { power, excess } = inverseExp(max(min(x, high), low), lifted)
  return div(power, add(excess, 2 ** lifted))
}

/** From here on tanh rounds to 1. */
const saturated = { f32: 10, f64: 20 }

export function tanh(x: Expr): Expr {
  const { excess, power } = expm1Parts(mul(min(abs(x), per(x, saturated)), 2), {
    lifted: 0,
    precise: false,
  })
  const inverse = inverseOfPower(power)
  const d = add(excess, sub(like(x, 1), inverse))
  const twice = mul(inverse, 2)
  const near = ge(inverse, 0.5)
  const half = mul(mul(d, power), 0.5)
  const correction = div(select(near, mul(half, d), twice), add(d, twice))
  return copysign(sub(select(near, half, like(x, 1)), correction), x)
}

export const softplus = (x: Expr): Expr => add(max(x, 0), log1pOfUnit(expOfNegative(neg(abs(x)))))

export const logSigmoid = (x: Expr): Expr => neg(softplus(neg(x)))

/** log(eˣ + eʸ); −∞ is neutral. The difference enters the exponential in two words. */
export function logaddexp(x: Expr, y: Expr): Expr {
  const gap = twoSum(x, neg(y))
  const size = abs(gap.head)
  const tail = select(lt(size, 1024), negateIf(gt(gap.head, 0), gap.tail), like(x, 0))
  const e = expOfNegative(neg(size), tail)
  return select(eq(x, y), add(x, Math.LN2), add(max(x, y), log1pOfUnit(e)))
}
