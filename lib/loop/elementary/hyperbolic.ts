/**
 * Hyperbolic sine and cosine from one exponential, and the inverse functions from log1p.
 *
 *   eᵃ = (1 + q)·2ⁿ, s = 2⁻²ⁿ    →    2 sinh a = 2ⁿ·(q + (1 − s) + s·q/(1 + q))
 *                                     2 cosh a = 2ⁿ·(1 + q + s/(1 + q))
 */
import {
  abs,
  add,
  copysign,
  div,
  type Expr,
  fma,
  gt,
  lt,
  min,
  mul,
  select,
  sqrt,
  sub,
} from '../expression.js'
import { expm1Parts } from './exponential.js'
import { inverseOfPower, like, per, polynomial } from './format.js'
import { log1p, remainderOf } from './logarithm.js'

/** Beyond, both are infinite. */
const infinite = { f32: 89.5, f64: 710.6 }

interface Halves {
  readonly q: Expr
  readonly s: Expr
  /** ¼·2ⁿ, which is in range where ½·2ⁿ may not be. */
  readonly power: Expr
}

function halves(x: Expr): Halves {
  const { excess, power } = expm1Parts(min(abs(x), per(x, infinite)), { lifted: -2, precise: true })
  const inverse = mul(inverseOfPower(power), 0.25)
  return { q: excess, s: mul(inverse, inverse), power }
}

/** (sinh x − x)/x³ in x² for |x| ≤ 1; relative errors 2⁻³¹ (degree 3), 2⁻⁶¹ (degree 6). */
const sine = {
  f32: [0.1666666716337204, 0.008333316072821617, 0.00019841419998556376, 2.7915382361243246e-6],
  f64: [
    0.16666666666666669, 0.00833333333333297, 0.00019841269841531204, 2.755731913037768e-6,
    2.505212685643069e-8, 1.6057000490240757e-10, 7.765898615381728e-13,
  ],
}

export function sinh(x: Expr): Expr {
  const { q, s, power } = halves(x)
  const twice = add(add(q, sub(like(x, 1), s)), div(mul(s, q), add(q, 1)))
  const square = mul(x, x)
  const near = fma(mul(x, square), polynomial(per(x, sine), square), x)
  return select(lt(abs(x), 1), near, copysign(mul(mul(twice, power), 2), x))
}

export function cosh(x: Expr): Expr {
  const { q, s, power } = halves(x)
  const growth = add(q, 1)
  return mul(mul(add(growth, div(s, growth)), power), 2)
}

/** From here on x² + 1 and x² − 1 are x². */
const large = { f32: 2 ** 13, f64: 2 ** 28 }

/** log(a + √(a² + 1)), with the sign of x. */
export function asinh(x: Expr): Expr {
  const a = abs(x)
  const square = mul(a, a)
  const excess = add(a, div(square, add(sqrt(add(square, 1)), 1)))
  return copysign(logOrTwice(a, excess), x)
}

/** log(x + √(x² − 1)); NaN below 1. */
export function acosh(x: Expr): Expr {
  const t = sub(x, 1)
  const excess = add(t, sqrt(mul(t, add(t, 2))))
  return select(lt(x, 1), like(x, Number.NaN), logOrTwice(x, excess))
}

/** ½ log((1 + a)/(1 − a)), with the sign of x. */
export function atanh(x: Expr): Expr {
  const a = abs(x)
  const far = mul(log1p(div(mul(a, 2), sub(like(x, 1), a))), 0.5)
  const near = fma(mul(a, 0.5), remainderOf(mul(a, a)), a)
  return copysign(select(lt(a, 0.17), near, far), x)
}

/** log(1 + excess), or log a + log 2 where a is large. */
function logOrTwice(a: Expr, excess: Expr): Expr {
  const far = gt(a, per(a, large))
  const value = log1p(select(far, sub(a, 1), excess))
  return add(value, select(far, like(a, Math.LN2), like(a, 0)))
}
