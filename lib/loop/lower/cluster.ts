/**
 * Cluster (fusion): which nodes become one kernel.
 *
 *   m = max x; e = exp (x − m); s = sum e; y = e / s    →    one cluster: {m, e, s, y}
 *
 * A cluster is a nest of loops over `dims`; each member lives at a depth, its value being computed
 * once for each index of the outermost loops. A node joins the cluster of a value that it reads at
 * the very index of the loops, unless that would close a cycle or the policy says no. Clusters
 * over the same loops that do not depend on each other merge. Other nodes stand alone (`opaque`).
 */
import type { Dim } from '../../data/index.js'
import type { Func, Node } from '../../term/index.js'
import { isFree, isMap, isReduction, needsMemory } from './access.js'
import { findInlined } from './inline.js'
import type { InPlace } from './inplace.js'
import { joinDrafts } from './join.js'
import { laneShape } from './lanes.js'
import { type Member, memberOf, ownerOf } from './member.js'
import { type Draft, mergeDrafts, pickHome } from './merge.js'
import { ordering } from './order.js'
import { grow, partOf } from './part.js'
import type { FusionPolicy } from './policy.js'

export interface Cluster {
  readonly tag: 'nest' | 'opaque'
  readonly dims: readonly Dim[]
  readonly members: readonly Member[]
}

export interface Clustering {
  /** In an order in which they can run; nests side by side share a kernel. */
  readonly kernels: readonly (readonly Cluster[])[]
  /** Nodes computed in each reader. */
  readonly inlined: ReadonlySet<Node>
}

export function cluster(func: Func, inPlace: InPlace, policy: FusionPolicy): Clustering {
  const lanes = findLanes(func)
  const isNest = (node: Node) =>
    (isMap(node) || isReduction(node) || lanes.has(node)) && !inPlace.nodes.has(node)
  // An update in place writes to the memory of what it updates.
  const readsMemory = (node: Node) =>
    (needsMemory(node) && !lanes.has(node)) || inPlace.nodes.has(node)
  // What reads an array before it is overwritten has a place to run in: it is not computed again.
  const before = new Set([...inPlace.readers.values()].flat())
  const inline: FusionPolicy['inline'] = (node, readers) =>
    !before.has(node) && policy.inline(node, readers)
  const inlined = findInlined(func, { ...policy, inline }, readsMemory)
  const isInlined = (node: Node) => inlined.has(node)
  const home = new Map<Node, Draft>()
  const fusion = { home, order: ordering<Draft>(), policy, inlined: isInlined }
  const drafts: Draft[] = []
  for (const node of inPlace.order) {
    if (isFree(node) || inlined.has(node) || node.op.name === 'constant') continue
    const member = memberOf(node, isInlined, lanes.get(node))
    const sources = new Set(member.reads.flatMap((r) => home.get(ownerOf(r.base, isInlined)) ?? []))
    const nest = isNest(node)
    const joined = nest ? pickHome(member, sources, fusion) : undefined
    const draft: Draft = joined ?? {
      tag: nest ? 'nest' : 'opaque',
      dims: member.span,
      part: partOf([]),
    }
    if (joined === undefined) {
      drafts.push(draft)
      fusion.order.append(draft)
    }
    grow(draft.part, member)
    if (member.span.length > draft.dims.length) draft.dims = member.span
    for (const source of sources) fusion.order.require(draft, source)
    for (const reader of inPlace.readers.get(node) ?? []) {
      const earlier = home.get(reader)
      if (earlier !== undefined) fusion.order.require(draft, earlier)
    }
    home.set(node, draft)
  }
  mergeDrafts(drafts, fusion)
  return { kernels: joinDrafts(fusion), inlined }
}

/** Loops that can run inside a kernel, with the loops around them. */
function findLanes(func: Func): ReadonlyMap<Node, readonly Dim[]> {
  return new Map(
    func.nodes.flatMap((node) => {
      const shape = laneShape(node)
      return shape === undefined ? [] : [[node, shape] as const]
    }),
  )
}
