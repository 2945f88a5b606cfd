/**
 * The kit for functions: whatever a user differentiates.
 *
 *   for (const law of derivativeLaws(f)) test(law.name, () => hold(law))
 *
 * Floats are widened to f64, so that rounding does not hide what is wrong; named sizes and inputs
 * are drawn. Points where a value is not finite decide nothing: choose the interval to be inside
 * the function's domain.
 */
import fc from 'fast-check'
import { fail, isFloat } from '../lib/data/index.js'
import { closedOf, need } from '../lib/lang/index.js'
import { listOf, type Options, text } from '../lib/lang/options.js'
import type { Func } from '../lib/term/index.js'
import { argumentsOf, type Interval, intervalOptions, needInterval } from './arbitraries.js'
import { isMarked } from './derivative/continuous.js'
import { continuityLaw, type PointLaw, pointLaws } from './derivative/laws.js'
import { type Point, pointOf, valuesAt } from './derivative/point.js'
import { type Law, law } from './law.js'
import { widen } from './widen.js'

export interface DerivativeOptions extends Interval {
  /** Paths of the inputs to differentiate in: `x`, `params.w`. Default: all that are floating. */
  readonly wrt?: readonly string[]
}

const derivativeOptions: Options<DerivativeOptions> = { ...intervalOptions, wrt: listOf(text) }

/** The laws of derivatives and batches of a function made by `fn`. */
export function derivativeLaws(f: unknown, options: DerivativeOptions = {}): readonly Law[] {
  const { func, paths, name } = closedOf(f, 'derivativeLaws')
  need('derivativeLaws', 1, derivativeOptions, options)
  const { wrt = paths, ...interval } = options
  needInterval('derivativeLaws', 1, interval)
  const strange = wrt.find((path) => !paths.includes(path))
  const active = func.params.map((p, i) => isFloat(p.dtype) && wrt.includes(paths[i]))
  const moving = active.includes(true)
  if (strange !== undefined || !moving || !func.results.some((r) => isFloat(r.dtype))) {
    const missing = moving ? 'no result is floating' : 'no input is floating'
    fail({
      code: 'derivative',
      where: `'${name}'`,
      what: strange === undefined ? missing : `there is no input '${strange}'`,
      expected: 'a function with something to differentiate',
    })
  }
  return functionLaws(`'${name}'`, func, active, interval)
}

/** The same of a closed function; `where` names it. */
export function functionLaws(
  where: string,
  func: Func,
  active: readonly boolean[],
  interval: Interval,
  chosen: readonly PointLaw[] = [
    ...Object.values(pointLaws),
    ...(isMarked(func) ? [continuityLaw] : []),
  ],
): readonly Law[] {
  const points = pointsOf(func, active, interval)
  return chosen.map(({ name, source, check }) =>
    law(`${where}: ${name}`, source, points, (p) => (hasValues(p) ? check(p) : undefined)),
  )
}

/** Points of a function, with its floats widened. */
export function pointsOf(
  func: Func,
  active: readonly boolean[],
  interval: Interval,
): fc.Arbitrary<Point> {
  const wide = widen(func)
  return fc
    .tuple(argumentsOf(wide, interval), fc.nat())
    .map(([{ args, sizes }, seed]) => pointOf(wide, args, { sizes, active, seed }))
}

const hasValues = (p: Point): boolean => valuesAt(p).every((y) => y.data.every(Number.isFinite))
