/**
 * The natural logarithm: log, and log1p of what lies in [0, 1].
 *
 *   x = m·2ⁿ, m in [√½, √2)    →    log x = n·ln 2 + log(1 + f),  f = m − 1
 *
 * log(1 + f) = f − (f²/2 − s(f²/2 + R(s²))) with s = f/(2 + f): the form and the coefficients of
 * Sun's fdlibm (e_log.c) and FreeBSD's e_logf.c, errors below 2⁻⁵⁸ and 2⁻³⁴.
 */
import { add, and, div, type Expr, eq, fma, gt, lt, mul, select, sub } from '../expression.js'
import { type Double, quickSum, twoSum } from './double.js'
import { like, partsAroundOne, partsOf, per, polynomial } from './format.js'

/** R(z)/z */
const remainder = {
  f32: [0.6666666269302368, 0.40000972151756287, 0.2849878668785095, 0.24279078841209412],
  f64: [
    0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784,
    0.1818357216161805, 0.15313837699209373, 0.14798198605116586,
  ],
}

/** ln 2 in two parts; the product of the first with an exponent is exact. */
const ln2 = {
  f32: { head: 0.693138122558594, tail: 9.058000614459161e-6 },
  f64: { head: 0.6931471803691238, tail: 1.9082149292705877e-10 },
}

/** n·ln 2 + log(1 + f), plus a small tail, for √½ ≤ 1 + f ≤ √2. */
const logAround = (n: Expr, f: Expr, tail?: Expr): Expr =>
  fma(n, like(f, per(f, ln2).head), sub(f, correctionOf(n, f, tail)))

/** R(s²), where log((1 + s)/(1 − s)) = 2s + s·R(s²) for |s| ≤ 0.1716. */
export const remainderOf = (square: Expr): Expr =>
  mul(square, polynomial(per(square, remainder), square))

/** f less the part of the logarithm that is not an exact multiple of n. */
function correctionOf(n: Expr, f: Expr, tail: Expr | undefined): Expr {
  const s = div(f, add(f, 2))
  const z = mul(s, s)
  const half = mul(mul(f, 0.5), f)
  const r = remainderOf(z)
  const low = fma(n, like(f, per(f, ln2).tail), tail ?? like(f, 0))
  return sub(half, fma(s, add(half, r), low))
}

/** log x in two words, about four bits better than one, for normal x ≥ 2. */
export function logDouble(x: Expr): Double {
  const { significand, exponent } = partsAroundOne(x)
  const f = sub(significand, 1)
  const whole = mul(exponent, per(x, ln2).head)
  return quickSum(whole, sub(f, correctionOf(exponent, f, undefined)))
}

/** log x: −∞ at 0, NaN below. */
export function log(x: Expr): Expr {
  const { significand, exponent } = partsOf(x)
  return logEnds(x, logAround(exponent, sub(significand, 1)))
}

/** log(1 + x) for any x: what 1 + x loses enters by its first-order term. */
export function log1p(x: Expr): Expr {
  const sum = twoSum(like(x, 1), x)
  const { significand, exponent } = partsAroundOne(sum.head)
  const value = logAround(exponent, sub(significand, 1), div(sum.tail, sum.head))
  return select(eq(x, 0), x, logEnds(sum.head, value))
}

/** x log y, and 0 where x is 0 unless y is NaN. */
export function xlogy(x: Expr, y: Expr): Expr {
  return select(and(eq(x, 0), eq(y, y)), like(x, 0), mul(x, log(y)))
}

/** The value for 0 < x < ∞, with its continuation to what else x may be. */
function logEnds(x: Expr, inside: Expr): Expr {
  const outside = select(eq(x, 0), like(x, Number.NEGATIVE_INFINITY), like(x, Number.NaN))
  return select(lt(x, Number.POSITIVE_INFINITY), select(gt(x, 0), inside, outside), x)
}

/** log(1 + t) for 0 ≤ t ≤ 1: (t − 1)/2 is exact where 1 + t is halved. */
export function log1pOfUnit(t: Expr): Expr {
  const halved = gt(t, Math.SQRT2 - 1)
  const f = select(halved, mul(sub(t, 1), 0.5), t)
  return logAround(select(halved, like(t, 1), like(t, 0)), f)
}
