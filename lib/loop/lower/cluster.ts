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
import { type Func, isParameter, type Node, type Term } from '../../term/index.js'
import type { Expr } from '../expression.js'
import {
  aliasOf,
  canonicalIndex,
  element,
  isCanonical,
  isFree,
  isMap,
  isReduction,
  mapElement,
  needsMemory,
} from './access.js'
import type { InPlace } from './inplace.js'
import { emitLoop, isRow, laneShape } from './lanes.js'
import { isSound, registersRead } from './phases.js'
import type { FusionPolicy } from './policy.js'
import { reduceRules } from './reduce.js'

export interface Member {
  readonly node: Node
  /** The loops that the result is computed under. */
  readonly depth: number
  /** Those that its arguments are read under: more than `depth` for a reduction. */
  readonly span: readonly Dim[]
  readonly reads: readonly BaseRead[]
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
  /** In an order in which they can run. */
  readonly clusters: readonly Cluster[]
  /** Nodes computed in each reader. */
  readonly inlined: ReadonlySet<Node>
}

/** While under construction. */
interface Draft {
  readonly tag: 'nest' | 'opaque'
  dims: readonly Dim[]
  readonly members: Member[]
  readonly needs: Set<Draft>
}

export function cluster(func: Func, inPlace: InPlace, policy: FusionPolicy): Clustering {
  const lanes = findLanes(func)
  const isNest = (node: Node) =>
    (isMap(node) || isReduction(node) || lanes.has(node)) && !inPlace.nodes.has(node)
  const inlined = findInlined(func, policy, (node) => needsMemory(node) && !lanes.has(node))
  const isInlined = (node: Node) => inlined.has(node)
  const home = new Map<Node, Draft>()
  const drafts: Draft[] = []
  for (const node of inPlace.order) {
    if (isFree(node) || inlined.has(node) || node.op.name === 'constant') continue
    const member = memberOf(node, isInlined, lanes.get(node))
    const sources = new Set(member.reads.flatMap((r) => home.get(ownerOf(r.base, isInlined)) ?? []))
    const joined = isNest(node) ? pickHome(member, sources, home, policy, isInlined) : undefined
    const draft: Draft = joined ?? {
      tag: isNest(node) ? 'nest' : 'opaque',
      dims: member.span,
      members: [],
      needs: new Set(),
    }
    if (joined === undefined) drafts.push(draft)
    draft.members.push(member)
    if (member.span.length > draft.dims.length) draft.dims = member.span
    for (const source of sources) if (source !== draft) draft.needs.add(source)
    for (const reader of inPlace.readers.get(node) ?? []) {
      const earlier = home.get(reader)
      if (earlier !== undefined && earlier !== draft) draft.needs.add(earlier)
    }
    home.set(node, draft)
  }
  merge(drafts, home, policy, isInlined)
  return { clusters: ordered(drafts), inlined }
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
    form.value(read, canonicalIndex(form.kept), canonicalIndex(form.combined, kept.length))
    const combined = form.combined.filter((d) => d !== 1)
    return { node, depth: kept.length, span: [...kept, ...combined], reads }
  }
  if (isMap(node)) {
    const span = node.outs[0].shape.filter((d) => d !== 1)
    mapElement(node, canonicalIndex(node.outs[0].shape), read)
    return { node, depth: span.length, span, reads }
  }
  if (lane !== undefined) {
    emitLoop(node, { prefix: '_', read, write: () => undefined })
    return { node, depth: lane.length, span: lane, reads }
  }
  for (const arg of node.args) element(arg, canonicalIndex(arg.shape), inlined, note)
  return { node, depth: 0, span: [], reads }
}

/** Stands for the value read; only its dtype matters while clustering. */
function placeholder(base: Term): Expr {
  const dtype = base.dtype === 'f16' ? 'f32' : base.dtype
  return { tag: 'variable', dtype, name: '_' }
}

function pickHome(
  member: Member,
  sources: ReadonlySet<Draft>,
  home: ReadonlyMap<Node, Draft>,
  policy: FusionPolicy,
  inlined: (node: Node) => boolean,
): Draft | undefined {
  return [...sources].reverse().find((draft) => {
    if (draft.tag !== 'nest' || !sharesLoops(draft.dims, member.span)) return false
    const aligned = isAligned(member, draft, home, inlined)
    const cyclic = [...sources].some((other) => other !== draft && reaches(other, draft))
    return (
      aligned &&
      !cyclic &&
      policy.fuse(draft.members, [member], true) &&
      staysSound([...draft.members, member], inlined)
    )
  })
}

/** One list of loops is the beginning of the other. */
function sharesLoops(a: readonly Dim[], b: readonly Dim[]): boolean {
  const shared = Math.min(a.length, b.length)
  return a.slice(0, shared).every((d, k) => d === b[k])
}

/** Whether `from` needs `to`, directly or through others. */
function reaches(from: Draft, to: Draft): boolean {
  const seen = new Set<Draft>([from])
  for (const draft of seen) {
    if (draft === to) return true
    for (const next of draft.needs) seen.add(next)
  }
  return false
}

function merge(
  drafts: Draft[],
  home: Map<Node, Draft>,
  policy: FusionPolicy,
  inlined: (node: Node) => boolean,
): void {
  for (let i = 0; i < drafts.length; i++) {
    for (let j = drafts.length - 1; j > i; j--) {
      if (!mayMerge(drafts[i], drafts[j], policy)) continue
      const pair = mergeOrder(drafts[i], drafts[j])
      if (pair === undefined || !canMerge(pair, home, policy, inlined)) continue
      const [a, b] = [drafts[i], drafts[j]]
      const members = [...pair.before.members, ...pair.after.members]
      a.members.splice(0, a.members.length, ...members)
      if (b.dims.length > a.dims.length) a.dims = b.dims
      for (const need of b.needs) a.needs.add(need)
      a.needs.delete(a)
      a.needs.delete(b)
      for (const other of drafts) if (other.needs.delete(b) && other !== a) other.needs.add(a)
      for (const m of b.members) home.set(m.node, a)
      drafts.splice(j, 1)
      j = drafts.length // what has grown may now take those that it did not fit before
    }
  }
}

/** What can be known before asking who needs whom, which is dear. */
const mayMerge = (a: Draft, b: Draft, policy: FusionPolicy): boolean =>
  a.tag === 'nest' &&
  b.tag === 'nest' &&
  sharesLoops(a.dims, b.dims) &&
  [true, false].some(
    (related) =>
      policy.fuse(a.members, b.members, related) || policy.fuse(b.members, a.members, related),
  )

interface Pair {
  readonly before: Draft
  readonly after: Draft
  /** `after` reads `before`. */
  readonly related: boolean
}

/** Which of two goes first in one kernel; undefined where a third stands between them. */
function mergeOrder(a: Draft, b: Draft): Pair | undefined {
  const between = (after: Draft, before: Draft) =>
    [...after.needs].some((need) => need !== before && reaches(need, before))
  if (between(a, b) || between(b, a)) return undefined
  if (a.needs.has(b)) return { before: b, after: a, related: true }
  return { before: a, after: b, related: b.needs.has(a) }
}

function canMerge(
  { before, after, related }: Pair,
  home: ReadonlyMap<Node, Draft>,
  policy: FusionPolicy,
  inlined: (node: Node) => boolean,
): boolean {
  const aligned = after.members.every((m) => isAligned(m, before, home, inlined))
  return (
    aligned &&
    policy.fuse(before.members, after.members, related) &&
    staysSound([...before.members, ...after.members], inlined)
  )
}

const staysSound = (members: readonly Member[], inlined: (node: Node) => boolean): boolean =>
  isSound(registersRead(members, (m) => m.reads.map((r) => ownerOf(r.base, inlined))))

/** Whether a member reads a draft's values only at the index of its own loops. */
const isAligned = (
  member: Member,
  draft: Draft,
  home: ReadonlyMap<Node, Draft>,
  inlined: (node: Node) => boolean,
): boolean =>
  member.reads
    .filter((r) => home.get(ownerOf(r.base, inlined)) === draft)
    .every(
      (r) =>
        aliasOf(r.base, inlined) === undefined && !isRow(r.base) && isCanonical(r.base.shape, r.at),
    )

function ordered(drafts: readonly Draft[]): readonly Cluster[] {
  const order: Cluster[] = []
  const done = new Set<Draft>()
  const stack = [...drafts].reverse()
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const missing = [...top.needs].filter((need) => !done.has(need))
    if (!done.has(top) && missing.length > 0) {
      stack.push(...missing)
      continue
    }
    stack.pop()
    if (done.has(top)) continue
    done.add(top)
    order.push({ tag: top.tag, dims: top.dims, members: top.members })
  }
  return order
}

/** Maps that the policy would rather compute again in each reader, as far as that stays small. */
function findInlined(
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
