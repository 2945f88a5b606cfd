/**
 * The logarithm of the gamma function and its derivatives, in f64.
 *
 * Between 1 and 3 the zeros are factored out and the rest is a Chebyshev fit to 60 digits, so the
 * relative error stays small at them. Above, Stirling's series with Bernoulli's numbers (DLMF
 * 5.11); below, recurrence and reflection (DLMF 5.5). Polygamma is Hurwitz's zeta function by
 * Euler–Maclaurin summation (DLMF 25.11). On the negative axis, close to one of the zeros between
 * the poles, the error is a few ulps of the larger terms that cancel there.
 */
import { polynomial } from './polynomial.js'
import { cosPi, sinPi } from './trigonometric.js'

/** log |Γ(x)|; +∞ at the poles 0, −1, −2, … */
export function lgamma(x: number): number {
  if (x < 0) return lgammaNegative(-x)
  if (x < 1) return x === 0 ? Infinity : x * (x - 1) * beyond(x + 1) - Math.log(x)
  if (x < 2) return (1 - x) * (2 - x) * polynomial(lgammaOneTwo, x - 1.5)
  if (x < 8) return lgammaMiddle(x)
  if (!(x < Infinity)) return x
  const z = 1 / x
  return (x - 0.5) * (Math.log(x) - 1) + (halfLogTau - 0.5 + z * polynomial(lgammaSeries, z * z))
}

/** Γ'(x)/Γ(x). At 0 it is −∞ or +∞ by the sign of the zero, at the other poles NaN. */
export function digamma(x: number): number {
  if (Math.abs(x) < 1e-20) return -1 / x // what is left out is less than half an ulp
  if (x < 0) return Number.isInteger(x) ? NaN : digamma(-x) - 1 / x + Math.PI * cotPi(-x)
  if (x < 1) return digammaOneTwo(x + 1) - 1 / x
  if (x < 10) {
    let sum = 0
    let at = x
    for (; at >= 2; at -= 1) sum += 1 / (at - 1)
    return sum + digammaOneTwo(at)
  }
  if (!(x < Infinity)) return x
  const z = 1 / (x * x)
  return Math.log(x) - 0.5 / x - z * polynomial(digammaSeries, z)
}

/** The derivative of order n ≥ 1 of digamma; polygamma(0, x) is digamma(x). */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x)
  const sign = n % 2 === 0 ? -1 : 1
  if (x === 0) return sign > 0 ? Infinity : -1 / x
  if (x < 0 && Number.isInteger(x)) return sign > 0 ? Infinity : NaN
  if (x === -Infinity) return NaN
  if (!(x < -100)) return sign * factorial(n) * hurwitz(n + 1, x)
  // ψₙ(x) = (−1)ⁿ ψₙ(1 − x) − dⁿ/dxⁿ π cot πx, where ψₙ(1 − x) = ψₙ(−x) − n!/xⁿ⁺¹.
  const reflected = -sign * polygamma(n, -x) + (sign * factorial(n)) / x ** (n + 1)
  return reflected - Math.PI ** (n + 1) * cotangentDerivative(n, cotPi(x))
}

function lgammaNegative(y: number): number {
  if (y < 1) return lgamma(1 - y) - Math.log(y)
  const sine = Math.abs(sinPi(y))
  if (y === Infinity || sine === 0) return Infinity
  return Math.log(Math.PI / (y * sine)) - lgamma(y)
}

function lgammaMiddle(x: number): number {
  let product = 1
  let at = x
  while (at >= 3) {
    at -= 1
    product *= at
  }
  return (at - 1) * (at - 2) * beyond(at) + Math.log(product)
}

/** lgamma(x)/((x − 1)(x − 2)) for 1 ≤ x ≤ 3. */
const beyond = (x: number): number =>
  x < 2 ? polynomial(lgammaOneTwo, x - 1.5) : polynomial(lgammaTwoThree, x - 2.5)

/** The zero of digamma is x₀ = 1.4616…, here in two parts. */
const digammaOneTwo = (x: number): number =>
  (x - 1.4616321449683622 - 9.549995429965697e-17) * polynomial(digammaNearZero, x - 1.5)

const cotPi = (x: number): number => cosPi(x) / sinPi(x)

/** dⁿ cot u / duⁿ as a polynomial in c = cot u, by P' ↦ −(1 + c²) P'; all terms have one sign. */
function cotangentDerivative(n: number, c: number): number {
  let p: readonly number[] = [0, 1]
  for (let order = 0; order < n; order++) {
    const next = new Array<number>(p.length + 1).fill(0)
    for (let k = 1; k < p.length; k++) {
      next[k - 1] -= k * p[k]
      next[k + 1] -= k * p[k]
    }
    p = next
  }
  return polynomial(p, c)
}

/** Σ (x + k)⁻ˢ over k ≥ 0, for whole s ≥ 2 and any x but 0, −1, … */
function hurwitz(s: number, x: number): number {
  const from = Math.max(10, s + 6)
  let head = 0
  let at = x
  for (; at < from; at += 1) head += at ** -s
  const power = at ** -s
  let term = (power * s) / at
  let rest = power / 2 + at ** (1 - s) / (s - 1)
  for (let k = 0; k < hurwitzSeries.length; k++) {
    rest += hurwitzSeries[k] * term
    term *= ((s + 2 * k + 1) * (s + 2 * k + 2)) / (at * at)
  }
  return head + rest
}

function factorial(n: number): number {
  let product = 1
  for (let k = 2; k <= n; k++) product *= k
  return product
}

/** ½ log 2π */
const halfLogTau = 0.9189385332046728

/** B₂ₖ/(2k(2k − 1)) */
export const lgammaSeries: readonly number[] = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
]

/** B₂ₖ/2k */
export const digammaSeries: readonly number[] = [
  1 / 12,
  -1 / 120,
  1 / 252,
  -1 / 240,
  1 / 132,
  -691 / 32760,
  1 / 12,
  -3617 / 8160,
]

/** B₂ₖ/(2k)! */
export const hurwitzSeries: readonly number[] = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368000,
  1 / 74724249600,
  -3617 / 10670622842880000,
  43867 / 5109094217170944000,
]

/** lgamma(x)/((x − 1)(x − 2)) in x − 1.5 */
export const lgammaOneTwo: readonly number[] = [
  0.4831289505409809, -0.14595989591430608, 0.06291140107456439, -0.031308487501010646,
  0.01679709863127416, -0.009425622448525798, 0.005446457839126065, -0.0032120740737152814,
  0.0019229163127905161, -0.0011644145847310124, 0.000711519067515296, -0.00043799307479613914,
  0.00027131373861446925, -0.0001689178215524898, 0.00010535512483785591, -6.614136022346414e-5,
  4.30276814976503e-5, -2.7201673025504752e-5, 1.3186019073996835e-5, -8.355075869795273e-6,
  1.2140008083973407e-5, -7.760660152513446e-6,
]

/** lgamma(x)/((x − 1)(x − 2)) in x − 2.5 */
export const lgammaTwoThree: readonly number[] = [
  0.37957716063055885, -0.07466357415449941, 0.019905154304743208, -0.006018768527036914,
  0.0019490574889463365, -0.0006586397065650056, 0.00022905363747507287, -8.130229408034726e-5,
  2.929928312004998e-5, -1.0682259123883373e-5, 3.9305860909127655e-6, -1.4575541733757617e-6,
  5.436082854534496e-7, -2.015090104183497e-7, 7.585695078040205e-8, -3.385821013938236e-8,
  1.2848137769988069e-8,
]

/** digamma(x)/(x − x₀) in x − 1.5 */
export const digammaNearZero: readonly number[] = [
  0.951055876031833, -0.4236274212814605, 0.2405424842407742, -0.14840492305390884,
  0.09498872445494122, -0.061922133273064534, 0.04076083381242074, -0.02697579675613825,
  0.0179072524394512, -0.011908218001568644, 0.007926944646403797, -0.005279964873257405,
  0.003519006401502276, -0.002345267632540769, 0.0015566317474486838, -0.0010376374098418604,
  0.0007233266279287554, -0.0004821990530566789, 0.0002272331660987376, -0.00015148586836773365,
  0.00025968482126430747, -0.00017312261802727394,
]
