/**
 * The gamma distribution and what is made of it, with derivatives in the shape parameters.
 *
 *   log g(α)  =  log g(α + 1) + log(u) / α        g(α ≥ 1) by Marsaglia and Tsang's rejection
 *   beta      =  sigmoid(log g(a) − log g(b))     dirichlet = softmax(log g(α))
 *   student-t =  n·√(ν/2 / g(ν/2))
 *
 * A rejection has no derivative as it runs. The derivative is implicit, −∂F(z; α)/∂α over the
 * density; `slope` computes it. Logarithms keep samples of small α from vanishing.
 * Sources: Marsaglia, Tsang, "A simple method for generating gamma variables" (2000); Figurnov,
 * Mohamed, Mnih, "Implicit reparameterization gradients" (2018).
 */
import { arrayFrom } from '../../lib/data/index.js'
import {
  abs,
  add,
  and,
  constant,
  customJvp,
  digamma,
  div,
  exp,
  expm1,
  full,
  ge,
  gt,
  lgamma,
  log,
  log1p,
  lt,
  mul,
  neg,
  not,
  or,
  randomFoldIn,
  reciprocal,
  reshape,
  scalar,
  sigmoid,
  softmax,
  sqrt,
  stopGradient,
  sub,
  sum,
  where,
  whileLoop,
  zeros,
} from '../../lib/ops/index.js'
import type { TensorType, Term } from '../../lib/term/index.js'
import type { Family } from './family.js'
import { gauss, open, someLeft } from './noise.js'
import { splitKey } from './split.js'

/** log g(α) for every element of α > 0, with its derivative in α. */
export function logGamma(key: Term, alpha: Term): Term {
  const [acceptKey, boostKey] = splitKey(key, 2)
  const boost = div(log(open(boostKey, alpha)), alpha)
  return add(log(atLeastOne(acceptKey, add(alpha, 1))), boost)
}

/** A gamma sample for α ≥ 1. */
function atLeastOne(key: Term, alpha: Term): Term {
  return customJvp(
    ([a, k]) => [accepted(k, a)],
    ([a], [da], [z]) => [mul(slope(a, z), da)],
    [alpha, key],
  )[0]
}

/**
 * Rounds of proposals d·(1 + c·n)³, d = α − 1/3, until every element has accepted one. NaN where α
 * is below 1 or not finite.
 */
function accepted(key: Term, alpha: Term): Term {
  const d = sub(alpha, 1 / 3)
  const c = reciprocal(sqrt(mul(d, 9)))
  const proper = and(ge(alpha, 1), lt(alpha, Infinity))
  const round = ([i, done, z]: readonly Term[]): readonly Term[] => {
    const [normalKey, uniformKey] = splitKey(randomFoldIn(key, i), 2)
    const n = gauss(normalKey, alpha)
    const root = add(mul(c, n), 1)
    const v = mul(root, mul(root, root))
    const positive = gt(v, 0)
    const safe = where(positive, v, 1)
    const bound = add(mul(mul(n, n), 0.5), mul(d, add(sub(1, safe), log(safe))))
    const accept = and(positive, lt(log(open(uniformKey, alpha)), bound))
    const chosen = where(and(accept, not(done)), mul(d, safe), z)
    return [add(i, 1), or(done, accept), chosen]
  }
  const start = [scalar(0, 'i32'), not(proper), where(proper, zeros(alpha), Number.NaN)]
  return whileLoop(([, done]) => someLeft(done), round, start)[2]
}

/**
 * ∂z/∂α = z·∫₀^∞ exp(α·w − z·(eʷ − 1))·(|log z − ψ(α)| + v) dv with w = ±v, the side of z to
 * integrate chosen so that nothing cancels: below z where log z < ψ(α), else above. By the
 * double-exponential rule v = h·exp(u − e⁻ᵘ), whose nodes are a new last axis.
 */
export function slope(alpha: Term, z: Term): Term {
  const column = (x: Term) => reshape(x, [...x.shape, 1])
  const offset = sub(log(z), digamma(alpha))
  const side = where(lt(offset, 0), full(-1, z), 1)
  const width = stopGradient(reciprocal(add(abs(sub(z, alpha)), sqrt(z))))
  const v = mul(column(width), list(nodes, z))
  const w = mul(column(side), v)
  const exponent = sub(mul(column(alpha), w), mul(column(z), expm1(w)))
  const integrand = mul(exp(exponent), add(column(abs(offset)), v))
  return mul(mul(z, width), sum(mul(integrand, list(weights, z)), { axes: [z.shape.length] }))
}

// At this step the rule is within 10⁻¹¹ of the integral for all α ≥ 1.
const step = 0.08
const places = Array.from({ length: 95 }, (_, i) => -3.5 + step * i)
const nodes = places.map((u) => Math.exp(u - Math.exp(-u)))
const weights = places.map((u, i) => step * nodes[i] * (1 + Math.exp(-u)))

const list = (values: readonly number[], { dtype }: TensorType): Term =>
  constant(arrayFrom(dtype, [values.length], values))

const logBeta = (a: Term, b: Term): Term => sub(add(lgamma(a), lgamma(b)), lgamma(add(a, b)))

/** Shape and rate; the mean is α/β. */
export const gamma: Family = {
  name: 'gamma',
  sample: (key, [shape, rate]) => div(exp(logGamma(key, shape)), rate),
  logDensity: (x, [a, rate]) =>
    sub(add(mul(a, log(rate)), mul(sub(a, 1), log(x))), add(mul(rate, x), lgamma(a))),
}

/** Two shapes; the mean is a/(a + b). */
export const beta: Family = {
  name: 'beta',
  sample: (key, [a, b]) => {
    const [first, second] = splitKey(key, 2)
    return sigmoid(sub(logGamma(first, a), logGamma(second, b)))
  },
  logDensity: (x, [a, b]) =>
    sub(add(mul(sub(a, 1), log(x)), mul(sub(b, 1), log1p(neg(x)))), logBeta(a, b)),
}

/** Concentrations along the last axis, where a sample sums to 1. */
export const dirichlet: Family = {
  name: 'dirichlet',
  sample: (key, [alpha]) => softmax(logGamma(key, alpha), -1),
  logDensity: (x, [alpha]) => {
    const last = { axes: [x.shape.length - 1] }
    const kernel = sum(mul(sub(alpha, 1), log(x)), last)
    return add(kernel, sub(lgamma(sum(alpha, last)), sum(lgamma(alpha), last)))
  },
}

/** Degrees of freedom; symmetric around 0. */
export const studentT: Family = {
  name: 'student-t',
  sample: (key, [freedom], type) => {
    const [normalKey, gammaKey] = splitKey(key, 2)
    const half = mul(freedom, 0.5)
    const spread = exp(mul(sub(log(half), logGamma(gammaKey, half)), 0.5))
    return mul(gauss(normalKey, type), spread)
  },
  logDensity: (x, [freedom]) => {
    const more = mul(add(freedom, 1), 0.5)
    const scale = mul(log(mul(freedom, Math.PI)), 0.5)
    const constantPart = sub(sub(lgamma(more), lgamma(mul(freedom, 0.5))), scale)
    return sub(constantPart, mul(more, log1p(div(mul(x, x), freedom))))
  },
}
