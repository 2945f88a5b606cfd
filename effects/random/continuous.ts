/**
 * Continuous families whose samples are smooth functions of their parameters and of fixed noise.
 *
 *   normal     μ + σ·n            exponential  e / λ          laplace   μ + b·l
 *   uniform    a + (b − a)·u      gumbel       μ + β·g        logistic  μ + s·t
 */
import {
  abs,
  add,
  clamp,
  div,
  erf,
  erfInv,
  exp,
  log,
  mul,
  neg,
  reciprocal,
  softplus,
  sub,
} from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import type { Family } from './family.js'
import {
  exponentialNoise,
  gauss,
  gumbelNoise,
  laplaceNoise,
  logisticNoise,
  maxwellNoise,
  rayleighNoise,
  unit,
} from './noise.js'
import { splitKey } from './split.js'

const logSqrtTwoPi = Math.log(2 * Math.PI) / 2

/** (x − location) / scale */
const standard = (x: Term, [location, scale]: readonly Term[]): Term => div(sub(x, location), scale)

/** Mean and standard deviation. */
export const normal: Family = {
  name: 'normal',
  sample: (key, [mean, std], type) => add(mean, mul(std, gauss(key, type))),
  logDensity: (x, parameters) => {
    const z = standard(x, parameters)
    return sub(mul(mul(z, z), -0.5), add(log(parameters[1]), logSqrtTwoPi))
  },
  /**
   * In the mean: 1/(σ√2π)·(E f(μ + σw) − E f(μ − σw)) with Rayleigh w. In the standard deviation:
   * 1/σ·(E f(μ + σm) − E f(x)) with a double-sided Maxwell m.
   * Source: Mohamed et al., "Monte Carlo gradient estimation in machine learning" (2020), table 1.
   */
  measures: (key, x, [mean, std]) => {
    const [meanKey, stdKey] = splitKey(key, 2)
    const w = mul(std, rayleighNoise(meanKey, x))
    const factor = mul(reciprocal(std), 1 / Math.sqrt(2 * Math.PI))
    const m = mul(std, maxwellNoise(stdKey, x))
    return [
      { parameter: 0, factor, plus: add(mean, w), minus: sub(mean, w) },
      { parameter: 1, factor: reciprocal(std), plus: add(mean, m), minus: x },
    ]
  },
}

/** The lower end, which may be met, and the upper, which is not. */
export const uniform: Family = {
  name: 'uniform',
  sample: (key, [low, high], type) => add(low, mul(sub(high, low), unit(key, type))),
}

/**
 * A standard normal held between two bounds, by the inverse of its distribution function, kept
 * within the bounds against rounding.
 */
export const truncatedNormal: Family = {
  name: 'truncated normal',
  sample: (key, [low, high], type) => {
    const [a, b] = [low, high].map((bound) => erf(mul(bound, Math.SQRT1_2)))
    const z = mul(erfInv(add(a, mul(sub(b, a), unit(key, type)))), Math.SQRT2)
    return clamp(z, low, high)
  },
}

/** The rate, one over the mean. */
export const exponential: Family = {
  name: 'exponential',
  sample: (key, [rate], type) => div(exponentialNoise(key, type), rate),
  logDensity: (x, [rate]) => sub(log(rate), mul(rate, x)),
}

/** Location and scale; the variance is 2b². */
export const laplace: Family = {
  name: 'laplace',
  sample: (key, [location, scale], type) => add(location, mul(scale, laplaceNoise(key, type))),
  logDensity: (x, parameters) => neg(add(abs(standard(x, parameters)), log(mul(parameters[1], 2)))),
}

/** Location and scale of the largest of many; the mean is μ + 0.5772 β. */
export const gumbel: Family = {
  name: 'gumbel',
  sample: (key, [location, scale], type) => add(location, mul(scale, gumbelNoise(key, type))),
  logDensity: (x, parameters) => {
    const z = standard(x, parameters)
    return neg(add(add(z, exp(neg(z))), log(parameters[1])))
  },
}

/** Location and scale; the variance is π²s²/3. */
export const logistic: Family = {
  name: 'logistic',
  sample: (key, [location, scale], type) => add(location, mul(scale, logisticNoise(key, type))),
  logDensity: (x, parameters) => {
    const z = standard(x, parameters)
    return neg(add(add(z, mul(softplus(neg(z)), 2)), log(parameters[1])))
  },
}
