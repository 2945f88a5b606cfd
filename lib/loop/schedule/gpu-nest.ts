/** What the choices for a GPU ask about loops. */
import type { Kernel } from '../kernel.js'
import type { Loop } from '../statement.js'
import { tryApply } from './apply.js'
import type { Decision, Schedule } from './decision.js'
import { extentOf } from './nest.js'

/** Iterations that a size by name counts as, and the terms of a sum over one: they may be many. */
const many = 4096
const manyTerms = 2 ** 24

export const over = (loop: string, level: 'groups' | 'invocations'): Decision => ({
  tag: 'spread',
  loop,
  over: level,
})

export const countOf = (loop: Loop): number => {
  const extent = extentOf(loop)
  return typeof extent === 'number' ? extent : many
}

export const volumeOf = (loops: readonly Loop[]): number =>
  loops.reduce((n, l) => n * countOf(l), 1)

export const isNamed = (loop: Loop): boolean => typeof extentOf(loop) !== 'number'

/** How much a workgroup would have to go through alone. */
export const lengthOf = (loops: readonly Loop[]): number =>
  loops.some(isNamed) ? Math.max(volumeOf(loops), manyTerms) : volumeOf(loops)

/** What makes a perfect nest one loop, and its name; nothing, and the outermost's, where none does. */
export function asOne(
  kernel: Kernel,
  nest: readonly Loop[],
): { readonly schedule: Schedule; readonly name: string; readonly merges: boolean } {
  const names = nest.map((l) => l.index)
  const [outermost = ''] = names
  if (nest.length < 2) return { schedule: [], name: outermost, merges: true }
  const flattened: Schedule = [{ tag: 'flatten', loops: names }]
  if (tryApply(kernel, flattened).tag === 'kernel') {
    return { schedule: flattened, name: names.at(-1) ?? outermost, merges: true }
  }
  const collapsed = names
    .slice(0, -1)
    .map((outer, i): Decision => ({ tag: 'collapse', outer, inner: names[i + 1] ?? '' }))
    .toReversed()
  return tryApply(kernel, collapsed).tag === 'kernel'
    ? { schedule: collapsed, name: outermost, merges: true }
    : { schedule: [], name: outermost, merges: false }
}

/** A loop that adds up in runs of `by`, their sums kept. */
export const inRuns = (loop: string, by: number, outer: string): Schedule => [
  { tag: 'block', loop, by, outer },
  { tag: 'partials', loop: outer },
]

/** The most workgroups that one loop is divided among. */
const mostRuns = 1024

/** Iterations of a workgroup's run: of `terms` in all, no less than pays, `inside` in each. */
export function runOf(
  terms: number,
  { run, invocations, inside = 1 }: { run: number; invocations: number; inside?: number },
): number {
  const unit = Math.min(run, invocations)
  const least = Math.max(1, Math.ceil(run / inside / unit))
  return Math.max(least, Math.ceil(terms / mostRuns / unit)) * unit
}
