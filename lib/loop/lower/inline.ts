/**
 * Inline: which maps are computed again in each reader rather than stored.
 *
 *   k = 1 / n (a scalar); y = x · k; z = w · k    →    y = x · (1 / n); z = w · (1 / n)
 *
 * What a policy wants so, as far as the maps computed for one element stay few.
 */
import { type Func, isParameter, type Node } from '../../term/index.js'
import { isFree, isMap } from './access.js'
import type { FusionPolicy } from './policy.js'

/** Maps that the policy would rather compute again in each reader, as far as that stays small. */
export function findInlined(
  func: Func,
  policy: FusionPolicy,
  readsMemory: (node: Node) => boolean,
): ReadonlySet<Node> {
  const wanted = wantedInline(func, policy, readsMemory)
  const cones = new Map<Node, number>()
  for (const node of func.nodes) {
    const below = node.args.reduce((sum, a) => sum + (cones.get(a.node) ?? 0), 0)
    if (below >= policy.largestCone) wanted.delete(node)
    cones.set(node, wanted.has(node) ? below + 1 : isFree(node) ? below : 0)
  }
  return wanted
}

function wantedInline(
  func: Func,
  policy: FusionPolicy,
  readsMemory: (node: Node) => boolean,
): Set<Node> {
  const readers = new Map<Node, Set<Node>>()
  const results = new Set(func.results.map((r) => r.node))
  const wanted = new Set<Node>()
  for (const node of [...func.nodes].reverse()) {
    const own = [...(readers.get(node) ?? [])]
    const stored = results.has(node) || own.some(readsMemory)
    if (!stored && isMap(node) && policy.inline(node, own)) wanted.add(node)
    const through = isFree(node) || wanted.has(node)
    for (const arg of node.args) {
      if (isParameter(arg)) continue
      const known = readers.get(arg.node) ?? new Set()
      for (const reader of through ? own : [node]) known.add(reader)
      readers.set(arg.node, known)
    }
  }
  return wanted
}
