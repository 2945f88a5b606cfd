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
} from '../../../lib/loop/index.js'
import { countOf } from './grid.js'

type Local = Stmt & { readonly tag: 'local' }

interface Use {
  readonly at: readonly Expr[]
  /** The loop over invocations around, if there is one. */
  readonly loop: Loop | undefined
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

/** The turns of the loops over invocations whose index is the only index; all alike. */
export function ownTurns(block: Block, local: Local, width: number): number | undefined {
  const [extent] = local.shape
  if (local.shape.length !== 1 || typeof extent !== 'number') return undefined
  const turns = Math.ceil(extent / width)
  const fits = usesOf(block, local.name).every(
    ({ at, loop }) => loop !== undefined && isVariable(at[0], loop.index) && isWhole(loop, extent),
  )
  return fits && turns <= mostTurns ? turns : undefined
}

const isVariable = (e: Expr | undefined, name: string): boolean =>
  e?.tag === 'variable' && e.name === name

/** From 0 in steps of 1 over exactly the extent. */
function isWhole(loop: Loop, extent: Dim | undefined): boolean {
  const counted = countOf(loop, new Set())
  const plain = loop.step === 1 && loop.from.tag === 'constant' && Number(loop.from.value) === 0
  return plain && counted?.guarded === false && counted.count === extent
}

function usesOf(block: Block, name: string, loop?: Loop): readonly Use[] {
  return block.flatMap((s): readonly Use[] => {
    const stores = s.tag === 'store' && s.buffer === name ? [{ at: s.at, loop }] : []
    const loads = expressionsOf(s).flatMap((e) =>
      [...nodesOf(e)].flatMap((node) =>
        node.tag === 'load' && node.buffer === name ? [{ at: node.at, loop }] : [],
      ),
    )
    const around = s.tag === 'loop' && s.spread === 'invocations' ? innermost(s, loop) : loop
    return [...stores, ...loads, ...blocksOf(s).flatMap((b) => usesOf(b, name, around))]
  })
}

/** Loops over invocations in one another share them: neither index is an invocation's own. */
const innermost = (s: Loop, outer: Loop | undefined): Loop =>
  outer === undefined ? s : { ...s, index: '' }
