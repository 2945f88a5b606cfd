/**
 * The choices of fusion, each in one function, so that another policy can be handed in.
 *
 * The default: fuse what shares loops; contractions take maps behind them only; a reduction that
 * walks its argument across the rows takes nothing deeper; a whole-array total ends a kernel
 * unless the array is small; clusters stay below a size that engines compile quickly.
 */
import { type Dim, dimProduct } from '../../data/index.js'
import type { Node } from '../../term/index.js'
import { isCanonical, isMap, isReduction } from './access.js'
import type { BaseRead, Member } from './cluster.js'
import { isRegister } from './lanes.js'

export interface FusionPolicy {
  /** May `after` run in the kernel of `before`? It reads that at its own index, or is unrelated. */
  readonly fuse: (before: readonly Member[], after: readonly Member[], related: boolean) => boolean
  /** Should a map be computed again in each of its readers rather than stored? */
  readonly inline: (node: Node, readers: readonly Node[]) => boolean
  /** At most so many maps are computed again for one element. */
  readonly largestCone: number
}

const largestCluster = 160
/** Each total is another pass over the loops, which may compute again what the others did. */
const mostWork = 240
const smallArray = 1 << 16

export const fusionPolicy: FusionPolicy = {
  fuse: (before, after, related) => {
    const size = before.length + after.length
    if (size > largestCluster || size * (1 + countTotals(before) + countTotals(after)) > mostWork) {
      return false
    }
    if (after.some((m) => isContraction(m.node))) {
      // What the maps behind a contraction read, and nothing else does, is computed beside them.
      return related && before.every((m) => isMap(m.node)) && depthOf(before) <= ceilingOf(after)
    }
    const contracts = before.some((m) => isContraction(m.node))
    if (contracts && !(related && after.every((m) => isMap(m.node)))) return false
    if (depthOf(after) > ceilingOf(before) || depthOf(before) > ceilingOf(after)) return false
    if (!related) return sharesBase(before, after)
    return !after.some((m) => startsOver(before, m)) || isSmall(largestSpan(after))
  },
  largestCone: 24,
  inline: (node, readers) => {
    if (isScalar(node)) return true
    return readers.length === 1 && isReduction(readers[0]) && walksAcross(readers[0])
  },
}

const countTotals = (members: readonly Member[]): number =>
  members.filter((m) => isRegister(m.node)).length

/** The loops that a cluster needs beside its walks across rows, which others cannot join. */
const depthOf = (members: readonly Member[]): number =>
  Math.max(...members.map((m) => Math.min(m.span.length, ceiling(m))))

/** The deepest loops that others may add. */
const ceilingOf = (members: readonly Member[]): number => Math.min(...members.map(ceiling))

const isScalar = (node: Node): boolean => node.outs[0].shape.every((d) => d === 1)

export const isContraction = (node: Node): boolean =>
  node.op.name === 'dot' || node.op.name === 'conv'

/** The deepest loops that others may share with this member. */
function ceiling(member: Member): number {
  if (!isReduction(member.node)) return Number.POSITIVE_INFINITY
  const across = isContraction(member.node) || !member.reads.every(isRow)
  return across ? member.depth : Number.POSITIVE_INFINITY
}

/** Reads along the loops in their order. */
const isRow = (read: BaseRead): boolean => isCanonical(read.base.shape, read.at)

/** A reduction over axes that are not the last ones. */
function walksAcross(node: Node): boolean {
  const axes = node.attrs.axes as readonly number[] | undefined
  if (axes === undefined || isContraction(node)) return false
  const rank = node.args[0].shape.length
  return !axes.every((a) => a >= rank - axes.length)
}

/** Whether a member of some loops reads a total, so that those loops run after all others. */
function startsOver(before: readonly Member[], member: Member): boolean {
  const totals = new Set(before.flatMap((m) => (m.depth === 0 ? [m.node] : [])))
  return member.span.length > 0 && member.reads.some((r) => totals.has(r.base.node))
}

const largestSpan = (members: readonly Member[]): readonly Dim[] =>
  members.reduce<readonly Dim[]>((span, m) => (m.span.length > span.length ? m.span : span), [])

const isSmall = (dims: readonly Dim[]): boolean => {
  const count = dimProduct(dims)
  return typeof count === 'number' && count <= smallArray
}

function sharesBase(a: readonly Member[], b: readonly Member[]): boolean {
  const bases = new Set(a.flatMap((m) => m.reads.map((r) => r.base)))
  return b.some((m) => m.reads.some((r) => bases.has(r.base)))
}
