/**
 * Few long rows, and few long columns: each is divided, one loop after another.
 *
 *   for i { m = max x[i, j]; s = Σ exp(x[i, j] − m); y[i, j] = exp(x[i, j] − m) / s }    →
 *   for i, run over groups { t[i, run] = max x[i, run + j] }
 *   for i, run over groups { m = max t[i, run]; u[i, run] = Σ exp(x[i, run + j] − m) }
 *   for i, run over groups { m = max t[i, run]; s = Σ u[i, run]; y[i, run + j] = … }
 *
 * What the runs of a row add up is joined by whoever needs it: some hundreds of terms at most,
 * which cost a workgroup less than a kernel that does nothing else. Where neighbours in memory are
 * columns, an invocation takes a run of one, beside its neighbours:
 *
 *   for i { s = Σ x[j, i]; y[i] = s }    →    for run, i { t[i, run] = Σ x[run + j, i] }
 *                                             for i over groups { y[i] = Σ t[i, run] }
 *
 * Joining is a kernel of its own there, since an invocation would have to do it alone; of many
 * columns it is an invocation each.
 */
import { PullbackError } from '../../data/error.js'
import type { Kernel } from '../kernel.js'
import { isReduction } from '../reduction.js'
import type { Block, Loop } from '../statement.js'
import { applyDecision, applySchedule } from './apply.js'
import type { Decision, Schedule } from './decision.js'
import { isNamed, lengthOf, over, runOf, volumeOf } from './gpu-nest.js'
import type { GpuShape } from './hardware.js'
import { findLoop } from './nest.js'

/** Rows whose loops are called `names` once `before` is decided. */
export interface Rows {
  readonly before: Schedule
  readonly chain: readonly Loop[]
  readonly names: readonly string[]
}

/** Decisions one after another, on the kernel as they leave it. */
interface Draft {
  readonly schedule: Decision[]
  kernel: Kernel
  /** The loops over rows of what is left to be decided. */
  rows: readonly string[]
}

function decide(draft: Draft, ...decisions: readonly Decision[]): void {
  for (const d of decisions) {
    draft.kernel = applyDecision(draft.kernel, d)
    draft.schedule.push(d)
  }
}

/** The body of the innermost loop over rows. */
const bodyOf = ({ kernel, rows }: Draft): Block => findLoop(kernel, rows.at(-1) ?? '').body

/** All up to a loop in loops over rows of its own; `rows` are those of the rest. */
function cut(draft: Draft, after: string): readonly string[] {
  const { rows } = draft
  rows.toReversed().forEach((row, i, inward) => {
    decide(draft, { tag: 'fission', loop: row, after: inward[i - 1] ?? after })
  })
  draft.rows = rows.map((row) => `${row}.rest`)
  return rows
}

const overGroups = (loops: readonly string[]): Schedule => loops.map((l) => over(l, 'groups'))

/** A loop that adds up in runs of `by`. */
const inRuns = (loop: string, by: number, outer: string): Schedule => [
  { tag: 'block', loop, by, outer },
  { tag: 'partials', loop: outer },
]

/** The schedule, where it is legal. */
function drafted(kernel: Kernel, rows: Rows, each: (draft: Draft, name: string) => void) {
  const draft: Draft = {
    schedule: [...rows.before],
    kernel: applySchedule(kernel, rows.before),
    rows: rows.chain.map((l) => l.index),
  }
  try {
    for (const name of rows.names) each(draft, name)
  } catch (cause) {
    if (cause instanceof PullbackError) return undefined
    throw cause
  }
  return draft.schedule
}

/** A workgroup a run of a row. */
export function divideRows(kernel: Kernel, rows: Rows, gpu: GpuShape): Schedule | undefined {
  const { run, divided } = gpu.least
  return drafted(kernel, rows, (draft, name) => {
    const loop = findLoop(draft.kernel, name)
    const length = lengthOf([loop])
    if (isReduction(loop) && length <= divided) {
      decide(draft, over(name, 'invocations'))
      return
    }
    const outer = `${name}.run`
    const all = lengthOf([...rows.chain, loop])
    const by = Math.min(runOf(all, { run, invocations: gpu.invocations }), length)
    if (isReduction(loop)) {
      decide(draft, ...inRuns(name, by, outer), over(`${outer}.all`, 'invocations'))
    } else decide(draft, { tag: 'split', loop: name, by, outer })
    const isLast = bodyOf(draft).at(-1) === findLoop(draft.kernel, outer)
    const around = isLast ? draft.rows : cut(draft, outer)
    const isPerfect = findLoop(draft.kernel, around.at(-1) ?? '').body.length === 1
    if (!isPerfect) decide(draft, { tag: 'sink', loop: outer })
    decide(draft, ...overGroups([...around, outer]), over(name, 'invocations'))
    if (!isLast && name === rows.names.at(-1)) decide(draft, ...overGroups(draft.rows))
  })
}

/** With so many results side by side, each is an invocation's, whatever its row. */
export const wideResults = 2048
/** Terms of a column that one invocation adds up at least, and of one of a length by name. */
const shortestColumn = 64
const namedColumn = 256

/** An invocation a run of a column. */
export function divideColumns(kernel: Kernel, rows: Rows, gpu: GpuShape): Schedule | undefined {
  const enough = 4 * gpu.groups * gpu.invocations
  const many = rows.chain.some(isNamed) || volumeOf(rows.chain) >= wideResults
  return drafted(kernel, rows, (draft, name) => {
    const loop = findLoop(draft.kernel, name)
    const outer = `${name}.run`
    const even = Math.ceil((lengthOf([loop]) * volumeOf(rows.chain)) / enough)
    const by = isNamed(loop) ? namedColumn : Math.max(Math.min(shortestColumn, gpu.least.run), even)
    decide(draft, ...inRuns(name, by, outer))
    if (!many) decide(draft, over(`${outer}.all`, 'invocations'))
    const around = cut(draft, outer)
    const isPerfect = findLoop(draft.kernel, around.at(-1) ?? '').body.length === 1
    if (!isPerfect) decide(draft, { tag: 'sink', loop: outer })
    decide(draft, { tag: 'order', loops: [outer, ...around] })
    const joined = name === rows.names.at(-1) ? draft.rows : cut(draft, `${outer}.all`)
    if (!many) decide(draft, ...overGroups(joined))
  })
}
