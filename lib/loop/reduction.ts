/** Loops whose iterations may be reordered: parallel ones, and those that only accumulate. */
import type { Block, Loop } from './statement.js'
import { expressionsOf, namesIn, statementsOf } from './traverse.js'

/** Whether iterations meet only in accumulators that they do not read. */
export const isReduction = (loop: Loop): boolean =>
  addsUp(loop) && !statementsOf(loop.body).some((s) => s.tag === 'store')

/** Whether iterations meet in accumulators that they do not read, and maybe where they store. */
export function addsUp(loop: Loop): boolean {
  if (statementsOf(loop.body).some((s) => s.tag === 'assign' || s.tag === 'while')) return false
  const outer = addedTo(loop)
  return outer.size > 0 && !readsAny(loop.body, outer)
}

/** Accumulators declared outside the loop that its iterations add to. */
export function addedTo(loop: Loop): ReadonlySet<string> {
  const names = new Set<string>()
  const own = new Set<string>()
  for (const s of statementsOf(loop.body)) {
    if (s.tag === 'accumulate') names.add(s.name)
    if (s.tag === 'variable') own.add(s.name)
  }
  for (const name of own) names.delete(name)
  return names
}

export function readsAny(block: Block, names: ReadonlySet<string>): boolean {
  for (const s of statementsOf(block)) {
    if (expressionsOf(s).some((e) => [...namesIn(e)].some((name) => names.has(name)))) return true
  }
  return false
}

/** Whether iterations may advance together or be reordered. */
export const isIndependent = (loop: Loop): boolean =>
  loop.mode !== 'sequential' || isReduction(loop)
