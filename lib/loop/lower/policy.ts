/**
 * The choices of fusion, each in one function, so that another policy can be handed in.
 *
 * The default: fuse what shares loops; contractions take maps behind them only; a reduction that
 * walks its argument across the rows takes nothing deeper; a whole-array total ends a kernel
 * unless the array is small; clusters stay below a size that engines compile quickly.
 */
import { type Dim, dimProduct } from '../../data/index.js'
import type { Node } from '../../term/index.js'
import { isReduction } from './access.js'
import { isContraction, type Part } from './part.js'

export interface FusionPolicy {
  /** May `after` run in the kernel of `before`? It reads that at its own index, or is unrelated. */
  readonly fuse: (before: Part, after: Part, related: boolean) => boolean
  /** May nests that do not depend on each other stand side by side in one kernel? */
  readonly join: (parts: readonly Part[]) => boolean
  /** Should a map be computed again in each of its readers rather than stored? */
  readonly inline: (node: Node, readers: readonly Node[]) => boolean
  /** At most so many maps are computed again for one element. */
  readonly largestCone: number
}

const largestCluster = { members: 160, weight: 8000 }
const smallArray = 1 << 16
const smallResult = 4096

export const fusionPolicy: FusionPolicy = {
  fuse: (before, after, related) => {
    if (isLarge(before, after)) return false
    if (after.contractions > 0) {
      // What the maps behind a contraction read, and nothing else does, is computed beside them.
      return related && before.onlyMaps && before.depth <= after.ceiling
    }
    if (before.contractions > 0 && !(related && after.onlyMaps)) return false
    if (after.depth > before.ceiling || before.depth > after.ceiling) return false
    if (!related) return sharesBase(before, after)
    return !startsOver(before, after) || isSmall(after.span)
  },
  join: (parts) =>
    parts.length <= 4 &&
    parts.reduce((sum, part) => sum + part.members.length, 0) <= largestCluster.members &&
    parts.every((part) => part.contractions === 0 && hasSmallResults(part)),
  largestCone: 24,
  inline: (node, readers) => {
    if (isScalar(node)) return true
    return readers.length === 1 && isReduction(readers[0]) && walksAcross(readers[0])
  },
}

/** Each total is another pass over the loops, which may compute again what the others did. */
function isLarge(before: Part, after: Part): boolean {
  const passes = 1 + (before.registers + after.registers) / 2
  const members = before.members.length + after.members.length
  return (
    members * Math.max(1, passes / 2) > largestCluster.members ||
    (before.weight + after.weight) * passes > largestCluster.weight
  )
}

const isScalar = (node: Node): boolean => node.outs[0].shape.every((d) => d === 1)

/** A reduction over axes that are not the last ones. */
function walksAcross(node: Node): boolean {
  const axes = node.attrs.axes as readonly number[] | undefined
  if (axes === undefined || isContraction(node)) return false
  const rank = node.args[0].shape.length
  return !axes.every((a) => a >= rank - axes.length)
}

/** Whether some loops read a total of the part before, so that they run after all of its loops. */
const startsOver = (before: Part, after: Part): boolean =>
  before.totals.size > 0 &&
  after.members.some(
    (m) => m.span.length > 0 && m.reads.some((r) => before.totals.has(r.base.node)),
  )

/** Little enough that starting a kernel is a good part of the work. */
const hasSmallResults = (part: Part): boolean =>
  part.members.every((m) =>
    m.node.outs.every((out) => {
      const count = dimProduct(out.shape)
      return typeof count === 'number' && count <= smallResult
    }),
  )

const isSmall = (dims: readonly Dim[]): boolean => {
  const count = dimProduct(dims)
  return typeof count === 'number' && count <= smallArray
}

function sharesBase(a: Part, b: Part): boolean {
  const [few, many] = a.bases.size < b.bases.size ? [a.bases, b.bases] : [b.bases, a.bases]
  for (const base of few) if (many.has(base)) return true
  return false
}
