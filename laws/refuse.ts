/**
 * Refuse: a custom derivative put to its laws where it is defined.
 *
 *   customJvp(f, rule)    →    the function, or an error with the law, the distance and the input
 *
 * The first derivatives alone, at a few points with a fixed seed, so that a definition costs
 * milliseconds and fails the same way each time. Where f has no finite values in [−2, 2], two
 * positive intervals are tried; where it has none there either, or costs more than 10⁸ operations,
 * nothing is said: `customRuleLaws` takes an interval and goes deep.
 */
import { dimNames, dimValue, fail, isFloat } from '../lib/data/index.js'
import { interpreters } from '../lib/interpret/index.js'
import { closureOf } from '../lib/lang/index.js'
import type { Func, Node } from '../lib/term/index.js'
import type { RuleOptions } from '../lib/types/custom.js'
import type { Interval } from './arbitraries.js'
import { pointLaws } from './derivative/laws.js'
import { functionLaws } from './derivative.js'
import { report } from './report.js'
import { alone, movingIn, rulesIn } from './rule.js'

const { values, linear, differences, adjoint, reverse } = pointLaws
const first = [linear, values, differences, adjoint, reverse]

const intervals: readonly Interval[] = [
  { low: -2, high: 2 },
  { low: 0.05, high: 0.95 },
  { low: 1.05, high: 3 },
]

/** The function given, if its rule is right. */
export function refuseWrong<F>(where: string, f: F, options: RuleOptions = {}): F {
  const { laws = true, low, high } = options
  if (!laws) return f
  const { func, name } = closureOf(f, where)
  const chosen = low === undefined && high === undefined ? intervals : [given(low, high)]
  for (const node of rulesIn(func)) refuse(`${where} of '${name}'`, node, chosen)
  return f
}

const given = (low = -2, high = 2): Interval => ({ low, high })

function refuse(where: string, node: Node, chosen: readonly Interval[]): void {
  const own = alone(node)
  const cost = costOf(own)
  if (cost > 1e8) return
  const active = movingIn(node, own)
  if (!active.includes(true) || !own.results.some((r) => isFloat(r.dtype))) return
  const run = { runs: cost > 1e6 ? 1 : 4, seed: 1 }
  for (const interval of chosen) {
    const laws = functionLaws(where, own, active, interval, first)
    const all = laws.map((law) => law.examine(run))
    const wrong = all.find(({ refutation: r }) => r !== undefined && r.counterexample !== '')
    if (wrong?.refutation !== undefined) {
      fail({
        code: 'law',
        what: report(wrong.refutation),
        fix: 'Mend the rule; if it means to differ from the derivative, write { laws: false } behind it',
      })
    }
    if (all.some(({ decided }) => decided > 0)) return
  }
}

/** Scalar operations at small sizes. */
function costOf(func: Func): number {
  const { flops } = interpreters.cost(func)
  const sizes = Object.fromEntries(dimNames(flops).map((name) => [name, 4]))
  return dimValue(flops, { ...sizes, steps: 20 })
}
