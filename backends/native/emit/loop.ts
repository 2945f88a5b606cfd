/**
 * Loops, in lock step where their mode says so, with their remainders.
 *
 *   vector(48) i in 0..n    →    48 at a time while i + 48 ≤ n, then 16, 8, 4 at a time, then one
 *
 * Odd sizes are handled by these remainders, never by padding. A loop whose count is known has only
 * the parts that it needs. Control that differs between lanes is refused.
 */
import { fail } from '../../../lib/data/error.js'
import {
  asNumber,
  type Block,
  childrenOf,
  type Expr,
  expressionsOf,
  type Loop,
  minus,
  nodesOf,
  polynomialOf,
  statementsOf,
} from '../../../lib/loop/index.js'
import { bitsOf } from './ctype.js'
import { common, divisorOf } from './divisor.js'
import { type Emission, type Level, maskOf, solveMasks } from './emission.js'
import { openReductions } from './reduce.js'
import { scalarText } from './scalar.js'

/** Emits the statements of a block; given by the statement emitter, which emits loops in turn. */
export type EmitBlock = (e: Emission, block: Block) => void

export function emitLoop(e: Emission, s: Loop, emitBlock: EmitBlock): void {
  requireUniform(e, s.from)
  requireUniform(e, s.to)
  const count = countOf(s)
  if (count === 0) return
  const { writer } = e
  const index = writer.fresh(s.index)
  const limit = writer.fresh(`${s.index} end`)
  const lanes = s.mode === 'vector' ? lanesOf(e, s) : 1
  const divisor = common(divisorOf(e, s.from), divisorOf(e, s.to))
  const parts = partsOf(s, widthsOf(e, s, lanes), count, divisor)
  const widest = parts[0] ?? 1
  writer.block('', () => {
    writer.line(`int64_t ${index} = ${scalarText(e, s.from, [])};`)
    writer.line(`const int64_t ${limit} = ${scalarText(e, s.to, [])};`)
    e.wholes.set(s.index, index)
    const least = s.step * (parts.at(-1) ?? 1)
    e.divisors.set(s.index, common(divisorOf(e, s.from), least))
    const reductions =
      s.mode === 'vector' && widest > 1
        ? openReductions(e, s.body, levelOf(e, s, widest, lanes))
        : undefined
    let left = count
    for (const width of parts) {
      const times = left === undefined ? undefined : Math.floor(left / width)
      if (left !== undefined) left %= width
      if (width === 1) reductions?.close()
      emitPart(e, s, { index, limit, width, times, lanes: Math.min(lanes, width) }, emitBlock)
    }
    reductions?.close()
  })
  e.wholes.delete(s.index)
  e.divisors.delete(s.index)
}

/** How many iterations there are, where that is a number. */
function countOf(s: Loop): number | undefined {
  const length = asNumber(
    minus(
      polynomialOf(s.to, () => '?to'),
      polynomialOf(s.from, () => '?from'),
    ),
  )
  return length === undefined ? undefined : Math.max(0, Math.ceil(length / s.step))
}

/**
 * How many iterations a lock-step loop may take at a time, largest first. What is left of whole
 * vectors goes in narrower ones, unless partial results of all lanes are kept.
 */
function widthsOf(e: Emission, s: Loop, lanes: number): readonly number[] {
  if (s.mode !== 'vector') return s.mode === 'unrolled' ? [s.width, 1] : [1]
  const keeps = statementsOf(s.body).some((x) => x.tag === 'accumulate' && e.slots.has(x.name))
  const narrower = keeps ? [] : [lanes / 2, lanes / 4].filter((width) => width >= leastLanes)
  return [...new Set([isHeavy(s) ? lanes : s.width, lanes, ...narrower, 1])]
}

/** A vector of fewer lanes saves little. */
const leastLanes = 4

/** The widths that occur; both bounds of the loop are multiples of `divisor`. */
function partsOf(
  s: Loop,
  parts: readonly number[],
  count: number | undefined,
  divisor: number,
): readonly number[] {
  if (parts.length === 1) return parts
  if (count === undefined) {
    const enough = parts.findIndex((width) => divisor % (width * s.step) === 0)
    return enough < 0 ? parts : parts.slice(0, enough + 1)
  }
  if (s.mode === 'unrolled') {
    const rest = count % s.width
    return [...(count >= s.width ? [s.width] : []), ...(rest > 0 ? [rest] : [])]
  }
  let left = count
  return parts.filter((w) => {
    const takes = left >= w
    left %= w
    return takes
  })
}

/**
 * Whether one vector at a time keeps the machine busy: the operations of the next iteration start
 * while those of this one wait, and several at a time would only spill registers.
 */
function isHeavy(s: Loop): boolean {
  let work = 0
  for (const inner of statementsOf(s.body)) {
    if (inner.tag === 'loop' || inner.tag === 'while') return false
    for (const x of expressionsOf(inner)) {
      for (const node of nodesOf(x)) if (childrenOf(node).length > 0 && node.tag !== 'load') work++
    }
  }
  return work > heavyWork
}

/** Operations of an iteration. */
const heavyWork = 40

/** Lanes that fill a register with the widest dtype in the loop, and divide its width. */
function lanesOf(e: Emission, s: Loop): number {
  let lanes = e.target.vectorBytes / (maskBitsOf(s.body) / 8)
  while (s.width % lanes !== 0) lanes /= 2
  return Math.max(lanes, 1)
}

/** The width of the widest values in a block that may be in lanes. */
function maskBitsOf(block: Block): 32 | 64 {
  for (const s of statementsOf(block)) {
    for (const x of expressionsOf(s)) {
      for (const node of nodesOf(x)) if (bitsOf(node.dtype) === 64) return 64
    }
  }
  return 32
}

interface Part {
  readonly index: string
  readonly limit: string
  readonly width: number
  /** How often the part runs, where that is known. */
  readonly times: number | undefined
  readonly lanes: number
}

function emitPart(e: Emission, s: Loop, part: Part, emitBlock: EmitBlock): void {
  const { index, limit, width } = part
  const lockstep = (s.mode === 'vector' || s.mode === 'unrolled') && width > 1
  const saved = e.masks
  e.masks = new Map(saved)
  if (lockstep) e.levels.push(levelOf(e, s, width, part.lanes))
  e.maskMemo.clear()
  if (e.levels.length > 0) solveMasks(e, s.body)
  const ahead = (width - 1) * s.step
  const more = `${index}${ahead > 0 ? ` + ${ahead}` : ''} < ${limit}`
  const step = `${index} += ${width * s.step}`
  if (part.times === 1) {
    e.writer.block('', () => emitBlock(e, s.body))
    e.writer.line(`${step};`)
  } else e.writer.block(`for (; ${more}; ${step})`, () => emitBlock(e, s.body))
  if (lockstep) e.levels.pop()
  e.maskMemo.clear()
  e.masks = saved
}

function levelOf(e: Emission, s: Loop, width: number, lanes: number): Level {
  const kind = s.mode === 'vector' ? 'vector' : 'unrolled'
  const { index, step } = s
  const maskBits = maskBitsOf(s.body)
  return { index, kind, width, step, mask: 1 << e.levels.length, lanes, maskBits }
}

export function requireUniform(e: Emission, x: Expr): void {
  if (maskOf(e, x) === 0) return
  fail({
    code: 'verify',
    where: `kernel ${e.kernel.name}`,
    what: 'a branch or a bound differs between iterations that run in lock step',
    expected: 'control flow that is the same for all lanes',
    fix: 'use select, or do not vectorise or unroll the loop around it',
  })
}
