/**
 * Check: the derivatives of a user's function, at random inputs inside its specification.
 *
 *   pullback check FILE#export [--samples N] [--seed N] [--low X] [--high X]
 *
 * One line an input, and one for all together, with the largest error of each law (measure.ts).
 */
import * as Console from 'effect/Console'
import * as Effect from 'effect/Effect'
import { attempt } from '../../backends/backend.js'
import { fail, isFloat, PullbackError } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import type { Closure } from '../../lib/lang/index.js'
import { type Draw, drawFrom } from '../draw.js'
import { exported } from '../exported.js'
import { ChecksFailed } from '../failure.js'
import { type Measured, measure, type Point } from './measure.js'
import { drawArguments, drawSizes, type Range } from './sample.js'
import { widen } from './widen.js'

export interface CheckOptions extends Range {
  readonly address: string
  readonly samples: number
  readonly seed: number
}

export const check = (options: CheckOptions): Effect.Effect<void, PullbackError | ChecksFailed> =>
  Effect.gen(function* () {
    const closure = yield* exported(options.address)
    const draw = drawFrom(options.seed)
    const points = yield* attempt(() => drawPoints(closure, options, draw))
    const targets = targetsOf(closure)
    const outcomes = targets.map((target) => ({ ...target, ...judge(points, target, draw) }))
    const width = Math.max(...targets.map((t) => t.label.length))
    for (const { label, passed, words } of outcomes) {
      yield* Console.log(`${passed ? 'ok  ' : 'FAIL'}  ${label.padEnd(width)}  ${words}`)
    }
    const failed = outcomes.filter((o) => !o.passed).length
    yield* Console.log(
      `'${closure.name}' at ${points.length} samples, seed ${options.seed}: ` +
        `${outcomes.length - failed} passed, ${failed} failed`,
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

/** Points with finite values; an error where the range has none. */
function drawPoints(closure: Closure, options: CheckOptions, draw: Draw): readonly Point[] {
  const func = widen(closure.func)
  const points = Array.from({ length: options.samples }, (): Point => {
    const sizes = drawSizes(func, draw)
    return { func, sizes, args: drawArguments(func, sizes, options, draw) }
  })
  const finite = points.filter(({ args, sizes }) =>
    interpreters.evaluate(func, args, sizes).every((r) => r.data.every(Number.isFinite)),
  )
  if (finite.length > 0) return finite
  return fail({
    code: 'input',
    where: `'${closure.name}'`,
    what: `its values are not finite at any of ${options.samples} samples`,
    expected: `inputs in its domain, drawn from [${options.low}, ${options.high}]`,
    fix: 'Choose the range with --low and --high',
  })
}

function judge(points: readonly Point[], { active }: Target, draw: Draw) {
  try {
    const all = points.flatMap((point) => measure(point, active, draw))
    const laws = (['forward', 'adjoint', 'second'] as const).map((law) =>
      worst(all.filter((m) => m.law === law)),
    )
    return { passed: laws.every(holds), words: laws.map(inWords).join('   ') }
  } catch (error) {
    if (!(error instanceof PullbackError)) throw error
    return { passed: false, words: error.message }
  }
}

/** Not a number is no agreement. */
const holds = ({ error, allowed }: Measured): boolean => error <= allowed

/** The one that fails by most, or is nearest to it. */
const worst = (list: readonly Measured[]): Measured =>
  list.reduce((a, b) => (excess(b) > excess(a) ? b : a))

const excess = ({ error, allowed }: Measured): number =>
  Number.isNaN(error) ? Infinity : error / allowed

const inWords = (m: Measured): string =>
  `${m.law} ${m.error.toExponential(1)}${holds(m) ? '' : ` (allowed ${m.allowed.toExponential(1)})`}`
