/**
 * Expectation: a random program whose derivative is that of its expected value, without bias.
 *
 *   expectation(key, program)                                     one sample
 *   expectation(key, program, { samples: 64, baseline: 'leave-one-out' })
 *
 * Each sample passes the derivative by its own estimator; c is the value of the rest:
 *   pathwise      c, through the sample
 *   score         (c − b)·exp(log p − [log p]) + b, with [·] held constant
 *   enumeration   Σ p·c over the support
 *   measure       c + Σ (θ − [θ])·[factor·(c(plus) − c(minus))]
 * Control flow is in nested.ts. Sources: Foerster et al., "DiCE" (2018), by which scores are right
 * to every order; Lew et al., "ADEV: sound automatic differentiation of expected values" (2023).
 */
import { fail, isFloat } from '../../lib/data/index.js'
import { tensorOf } from '../../lib/lang/face.js'
import { describe, need } from '../../lib/lang/index.js'
import { type Options, oneOf, whole } from '../../lib/lang/options.js'
import { flatMap, later, pure, step } from '../../lib/lang/program.js'
import { scopeAt, settle, UnhandledEffect } from '../../lib/lang/scope.js'
import { mapRows } from '../../lib/lang/vmap.js'
import { add, div, mean, mul, randomSplit, stopGradient, sub, sum } from '../../lib/ops/index.js'
import { captureSource, isTerm, showType, type Term } from '../../lib/term/index.js'
import type { First } from '../../lib/types/elementwise.js'
import type { Program } from '../../lib/types/program.js'
import type { Checked, DTypeOf, GradeOf, Tensor } from '../../lib/types/tensor.js'
import type { EffectFault, ScalarFault } from '../../lib/types/verdict.js'
import { type Draw, densityOf, failUnknown, sampleOf } from './draw.js'
import type { Measure } from './family.js'
import { type KeyFault, keyOf, useKey } from './key.js'
import { throughScope, unitOf } from './nested.js'
import { constantly } from './sampled.js'
import { splitKey } from './split.js'
import type { Expected } from './types.js'

export interface ExpectationOptions {
  /** The mean of so many independent runs; one without it. */
  readonly samples?: number
  /** From each run's value the scores subtract the mean of the others. */
  readonly baseline?: 'leave-one-out'
}

const expectationOptions: Options<ExpectationOptions> = {
  samples: whole(1),
  baseline: oneOf('leave-one-out'),
}

/** The value of a program, sampled, with an unbiased derivative of its expected value. */
export function expectation<K extends Tensor, P extends Program<unknown, string>>(
  key: Checked<KeyFault<K>, K>,
  program: Checked<ExpectationFault<P>, P>,
  options: ExpectationOptions = {},
): ExpectedValue<P> {
  need('expectation', 2, expectationOptions, options)
  const term = keyOf('expectation', key)
  useKey(term, { user: {}, source: captureSource() })
  // A program that the check refuses does not get here from typed callers; `estimate` asks again.
  const run = program as Program<unknown, string>
  // What it gives is a scalar of the program's dtype (`needScalar`); its grade is of the type
  // alone.
  return tensorOf(expected(term, run, options))
}

type ValueOf<P> = P extends Program<infer A, string> ? A : never

/** A scalar: the sample's value, with the grade of its expected value. */
export type ExpectedValue<P> = Tensor<[], DTypeOf<ValueOf<P>>, Expected<GradeOf<ValueOf<P>>>>

type ExpectationFault<P> =
  P extends Program<infer A, infer E>
    ? First<
        [Exclude<E, 'Random'>] extends [never]
          ? never
          : EffectFault<'expectation', Program<A, Exclude<E, 'Random'>>>,
        ScalarFault<'expectation', A>
      >
    : never

function expected(key: Term, program: Program<unknown, string>, options: ExpectationOptions): Term {
  const { samples, baseline } = options
  const estimated = (k: Term, shift: Term | number) =>
    settle(estimate(program, k, shift), 'expectation')
  if (samples === undefined && baseline === undefined) return estimated(key, 0)
  const count = samples ?? 0
  const least = baseline === undefined ? 1 : 2
  if (!Number.isInteger(count) || count < least) {
    return fail({
      code: 'attribute',
      where: 'expectation',
      what: `${samples ?? 'no'} samples`,
      expected: `a whole number from ${least}`,
    })
  }
  const keys = randomSplit(key, count)
  const runs = (shifts: readonly Term[]) =>
    mapRows('run', [keys, ...shifts], ([k, shift = 0]) => [add(estimated(k, shift), shift)])[0]
  if (baseline === undefined) return mean(runs([]))
  const costs = stopGradient(runs([]))
  return mean(runs([div(sub(sum(costs), costs), count - 1)]))
}

/** The value less a shift, with the estimators of all samples. */
function estimate(
  program: Program<unknown, string>,
  key: Term,
  shift: Term | number,
): Program<Term, string> {
  return later(() => {
    const at = step(program)
    if (at.tag === 'done') return pure(sub(needScalar(at.value), shift))
    const [next, own] = splitKey(key, 2)
    const scope = scopeAt(at)
    if (scope !== null) {
      return throughScope(scope, own, {
        after: (outcome) => estimate(at.resume(outcome), next, shift),
        within: (inside) => estimate(flatMap(inside, at.resume), next, shift),
      })
    }
    if (at.effect !== 'Random') throw new UnhandledEffect(at.effect, 'expectation')
    const rest = (x: Term) => estimate(at.resume(x), next, shift)
    return passed(at.payload as Draw, own, rest) // requests of Random are made by `drawn` alone
  })
}

type Rest = (sample: Term) => Program<Term, string>

function passed(draw: Draw, key: Term, rest: Rest): Program<Term, string> {
  switch (draw.by) {
    case 'pathwise':
      return rest(sampleOf(key, draw))
    case 'score':
      return scored(draw, key, rest)
    case 'enumeration':
      return enumerated(draw, rest)
    case 'measure':
      return measured(draw, key, rest)
  }
}

function scored(draw: Draw, key: Term, rest: Rest): Program<Term, string> {
  const { baseline } = draw
  const x = constantly(sampleOf(key, draw))
  const one = unitOf(densityOf(draw, x))
  return flatMap(rest(x), (c) => pure(add(mul(sub(c, baseline), one), baseline)))
}

function enumerated(draw: Draw, rest: Rest): Program<Term, string> {
  const support = draw.family.support?.(draw.parameters, draw.type) ?? failUnknown(draw)
  return support.reduce<Program<Term | null, string>>(
    (total, { value, probability }) =>
      flatMap(total, (before) =>
        flatMap(rest(value), (c) => {
          const part = mul(probability, c)
          return pure(before === null ? part : add(before, part))
        }),
      ),
    pure(null),
  ) as Program<Term, string> // a support has at least one value
}

function measured(draw: Draw, key: Term, rest: Rest): Program<Term, string> {
  const { family, parameters } = draw
  const [sampleKey, measureKey] = splitKey(key, 2)
  const x = constantly(sampleOf(sampleKey, draw))
  const measures = family.measures?.(measureKey, x, parameters) ?? failUnknown(draw)
  return flatMap(rest(x), (c) => {
    const at = (y: Term) => (y === x ? pure(c) : rest(constantly(y)))
    const withMeasure = (total: Program<Term, string>, m: Measure) =>
      flatMap(total, (before) =>
        flatMap(at(m.plus), (plus) =>
          flatMap(at(m.minus), (minus) => {
            const slope = stopGradient(mul(m.factor, sub(plus, minus)))
            const theta = parameters[m.parameter]
            return pure(add(before, mul(sub(theta, stopGradient(theta)), slope)))
          }),
        ),
      )
    return measures.reduce(withMeasure, pure(c))
  })
}

function needScalar(value: unknown): Term {
  if (isTerm(value) && value.shape.length === 0 && isFloat(value.dtype)) return value
  return fail({
    code: 'shape',
    where: 'expectation',
    what: `the value is ${isTerm(value) ? showType(value) : describe(value)}`,
    expected: 'a floating scalar',
  })
}
