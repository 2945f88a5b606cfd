/**
 * Divide: which loops of a scheduled kernel threads share; decided last.
 *
 *   parallel rows            the outermost loop with enough iterations for all threads
 *   lanes over everything    split into runs of whole vectors, the runs spread
 *   a total                  blocked, each block's sum kept, the blocks spread
 *   tiles filled before      spread too where they are large; small ones each thread fills itself
 *
 * What runs is divided in the same way for every count of threads above one, so it gives the same.
 */
import type { Kernel } from '../kernel.js'
import { isReduction } from '../reduction.js'
import type { Block, Loop, Stmt } from '../statement.js'
import { blocksOf, statementsOf } from '../traverse.js'
import { applySchedule, tryApply } from './apply.js'
import type { Decision, Schedule } from './decision.js'
import type { Hardware } from './hardware.js'
import { extentOf, findLoop } from './nest.js'

/** Runs that a loop in lanes is split into, and the longest of them. */
const runs = 16
const longestRun = 8192
/** Elements of a tile that threads fill together: fetching the others' part costs too. */
const largeTile = 131072
/** Terms of a total that threads share. */
const longTotal = 8192

export function divideDecisions(kernel: Kernel, hardware: Hardware): Schedule {
  if (hardware.threads < 2) return []
  let divided = kernel
  let shared = 0
  const schedule: Decision[] = []
  for (const s of kernel.body) {
    if (s.tag !== 'loop') continue
    for (const decisions of optionsFor(divided, s.index, hardware.threads)) {
      const applied = tryApply(divided, decisions)
      if (applied.tag === 'illegal') continue
      schedule.push(...decisions)
      divided = applied.kernel
      shared += workOf([s])
      break
    }
  }
  // Every thread would do the rest, so where that is most of it one thread does all.
  return shared * 2 > workOf(kernel.body) ? schedule : []
}

/** Statements that run, where a size by name counts as some hundreds. */
const workOf = (block: Block): number =>
  block.reduce((sum, s) => {
    const inner = blocksOf(s).reduce((n, b) => n + workOf(b), 0)
    return sum + (s.tag === 'loop' ? (countOf(s, s.step) ?? 256) * inner : 1 + inner)
  }, 0)

/** What may be done with a loop at the top of a kernel, best first. */
function optionsFor(kernel: Kernel, name: string, threads: number): readonly Schedule[] {
  const loop = findLoop(kernel, name)
  if (isReduction(loop)) return isLong(loop) ? totals(loop) : []
  if (loop.mode === 'sequential') return []
  const best = bestIn(kernel, loop, threads)
  return best === undefined ? [] : [best.schedule]
}

interface Found {
  readonly schedule: Schedule
  /** The part of the threads that have work on average, of the time that the last one takes. */
  readonly balance: number
}

/** Enough balance to look no deeper. */
const balanced = 0.9

function bestIn(kernel: Kernel, loop: Loop, threads: number): Found | undefined {
  const here = spreadOf(loop, threads)
  if (here !== undefined && here.balance >= balanced) return here
  const deeper = loop.mode === 'parallel' ? insideOf(kernel, loop, threads) : undefined
  const before = here?.balance ?? 0
  return deeper !== undefined && deeper.balance > before + 0.1 ? deeper : here
}

/** The loop itself: spread, or in lanes, split and spread. */
function spreadOf(loop: Loop, threads: number): Found | undefined {
  const name = loop.index
  if (loop.mode === 'parallel') {
    const balance = balanceOf(countOf(loop, loop.step), threads)
    return balance === undefined ? undefined : { schedule: [spread(name)], balance }
  }
  const extent = extentOf(loop)
  if (loop.step !== 1 || extent === undefined) return undefined
  const run = runOf(extent, loop.width, isFlat(loop))
  const balance = balanceOf(countOf(loop, run), threads)
  const outer = `${name}.run`
  const split: Decision = { tag: 'split', loop: name, by: run, outer }
  return balance === undefined ? undefined : { schedule: [split, spread(outer)], balance }
}

/** The loop inside that writes results, where all beside it only fills tiles. */
function insideOf(kernel: Kernel, loop: Loop, threads: number): Found | undefined {
  const results = new Set(kernel.buffers.map((b) => b.name))
  const writes = (s: Stmt): boolean =>
    statementsOf([s]).some((t) => t.tag === 'store' && results.has(t.buffer))
  const main = loop.body.filter(writes)
  const [next] = main
  if (main.length !== 1 || next?.tag !== 'loop' || next.mode !== 'parallel') return undefined
  const beside = loop.body.filter((s) => s !== next)
  if (!beside.every((s) => s.tag === 'local' || s.tag === 'let' || isFill(s))) return undefined
  const found = bestIn(kernel, next, threads)
  if (found === undefined) return undefined
  const fills = beside.filter((s): s is Loop => s.tag === 'loop' && fillsLarge(loop.body, s))
  const shared = fills.flatMap((s) => spreadOf(s, threads)?.schedule ?? [])
  return { ...found, schedule: [...shared, ...found.schedule] }
}

const isFill = (s: Stmt): boolean => s.tag === 'loop' && s.mode !== 'sequential'

function fillsLarge(block: Block, fill: Loop): boolean {
  const filled = new Set(statementsOf([fill]).flatMap((s) => (s.tag === 'store' ? s.buffer : [])))
  return block.some((s) => {
    if (s.tag !== 'local' || !filled.has(s.name)) return false
    return (
      s.shape.reduce<number>((n, d) => n * (typeof d === 'number' ? d : largeTile), 1) >= largeTile
    )
  })
}

/** A total over everything: its steps, after a blocking where it has none. */
function totals(loop: Loop): readonly Schedule[] {
  const kept = (name: string): Schedule => [{ tag: 'partials', loop: name }, spread(name)]
  const extent = extentOf(loop)
  if (extent === undefined) return [kept(loop.index)]
  const outer = `${loop.index}.run`
  const by = runOf(extent, loop.step * loop.width, isFlat(loop))
  const blocked: Schedule = [{ tag: 'block', loop: loop.index, by, outer }, ...kept(outer)]
  return loop.step > 1 ? [kept(loop.index)] : [kept(loop.index), blocked]
}

/** Whether a total is worth dividing: not known to be short. */
function isLong(loop: Loop): boolean {
  let terms = 1
  for (const s of statementsOf([loop])) {
    if (s.tag !== 'loop') continue
    const extent = extentOf(s)
    terms *= typeof extent === 'number' ? Math.max(1, extent) : longTotal
  }
  return terms >= longTotal
}

/** Iterations of one run: whole vectors. */
function runOf(extent: number | string, width: number, flat: boolean): number {
  const longest = flat ? longestRun : 4 * width
  if (typeof extent !== 'number') return longest
  const even = Math.ceil(extent / runs / width) * width
  return flat ? Math.min(longest, even) : even
}

const isFlat = (loop: Loop): boolean => loop.body.every((s) => s.tag !== 'loop')

const spread = (loop: string): Decision => ({ tag: 'spread', loop, over: 'threads' })

/** How many iterations of `step` a loop has; undefined where that is not known, so many. */
function countOf(loop: Loop, step: number): number | undefined {
  const extent = extentOf(loop)
  return typeof extent === 'number' ? Math.ceil(extent / step) : undefined
}

function balanceOf(count: number | undefined, threads: number): number | undefined {
  if (count === undefined) return 1
  if (count < 2) return undefined
  return count / (Math.ceil(count / threads) * threads)
}

/** The kernel with its loops divided, for those who schedule by hand. */
export const divideKernel = (kernel: Kernel, hardware: Hardware): Kernel =>
  applySchedule(kernel, divideDecisions(kernel, hardware))
