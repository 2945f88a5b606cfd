/**
 * Locals of a group of which each invocation uses a part of its own: registers.
 */
import type { Dim } from '../../../lib/data/dim.js'
import {
  type Block,
  blocksOf,
  type Expr,
  expressionsOf,
  type Loop,
  nodesOf,
  type Stmt,
  size,
} from '../../../lib/loop/index.js'
import { countOf } from './grid.js'
import { isNumber } from './wide.js'

type Local = Stmt & { readonly tag: 'local' }

interface Use {
  readonly at: readonly Expr[]
  /** The loop over invocations around, if there is one. */
  readonly loop: Loop | undefined
  /** The loop in lanes inside that one. */
  readonly lane: Loop | undefined
}

/** More turns of a loop than this are not kept in registers. */
const mostTurns = 64

/** Whether the first index is always that of the one loop over invocations around. */
export function ownRows(block: Block, local: Local): boolean {
  const [rows] = local.shape
  return usesOf(block, local.name).every(({ at, loop }) => {
    if (loop === undefined || !isVariable(at[0], loop.index)) return false
    return isWhole(loop, rows)
  })
}

export interface Turns {
  readonly count: number
  /** Neighbours that an invocation takes in each. */
  readonly lanes: number
  /** Which of them an index is. */
  readonly laneOf: (at: Expr) => Expr
}

/**
 * The turns of the loops over invocations whose index is the only index, or that of the first of
 * some neighbours; all alike.
 */
export function ownTurns(block: Block, local: Local, width: number): Turns | undefined {
  const [extent] = local.shape
  if (local.shape.length !== 1 || typeof extent !== 'number') return undefined
  const uses = usesOf(block, local.name)
  const lanes = uses[0]?.loop?.step ?? 1
  const count = Math.ceil(extent / lanes / width)
  const loops = new Set(uses.map(({ loop }) => loop?.index ?? ''))
  const laneOf = (at: Expr): Expr => {
    if (at.tag !== 'binary' || at.op !== 'add') return size(0)
    return at.x.tag === 'variable' && loops.has(at.x.name) ? at.y : at.x
  }
  const fits = uses.every(({ at: [at], loop, lane }) => {
    if (loop === undefined || at === undefined || !isWhole(loop, extent, lanes)) return false
    return isVariable(at, loop.index) || isNeighbour(at, loop, lane)
  })
  return fits && count * lanes <= mostTurns ? { count, lanes, laneOf } : undefined
}

/** Whether an index is that of a loop plus that of the lanes inside, as many as its step. */
const isNeighbour = (at: Expr, loop: Loop, lane: Loop | undefined): boolean =>
  at.tag === 'binary' &&
  at.op === 'add' &&
  lane !== undefined &&
  lane.step === 1 &&
  isNumber(lane.from, 0) &&
  isNumber(lane.to, loop.step) &&
  [at.x, at.y].some((x) => isVariable(x, loop.index)) &&
  [at.x, at.y].some((x) => isVariable(x, lane.index))

const isVariable = (e: Expr | undefined, name: string): boolean =>
  e?.tag === 'variable' && e.name === name

/** From 0 in such steps over exactly the extent. */
function isWhole(loop: Loop, extent: Dim | undefined, step = 1): boolean {
  const counted = countOf(loop, new Set())
  const plain = loop.step === step && isNumber(loop.from, 0)
  if (!plain || counted?.guarded !== false) return false
  return step === 1 ? counted.count === extent : Number(counted.count) * step === extent
}

function usesOf(block: Block, name: string, loop?: Loop, lane?: Loop): readonly Use[] {
  return block.flatMap((s): readonly Use[] => {
    const stores = s.tag === 'store' && s.buffer === name ? [{ at: s.at, loop, lane }] : []
    const loads = expressionsOf(s).flatMap((e) =>
      [...nodesOf(e)].flatMap((node) =>
        node.tag === 'load' && node.buffer === name ? [{ at: node.at, loop, lane }] : [],
      ),
    )
    const isSpread = s.tag === 'loop' && s.spread === 'invocations'
    const around = isSpread ? innermost(s, loop) : loop
    const inner = s.tag === 'loop' && s.mode === 'vector' ? s : lane
    return [...stores, ...loads, ...blocksOf(s).flatMap((b) => usesOf(b, name, around, inner))]
  })
}

/** Loops over invocations in one another share them: neither index is an invocation's own. */
const innermost = (s: Loop, outer: Loop | undefined): Loop =>
  outer === undefined ? s : { ...s, index: '' }
