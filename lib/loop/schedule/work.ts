/**
 * Work: what each block of a scheduled kernel executes a step, in instructions of the machine.
 *
 *   s[i, j] += a[i, k] · b[k, j], i unrolled by 4, j in lanes by 8    →    8 on vectors, 6 moves
 *
 * A step is one iteration, or those that advance together. What copies have in common is counted
 * once, as an emitter shares it. Partial steps count as whole ones, both arms of a branch count.
 */
import { byteSize } from '../../data/dtype.js'
import type { Expr } from '../expression.js'
import type { Kernel } from '../kernel.js'
import type { Block, Loop, Stmt } from '../statement.js'
import { childrenOf, expressionsOf, nodesOf, statementsOf } from '../traverse.js'
import { type BufferAccess, stepOf } from './stride.js'

export interface BlockWork {
  /** The loop right around; empty for the body of the kernel. */
  readonly loop: string
  /** Steps in all. */
  readonly steps: number
  readonly statements: number
  /** A step: arithmetic on vectors and on scalars, loads and stores, each by its weight. */
  readonly vectors: number
  readonly scalars: number
  readonly moves: number
  /** Operations that wait for one another, accumulators from step to step included. */
  readonly chain: number
  /** Vectors that are in use at once. */
  readonly live: number
  /** Accesses that are elsewhere in the next step, lanes apart included: bytes of their buffers. */
  readonly leaps: readonly number[]
  /** Vectors of f32 that a step takes along its lanes. */
  readonly wide: number
  /** Whether cache lines are asked for ahead. */
  readonly touches: boolean
}

/** A loop in lock step: its bit, and how many iterations advance together. */
interface Level {
  readonly bit: number
  readonly width: number
  readonly vector: boolean
}

export function workOfBlocks(
  kernel: Kernel,
  vectorBytes: number,
  iterationsOf: (loop: Loop) => number,
  bytesOf: (buffer: string) => number,
): readonly BlockWork[] {
  const levels = levelsOf(kernel, iterationsOf)
  const varying = varyingNames(kernel, levels)
  const blocks: BlockWork[] = []
  const walk = (block: Block, loop: string, few: boolean, steps: number, active: number): void => {
    const work = countBlock(kernel, block, {
      levels,
      varying,
      active,
      vectorBytes,
      loop,
      few,
      bytesOf,
    })
    if (loop !== '' || work.statements > 0) blocks.push({ ...work, loop, steps })
    const inner = (body: Block): void => walk(body, loop, few, steps, active)
    for (const s of block) {
      if (s.tag === 'if') for (const body of [s.yes, s.no]) if (body.length > 0) inner(body)
      if (s.tag === 'while') inner(s.body)
      if (s.tag !== 'loop') continue
      const level = levels.get(s.index)
      const iterations = iterationsOf(s)
      const runs = level === undefined ? iterations : Math.ceil(iterations / level.width)
      const few = s.mode === 'sequential' && runs <= streams
      walk(s.body, s.index, few, steps * runs, active | (level?.bit ?? 0))
    }
  }
  walk(kernel.body, '', false, 1, 0)
  return blocks
}

function levelsOf(
  kernel: Kernel,
  iterationsOf: (loop: Loop) => number,
): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>()
  for (const s of statementsOf(kernel.body)) {
    if (s.tag !== 'loop' || (s.mode !== 'vector' && s.mode !== 'unrolled')) continue
    const width = Math.max(1, Math.min(s.width, iterationsOf(s)))
    levels.set(s.index, { bit: 1 << (levels.size % 31), width, vector: s.mode === 'vector' })
  }
  return levels
}

/** The levels that each name varies with. */
function varyingNames(
  kernel: Kernel,
  levels: ReadonlyMap<string, Level>,
): ReadonlyMap<string, number> {
  const varying = new Map([...levels].map(([name, { bit }]) => [name, bit]))
  let changed = levels.size > 0
  while (changed) {
    changed = false
    const masks = new Map<Expr, number>()
    for (const s of statementsOf(kernel.body)) {
      if (!('name' in s)) continue
      const before = varying.get(s.name) ?? 0
      const mask = expressionsOf(s).reduce((m, e) => m | maskOf(e, varying, masks), before)
      if (mask === before) continue
      varying.set(s.name, mask)
      changed = true
    }
  }
  return varying
}

function maskOf(e: Expr, varying: ReadonlyMap<string, number>, masks: Map<Expr, number>): number {
  const known = masks.get(e)
  if (known !== undefined) return known
  const mask =
    e.tag === 'variable'
      ? (varying.get(e.name) ?? 0)
      : childrenOf(e).reduce((m, child) => m | maskOf(child, varying, masks), 0)
  masks.set(e, mask)
  return mask
}

interface Context {
  readonly levels: ReadonlyMap<string, Level>
  readonly varying: ReadonlyMap<string, number>
  /** Levels around the block. */
  readonly active: number
  readonly vectorBytes: number
  readonly loop: string
  /** Whether it adds up so few terms that the machine follows where each comes from. */
  readonly few: boolean
  readonly bytesOf: (buffer: string) => number
}

type Counts = Omit<BlockWork, 'loop' | 'steps'>

/** Of the statements that stand in the block itself. */
function countBlock(kernel: Kernel, block: Block, context: Context): Counts {
  const { levels, varying, active, vectorBytes, loop, bytesOf } = context
  const leaps: number[] = []
  const masks = new Map<Expr, number>()
  const lanes = [...levels].find(([, l]) => l.vector && (active & l.bit) !== 0)
  const total = { vectors: 0, scalars: 0, moves: 0 }
  let [statements, chain, live, deepest, lets, copies] = [0, 0, 0, 0, 0, 0]
  const depths = new Map<string, number>()
  /** Copies of what varies with these levels, and instructions for them. */
  const spread = (
    mask: number,
    bytes: number,
  ): { copies: number; count: number; vector: boolean } => {
    let [all, vector] = [1, false]
    for (const { bit, width, vector: isLanes } of levels.values()) {
      if ((mask & active & bit) === 0) continue
      all *= width
      vector ||= isLanes
    }
    return { copies: all, count: vector ? Math.max(1, (all * bytes) / vectorBytes) : all, vector }
  }
  const access = (
    { buffer, at }: Pick<BufferAccess, 'buffer' | 'at'>,
    mask: number,
    bytes: number,
    followed: boolean,
  ): void => {
    const { copies: all, count, vector } = spread(mask, bytes)
    const step = (index: string) => stepOf(kernel, { buffer, at }, index)
    const near = !vector || step(lanes?.[0] ?? '') === 1
    total.moves += near ? count : all * scatteredWeight
    if (!near) for (let lane = 0; lane < all; lane += 4) leaps.push(bytesOf(buffer))
    else if (loop !== '' && lanes?.[0] !== loop) {
      const far = Math.abs(step(loop) ?? Number.POSITIVE_INFINITY) * bytes
      if (far > leapBytes && !followed) leaps.push(bytesOf(buffer))
    }
  }
  const value = (e: Expr): number => {
    const index = new Set<Expr>()
    for (const node of nodesOf(e))
      if (node.tag === 'load') for (const i of node.at) nodesOf(i, index)
    for (const node of nodesOf(e)) {
      if (index.has(node)) continue
      const mask = maskOf(node, varying, masks)
      if (node.tag === 'load') access(node, mask, byteSize[node.dtype], context.few)
      const weight = weightOf(node)
      if (weight === 0) continue
      const { count, vector } = spread(mask, node.dtype === 'f64' || node.dtype === 'i64' ? 8 : 4)
      total[vector ? 'vectors' : 'scalars'] += weight * count
    }
    return depthOf(e, depths, index)
  }
  for (const s of block) {
    if (s.tag === 'loop' || s.tag === 'touch' || s.tag === 'local') continue
    statements++
    if (s.tag === 'if' || s.tag === 'while') {
      total.scalars += 2
      continue
    }
    if (s.tag === 'store') {
      const mask = [...s.at, s.value].reduce((m, e) => m | maskOf(e, varying, masks), 0)
      access(s, mask, byteSize[s.value.dtype === 'i64' ? 'f64' : s.value.dtype], false)
      deepest = Math.max(deepest, value(s.value))
      continue
    }
    const e = s.tag === 'variable' ? s.initial : s.value
    const depth = value(e)
    const wide = spread(
      maskOf(e, varying, masks) | (varying.get(s.name) ?? 0),
      e.dtype === 'f64' || e.dtype === 'i64' ? 8 : 4,
    )
    if (s.tag === 'accumulate') {
      // A product goes into the sum by one instruction.
      const fused = e.tag === 'binary' && e.op === 'mul'
      total[wide.vector ? 'vectors' : 'scalars'] += fused ? 0 : wide.count
      chain = Math.max(chain, 1)
      if (wide.vector) live += wide.count
    } else {
      depths.set(s.name, depth)
      if (s.tag === 'let' && wide.vector) {
        lets++
        copies = Math.max(copies, wide.count)
      }
    }
    deepest = Math.max(deepest, depth)
  }
  return {
    statements,
    ...total,
    chain: Math.max(chain, deepest),
    live: Math.max(live, Math.min(2, lets) * copies),
    leaps,
    wide: spread(lanes?.[1].bit ?? 0, 4).count,
    touches: block.some(isTouch),
  }
}

const isTouch = (s: Stmt): boolean =>
  s.tag === 'touch' || (s.tag === 'if' && s.yes.some((inner) => inner.tag === 'touch'))

/** Steps no longer than this are what a machine foresees. */
const leapBytes = 256
/** So many places that are read in turn it follows, each from where it was read last. */
const streams = 16

/** A lane that is loaded or stored by itself. */
const scatteredWeight = 1.5

/** Instructions that a node takes. */
function weightOf(e: Expr): number {
  switch (e.tag) {
    case 'constant':
    case 'size':
    case 'variable':
    case 'load':
    case 'reinterpret':
      return 0
    case 'unary':
      return e.op === 'sqrt' ? 6 : 1
    case 'binary': {
      if (e.op === 'div' || e.op === 'rem') return 5
      if (e.op !== 'min' && e.op !== 'max') return e.op === 'copysign' ? 2 : 1
      return e.x.tag === 'constant' || e.y.tag === 'constant' ? 1 : 7
    }
    case 'select':
      return 2
    case 'compare':
    case 'fma':
    case 'convert':
      return 1
  }
}

/** The longest way through operations; lets count where they are read. */
function depthOf(e: Expr, lets: ReadonlyMap<string, number>, index: ReadonlySet<Expr>): number {
  const depths = new Map<Expr, number>()
  for (const node of nodesOf(e)) {
    if (index.has(node)) continue
    const below = childrenOf(node).reduce((d, child) => Math.max(d, depths.get(child) ?? 0), 0)
    const own = node.tag === 'variable' ? (lets.get(node.name) ?? 0) : weightOf(node)
    depths.set(node, below + own)
  }
  return depths.get(e) ?? 0
}
