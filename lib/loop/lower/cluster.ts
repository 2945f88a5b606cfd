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
import type { Func, Node, Term } from '../../term/index.js'
import type { Expr } from '../expression.js'
import { expressionsOf, statementsOf, visitNodes } from '../traverse.js'
import {
  aliasOf,
  canonicalIndex,
  element,
  isFree,
  isMap,
  isReduction,
  mapElement,
  needsMemory,
} from './access.js'
import { findInlined } from './inline.js'
import type { InPlace } from './inplace.js'
import { joinDrafts } from './join.js'
import { emitLoop, laneShape } from './lanes.js'
import { type Draft, mergeDrafts, pickHome } from './merge.js'
import { ordering } from './order.js'
import { grow, partOf } from './part.js'
import type { FusionPolicy } from './policy.js'
import { reduceRules } from './reduce.js'

export interface Member {
  readonly node: Node
  /** The loops that the result is computed under. */
  readonly depth: number
  /** Those that its arguments are read under: more than `depth` for a reduction. */
  readonly span: readonly Dim[]
  readonly reads: readonly BaseRead[]
  /** Nodes of the expression that one element takes: how long its code is. */
  readonly weight: number
}

/** One read of a base term, at an index over the loops. */
export interface BaseRead {
  readonly base: Term
  readonly at: readonly Expr[]
}

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
  const inlined = findInlined(func, policy, readsMemory)
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

/** The node whose result holds the memory of a base term. */
export const ownerOf = (base: Term, inlined: (node: Node) => boolean): Node =>
  (aliasOf(base, inlined) ?? base).node

export function memberOf(
  node: Node,
  inlined: (node: Node) => boolean,
  lane?: readonly Dim[],
): Member {
  const reads: BaseRead[] = []
  const note = (base: Term, at: readonly Expr[]): Expr => {
    reads.push({ base, at })
    return placeholder(base)
  }
  const read = (arg: number, at: readonly Expr[]) => element(node.args[arg], at, inlined, note)
  if (isReduction(node)) {
    const form = reduceRules[node.op.name](node)
    const kept = form.kept.filter((d) => d !== 1)
    const e = form.value(
      read,
      canonicalIndex(form.kept),
      canonicalIndex(form.combined, kept.length),
    )
    const combined = form.combined.filter((d) => d !== 1)
    return { node, depth: kept.length, span: [...kept, ...combined], reads, weight: weightOf(e) }
  }
  if (isMap(node)) {
    const span = node.outs[0].shape.filter((d) => d !== 1)
    const e = mapElement(node, canonicalIndex(node.outs[0].shape), read)
    return { node, depth: span.length, span, reads, weight: weightOf(e) }
  }
  if (lane !== undefined) {
    const loop = emitLoop(node, { prefix: '_', read, write: () => undefined })
    const weight = weightOf(...statementsOf(loop?.block ?? []).flatMap(expressionsOf))
    return { node, depth: lane.length, span: lane, reads, weight }
  }
  for (const arg of node.args) element(arg, canonicalIndex(arg.shape), inlined, note)
  return { node, depth: 0, span: [], reads, weight: 1 }
}

function weightOf(...expressions: readonly Expr[]): number {
  const seen = new Set<Expr>()
  for (const e of expressions) visitNodes(e, seen, () => {})
  return 1 + seen.size
}

/** Stands for the value read; only its dtype matters while clustering. */
function placeholder(base: Term): Expr {
  const dtype = base.dtype === 'f16' ? 'f32' : base.dtype
  return { tag: 'variable', dtype, name: '_' }
}
