/**
 * Merge: drafts of clusters grow by the nodes that read them, and then into each other.
 *
 *   {a: sum x} {b: max x}    →    {sum x, max x}, since both walk x
 *
 * Candidates are found by what they need and by what they read, so that the time is about linear
 * in the nodes: of the many readers of one array only the nearest are tried.
 */
import type { Dim } from '../../data/index.js'
import type { Node, Term } from '../../term/index.js'
import { aliasOf, isCanonical } from './access.js'
import { isRegister, isRow } from './lanes.js'
import { type Member, ownerOf } from './member.js'
import type { Order } from './order.js'
import { type Part, partOf } from './part.js'
import { isSound, registersRead } from './phases.js'
import type { FusionPolicy } from './policy.js'

/** A cluster under construction. */
export interface Draft {
  readonly tag: 'nest' | 'opaque'
  dims: readonly Dim[]
  part: Part
}

export interface Fusion {
  readonly home: Map<Node, Draft>
  /** Drafts behind those that they need. */
  readonly order: Order<Draft>
  readonly policy: FusionPolicy
  readonly inlined: (node: Node) => boolean
}

/** Tried for one draft at a time among those that read what it reads. */
const nearest = 32

/** The draft that a node joins: one whose values it reads at the very index of the loops. */
export function pickHome(
  member: Member,
  sources: ReadonlySet<Draft>,
  fusion: Fusion,
): Draft | undefined {
  const { order, policy } = fusion
  const alone = partOf([member])
  return [...sources].reverse().find((draft) => {
    if (draft.tag !== 'nest' || !sharesLoops(draft.dims, member.span)) return false
    return (
      policy.fuse(draft.part, alone, true) &&
      isAligned(member, draft, fusion) &&
      ![...sources].some((other) => other !== draft && order.reaches(other, draft)) &&
      staysSound([...draft.part.members, member], fusion)
    )
  })
}

/** One list of loops is the beginning of the other. */
function sharesLoops(a: readonly Dim[], b: readonly Dim[]): boolean {
  const shared = Math.min(a.length, b.length)
  return a.slice(0, shared).every((d, k) => d === b[k])
}

/** Merges drafts as far as the policy wants, earlier ones first. */
export function mergeDrafts(drafts: readonly Draft[], fusion: Fusion): void {
  const place = new Map(drafts.map((d, i) => [d, i]))
  const readers = readersOf(drafts)
  const alive = new Set(drafts)
  for (const draft of drafts) {
    if (!alive.has(draft) || draft.tag !== 'nest') continue
    let queue = candidates(draft, fusion, readers, alive, place)
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (!tryMerge(draft, next, fusion)) continue
      alive.delete(next)
      // What has grown may now take those that it did not fit before.
      queue = candidates(draft, fusion, readers, alive, place)
    }
  }
}

/** Drafts behind one that are related to it or read what it reads, the last one last. */
function candidates(
  draft: Draft,
  { order }: Fusion,
  readers: ReadonlyMap<Term, Readers>,
  alive: Set<Draft>,
  place: ReadonlyMap<Draft, number>,
): Draft[] {
  const own = place.get(draft) ?? 0
  const found = new Set<Draft>()
  const meet = (others: Iterable<Draft>): void => {
    let room = nearest
    for (const other of others) {
      if (other.tag !== 'nest' || !alive.has(other) || (place.get(other) ?? 0) <= own) continue
      found.add(other)
      if (--room === 0) return
    }
  }
  meet(order.needs(draft))
  meet(order.neededBy(draft))
  for (const base of draft.part.bases) {
    const list = readers.get(base)
    if (list === undefined) continue
    while (list.from < list.drafts.length && (place.get(list.drafts[list.from]) ?? 0) <= own) {
      list.from++
    }
    meet(behind(list))
  }
  return [...found].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0))
}

/** Who reads a base, in order; those before `from` have had their turn. */
interface Readers {
  readonly drafts: Draft[]
  from: number
}

function* behind({ drafts, from }: Readers): Generator<Draft> {
  for (let i = from; i < drafts.length; i++) yield drafts[i]
}

function readersOf(drafts: readonly Draft[]): ReadonlyMap<Term, Readers> {
  const readers = new Map<Term, Readers>()
  for (const draft of drafts) {
    for (const base of draft.part.bases) {
      const known = readers.get(base)
      if (known === undefined) readers.set(base, { drafts: [draft], from: 0 })
      else known.drafts.push(draft)
    }
  }
  return readers
}

/** Puts `b` into `a` where they fit and no third stands between them. */
function tryMerge(a: Draft, b: Draft, fusion: Fusion): boolean {
  const { home, order, policy } = fusion
  if (!mayMerge(a, b, policy)) return false
  const pair = mergeOrder(a, b, order)
  if (pair === undefined || !canMerge(pair, fusion)) return false
  a.part = partOf([...pair.before.part.members, ...pair.after.part.members])
  if (b.dims.length > a.dims.length) a.dims = b.dims
  order.merge(a, b)
  for (const m of b.part.members) home.set(m.node, a)
  return true
}

/** What can be known before asking who needs whom, which is dear. */
const mayMerge = (a: Draft, b: Draft, policy: FusionPolicy): boolean =>
  sharesLoops(a.dims, b.dims) &&
  [true, false].some(
    (related) => policy.fuse(a.part, b.part, related) || policy.fuse(b.part, a.part, related),
  )

interface Pair {
  readonly before: Draft
  readonly after: Draft
  /** `after` reads `before`. */
  readonly related: boolean
}

/** Which of two goes first in one kernel; undefined where a third stands between them. */
function mergeOrder(a: Draft, b: Draft, order: Order<Draft>): Pair | undefined {
  const between = (after: Draft, before: Draft) =>
    [...order.needs(after)].some((need) => need !== before && order.reaches(need, before))
  if (between(a, b) || between(b, a)) return undefined
  if (order.needs(a).has(b)) return { before: b, after: a, related: true }
  return { before: a, after: b, related: order.needs(b).has(a) }
}

function canMerge({ before, after, related }: Pair, fusion: Fusion): boolean {
  return (
    fusion.policy.fuse(before.part, after.part, related) &&
    after.part.members.every((m) => isAligned(m, before, fusion)) &&
    staysSound([...before.part.members, ...after.part.members], fusion)
  )
}

const staysSound = (members: readonly Member[], { inlined }: Fusion): boolean =>
  !members.some((m) => isRegister(m.node)) ||
  isSound(registersRead(members, (m) => m.reads.map((r) => ownerOf(r.base, inlined))))

/** Whether a member reads a draft's values only at the index of its own loops. */
const isAligned = (member: Member, draft: Draft, { home, inlined }: Fusion): boolean =>
  member.reads
    .filter((r) => home.get(ownerOf(r.base, inlined)) === draft)
    .every(
      (r) =>
        aliasOf(r.base, inlined) === undefined && !isRow(r.base) && isCanonical(r.base.shape, r.at),
    )
