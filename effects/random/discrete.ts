/**
 * Discrete families: a sample is cut from its parameters, and a derivative needs an estimator.
 *
 *   bernoulli   u < p                     bool
 *   categorical argmax(logits + gumbel)   i32
 *   poisson, binomial                     whole numbers in the dtype of the parameters
 */
import { fail } from '../../lib/data/index.js'
import {
  abs,
  add,
  and,
  argmax,
  convert,
  div,
  exp,
  floor,
  forLoop,
  full,
  ge,
  gt,
  le,
  log,
  log1p,
  logSoftmax,
  lt,
  mul,
  neg,
  not,
  or,
  randomFoldIn,
  reshape,
  scalar,
  slice,
  softmax,
  sqrt,
  stopGradient,
  sub,
  takeAlongAxis,
  where,
  whileLoop,
  xlogy,
  zeros,
} from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import type { Family } from './family.js'
import { exponentialNoise, gumbelNoise, logFactorial, open, someLeft, unit } from './noise.js'
import { splitKey } from './split.js'

/** True with the given probability. */
export const bernoulli: Family = {
  name: 'bernoulli',
  sample: (key, [p], { shape }) => lt(unit(key, { dtype: p.dtype, shape }), p),
  logDensity: (x, [p]) => where(x, log(p), log1p(neg(p))),
  support: ([p]) => [
    { value: scalar(0, 'bool'), probability: sub(1, p) },
    { value: scalar(1, 'bool'), probability: p },
  ],
}

/** An index, with probabilities softmax(logits) along the last axis. */
export const categorical: Family = {
  name: 'categorical',
  sample: (key, [logits]) => argmax(add(logits, gumbelNoise(key, logits)), -1),
  logDensity: (x, [logits]) => {
    const column = reshape(x, [...x.shape, 1])
    return takeAlongAxis(logSoftmax(logits, -1), column, x.shape.length)
  },
  support: ([logits]) => {
    const [count] = logits.shape
    if (typeof count !== 'number') return unknownCount('categorical', String(count))
    const probabilities = softmax(logits, -1)
    return Array.from({ length: count }, (_, i) => ({
      value: scalar(i, 'i32'),
      probability: reshape(slice(probabilities, [i], [i + 1]), []),
    }))
  },
}

/** Successes in `count` trials; one uniform a trial. */
export const binomial = (count: number): Family => ({
  name: 'binomial',
  sample: (key, [p], type) => {
    const trial = (i: Term, [successes]: readonly Term[]) => [
      add(successes, convert(lt(unit(randomFoldIn(key, i), type), stopGradient(p)), type.dtype)),
    ]
    return forLoop(count, trial, [zeros(type)])[0]
  },
  logDensity: (x, [p]) => logBinomial(count, x, p),
  support: ([p], type) =>
    Array.from({ length: count + 1 }, (_, k) => {
      const value = scalar(k, type.dtype)
      return { value, probability: exp(logBinomial(count, value, p)) }
    }),
})

function logBinomial(count: number, k: Term, p: Term): Term {
  const rest = sub(count, k)
  const ways = sub(logFactorial(full(count, k)), add(logFactorial(k), logFactorial(rest)))
  return add(ways, add(xlogy(k, p), xlogy(rest, sub(1, p))))
}

/** Events in a unit of time, at a rate. */
export const poisson: Family = {
  name: 'poisson',
  sample: (key, [rate], type) => {
    const lambda = stopGradient(rate)
    const [smallKey, largeKey] = splitKey(key, 2)
    const small = and(ge(lambda, 0), lt(lambda, 10))
    const large = and(ge(lambda, 10), lt(lambda, Infinity))
    const few = counted(smallKey, where(small, lambda, 0))
    const many = rejected(largeKey, where(large, lambda, 10), large)
    return where(small, few, where(large, many, full(Number.NaN, type)))
  },
  logDensity: (x, [rate]) => sub(xlogy(x, rate), add(rate, logFactorial(x))),
  /** d/dλ E f(N) = E f(N + 1) − E f(N). */
  measures: (_, x) => [{ parameter: 0, factor: full(1, x), plus: add(x, 1), minus: x }],
}

/** Arrivals before time λ, their gaps exponential. */
function counted(key: Term, lambda: Term): Term {
  const round = ([i, time, arrivals]: readonly Term[]): readonly Term[] => {
    const next = add(time, exponentialNoise(randomFoldIn(key, i), lambda))
    return [add(i, 1), next, where(lt(next, lambda), add(arrivals, 1), arrivals)]
  }
  const start = [scalar(0, 'i32'), zeros(lambda), zeros(lambda)]
  return whileLoop(([, time]) => someLeft(ge(time, lambda)), round, start)[2]
}

/**
 * Transformed rejection with squeeze, for λ ≥ 10.
 * Source: Hörmann, "The transformed rejection method for generating Poisson random variables"
 * (1993), algorithm PTRS.
 */
function rejected(key: Term, lambda: Term, wanted: Term): Term {
  const b = add(mul(sqrt(lambda), 2.53), 0.931)
  const a = add(mul(b, 0.02483), -0.059)
  const inverse = add(div(1.1328, sub(b, 3.4)), 1.1239)
  const squeeze = sub(0.9277, div(3.6224, sub(b, 2)))
  const round = ([i, done, counts]: readonly Term[]): readonly Term[] => {
    const [firstKey, secondKey] = splitKey(randomFoldIn(key, i), 2)
    const u = sub(open(firstKey, lambda), 0.5)
    const v = open(secondKey, lambda)
    const us = sub(0.5, abs(u))
    const k = floor(add(add(mul(add(div(mul(a, 2), us), b), u), lambda), 0.43))
    const quick = and(ge(us, 0.07), le(v, squeeze))
    const outside = or(lt(k, 0), and(lt(us, 0.013), gt(v, us)))
    const bound = sub(sub(mul(k, log(lambda)), lambda), logFactorial(k))
    const ratio = log(div(mul(v, inverse), add(div(a, mul(us, us)), b)))
    const accept = or(quick, and(not(outside), le(ratio, bound)))
    return [add(i, 1), or(done, accept), where(and(accept, not(done)), k, counts)]
  }
  const start = [scalar(0, 'i32'), not(wanted), zeros(lambda)]
  return whileLoop(([, done]) => someLeft(done), round, start)[2]
}

function unknownCount(family: string, count: string): never {
  return fail({
    code: 'effect',
    where: family,
    what: `a support of ${count} values cannot be enumerated`,
    expected: 'a number of values that is known',
  })
}
