/**
 * Lanes: candidates for nests that are no contraction.
 *
 *   for i, j { y[i, j] = f(x[i, j]) }    →    collapse i, j; touch i by 128 of i; vector i by 16
 *   for i { for j { s += x[i, j] } }     →    vector j by 16
 *
 * Elementwise loops are made flat, with several vectors in flight; a reduction gets lanes along
 * itself or along its results, whichever lies side by side in memory.
 */
import { dimProduct } from '../../data/dim.js'
import { byteSize } from '../../data/dtype.js'
import type { Kernel } from '../kernel.js'
import { addsUp, isIndependent, isReduction } from '../reduction.js'
import type { Block, Loop } from '../statement.js'
import { countNodes, expressionsOf, statementsOf } from '../traverse.js'
import { tryApply } from './apply.js'
import { crossing } from './cross.js'
import type { Decision, Schedule } from './decision.js'
import type { Hardware } from './hardware.js'
import { chainFrom, extentOf } from './nest.js'
import { accessesIn, laneScore, motionOf, nestedScore } from './stride.js'
import { muchWork, workOf } from './touch.js'

/** The extent where it is a number; a symbolic one counts as large. */
export const known = (l: Loop): number => {
  const extent = extentOf(l)
  return typeof extent === 'number' ? extent : 4096
}

/** Best guess first; not checked. */
export function lanesFor(
  kernel: Kernel,
  chain: readonly Loop[],
  hardware: Hardware,
): readonly Schedule[] {
  const lanes = hardware.vectorBytes / 4
  const width = lanes * hardware.interleave
  const innermost = chain.at(-1)
  if (innermost === undefined) return []
  const inner = innermost.body.filter((s): s is Loop => s.tag === 'loop')
  const [only] = inner
  const scores = new Map(chain.map((l) => [l, laneScore(kernel, l.body, l.index)]))
  const score = (l: Loop): number => scores.get(l) ?? 0
  if (inner.length === 0) {
    const flat = collapsing(kernel, chain)
    const target = flat.target
    // Lanes that are loaded one by one gain nothing from many vectors in flight.
    const gathers = accessesIn(innermost.body).some(
      (a) => motionOf(kernel, a, innermost.index) === 'far',
    )
    // Long bodies have enough to do at once, and would become very long code.
    const narrow = gathers || weightOf(innermost.body) > 600
    const widths = narrow ? [lanes, width, 2 * width] : [width, 2 * width, lanes]
    const lines = burst(kernel, chain, target, hardware)
    const wide = widths.flatMap((w) =>
      (lines.length > 0 ? [lines, []] : [[]]).map(
        (ahead): Schedule => [
          ...flat.schedule,
          ...ahead,
          { tag: 'vector', loop: target, width: w },
        ],
      ),
    )
    // Lanes along an outer loop where the innermost one is not contiguous.
    const other = chain
      .filter((l) => l !== innermost && isIndependent(l))

      .toSorted((a, b) => score(b) - score(a))
      .map((l): Schedule => [{ tag: 'vector', loop: l.index, width }])
    const better =
      other.length > 0 &&
      chain.some((l) => l !== innermost && isIndependent(l) && score(l) > score(innermost) + 1)
    if (!isIndependent(innermost) && !addsUp(innermost)) return other
    return [
      ...crossing(kernel, chain, hardware),
      ...(better ? [...other, ...wide] : [...wide, ...other]),
    ]
  }
  if (inner.length !== 1 || only === undefined) {
    return outerLanes(chain, (l) => nestedScore(kernel, l.body, l.index), width)
  }
  return reductionLanes(kernel, chain, only, width, score)
}

/** Lines asked for together, in a nest with much work an element over more than a cache holds. */
function burst(
  kernel: Kernel,
  chain: readonly Loop[],
  target: string,
  { touch, cache }: Hardware,
): Schedule {
  const [top] = chain
  const body = chain.at(-1)?.body ?? []
  // Rows inside are short, and the loops before them have been through.
  if (touch === undefined || top === undefined || !kernel.body.includes(top)) return []
  if (chain.some((l) => l.mode !== 'parallel') || workOf(body) < muchWork) return []
  const bytes = Math.max(
    ...kernel.buffers.map((b) => {
      const count = dimProduct(b.shape)
      return typeof count === 'number' ? count * byteSize[b.dtype] : Number.POSITIVE_INFINITY
    }),
  )
  if (bytes <= cache.l2) return []
  return [{ tag: 'touch', loop: target, by: (touch.lines * touch.lineBytes) / 4, of: target }]
}

/** One reduction inside parallel loops: lanes along it, or along a loop over results. */
function reductionLanes(
  kernel: Kernel,
  chain: readonly Loop[],
  first: Loop,
  width: number,
  score: (l: Loop) => number,
): readonly Schedule[] {
  const reduction = chainFrom(first).at(-1) ?? first
  const innermost = chain.at(-1)
  const along: readonly Schedule[] = isReduction(reduction)
    ? [
        [{ tag: 'vector', loop: reduction.index, width }],
        [{ tag: 'vector', loop: reduction.index, width: 2 * width }],
      ]
    : []
  const across = outerLanes(chain, score, width)
  const scoreAlong = laneScore(kernel, reduction.body, reduction.index)
  const [best] = chain.filter(isIndependent).toSorted((a, b) => score(b) - score(a))
  const most = best === undefined ? 0 : score(best)
  const short = innermost !== undefined && known(reduction) < 16
  // Results may lie side by side while all that is read for them lies apart.
  const apart = best !== undefined && laneScore(kernel, reduction.body, best.index) < 0
  return scoreAlong > 0 && !(short && most > 0) && (scoreAlong >= most - 4 || apart)
    ? [...along, ...across]
    : [...across, ...along]
}

/** Lanes along a loop over results, with everything inside in lock step. */
function outerLanes(
  chain: readonly Loop[],
  score: (l: Loop) => number,
  width: number,
): readonly Schedule[] {
  return chain
    .filter((l) => l.mode === 'parallel' && score(l) > 0)
    .toSorted((a, b) => score(b) - score(a))
    .flatMap((l): readonly Schedule[] => [
      [{ tag: 'vector', loop: l.index, width }],
      [{ tag: 'vector', loop: l.index, width: 4 }],
    ])
}

/** Operations in the expressions of a block. */
const weightOf = (block: Block): number => countNodes(statementsOf(block).flatMap(expressionsOf))

/** Collapses as many of the innermost loops as can be; the blocks of a sum are those of its rows. */
function collapsing(
  kernel: Kernel,
  chain: readonly Loop[],
): { readonly schedule: Schedule; readonly target: string } {
  const schedule: Decision[] = []
  let target = chain.at(-1)?.index ?? ''
  for (const outer of chain.slice(0, -1).toReversed()) {
    const next: Decision = { tag: 'collapse', outer: outer.index, inner: target }
    if (outer.mode === 'sequential') break
    if (tryApply(kernel, [...schedule, next]).tag === 'illegal') break
    schedule.push(next)
    target = outer.index
  }
  return { schedule, target }
}
