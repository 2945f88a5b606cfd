/**
 * Random: samples as requests, each with the estimator that carries its derivative.
 *
 *   const z = yield* Random.normal(mu, sd)                         pathwise
 *   const b = yield* Random.bernoulli(p, { by: 'enumeration' })    exact, for finite supports
 *
 * `sampled(key, …)` answers them by sampling; `expectation(key, …)` by samples whose estimators
 * make the derivative of the expected value unbiased.
 */
import { type Dim, fail } from '../../lib/data/index.js'
import { signed } from '../../lib/lang/face.js'
import { describe, need } from '../../lib/lang/index.js'
import { flag, listOf, oneOf, size } from '../../lib/lang/options.js'
import { flatMap, request } from '../../lib/lang/program.js'
import { broadcastTo } from '../../lib/ops/index.js'
import { isTerm, type Term } from '../../lib/term/index.js'
import { choice, distinctChoice, multivariateNormal, permutation } from './arrangement.js'
import * as continuous from './continuous.js'
import * as discrete from './discrete.js'
import { type Drawing, draw, drawn, drawOptions, floats, type Options } from './draw.js'
import type { Family } from './family.js'
import * as gammas from './gamma.js'
import { orthogonal } from './orthogonal.js'
import * as relaxed from './relaxed.js'
import type { RandomVocabulary } from './vocabulary.js'

const smooth: Drawing = { estimators: ['pathwise', 'score'] }
const pathOnly: Drawing = { estimators: ['pathwise'] }
const finite: Drawing = { estimators: ['score', 'enumeration'] }

/** The distributions, each a request for a sample. */
export const Random = signed<RandomVocabulary>({
  normal: two(continuous.normal, { estimators: ['pathwise', 'score', 'measure'] }),
  uniform: two(continuous.uniform, pathOnly),
  truncatedNormal: two(continuous.truncatedNormal, pathOnly),
  exponential: one(continuous.exponential, smooth),
  laplace: two(continuous.laplace, smooth),
  gumbel: two(continuous.gumbel, smooth),
  logistic: two(continuous.logistic, smooth),
  gamma: two(gammas.gamma, smooth),
  beta: two(gammas.beta, smooth),
  dirichlet: one(gammas.dirichlet, smooth),
  studentT: one(gammas.studentT, smooth),
  multivariateNormal: multivariate,
  orthogonal: orthogonally,
  bernoulli: one(discrete.bernoulli, { ...finite, dtype: 'bool' }),
  categorical,
  binomial,
  poisson: one(discrete.poisson, { estimators: ['score', 'measure'] }),
  permutation: (x: Term) => drawn(permutation, [x], x, {}, pathOnly),
  choice: chosen,
  gumbelSoftmax: biasedly(relaxed.gumbelSoftmax),
  straightThroughCategorical: biasedly(relaxed.straightThroughCategorical),
})

function one(family: Family, drawing: Drawing) {
  return (a: unknown, options?: Options) => draw(family, [a], options, drawing)
}

function two(family: Family, drawing: Drawing) {
  return (a: unknown, b: unknown, options?: Options) => draw(family, [a, b], options, drawing)
}

function categorical(logits: unknown, options: Options = {}) {
  need('categorical', 1, drawOptions, options)
  const [x] = needAxis('categorical', floats(discrete.categorical, [logits]))
  const shape = options.shape ?? x.shape.slice(0, -1)
  const stretched = broadcastTo(x, [...shape, x.shape[x.shape.length - 1]])
  return drawn(discrete.categorical, [stretched], { dtype: 'i32', shape }, options, finite)
}

function binomial(count: unknown, p: unknown, options?: Options) {
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) {
    return draw(discrete.binomial(count), [p], options, finite)
  }
  return fail({
    code: 'input',
    where: 'binomial',
    what: 'the count is no whole number from 0',
    expected: 'a number: binomial(10, p)',
  })
}

function multivariate(mean: unknown, factor: unknown, options: Options = {}) {
  need('multivariateNormal', 2, drawOptions, options)
  const [mu, root] = needAxis('multivariateNormal', floats(multivariateNormal, [mean, factor]))
  const shape = options.shape ?? mu.shape
  const type = { dtype: mu.dtype, shape }
  return drawn(multivariateNormal, [broadcastTo(mu, shape), root], type, options, pathOnly)
}

function orthogonally(n: Dim, options: { shape?: readonly Dim[]; dtype?: 'f32' | 'f64' } = {}) {
  need('orthogonal', 1, { shape: listOf(size), dtype: oneOf('f32', 'f64') }, options)
  const type = { dtype: options.dtype ?? 'f32', shape: [...(options.shape ?? []), n, n] }
  return drawn(orthogonal, [], type, {}, pathOnly)
}

function chosen(x: Term, options: { shape?: readonly Dim[]; distinct?: boolean } = {}) {
  need('choice', 1, { shape: listOf(size), distinct: flag }, options)
  needAxis('choice', [x])
  const shape = [...(options.shape ?? []), ...x.shape.slice(1)]
  const family = options.distinct === true ? distinctChoice : choice
  return drawn(family, [x], { dtype: x.dtype, shape }, {}, pathOnly)
}

function biasedly(family: Family) {
  return (logits: unknown, temperature: unknown) => {
    const parameters = needAxis(family.name, floats(family, [logits, temperature]))
    return flatMap(request<void, 'Biased'>('Biased', family.name), () =>
      drawn(family, parameters, parameters[0], {}, pathOnly),
    )
  }
}

function needAxis(where: string, parameters: readonly Term[]): readonly Term[] {
  const [first] = parameters
  if (isTerm(first) && first.shape.length > 0) return parameters
  const what = isTerm(first) ? 'a scalar' : describe(first)
  return fail({ code: 'shape', where, what, expected: 'a tensor with an axis' })
}
