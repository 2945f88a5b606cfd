/**
 * Loops written out: the same steps one after another, without control flow.
 *
 *   scan over 3 rows   →   step(c, x₀), step(·, x₁), step(·, x₂), the outputs stacked
 *
 * For handlers that must see all that follows a request, which inside a loop nobody can.
 */

import { flatten, termKind, unflatten } from '../lib/lang/index.js'
import { flatMap, pure } from '../lib/lang/program.js'
import type { Outcome, ScopeBody } from '../lib/lang/scope.js'
import { reshape, slice, stack } from '../lib/ops/index.js'
import type { Term } from '../lib/term/index.js'
import type { Program } from '../lib/types/program.js'

/** What the steps so far have made of the carry, and what they gave besides, latest first. */
interface Walk {
  readonly carry: unknown
  readonly outs: Outs
}
type Outs = { readonly latest: unknown; readonly before: Outs } | null

/** One step for each list of further arguments; their outputs in the order of the rows. */
export function stepByStep(
  carry: unknown,
  step: ScopeBody,
  rows: readonly (readonly unknown[])[],
  reverse = false,
): Program<Outcome, string> {
  const order = reverse ? rows.toReversed() : rows
  const walked = order.reduce<Program<Walk, string>>(
    (before, row) =>
      flatMap(before, ({ carry: now, outs }) =>
        flatMap(step(now, ...row), ([next, out]) =>
          pure<Walk>({ carry: next, outs: { latest: out, before: outs } }),
        ),
      ),
    pure<Walk>({ carry, outs: null }),
  )
  return flatMap(walked, ({ carry: last, outs }) => {
    const all = listed(outs)
    return pure<Outcome>([last, stacked(reverse ? all : all.toReversed())])
  })
}

function listed(outs: Outs): readonly unknown[] {
  const all: unknown[] = []
  for (let at = outs; at !== null; at = at.before) all.push(at.latest)
  return all
}

/** The rows of the sequences of a scan, as trees. */
export function rowsOf(xs: unknown, count: number): readonly unknown[] {
  if (xs === null) return Array.from({ length: count }, () => null)
  const { leaves, structure } = flatten(xs, termKind, 'scan: the sequences')
  return Array.from({ length: count }, (_, i) =>
    unflatten(
      structure,
      leaves.map((x) => rowOf(x, i)),
    ),
  )
}

function rowOf(x: Term, i: number): Term {
  const tail = x.shape.slice(1)
  const row = slice(x, [i, ...tail.map(() => 0)], [i + 1, ...tail])
  return reshape(row, tail)
}

/** Trees of one structure, leaf by leaf on a new first axis; null where there is nothing. */
function stacked(outs: readonly unknown[]): unknown {
  if (outs.length === 0 || outs[0] === null) return null
  const trees = outs.map((out) => flatten(out, termKind, 'scan: the stacked result'))
  const [{ leaves, structure }] = trees
  return unflatten(
    structure,
    leaves.map((_, i) =>
      stack(
        trees.map((tree) => tree.leaves[i]),
        0,
      ),
    ),
  )
}
