/**
 * The logarithm of the gamma function, and digamma.
 *
 * The method of `lib/data/special/gamma.ts`, without branches: between 1 and 3 the zeros are
 * factored out of a fit; above 8 (10 for digamma) Stirling's series with Bernoulli's numbers (DLMF
 * 5.11); between, recurrence; below 0 reflection (DLMF 5.5). On the negative axis, close to the
 * zeros that lie between the poles, the error is a few ulps of the larger terms that cancel there.
 */
import {
  digammaNearZero,
  digammaSeries,
  lgammaOneTwo,
  lgammaSeries,
  lgammaTwoThree,
} from '../../data/special/index.js'
import {
  abs,
  add,
  and,
  div,
  type Expr,
  eq,
  fma,
  ge,
  gt,
  lt,
  mul,
  nearest,
  neg,
  or,
  select,
  sub,
} from '../expression.js'
import { type Double, polynomialDouble, roundedProduct, twoProduct, twoSum } from './double.js'
import { formatOf, like, per, polynomial } from './format.js'
import { log, logDouble } from './logarithm.js'
import { quotient, sineAndCosineOfPi } from './trigonometric.js'

/** lgamma(x)/((x − 1)(x − 2)) in x − 1.5; relative error 2⁻²⁸ in f32, of degree 9. */
const oneTwo = {
  f32: [
    0.4831289523279066, -0.14595989882946014, 0.06291104853153229, -0.0313081219792366,
    0.016808204352855682, -0.009434920735657215, 0.005325304344296455, -0.003123353235423565,
    0.002448129700496793, -0.0015142024494707584,
  ],
  f64: lgammaOneTwo,
}

/** The same in x − 2.5; relative error 2⁻²⁸ in f32, of degree 7. */
const twoThree = {
  f32: [
    0.3795771598815918, -0.07466357201337814, 0.019905271008610725, -0.006018865387886763,
    0.0019466654630377889, -0.0006573513965122402, 0.00024431731435470283, -8.779710333328694e-5,
  ],
  f64: lgammaTwoThree,
}

/** digamma(x)/(x − x₀) in x − 1.5; relative error 2⁻²⁸ in f32, of degree 10. */
const nearZero = {
  f32: [
    0.9510558756374862, -0.42362749576568604, 0.24054262042045593, -0.14839890599250793,
    0.09498193860054016, -0.06205562874674797, 0.040880803018808365, -0.02578788809478283,
    0.01697429083287716, -0.01637282781302929, 0.011127717792987823,
  ],
  f64: digammaNearZero,
}

/** digamma(x) in x − 2.5 for 2 ≤ x ≤ 3; relative errors 2⁻²⁹ (degree 8), 2⁻⁵⁴ (degree 16). */
const twoThreeOfDigamma = {
  f32: [
    0.7031566500663757, 0.49035772681236267, -0.11810247600078583, 0.03731881454586983,
    -0.013067372143268585, 0.004806939512491226, -0.0018567278748378158, 0.0007766064954921603,
    -0.0002491240156814456,
  ],
  f64: [
    0.7031566406452432, 0.4903577561002346, -0.11810202582086247, 0.03731764146959995,
    -0.013073166646287458, 0.00482140981808189, -0.0018305640313368019, 0.0007073882493306103,
    -0.0002764393828681318, 0.00010882471508608167, -4.305139003048304e-5, 1.7097679140937836e-5,
    -6.8064651458559235e-6, 2.67296533734721e-6, -1.0558975876808107e-6, 5.122373651621909e-7,
    -2.1521361503433193e-7,
  ],
}

/** The zero of digamma in two words. */
const zeroOfDigamma = {
  f32: { head: 1.4616321325302124, tail: 1.243815006546356e-8 },
  f64: { head: 1.4616321449683622, tail: 9.549995429965697e-17 },
}

/** ½ log 2π − ½ */
const stirling = 0.4189385332046727

/**
 * Below 0: on (−1, 0) by lgamma(x) = lgamma(1 + x) − log|x|, else by Γ(−y)Γ(y) = −π/(y sin πy).
 */
export function lgamma(x: Expr): Expr {
  const y = abs(x)
  const negative = lt(x, 0)
  const near = and(negative, lt(y, 1))
  const known = lgammaPositive(select(near, sub(like(x, 1), y), y))
  const sine = abs(sineAndCosineOfPi(y).sine.head)
  const stepped = log(select(near, y, mul(mul(y, sine), 1 / Math.PI)))
  const left = sub(select(near, known, neg(known)), stepped)
  const value = select(negative, left, known)
  const whole = and(negative, eq(sine, 0))
  return select(
    or(whole, eq(y, Number.POSITIVE_INFINITY)),
    like(x, Number.POSITIVE_INFINITY),
    value,
  )
}

/** For x ≥ 0. */
function lgammaPositive(x: Expr): Expr {
  // Below 1 by lgamma(x) = lgamma(x + 1) − log x; from 3 to 8 the product of what is stepped over.
  const below = lt(x, 1)
  let at = select(below, add(x, 1), x)
  let product = like(x, 1)
  for (let step = 0; step < 6; step++) {
    const beyond = ge(at, 3)
    const next = sub(at, 1)
    product = select(beyond, mul(product, next), product)
    at = select(beyond, next, at)
  }
  const middle = ge(at, 2)
  const [first, second] = [
    polynomialDouble(per<readonly number[]>(x, oneTwo), sub(at, 1.5)),
    polynomialDouble(per<readonly number[]>(x, twoThree), sub(at, 2.5)),
  ]
  const fit: Double = {
    head: select(middle, second.head, first.head),
    tail: select(middle, second.tail, first.tail),
  }
  const one = select(below, x, sub(at, 1))
  const two = select(below, sub(x, 1), sub(at, 2))
  const factored = roundedProduct(twoProduct(one, two), fit)
  const logarithm = log(select(below, x, product))
  const small = select(below, sub(factored, logarithm), add(factored, logarithm))
  return select(ge(x, 8), lgammaLarge(x), small)
}

/** For x ≥ 8: (x − ½)(log x − 1) with the logarithm in two words, and what is small beside it. */
function lgammaLarge(x: Expr): Expr {
  const z = div(like(x, 1), x)
  const series = mul(z, polynomial(seriesOf(x, lgammaSeries), mul(z, z)))
  const { head, tail } = logDouble(x)
  const factor = sub(x, 0.5)
  const product = twoProduct(factor, sub(head, 1))
  const lower = add(fma(factor, tail, product.tail), add(series, stirling))
  const exact = lt(x, per(x, { f32: 2 ** 60, f64: 2 ** 500 }))
  return add(product.head, select(exact, lower, mul(factor, tail)))
}

/** In f32 four terms of an asymptotic series suffice. */
const seriesOf = (x: Expr, series: readonly number[]): readonly number[] =>
  per(x, { f32: series.slice(0, 4), f64: series })

/** Below 0: digamma(−y) = digamma(y) + 1/y + π cot πy. */
export function digamma(x: Expr): Expr {
  const y = abs(x)
  const { value, pole } = digammaPositive(y)
  const { sine, cosine } = sineAndCosineOfPi(y)
  const { tiny } = formatOf(x)
  const one = like(x, 1)
  // Next to the poles the ratio overflows, and its correction is no number.
  const ratio = select(gt(abs(sine.head), tiny), quotient(cosine, sine), div(one, sine.head))
  const cotangent = mul(ratio, Math.PI)
  // Below 1 the poles cancel.
  const left = add(select(lt(y, 1), value, add(value, div(one, y))), cotangent)
  const right = sub(value, pole)
  const whole = eq(nearest(y), y)
  const defined = select(lt(x, 0), select(whole, like(x, Number.NaN), left), right)
  return select(eq(x, 0), div(like(x, -1), x), defined)
}

/**
 * digamma(x) = value − pole for x > 0; the pole is 1/x below 1, else 0.
 *
 * Below 2 a fit with the zero factored out; from 3 to 10 a fit between 2 and 3 and positive terms.
 */
function digammaPositive(x: Expr): { readonly value: Expr; readonly pole: Expr } {
  const below = lt(x, 1)
  const shifted = twoSum(x, like(x, 1))
  const start = select(below, shifted.head, x)
  const { head, tail } = per(x, zeroOfDigamma)
  const slope = polynomialDouble(per<readonly number[]>(x, nearZero), sub(start, 1.5))
  const fit = roundedProduct({ head: sub(start, head), tail: like(x, -tail) }, slope)
  // What x + 1 lost enters by the slope, which is 1.64 at 1 and 0.64 at 2.
  const lost = select(below, mul(shifted.tail, sub(like(x, 2.6), start)), like(x, 0))
  let at = x
  let sum: Double = { head: like(x, 0), tail: like(x, 0) }
  for (let step = 0; step < 8; step++) {
    const beyond = ge(at, 3)
    const next = sub(at, 1)
    const term = select(beyond, div(like(x, 1), next), like(x, 0))
    const total = twoSum(sum.head, term)
    sum = { head: total.head, tail: add(sum.tail, total.tail) }
    at = select(beyond, next, at)
  }
  const base = polynomial(per<readonly number[]>(x, twoThreeOfDigamma), sub(at, 2.5))
  const middle = add(sum.head, add(base, sum.tail))
  const z = div(like(x, 1), x)
  const square = mul(z, z)
  const rest = mul(square, polynomial(seriesOf(x, digammaSeries), square))
  const logarithm = logDouble(x)
  const large = add(logarithm.head, sub(sub(logarithm.tail, mul(z, 0.5)), rest))
  const small = select(lt(x, 2), add(fit, lost), middle)
  const beyond = select(lt(x, Number.POSITIVE_INFINITY), large, x)
  return { value: select(ge(x, 10), beyond, small), pole: select(below, z, like(x, 0)) }
}
