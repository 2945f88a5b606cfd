/**
 * Dependence: derivatives that are zero whatever the inputs are, refused with the reason.
 *
 *   sum(w)               ✗ the result does not depend on 'x'
 *   sum(floor(x))        ✗ the gradient in 'x' is zero everywhere: … only through floor
 *
 * The types say the same for callers that have types. Jumps are theirs alone to refuse: a program
 * that is a derivative already has steps where its values have kinks.
 */
import { fail, isFloat } from '../data/index.js'
import type { MaybeTerm, Term } from '../term/index.js'
import type { Closure } from './closure.js'
import { flag, type Options } from './options.js'
import type { Wrt } from './wrt.js'

/** How strict a caller wants derivatives to be. */
export interface GradOptions {
  /** Zero derivatives are accepted, and so are jumps (those the types speak of). */
  readonly almostEverywhere?: boolean
}

export const gradOptions: Options<GradOptions> = { almostEverywhere: flag }

/** Fails where a derivative came out as zero: that is nearly always a mistake. */
export function needDependence(
  closure: Closure,
  wrt: Wrt,
  derivatives: readonly MaybeTerm[],
  where: string,
  options: GradOptions,
): void {
  derivatives.forEach((derivative, i) => {
    if (derivative === null) refuse(wrt.paths[i], cutsFrom(closure, wrt.paths[i]), where, options)
  })
}

/** Fails where every path from an input to the results is cut. */
export function needReach(closure: Closure, wrt: Wrt, where: string, options: GradOptions): void {
  for (const path of wrt.paths) {
    const cuts = cutsFrom(closure, path)
    if (cuts?.length !== 0) refuse(path, cuts, where, options)
  }
}

function refuse(
  path: string,
  cuts: readonly string[] | undefined,
  where: string,
  { almostEverywhere }: GradOptions,
): void {
  if (almostEverywhere === true) return
  if (cuts === undefined) {
    fail({
      code: 'derivative',
      where,
      what: `the result does not depend on '${path}'`,
      fix: `Leave '${path}' out`,
    })
  }
  const through = cuts.length === 0 ? '' : `: it reaches the result only through ${cuts.join(', ')}`
  fail({
    code: 'derivative',
    where,
    what: `the gradient in '${path}' is zero everywhere${through}`,
    fix: 'Use straightThrough, a soft relaxation or a score estimator, or accept zeros with { almostEverywhere: true }',
  })
}

/**
 * The ops that cut the paths from an input to the results: none where one path carries, undefined
 * where there is no path.
 */
function cutsFrom({ func, paths }: Closure, path: string): readonly string[] | undefined {
  const start = func.params[paths.indexOf(path)]
  const whole: ReadonlySet<string> = new Set()
  // For each term that the input reaches: the ops that cut it on the way; none while it carries.
  const reach = new Map<Term, ReadonlySet<string>>([[start, whole]])
  for (const { op, args, outs } of func.nodes) {
    const arriving = args.flatMap((a) => reach.get(a) ?? [])
    if (arriving.length === 0) continue
    const carried = arriving.some((cuts) => cuts.size === 0)
    const before = carried ? [] : arriving.flatMap((cuts) => [...cuts])
    for (const out of outs) {
      const stops = carried && (op.jvp === 'zero' || !isFloat(out.dtype))
      reach.set(out, new Set(stops ? [op.name] : before))
    }
  }
  const results = func.results.flatMap((r) => reach.get(r) ?? [])
  if (results.length === 0) return undefined
  if (results.some((cuts) => cuts.size === 0)) return []
  return [...new Set(results.flatMap((cuts) => [...cuts]))]
}
