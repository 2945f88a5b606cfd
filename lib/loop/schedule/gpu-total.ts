/**
 * Totals on a GPU: workgroups add up a run each, then one adds up their sums.
 */
import type { Kernel } from '../kernel.js'
import { addsUp } from '../reduction.js'
import type { Loop } from '../statement.js'
import type { Schedule } from './decision.js'
import { decide, drafted, share } from './gpu-draft.js'
import { asOne, countOf, inRuns, lengthOf, over, runOf, volumeOf } from './gpu-nest.js'
import { four } from './gpu-tiles.js'
import type { GpuShape } from './hardware.js'
import { chainFrom } from './nest.js'
import { laneScore } from './stride.js'

export function totalOptions(kernel: Kernel, loop: Loop, gpu: GpuShape): readonly Schedule[] {
  const nest = chainFrom(loop).filter(addsUp)
  const { schedule: before, name, merges } = asOne(kernel, nest)
  const last = nest.at(-1)
  if (!merges && last !== undefined && liesAlong(kernel, last, loop)) {
    return rowwiseTotal(kernel, loop, last, gpu)
  }
  const { terms: few, run } = gpu.least
  const terms = merges ? lengthOf(nest) : countOf(loop)
  const single = ways.flatMap((lanes) =>
    drafted(kernel, (draft) => {
      decide(draft, ...before)
      share(draft, name, lanes, gpu)
    }),
  )
  if (lengthOf(nest) <= few && terms <= few) return single
  const inside = merges || terms === 0 ? 1 : volumeOf(nest) / terms
  const by = runOf(terms, { run, invocations: gpu.invocations, inside })
  const outer = `${name}.run`
  const staged = ways.flatMap((lanes) =>
    drafted(kernel, (draft) => {
      decide(draft, ...before, ...inRuns(name, by, outer), over(outer, 'groups'))
      share(draft, name, lanes, gpu)
      decide(draft, over(`${outer}.all`, 'invocations'))
    }),
  )
  return [...staged, ...single]
}

/** In lanes of four, else one by one. */
const ways = [four, 1]

/** Whether what a nest reads lies along its innermost loop rather than its outermost. */
const liesAlong = (kernel: Kernel, { body, index }: Loop, outermost: Loop): boolean =>
  laneScore(kernel, body, index) > laneScore(kernel, body, outermost.index)

/** A total over rows that are no one loop with the others: a workgroup some, together along each. */
function rowwiseTotal(kernel: Kernel, rows: Loop, row: Loop, gpu: GpuShape): readonly Schedule[] {
  const { least } = gpu
  const [count, length] = [countOf(rows), countOf(row)]
  const alone = ways.flatMap((lanes) =>
    drafted(kernel, (draft) => share(draft, row.index, lanes, gpu)),
  )
  if (count * length <= least.terms) return alone
  const by = Math.max(Math.ceil(least.run / Math.max(1, length)), Math.ceil(count / 1024))
  const outer = `${rows.index}.run`
  const staged = ways.flatMap((lanes) =>
    drafted(kernel, (draft) => {
      decide(draft, ...inRuns(rows.index, by, outer), over(outer, 'groups'))
      share(draft, row.index, lanes, gpu)
      decide(draft, over(`${outer}.all`, 'invocations'))
    }),
  )
  return [...staged, ...alone]
}
