/**
 * Sink: what stands before a loop in the body of another is computed in each of its iterations.
 *
 *   for i { m = max(t[i, k]); for r { y[i, r] = f(m, r) } }    →
 *   for i { for r { m = max(t[i, k]); y[i, r] = f(m, r) } }
 *
 * The two loops lie perfectly then, and can be one grid. Only what stores nothing moves, before a
 * loop that is the last of the body and does not change it.
 */
import type { Kernel } from '../kernel.js'
import { isReduction } from '../reduction.js'
import type { Loop, Stmt } from '../statement.js'
import { buffersIn, expressionsOf, namesIn, statementsOf } from '../traverse.js'
import { changedIn } from './fission.js'
import { findLoop, illegal, replaceLoop } from './nest.js'

export function sinkInto(kernel: Kernel, name: string): Kernel {
  const inner = findLoop(kernel, name)
  const around = statementsOf(kernel.body).find(
    (s): s is Loop => s.tag === 'loop' && s.body.includes(inner),
  )
  if (around === undefined || around.body.at(-1) !== inner || inner.mode !== 'parallel') {
    return illegal(kernel, `'${name}' is not the last, parallel loop of another's body`)
  }
  const before = around.body.slice(0, -1)
  const own = new Set(before.flatMap((s) => ('name' in s ? [s.name] : [])))
  if (!before.every(isPure) || ![...changedIn(before)].every((changed) => own.has(changed))) {
    illegal(kernel, `what stands before '${name}' cannot be computed again`)
  }
  const bounds = [inner.from, inner.to].flatMap((e) => [...namesIn(e)])
  const changed = [...changedIn([inner])].some((each) => own.has(each))
  if (changed || bounds.some((each) => own.has(each))) {
    illegal(kernel, `'${name}' changes or is bounded by what stands before it`)
  }
  const written = new Set(
    statementsOf([inner]).flatMap((s) => (s.tag === 'store' ? [s.buffer] : [])),
  )
  const read = statementsOf(before).flatMap((s) =>
    expressionsOf(s).flatMap((e) => [...buffersIn(e)]),
  )
  const met = read.find((buffer) => written.has(buffer))
  if (met !== undefined) illegal(kernel, `'${name}' writes '${met}', which is read before it`)
  return replaceLoop(kernel, around.index, () => [
    { ...around, body: [{ ...inner, body: [...before, ...inner.body] }] },
  ])
}

const isPure = (s: Stmt): boolean =>
  ['let', 'variable', 'assign', 'accumulate'].includes(s.tag) ||
  (s.tag === 'loop' && isReduction(s))
