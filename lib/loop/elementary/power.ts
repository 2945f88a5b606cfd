/**
 * xʸ = 2^(y·log₂ x), with the logarithm and its product with y in two words.
 *
 *   x = m·2ⁿ, s = (m − 1)/(m + 1)    →    log₂ x = n + s·(c₀ + c₁s² + s⁴·Q(s²))
 *
 * cₖ = 2/((2k + 1) ln 2); c₀ and c₁ have two words, Q is a fit with errors 2⁻³⁷ (f32) and 2⁻⁷³
 * (f64) of the whole. The error before the last rounding is about 0.2 units of the last place, so
 * that powers which are floats come out exact. Integers by squaring, modulo 2³².
 */
import {
  abs,
  add,
  and,
  copysign,
  div,
  type Expr,
  eq,
  floor,
  fma,
  gt,
  lt,
  mul,
  ne,
  nearest,
  not,
  or,
  reinterpret,
  select,
  shr,
  sub,
  trunc,
} from '../expression.js'
import {
  addDouble,
  type Double,
  doubleOf,
  mulDouble,
  polynomialDouble,
  quickSum,
  twoProduct,
  type Words,
} from './double.js'
import { clamp } from './exponential.js'
import { like, negateIf, type PerFormat, partsOf, per, polynomial, scaleBy } from './format.js'

const c0: PerFormat<Words> = {
  f32: { head: 2.885390043258667, tail: 3.851926067000022e-8 },
  f64: { head: 2.8853900817779268, tail: 4.0710547481862066e-17 },
}
const c1: PerFormat<Words> = {
  f32: { head: 0.9617967009544373, tail: -7.028461812552678e-9 },
  f64: { head: 0.9617966939259756, tail: 5.0577616648125907e-17 },
}

const rest = {
  f32: [0.5770801901817322, 0.4118500053882599, 0.33781781792640686],
  f64: [
    0.5770780163555851, 0.4121985831113449, 0.32059889791306806, 0.2623081986196693,
    0.2219522729853315, 0.19240122464749665, 0.1684533841914782, 0.1728028120663483,
  ],
}

/** (2ʳ − 1)/r for |r| ≤ ½; errors relative to r 2⁻³² (degree 6) and 2⁻⁵⁹ (degree 11). */
const exp2 = {
  f32: [
    0.6931471824645996, 0.24022650718688965, 0.05550406500697136, 0.009618077427148819,
    0.0013336427509784698, 0.00015456374967470765, 1.4702314729220234e-5,
  ],
  f64: [
    Math.LN2,
    0.24022650695910072,
    0.055504108664822936,
    0.009618129107628038,
    0.001333355814616448,
    0.0001540353039408512,
    1.5252734036703806e-5,
    1.3215486284956695e-6,
    1.0177985694256858e-7,
    7.055075615607798e-9,
    4.465528640738388e-10,
    2.5500098270279153e-11,
  ],
}

/** Exponents from which 2ⁿ is ∞, and its inverse 0. */
const limit = { f32: 160, f64: 1100 }

/** log₂ x in two words, for 0 < x < ∞. */
function log2Double(x: Expr): Double {
  const { significand: m, exponent: n } = partsOf(x)
  const f = sub(m, 1)
  const g = quickSum(select(gt(m, 1), m, like(x, 1)), select(gt(m, 1), like(x, 1), m))
  const s = divide(f, g)
  const z = mulDouble(s, s)
  const series = mul(z.head, polynomial(per(x, rest), z.head))
  const inner = addDouble(doubleOf(x, per(x, c1)), { head: series, tail: like(x, 0) })
  const outer = addDouble(doubleOf(x, per(x, c0)), mulDouble(z, inner))
  return addDouble({ head: n, tail: like(x, 0) }, mulDouble(s, outer))
}

/** f/g for an exact f. */
function divide(f: Expr, g: Double): Double {
  const head = div(f, g.head)
  const product = twoProduct(head, g.head)
  const left = sub(sub(sub(f, product.head), product.tail), mul(head, g.tail))
  return { head, tail: div(left, g.head) }
}

/** 2^(head + tail), where |head| beyond the limit of the format counts as the limit. */
function exp2Double({ head, tail }: Double): Expr {
  const bound = per(head, limit)
  const inside = lt(abs(head), bound)
  const whole = clamp(head, bound)
  const n = nearest(whole)
  const r = quickSum(sub(whole, n), select(inside, tail, like(head, 0)))
  const slope = polynomialDouble(per<readonly number[]>(head, exp2), r.head)
  const rise = twoProduct(r.head, slope.head)
  const growth = quickSum(like(head, 1), rise.head)
  // The slope of 2ʳ beside r, for what r lost: ln 2 · 2ʳ.
  const late = fma(mul(r.tail, Math.LN2), growth.head, mul(r.head, slope.tail))
  const rounded = add(growth.head, add(growth.tail, add(rise.tail, late)))
  return scaleBy(rounded, n)
}

/** Powers at or beyond this exponent are 0, 1 or ∞ for every x. */
const decided = { f32: 2 ** 60, f64: 2 ** 200 }

/** xʸ on floats. */
export function pow(x: Expr, y: Expr): Expr {
  const size = abs(x)
  const infinite = like(x, Number.POSITIVE_INFINITY)
  const finite = and(gt(size, 0), lt(size, infinite))
  const log = log2Double(size)
  // log₂ of 0 and ∞, so that their powers fall out of the product with y.
  const ends = select(eq(size, 0), like(x, Number.NEGATIVE_INFINITY), infinite)
  const times = clamp(y, per(x, decided))
  const product = twoProduct(times, select(finite, log.head, ends))
  const exponent = quickSum(product.head, fma(times, log.tail, product.tail))
  const moderate = lt(abs(product.head), per(x, limit))
  const head = select(moderate, exponent.head, product.head)
  const value = exp2Double({ head, tail: exponent.tail })
  const half = mul(y, 0.5)
  const whole = eq(trunc(y), y)
  const odd = and(whole, ne(floor(half), half))
  const signed = negateIf(and(lt(copysign(like(x, 1), x), 0), odd), value)
  const none = or(ne(x, x), or(ne(y, y), and(and(lt(x, 0), finite), not(whole))))
  const one = or(eq(y, 0), eq(x, 1))
  return select(one, like(x, 1), select(none, like(x, Number.NaN), signed))
}

/** xⁿ on integers; a negative power truncates 1/x⁻ⁿ. */
export function integerPow(x: Expr, n: Expr): Expr {
  const count = reinterpret('u32', n)
  let [result, square] = [like(x, 1), x]
  for (let bit = 0; bit < 32; bit++) {
    if (bit > 0) square = mul(square, square)
    const taken = ne(and(shr(count, bit), 1), 0)
    result = select(taken, mul(result, square), result)
  }
  if (x.dtype === 'u32') return result
  const odd = ne(and(n, 1), 0)
  const ofMinusOne = select(odd, like(x, -1), like(x, 1))
  const inverse = select(eq(x, 1), like(x, 1), select(eq(x, -1), ofMinusOne, like(x, 0)))
  return select(lt(n, 0), inverse, result)
}
