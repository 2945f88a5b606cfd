/**
 * Few long rows, and few long columns: each is divided, one loop after another.
 *
 *   for i { m = max x[i, j]; s = Σ exp(x[i, j] − m); y[i, j] = exp(x[i, j] − m) / s }    →
 *   for i, run over groups { t[i, run] = max x[i, run + j] }
 *   for i, run over groups { m = max t[i, run]; u[i, run] = Σ exp(x[i, run + j] − m) }
 *   for i, run over groups { m = max t[i, run]; s = Σ u[i, run]; y[i, run + j] = … }
 *
 * What the runs of a row add up is joined by whoever needs it: some hundreds of terms at most,
 * which cost a workgroup less than a kernel that does nothing else.
 */
import type { Kernel } from '../kernel.js'
import { addsUp } from '../reduction.js'
import type { Loop } from '../statement.js'
import type { Schedule } from './decision.js'
import { type Draft, decide, drafted, share } from './gpu-draft.js'
import { inRuns, isNamed, lengthOf, over, runOf, volumeOf } from './gpu-nest.js'
import { four } from './gpu-tiles.js'
import type { GpuShape } from './hardware.js'
import { findLoop } from './nest.js'

/** Rows whose loops are called `names` once `before` is decided. */
export interface Rows {
  readonly before: Schedule
  readonly chain: readonly Loop[]
  readonly names: readonly string[]
}

const overGroups = (loops: readonly string[]): Schedule => loops.map((l) => over(l, 'groups'))

/** All up to a loop in loops over rows of its own; the loops over rows of the rest. */
function cut(draft: Draft, rows: readonly string[], after: string): readonly string[] {
  rows.toReversed().forEach((row, i, inward) => {
    decide(draft, { tag: 'fission', loop: row, after: inward[i - 1] ?? after })
  })
  return rows.map((row) => `${row}.rest`)
}

/** The innermost loop over rows holds that loop only. */
function perfect(draft: Draft, rows: readonly string[], inner: string): void {
  const { body } = findLoop(draft.kernel, rows.at(-1) ?? '')
  if (body.length > 1) decide(draft, { tag: 'sink', loop: inner })
}

/** A workgroup a run of a row. */
export const divideRows = (
  kernel: Kernel,
  { before, chain, names }: Rows,
  gpu: GpuShape,
): readonly Schedule[] =>
  drafted(kernel, (draft) => {
    decide(draft, ...before)
    const { run, divided } = gpu.least
    let rows: readonly string[] = chain.map((l) => l.index)
    for (const name of names) {
      const loop = findLoop(draft.kernel, name)
      const length = lengthOf([loop])
      if (addsUp(loop) && length <= divided) {
        share(draft, name, four, gpu)
        continue
      }
      const outer = `${name}.run`
      const all = lengthOf([...chain, loop])
      const by = Math.min(runOf(all, { run, invocations: gpu.invocations }), Math.max(1, length))
      if (addsUp(loop)) {
        decide(draft, ...inRuns(name, by, outer), over(`${outer}.all`, 'invocations'))
      } else decide(draft, { tag: 'split', loop: name, by, outer })
      const body = findLoop(draft.kernel, rows.at(-1) ?? '').body
      const isLast = body.at(-1) === findLoop(draft.kernel, outer)
      const rest = isLast ? [] : cut(draft, rows, outer)
      perfect(draft, rows, outer)
      share(draft, name, four, gpu)
      decide(draft, ...overGroups([...rows, outer]))
      rows = rest
    }
    decide(draft, ...overGroups(rows))
  })

/** With so many results side by side, each is an invocation's, whatever its row. */
export const wideResults = 2048
/** Terms of a column that one invocation adds up at least, and of one of a length by name. */
const shortestColumn = 64
const namedColumn = 256

/**
 * An invocation a run of a column, beside its neighbours in memory.
 *
 *   for i { s = Σ x[j, i]; y[i] = s }    →    for run, i { t[i, run] = Σ x[run + j, i] }
 *                                             for i over groups { y[i] = Σ t[i, run] }
 *
 * Joining is a loop of its own, since an invocation would have to do it alone for each run; of many
 * columns it is an invocation each.
 */
export const divideColumns = (
  kernel: Kernel,
  { before, chain, names }: Rows,
  gpu: GpuShape,
): readonly Schedule[] =>
  drafted(kernel, (draft) => {
    decide(draft, ...before)
    const enough = 4 * gpu.groups * gpu.invocations
    const many = chain.some(isNamed) || volumeOf(chain) >= wideResults
    let rows: readonly string[] = chain.map((l) => l.index)
    for (const name of names) {
      const loop = findLoop(draft.kernel, name)
      const outer = `${name}.run`
      const even = Math.ceil((lengthOf([loop]) * volumeOf(chain)) / enough)
      const least = Math.max(Math.min(shortestColumn, gpu.least.run), even)
      decide(draft, ...inRuns(name, isNamed(loop) ? namedColumn : least, outer))
      if (!many) decide(draft, over(`${outer}.all`, 'invocations'))
      const rest = cut(draft, rows, outer)
      perfect(draft, rows, outer)
      decide(draft, { tag: 'order', loops: [outer, ...rows] })
      // What is joined is joined once, for all runs of the next loop.
      rows = name === names.at(-1) ? rest : cut(draft, rest, `${outer}.all`)
      if (!many) decide(draft, ...overGroups(rest))
    }
  })
