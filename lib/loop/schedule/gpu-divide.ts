/**
 * Few long rows: each is divided among workgroups, one loop of the row after another.
 *
 *   for i { m = max x[i, j]; s = Σ exp(x[i, j] − m); y[i, j] = exp(x[i, j] − m) / s }    →
 *   for i, run over groups { t[i, run] = max x[i, run + j] }
 *   for i, run over groups { m = max t[i, run]; u[i, run] = Σ exp(x[i, run + j] − m) }
 *   for i, run over groups { m = max t[i, run]; s = Σ u[i, run]; y[i, run + j] = … }
 *
 * What the runs of a row add up is joined by whoever needs it: some hundreds of terms at most,
 * which cost less than a kernel that does nothing else.
 */
import { PullbackError } from '../../data/error.js'
import type { Kernel } from '../kernel.js'
import { isReduction } from '../reduction.js'
import type { Loop } from '../statement.js'
import { applyDecision, applySchedule } from './apply.js'
import type { Decision, Schedule } from './decision.js'
import { lengthOf, over, runOf } from './gpu-nest.js'
import type { GpuShape } from './hardware.js'
import { findLoop } from './nest.js'

/** The schedule, where it is legal; `names` are the loops of a row once `before` is decided. */
export function divideRows(
  kernel: Kernel,
  before: Schedule,
  chain: readonly Loop[],
  names: readonly string[],
  gpu: GpuShape,
): Schedule | undefined {
  const schedule: Decision[] = [...before]
  let current = applySchedule(kernel, before)
  const decide = (...decisions: readonly Decision[]): void => {
    for (const d of decisions) {
      current = applyDecision(current, d)
      schedule.push(d)
    }
  }
  let rows = chain.map((l) => l.index)
  /** The body of the innermost loop over rows. */
  const rest = () => findLoop(current, rows.at(-1) ?? '').body
  const divide = (name: string): void => {
    const loop = findLoop(current, name)
    const { run, divided } = gpu.least
    const length = lengthOf([loop])
    if (isReduction(loop) && length <= divided) {
      decide(over(name, 'invocations'))
      return
    }
    const outer = `${name}.run`
    const all = lengthOf([...chain, loop])
    const by = Math.min(runOf(all, { run, invocations: gpu.invocations }), length)
    if (isReduction(loop)) {
      decide({ tag: 'block', loop: name, by, outer }, { tag: 'partials', loop: outer })
      decide(over(`${outer}.all`, 'invocations'))
    } else decide({ tag: 'split', loop: name, by, outer })
    const isLast = rest().at(-1) === findLoop(current, outer)
    if (!isLast) {
      rows.toReversed().forEach((row, i, inward) => {
        decide({ tag: 'fission', loop: row, after: inward[i - 1] ?? outer })
      })
    }
    if (rest().length > 1) decide({ tag: 'sink', loop: outer })
    decide(...rows.map((row) => over(row, 'groups')), over(outer, 'groups'))
    decide(over(name, 'invocations'))
    rows = isLast ? [] : rows.map((row) => `${row}.rest`)
  }
  try {
    for (const name of names) divide(name)
    decide(...rows.map((row) => over(row, 'groups')))
  } catch (cause) {
    if (cause instanceof PullbackError) return undefined
    throw cause
  }
  return schedule
}
