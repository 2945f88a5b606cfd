/**
 * The exponential function and what is made of it: exp, expm1.
 *
 *   x = 2n·ln 2 + r,  |r| ≤ ln 2    →    eˣ = eʳ · 2ⁿ · 2ⁿ
 *
 * The step is twice ln 2, so that both powers of two are normal over the whole domain: results
 * overflow and underflow by themselves, gradually, with one rounding. That costs one degree of the
 * polynomial and one product, and saves every select.
 */
import {
  abs,
  add,
  copysign,
  type Expr,
  fma,
  lt,
  max,
  min,
  mul,
  select,
  sub,
} from '../expression.js'
import { type Double, quickSum } from './double.js'
import { formatOf, inverseOfPower, like, per, polynomial, powerOfTwo } from './format.js'

/** ln 2 in two parts, the first with so few bits that its product with an exponent is exact. */
const ln2 = {
  f32: { head: 0.693115234375, tail: 3.194618329871446e-5 },
  f64: { head: 0.6931471805598903, tail: 5.497923018708371e-14 },
}

/** (eʳ − 1 − r)/r² for |r| ≤ ln 2, relative error of eʳ: 2⁻²⁶ (degree 5), 2⁻⁵⁶ (degree 11). */
const wide = {
  f32: [
    0.5000003576278687, 0.1666661649942398, 0.04166119918227196, 0.008335962891578674,
    0.0014105451991781592, 0.00019631098257377744,
  ],
  f64: [
    0.4999999999999993, 0.16666666666666938, 0.041666666666702136, 0.008333333333269693,
    0.0013888888883570438, 0.0001984126989295851, 2.4801590833552844e-5, 2.7557300585704544e-6,
    2.755615718978961e-7, 2.5055044230637598e-8, 2.106240388730826e-9, 1.593492331663932e-10,
  ],
}

/** The same for |r| ≤ ½ ln 2, error relative to r: 2⁻²⁶ (degree 4), 2⁻⁶¹ (degree 10). */
const narrow = {
  f32: [0.5, 0.1666654348373413, 0.04166644811630249, 0.008366544730961323, 0.001393654732964933],
  f64: [
    0.5, 0.16666666666666677, 0.041666666666666685, 0.008333333333321442, 0.0013888888888872936,
    0.00019841269886569762, 2.4801587350462634e-5, 2.755724378622066e-6, 2.755725036899878e-7,
    2.5109178677096404e-8, 2.092230522451718e-9,
  ],
}

/** Beyond, eˣ and e⁻ˣ are 0 and ∞ whatever x is. */
const vanished = { f32: 104, f64: 746 }

/** x forced into [−bound, bound]; NaN stays. */
export const clamp = (x: Expr, bound: number): Expr => max(min(x, bound), -bound)

interface Reduced {
  readonly rest: Expr
  /** What the rounding of the rest lost. */
  readonly lost: Expr
  readonly power: Expr
}

/** x = n·step·ln 2 + rest with |rest| ≤ ½ step ln 2; `power` is 2ⁿ, lifted by a power of two. */
function reduce(x: Expr, step: 1 | 2, lifted = 0): Reduced {
  const { magic, bias } = formatOf(x)
  const { head, tail } = per(x, ln2)
  const shifted = fma(x, like(x, 1 / (step * Math.LN2)), like(x, magic + bias + lifted))
  const n = sub(shifted, magic + bias + lifted)
  const near = fma(n, like(x, -step * head), x)
  const rest = fma(n, like(x, -step * tail), near)
  const lost = sub(sub(near, rest), mul(n, step * tail))
  return { rest, lost, power: powerOfTwo(shifted) }
}

/** eˣ. */
export function exp(x: Expr): Expr {
  const { rest: r, power } = reduce(clamp(x, per(x, vanished)), 2)
  const growth = add(fma(mul(r, r), polynomial(per(x, wide), r), r), 1)
  return mul(mul(growth, power), power)
}

/** eˣ for x ≤ 0: a step of ln 2 does, as results underflow only. */
export function expOfNegative(x: Expr, tail?: Expr): Expr {
  const { excess, power, scale } = decay(x, tail)
  return mul(mul(add(excess, 1), power), scale)
}

/** The same for x + tail, as a product of a number in two words and two powers of two. */
export function expOfNegativeDouble(
  x: Expr,
  tail: Expr,
): { readonly growth: Double; readonly power: Expr; readonly scale: number } {
  const { excess, power, scale } = decay(x, tail)
  return { growth: quickSum(like(x, 1), excess), power, scale }
}

function decay(
  x: Expr,
  tail: Expr | undefined,
): { readonly excess: Expr; readonly power: Expr; readonly scale: number } {
  const lifted = per(x, { f32: 64, f64: 512 })
  const { rest, lost, power } = reduce(max(x, -per(x, vanished)), 1, lifted)
  const low = tail === undefined ? undefined : add(lost, tail)
  return { excess: excessOf(rest, low), power, scale: 2 ** -lifted }
}

/**
 * A power of two p and (e⁻ˣ·p − 1)·2^lifted + p, where p is about eˣ·2^lifted: what a quotient over
 * 1 + e⁻ˣ is made of. The coefficients are scaled, which costs nothing.
 */
export function inverseExp(
  x: Expr,
  lifted: number,
): { readonly power: Expr; readonly excess: Expr } {
  const { rest, power } = reduce(x, 1, lifted)
  const one = 2 ** lifted
  const negated = per(x, narrow).map((c, i) => (i % 2 === 0 ? c : -c) * one)
  const slope = fma(polynomial(negated, rest), rest, like(x, -one))
  return { power, excess: fma(slope, rest, power) }
}

/** eʳ − 1, or e to the sum of r and what is smaller, less 1. */
function excessOf(rest: Expr, low: Expr | undefined): Expr {
  const { head: r, tail } = low === undefined ? { head: rest, tail: low } : quickSum(rest, low)
  const series = polynomial(per(r, narrow), r)
  if (tail === undefined) return fma(mul(r, r), series, r)
  return add(r, fma(mul(r, r), series, tail))
}

/**
 * eˣ = (1 + excess)·2ⁿ where |excess| < ½ keeps its relative accuracy around 0; 2ⁿ is lifted.
 * Precise: the excess has about ½ unit of error, else 1.
 */
export function expm1Parts(
  x: Expr,
  options: { readonly lifted: number; readonly precise: boolean },
): { readonly excess: Expr; readonly power: Expr } {
  const { rest, lost, power } = reduce(x, 1, options.lifted)
  return { excess: excessOf(rest, options.precise ? lost : undefined), power }
}

/** Beyond, eˣ − 1 is −1 or ∞. */
const ends = { f32: [-30, 89], f64: [-50, 710] }

/** Below, eˣ − 1 rounds to x; halves of subnormal numbers would lose their last digit. */
const least = { f32: 2 ** -25, f64: 2 ** -54 }

/** eˣ − 1 = 2ⁿ·(excess + (1 − 2⁻ⁿ)). */
export function expm1(x: Expr): Expr {
  const [low, high] = per(x, ends)
  const { excess, power } = expm1Parts(max(min(x, high), low), { lifted: -1, precise: true })
  const inverse = mul(inverseOfPower(power), 0.5)
  const value = mul(mul(add(excess, sub(like(x, 1), inverse)), power), 2)
  return select(lt(abs(x), per(x, least)), x, copysign(value, x))
}
