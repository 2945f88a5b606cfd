/**
 * Totals on a GPU: workgroups add up a run each, then one adds up their sums.
 */
import type { Kernel } from '../kernel.js'
import { addsUp } from '../reduction.js'
import type { Loop } from '../statement.js'
import type { Schedule } from './decision.js'
import { asOne, countOf, lengthOf, over, runOf, volumeOf } from './gpu-nest.js'
import type { GpuShape } from './hardware.js'
import { chainFrom } from './nest.js'
import { laneScore } from './stride.js'

export function totalOptions(kernel: Kernel, loop: Loop, gpu: GpuShape): readonly Schedule[] {
  const nest = chainFrom(loop).filter(addsUp)
  const { schedule: before, name, merges } = asOne(kernel, nest)
  const last = nest.at(-1)
  if (!merges && last !== undefined && liesAlong(kernel, last, loop)) {
    return rowwiseTotal(loop, last, gpu)
  }
  const { terms: few, run } = gpu.least
  const terms = merges ? lengthOf(nest) : countOf(loop)
  const single: Schedule = [...before, over(name, 'invocations')]
  if (lengthOf(nest) <= few && terms <= few) return [single]
  const inside = merges || terms === 0 ? 1 : volumeOf(nest) / terms
  const by = runOf(terms, { run, invocations: gpu.invocations, inside })
  const outer = `${name}.run`
  const staged: Schedule = [
    ...before,
    { tag: 'block', loop: name, by, outer },
    { tag: 'partials', loop: outer },
    over(outer, 'groups'),
    over(name, 'invocations'),
    over(`${outer}.all`, 'invocations'),
  ]
  return [staged, single]
}

/** Whether what a nest reads lies along its innermost loop rather than its outermost. */
const liesAlong = (kernel: Kernel, { body, index }: Loop, outermost: Loop): boolean =>
  laneScore(kernel, body, index) > laneScore(kernel, body, outermost.index)

/** A total over rows that are no one loop with the others: a workgroup some, together along each. */
function rowwiseTotal(rows: Loop, row: Loop, { least }: GpuShape): readonly Schedule[] {
  const [count, length] = [countOf(rows), countOf(row)]
  const alone: Schedule = [over(row.index, 'invocations')]
  if (count * length <= least.terms) return [alone]
  const by = Math.max(Math.ceil(least.run / Math.max(1, length)), Math.ceil(count / 1024))
  const outer = `${rows.index}.run`
  const staged: Schedule = [
    { tag: 'block', loop: rows.index, by, outer },
    { tag: 'partials', loop: outer },
    over(outer, 'groups'),
    over(row.index, 'invocations'),
    over(`${outer}.all`, 'invocations'),
  ]
  return [staged, alone]
}
