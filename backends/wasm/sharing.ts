/**
 * Values that several copies of one statement have in common are computed at the first and kept.
 *
 *   acc[r, j] += A[r, k] · B[k, j]  for r in 0..6    loads each B vector once, each A value once
 *
 * This is what makes a register block out of two loops in lock step.
 */
import { type Expr, isLeaf } from '../../lib/loop/index.js'
import { type Coordinates, coordinateCount, coordinateKey, type Emission } from './emission.js'
import type { ValueType } from './encode.js'

/**
 * Emits `compute` once for each of the coordinates that the value varies with, if the statement is
 * emitted at more coordinates than that; else just emits it.
 */
export function shareAt(
  e: Emission,
  x: Expr,
  form: string,
  mask: number,
  lanes: number,
  at: Coordinates,
  type: ValueType,
  compute: () => void,
): void {
  const plain = x.tag === 'constant' || (form === 'scalar' && isLeaf(x))
  if (plain || e.statementMask === 0 || !isCommon(e, mask, lanes)) {
    compute()
    return
  }
  const key = `${form} ${coordinateKey(e, mask, at)}`
  const kept = e.shared.get(x) ?? new Map<string, number>()
  e.shared.set(x, kept)
  const local = kept.get(key)
  if (local !== undefined) {
    e.code.emit('local.get', local)
    return
  }
  compute()
  const fresh = e.code.take(type)
  kept.set(key, fresh)
  e.code.emit('local.tee', fresh)
}

/** Whether the statement is emitted at more coordinates than a value has. */
const isCommon = (e: Emission, mask: number, lanes: number): boolean =>
  coordinateCount(e, mask, lanes) < coordinateCount(e, e.statementMask, lanes)

/** Forgets what the statement shared. */
export function endSharing(e: Emission): void {
  for (const kept of e.shared.values()) for (const local of kept.values()) e.code.release(local)
  e.shared.clear()
}
