/**
 * Rows on a GPU: loops over rows with loops inside, such as a softmax or a mean along an axis.
 *
 *   many rows             a workgroup each, its invocations the loops inside
 *   few long ones         workgroups a run of a row each; what they add up, together after them
 *   columns side by side  an invocation each, or a run of each where they are few and long
 */
import type { Kernel } from '../kernel.js'
import { addsUp } from '../reduction.js'
import type { Block, Loop } from '../statement.js'
import { statementsOf } from '../traverse.js'
import type { Schedule } from './decision.js'
import { divideColumns, divideRows, wideResults } from './gpu-divide.js'
import { decide, drafted, share } from './gpu-draft.js'
import { asOne, countOf, lengthOf, over, volumeOf } from './gpu-nest.js'
import { four } from './gpu-tiles.js'
import type { GpuShape } from './hardware.js'
import { keepDecisions } from './keep.js'
import { chainFrom, extentOf } from './nest.js'
import { laneScore } from './stride.js'

/** Elements of a row that are kept. */
const longestKept = 16384

export function rowOptions(
  kernel: Kernel,
  chain: readonly Loop[],
  body: Block,
  inner: readonly Loop[],
  gpu: GpuShape,
): readonly Schedule[] {
  const longest = Math.max(...inner.map((l) => volumeOf(chainFrom(l))))
  const last = chain.at(-1)
  if (last === undefined || longest < gpu.least.row) return []
  if (statementsOf(body).some((s) => s.tag === 'while')) return []
  const along = Math.max(...inner.map((l) => laneScore(kernel, l.body, l.index)))
  const across = laneScore(kernel, last.body, last.index)
  const results = volumeOf(chain)
  const free = inner.map((l) => chainFrom(l).filter((x) => x.mode !== 'sequential' || addsUp(x)))
  if (free.some((nest) => nest.length === 0)) return []
  const merged = free.map((nest) => asOne(kernel, nest))
  const flat = merged.flatMap((m) => m.schedule)
  const names = merged.map((m) => m.name)
  /** Invocations share the loops of a row, four neighbours at a time where they can. */
  const spread = (before: Schedule, lanes: number): readonly Schedule[] =>
    drafted(kernel, (draft) => {
      decide(draft, ...flat, ...before)
      for (const name of names) share(draft, name, lanes, gpu)
      decide(draft, ...chain.map((l) => over(l.index, 'groups')))
    })
  const kept = keepDecisions([...chain.slice(0, 1)]).filter((d) => {
    const row = d.tag === 'keep' ? inner.find((l) => l.index === d.from) : undefined
    const extent = row === undefined ? undefined : extentOf(row)
    return typeof extent === 'number' && extent <= longestKept
  })
  const whole: readonly Schedule[] =
    across > along && results >= wideResults
      ? []
      : [...(kept.length > 0 ? [kept] : []), []].flatMap((each) =>
          [four, 1].flatMap((lanes) => spread(each, lanes)),
        )
  if (!merged.every((m) => m.merges)) return whole
  const rows = { before: flat, chain, names }
  const length = Math.max(...inner.map((l) => lengthOf(chainFrom(l))))
  if (across > along && countOf(last) >= neighbours) {
    const few = length > longColumn(gpu) && results < gpu.groups * gpu.invocations
    return few ? [...divideColumns(kernel, rows, gpu), ...whole] : whole
  }
  const few = length > gpu.least.divided && results < gpu.groups
  return few ? [...divideRows(kernel, rows, gpu), ...whole] : whole
}

/** So many columns side by side are read by as many invocations. */
const neighbours = 32

/** Terms of a column that are more than one invocation's. */
const longColumn = ({ least }: GpuShape): number => Math.min(512, least.divided)
