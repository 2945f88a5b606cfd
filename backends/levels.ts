/**
 * Levels: the loops of mode vector and unrolled around a statement, which run in lock step.
 *
 * A value lives at coordinates, one for each level that it varies with: the copy of an unrolled
 * loop, the first lane of a vector. A set of levels is a bit mask.
 */
import { type Expr, eachChild } from '../lib/loop/index.js'

export interface Level {
  readonly index: string
  readonly kind: 'vector' | 'unrolled'
  readonly width: number
  readonly step: number
  readonly mask: number
}

/** One coordinate a level, outermost first: a copy, or a lane. */
export type Coordinates = readonly number[]

/** What an emitter knows of levels while it writes a kernel. */
export interface Levels {
  readonly levels: readonly Level[]
  /** Names that have a place, with the levels that they vary with. */
  readonly slots: ReadonlyMap<string, { readonly mask: number }>
  /** The same for names that have no place yet. */
  readonly masks: ReadonlyMap<string, number>
  readonly maskMemo: Map<Expr, number>
}

export const vectorLevel = <L extends Level>(e: { readonly levels: readonly L[] }): L | undefined =>
  e.levels.find((level) => level.kind === 'vector')

/** The levels that an expression varies with. */
export function maskOf(e: Levels, x: Expr): number {
  if (e.levels.length === 0 || x.tag === 'constant') return 0
  const known = e.maskMemo.get(x)
  if (known !== undefined) return known
  let mask = x.tag === 'variable' ? maskOfName(e, x.name) : 0
  eachChild(x, (child) => {
    mask |= maskOf(e, child)
  })
  e.maskMemo.set(x, mask)
  return mask
}

export function maskOfName(e: Levels, name: string): number {
  const level = e.levels.find((l) => l.index === name)
  return level?.mask ?? e.slots.get(name)?.mask ?? e.masks.get(name) ?? 0
}

/** Calls `f` at every coordinate of the levels in the mask; vectors advance by `lanes`. */
export function eachCoordinate(
  e: Levels,
  mask: number,
  lanes: number,
  f: (at: Coordinates) => void,
): void {
  const go = (i: number, at: Coordinates): void => {
    const level = e.levels[i]
    if (level === undefined) {
      f(at)
      return
    }
    const step = level.kind === 'vector' ? lanes : 1
    const end = (mask & level.mask) === 0 ? 1 : level.width
    for (let c = 0; c < end; c += step) go(i + 1, [...at, c])
  }
  go(0, [])
}

/** The lane coordinate of `at` becomes `lane`. */
export function atLane(e: Levels, at: Coordinates, lane: number): Coordinates {
  const i = e.levels.findIndex((level) => level.kind === 'vector')
  return i < 0 ? at : at.with(i, lane)
}

export function laneAt(e: Levels, at: Coordinates): number {
  const i = e.levels.findIndex((level) => level.kind === 'vector')
  return i < 0 ? 0 : (at[i] ?? 0)
}
