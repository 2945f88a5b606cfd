/**
 * Loads at clamped indices, as padding and gathers write them.
 *
 *   x[i, max(min(j + q − 1, n − 1), 0)] in lanes of j
 *
 * Away from the edges the clamp does nothing and the lanes are neighbours; so an emitter asks once
 * a vector whether all lanes are inside, and loads them together if so.
 */
import type { Expr } from './expression.js'
import type { Block } from './statement.js'
import { expressionsOf, nodesOf, statementsOf } from './traverse.js'

/**
 * An access without its clamp, the index that was clamped, and the extent that it was clamped to.
 */
export interface Unclamped {
  readonly at: readonly Expr[]
  readonly last: Expr
  readonly extent: Expr
}

export function findClamped(body: Block): ReadonlyMap<readonly Expr[], Unclamped> {
  const found = new Map<readonly Expr[], Unclamped>()
  for (const s of statementsOf(body)) {
    for (const x of expressionsOf(s)) {
      for (const node of nodesOf(x)) {
        const last = node.tag === 'load' ? node.at.at(-1) : undefined
        const clamp = last === undefined ? undefined : clampOf(last)
        if (node.tag !== 'load' || clamp === undefined) continue
        found.set(node.at, { ...clamp, at: [...node.at.slice(0, -1), clamp.last] })
      }
    }
  }
  return found
}

/** The index and the extent of max(min(index, extent − 1), 0). */
function clampOf(e: Expr): { readonly last: Expr; readonly extent: Expr } | undefined {
  if (e.tag !== 'binary' || e.op !== 'max' || e.y.tag !== 'constant' || e.y.value !== 0) return
  const { x } = e
  if (x.tag !== 'binary' || x.op !== 'min') return
  if (x.y.tag === 'constant') {
    const extent: Expr = { ...x.y, value: Number(x.y.value) + 1 }
    return { last: x.x, extent }
  }
  const below =
    x.y.tag === 'binary' && x.y.op === 'sub' && x.y.y.tag === 'constant' ? x.y : undefined
  return below?.y.tag === 'constant' && below.y.value === 1
    ? { last: x.x, extent: below.x }
    : undefined
}
