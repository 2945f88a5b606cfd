/**
 * Part: nodes that share a kernel, with what the choices of fusion ask about them, kept up as the
 * part grows, so that a question costs the same however large it is.
 */
import type { Dim } from '../../data/index.js'
import type { Node, Term } from '../../term/index.js'
import { isCanonical, isMap, isReduction } from './access.js'
import { isRegister } from './lanes.js'
import type { BaseRead, Member } from './member.js'

export interface Part {
  readonly members: readonly Member[]
  /** Nodes of all expressions. */
  readonly weight: number
  /** Reductions and loops: values in registers. */
  readonly registers: number
  readonly contractions: number
  readonly onlyMaps: boolean
  /** The loops that it needs beside walks across rows, which others cannot join. */
  readonly depth: number
  /** The deepest loops that others may add. */
  readonly ceiling: number
  /** The loops of its deepest member. */
  readonly span: readonly Dim[]
  readonly bases: ReadonlySet<Term>
  /** Members outside all loops: values of whole arrays. */
  readonly totals: ReadonlySet<Node>
}

/** The facts of a part, to grow. */
type Growing = {
  -readonly [K in keyof Part]: Part[K] extends ReadonlySet<infer A>
    ? Set<A>
    : K extends 'members'
      ? Member[]
      : Part[K]
}

export function partOf(members: readonly Member[]): Part {
  const part: Growing = {
    members: [],
    weight: 0,
    registers: 0,
    contractions: 0,
    onlyMaps: true,
    depth: 0,
    ceiling: Number.POSITIVE_INFINITY,
    span: [],
    bases: new Set(),
    totals: new Set(),
  }
  for (const member of members) grow(part, member)
  return part
}

/** Adds a member to a part that the caller owns. */
export function grow(part: Part, member: Member): void {
  const growing = part as Growing // made by partOf, whose sets and lists can grow
  const { node, span, depth, reads, weight } = member
  const ceiling = ceilingOf(member)
  growing.members.push(member)
  growing.weight += weight
  growing.registers += isRegister(node) ? 1 : 0
  growing.contractions += isContraction(node) ? 1 : 0
  growing.onlyMaps &&= isMap(node)
  growing.depth = Math.max(part.depth, Math.min(span.length, ceiling))
  growing.ceiling = Math.min(part.ceiling, ceiling)
  if (span.length > part.span.length) growing.span = span
  if (depth === 0) growing.totals.add(node)
  for (const { base } of reads) growing.bases.add(base)
}

export const isContraction = (node: Node): boolean =>
  node.op.name === 'dot' || node.op.name === 'conv'

function ceilingOf(member: Member): number {
  if (!isReduction(member.node)) return Number.POSITIVE_INFINITY
  const across = isContraction(member.node) || !member.reads.every(isRowRead)
  return across ? member.depth : Number.POSITIVE_INFINITY
}

/** Reads along the loops in their order. */
const isRowRead = (read: BaseRead): boolean => isCanonical(read.base.shape, read.at)
