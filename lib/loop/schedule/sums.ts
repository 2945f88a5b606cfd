/**
 * Sums: what would add up many terms one after another goes in blocks, so that its error stays small.
 *
 *   for k in 0..10⁷ { s += x[k, j] }    →    block k by 256 as k.b
 *   for k in 0..10⁷ { s += x[k] } in 16 lanes    →    block k by 4096 as k.b
 *
 * A sum of n terms in turn has an error of up to n roundings; here no more than some hundreds for
 * each level of blocks. Sums over several loops count all of them. Contractions in register
 * blocks, and what is carried from block to block in a tile, are left as they are.
 */
import type { Kernel } from '../kernel.js'
import { lockstepFaults } from '../lockstep.js'
import { isReduction } from '../reduction.js'
import type { Block, Loop, Stmt } from '../statement.js'
import { blocksOf } from '../traverse.js'
import { tryApply } from './apply.js'
import type { Decision, Schedule } from './decision.js'
import { extentOf } from './nest.js'

/** So many terms in turn. */
const mostTerms = 256
/** A size by name may be as large as this. */
const large = 1 << 20

/** Blocks for every sum of floating-point numbers that is too long, where they are legal. */
export function longSums(kernel: Kernel): Schedule {
  const schedule: Decision[] = []
  let blocked = kernel
  const left = new Set<string>()
  for (;;) {
    const next = sumsIn(blocked.body)
      .flatMap(blockFor)
      .find((d) => !left.has(d.loop))
    if (next === undefined) return schedule
    const applied = tryApply(blocked, [next])
    if (applied.tag === 'illegal' || lockstepFaults(applied.kernel.body).length > 0) {
      left.add(next.loop)
      continue
    }
    schedule.push(next)
    blocked = applied.kernel
  }
}

/**
 * The loops between where each accumulator is declared and where it is added to. Those of a
 * register block have their loop as it is.
 */
const sumsIn = (block: Block): readonly (readonly Loop[])[] => [
  ...block.flatMap((s) => (isSum(s) ? pathsTo(block, s.name) : [])),
  ...block.flatMap((s) =>
    s.tag === 'loop' && s.mode === 'unrolled' ? [] : blocksOf(s).flatMap(sumsIn),
  ),
]

const isSum = (s: Stmt): s is Stmt & { tag: 'variable' } =>
  s.tag === 'variable' && s.combine === 'add' && /^f/.test(s.initial.dtype)

function pathsTo(block: Block, name: string): readonly (readonly Loop[])[] {
  return block.flatMap((s): readonly (readonly Loop[])[] => {
    if (s.tag === 'accumulate') return s.name === name ? [[]] : []
    if (s.tag !== 'loop') return blocksOf(s).flatMap((inner) => pathsTo(inner, name))
    return pathsTo(s.body, name).map((path) => [s, ...path])
  })
}

/** The innermost loop at which there are too many terms, in blocks that have few enough. */
function blockFor(loops: readonly Loop[]): readonly (Decision & { tag: 'block' })[] {
  let terms = 1
  for (const loop of loops.toReversed()) {
    const steps = stepsOf(loop)
    if (terms * steps <= mostTerms) {
      terms *= steps
      continue
    }
    const by = Math.max(1, Math.floor(mostTerms / terms)) * loop.step * loop.width
    // What stores too is left as it is.
    return !isReduction(loop) || by >= steps * loop.step * loop.width
      ? []
      : [{ tag: 'block', loop: loop.index, by, outer: `${loop.index}.b` }]
  }
  return []
}

/** Terms one after another: lanes add to sums of their own, but for what is left of a vector. */
function stepsOf(loop: Loop): number {
  const extent = extentOf(loop)
  const count = Math.ceil((typeof extent === 'number' ? extent : large) / loop.step)
  return Math.floor(count / loop.width) + (count % loop.width)
}
