/**
 * The derivatives of digamma.
 *
 *   ψₙ(x) = (−1)ⁿ⁺¹ n! Σ (x + k)⁻ˢ,  s = n + 1
 *
 * by Euler–Maclaurin summation (DLMF 25.11) of as many terms as bring x above s + 6; below 0 by
 * reflection, with the derivative of the cotangent as a polynomial in it. All terms of each sum
 * have one sign, so that only ψ₂, ψ₄, … close to their negative zeros lose accuracy; the rounding
 * of the powers grows with n, about n/2 units. Sums are scaled so that n! does not overflow.
 */
import { hurwitzSeries } from '../../data/special/index.js'
import { abs, add, div, type Expr, eq, lt, mul, nearest, or, select, sub } from '../expression.js'
import { like, per, polynomial } from './format.js'
import { quotient, sineAndCosineOfPi } from './trigonometric.js'

/** The derivative of order n ≥ 1 of digamma. */
export function polygamma(n: number, x: Expr): Expr {
  const odd = n % 2 === 1
  const infinite = Number.POSITIVE_INFINITY
  const left = lt(x, 0)
  const sum = scaledZeta(n, select(left, sub(like(x, 1), x), x))
  const { sine, cosine } = sineAndCosineOfPi(x)
  const cotangent = quotient(cosine, sine)
  const reflected = mul(polynomial(cotangentDerivative(n), cotangent), Math.PI)
  const right = odd ? sum : mul(sum, -1)
  const value = select(left, sub(mul(sum, -1), reflected), right)
  const pole = odd ? like(x, infinite) : select(eq(x, 0), div(like(x, -1), x), like(x, Number.NaN))
  const whole = eq(nearest(x), x)
  const atPole = or(eq(x, 0), select(left, whole, left))
  const atEnd = select(lt(x, 0), like(x, Number.NaN), like(x, odd ? 0 : -0))
  return select(eq(abs(x), infinite), atEnd, select(atPole, pole, value))
}

/** n! Σ (x + k)⁻ⁿ⁻¹ over k ≥ 0, for x > 0. */
function scaledZeta(n: number, x: Expr): Expr {
  const s = n + 1
  const { unit, factor } = factorial(n)
  const from = Math.max(10, s + 6)
  let sum = like(x, 0)
  let at = x
  for (let step = 0; step < from; step++) {
    const below = lt(at, from)
    const term = div(like(x, 1), power(mul(at, 1 / unit), s))
    sum = select(below, add(sum, term), sum)
    at = select(below, add(at, 1), at)
  }
  const scaled = mul(at, 1 / unit)
  const lower = div(like(x, 1), power(scaled, s - 1))
  const last = div(lower, scaled)
  const inverse = div(like(x, 1), at)
  const series = per(x, { f32: hurwitzSeries.slice(0, 6), f64: hurwitzSeries })
  let rising = s
  const coefficients = series.map((h, k) => {
    const coefficient = h * rising
    rising *= (s + 2 * k + 1) * (s + 2 * k + 2)
    return coefficient
  })
  const rest = mul(inverse, polynomial(coefficients, mul(inverse, inverse)))
  const tail = add(mul(lower, unit / (s - 1)), mul(last, add(rest, 0.5)))
  return mul(add(sum, tail), factor)
}

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
function power(x: Expr, n: number): Expr {
  if (n === 1) return x
  const half = power(x, Math.floor(n / 2))
  const square = mul(half, half)
  return n % 2 === 0 ? square : mul(square, x)
}

/** π⁻¹ dⁿ/dxⁿ π cot πx in c = cot πx, by P′ ↦ −π(1 + c²) P′; all terms have one sign. */
function cotangentDerivative(n: number): readonly number[] {
  let p: readonly number[] = [0, 1]
  for (let order = 0; order < n; order++) {
    const next = new Array<number>(p.length + 1).fill(0)
    for (let k = 1; k < p.length; k++) {
      next[k - 1] -= Math.PI * k * p[k]
      next[k + 1] -= Math.PI * k * p[k]
    }
    p = next
  }
  return p
}
