/**
 * Check: a user's function under the laws of derivatives and batches, at random inputs inside its
 * specification.
 *
 *   pullback check FILE#export [--samples N] [--seed N] [--low X] [--high X]
 *
 * One line an input, and one for all together; under it, each law that does not hold, with its
 * counterexample.
 */
import * as Console from 'effect/Console'
import * as Effect from 'effect/Effect'
import { attempt } from '../../backends/backend.js'
import { functionLaws } from '../../laws/derivative.js'
import { refutations } from '../../laws/law.js'
import { type Refutation, report } from '../../laws/report.js'
import { fail, isFloat, type PullbackError } from '../../lib/data/index.js'
import type { Closure } from '../../lib/lang/index.js'
import { exported } from '../exported.js'
import { ChecksFailed } from '../failure.js'

export interface CheckOptions {
  readonly address: string
  readonly samples: number
  readonly seed: number
  readonly low: number
  readonly high: number
}

export const check = (options: CheckOptions): Effect.Effect<void, PullbackError | ChecksFailed> =>
  Effect.gen(function* () {
    const closure = yield* exported(options.address)
    const { name, func } = closure
    const { low, high } = options
    const targets = yield* attempt(() => targetsOf(closure))
    const width = Math.max(...targets.map((t) => t.label.length))
    let failed = 0
    for (const { label, active } of targets) {
      const laws = functionLaws(`'${name}'`, func, active, { low, high })
      const run = { runs: options.samples, seed: options.seed }
      const found = yield* attempt(() =>
        decided(refutations(laws, run), laws.length, closure, options),
      )
      if (found.length > 0) failed++
      const count = found.length === 0 ? `${laws.length} laws hold` : `${found.length} broken`
      yield* Console.log(
        `${found.length === 0 ? 'ok  ' : 'FAIL'}  ${label.padEnd(width)}  ${count}`,
      )
      for (const each of found) {
        yield* Console.log(report(each).replace(/^/gm, '      '))
      }
    }
    yield* Console.log(
      `'${name}' at ${options.samples} samples, seed ${options.seed}: ` +
        `${targets.length - failed} passed, ${failed} failed`,
    )
    if (failed > 0) yield* Effect.fail(new ChecksFailed())
  })

interface Target {
  readonly label: string
  readonly active: readonly boolean[]
}

/** Each floating input by itself, then all of them. */
function targetsOf({ func, paths, name }: Closure): readonly Target[] {
  const floats = func.params.map((param) => isFloat(param.dtype))
  const each = paths.flatMap((label, i) =>
    floats[i] ? [{ label, active: floats.map((_, k) => k === i) }] : [],
  )
  if (each.length === 0 || !func.results.some((r) => isFloat(r.dtype))) {
    fail({
      code: 'derivative',
      where: `'${name}'`,
      what: each.length === 0 ? 'no input is floating' : 'no result is floating',
      expected: 'a function with something to differentiate',
    })
  }
  return each.length > 1 ? [...each, { label: 'together', active: floats }] : each
}

/** What is refuted; an error where no law could be put to the test at all. */
function decided(
  found: readonly Refutation[],
  laws: number,
  { name }: Closure,
  { samples, low, high }: CheckOptions,
): readonly Refutation[] {
  if (found.length < laws || found.some((f) => f.counterexample !== '')) return found
  return fail({
    code: 'input',
    where: `'${name}'`,
    what: `its values are not finite at any of ${samples} samples`,
    expected: `inputs in its domain, drawn from [${low}, ${high}]`,
    fix: 'Choose the range with --low and --high',
  })
}
