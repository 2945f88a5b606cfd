/**
 * The derivatives of digamma.
 *
 *   ψₙ(x) = (−1)ⁿ⁺¹ n! Σ (x + k)⁻ˢ,  s = n + 1
 *
 * by Euler–Maclaurin summation (DLMF 25.11) of as many terms as bring x above s + 6; below 0 by
 * reflection, with the derivative of the cotangent as a polynomial in it, in powers of π/sin and
 * cos. Powers and sums have two words, so that the order costs no accuracy; close to the negative
 * zeros of ψ₂, ψ₄, … the larger terms cancel. Sums are scaled so that n! does not overflow.
 */
import { hurwitzSeries } from '../../data/special/index.js'
import { abs, add, div, type Expr, eq, lt, mul, nearest, or, select, sub } from '../expression.js'
import { type Double, doubleOf, quickSum, twoProduct, twoSum } from './double.js'
import { like, per, polynomial } from './format.js'
import { pi, sineAndCosineOfPi } from './trigonometric.js'

/** The derivative of order n ≥ 1 of digamma. */
export function polygamma(n: number, x: Expr): Expr {
  const odd = n % 2 === 1
  const infinite = Number.POSITIVE_INFINITY
  const left = lt(x, 0)
  const mirrored = twoSum(like(x, 1), mul(x, -1))
  const sum = scaledZeta(n, {
    head: select(left, mirrored.head, x),
    tail: select(left, mirrored.tail, like(x, 0)),
  })
  const { sine, cosine } = sineAndCosineOfPi(x)
  const reflected = cotangentDerivative(n, cosine, sine)
  const right = odd ? sum : mul(sum, -1)
  const value = select(left, mul(add(reflected.head, add(reflected.tail, sum)), -1), right)
  const pole = odd ? like(x, infinite) : select(eq(x, 0), div(like(x, -1), x), like(x, Number.NaN))
  const whole = eq(nearest(x), x)
  const atPole = or(eq(x, 0), select(left, whole, left))
  const atEnd = select(lt(x, 0), like(x, Number.NaN), like(x, odd ? 0 : -0))
  return select(eq(abs(x), infinite), atEnd, select(atPole, pole, value))
}

/** n! Σ (x + k)⁻ⁿ⁻¹ over k ≥ 0, for x > 0 in two words. */
function scaledZeta(n: number, x: Double): Expr {
  const s = n + 1
  const { unit, factor } = factorial(n)
  const from = per(x.head, { f32: s + 4, f64: Math.min(2 * s + 6, s + 10) })
  const one = words(x.head, 1)
  const inUnits = (y: Double): Double => ({
    head: mul(y.head, 1 / unit),
    tail: mul(y.tail, 1 / unit),
  })
  let sum: Double = { head: like(x.head, 0), tail: like(x.head, 0) }
  let at = x
  for (let step = 0; step < from; step++) {
    const below = lt(at.head, from)
    const term = power(quotient(one, inUnits(at)), s)
    const total = twoSum(sum.head, term.head)
    const tail = add(sum.tail, add(total.tail, term.tail))
    sum = { head: select(below, total.head, sum.head), tail: select(below, tail, sum.tail) }
    const next = twoSum(at.head, like(x.head, 1))
    at = {
      head: select(below, next.head, at.head),
      tail: select(below, add(at.tail, next.tail), at.tail),
    }
  }
  const scaled = inUnits(at)
  const lower = power(quotient(one, scaled), s - 1)
  const inverse = div(like(at.head, 1), at.head)
  const series = per(at.head, { f32: hurwitzSeries.slice(0, 6), f64: hurwitzSeries })
  let rising = s
  const coefficients = series.map((h, k) => {
    const coefficient = h * rising
    rising *= (s + 2 * k + 1) * (s + 2 * k + 2)
    return coefficient
  })
  const rest = mul(inverse, polynomial(coefficients, mul(inverse, inverse)))
  // unit/(s − 1) + (½ + rest)/scaled, times lower.
  const whole = unit / (s - 1)
  const share = quickSum(like(inverse, whole), div(add(rest, 0.5), scaled.head))
  const lost = per(inverse, { f32: whole - Math.fround(whole), f64: 0 })
  const end = product(lower, { head: share.head, tail: add(share.tail, lost) })
  const total = twoSum(sum.head, end.head)
  const value = add(total.head, add(total.tail, add(sum.tail, end.tail)))
  const finite = lt(total.head, Number.POSITIVE_INFINITY)
  return mul(select(finite, value, total.head), factor)
}

/** The tail where it is one; 0 in place of what overflow leaves. */
const smallTail = (head: Expr, tail: Expr): Expr =>
  select(lt(abs(tail), mul(abs(head), 2 ** -10)), tail, like(head, 0))

/** n! = factor·unitⁿ⁺¹ with a power of two that keeps the factor moderate. */
function factorial(n: number): { readonly unit: number; readonly factor: number } {
  let logarithm = 0
  for (let k = 2; k <= n; k++) logarithm += Math.log2(k)
  const unit = 2 ** Math.round(logarithm / (n + 1))
  let factor = 1 / unit
  for (let k = 1; k <= n; k++) factor *= k / unit
  return { unit, factor }
}

/** xⁿ by squaring. */
function power(x: Double, n: number): Double {
  if (n === 1) return x
  const half = power(x, Math.floor(n / 2))
  const square = product(half, half)
  return n % 2 === 0 ? square : product(square, x)
}

function product(a: Double, b: Double): Double {
  const { head, tail } = twoProduct(a.head, b.head)
  const cross = add(mul(a.head, b.tail), mul(a.tail, b.head))
  return { head, tail: smallTail(head, add(tail, cross)) }
}

/** dⁿ/dxⁿ π cot πx = πⁿ⁺¹·P(cot πx), from the cosine and the sine of πx. */
function cotangentDerivative(n: number, cosine: Double, sine: Double): Double {
  const c = quotient(cosine, sine)
  const square = product(c, c)
  const coefficients = derivativePolynomial(n).filter((_, k) => k % 2 !== n % 2)
  const [leading, ...rest] = coefficients.toReversed()
  const series = rest.reduce(
    (sum, coefficient) => plus(words(c.head, coefficient), product(sum, square)),
    words(c.head, leading),
  )
  const odd = n % 2 === 0 ? product(series, c) : series
  return product(power(doubleOf(c.head, per(c.head, pi)), n + 1), odd)
}

/** dⁿ cot u / duⁿ as a polynomial in c = cot u, by P′ ↦ −(1 + c²) P′; all terms have one sign. */
function derivativePolynomial(n: number): readonly number[] {
  let p: readonly number[] = [0, 1]
  for (let order = 0; order < n; order++) {
    const next = new Array<number>(p.length + 1).fill(0)
    for (let k = 1; k < p.length; k++) {
      next[k - 1] -= k * p[k]
      next[k + 1] -= k * p[k]
    }
    p = next
  }
  return p
}

/** A constant with the digits of f64. */
const words = (x: Expr, value: number): Double =>
  doubleOf(x, {
    head: per(x, { f32: Math.fround(value), f64: value }),
    tail: per(x, { f32: value - Math.fround(value), f64: 0 }),
  })

function plus(a: Double, b: Double): Double {
  const { head, tail } = twoSum(a.head, b.head)
  return { head, tail: smallTail(head, add(tail, add(a.tail, b.tail))) }
}

function quotient(a: Double, b: Double): Double {
  const head = div(a.head, b.head)
  const back = twoProduct(head, b.head)
  const left = add(sub(sub(a.head, back.head), back.tail), sub(a.tail, mul(head, b.tail)))
  return { head, tail: smallTail(head, div(left, b.head)) }
}
