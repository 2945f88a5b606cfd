/**
 * Where an access is: a polynomial and a constant, at given coordinates of the lock-step loops.
 *
 *   x[i + r, k] at copy 2 of r    →    i·n + k  and  2·n, or 2·512 as a constant where n is 512
 */
import { invariant } from '../../lib/data/error.js'
import {
  asNumber,
  constantPart,
  type Expr,
  linearIn,
  named,
  namesOf,
  ofDim,
  type Polynomial,
  plus,
  polynomialOf,
  scale,
  substituteName,
  times,
  whole,
  withoutConstant,
  zero,
} from '../../lib/loop/index.js'
import {
  type Coordinates,
  type Emission,
  type Level,
  maskOf,
  maskOfName,
  vectorLevel,
} from './emission.js'

export interface AccessIndex {
  /** In elements, less the constant. */
  readonly index: Polynomial
  readonly constant: number
  /** Names in it that are neither sizes nor loop indices. */
  readonly values: readonly string[]
  /** The coefficient of a loop index; undefined where the index is not linear in it. */
  readonly slopes: Map<string, number | Polynomial | undefined>
  /** The index moved to where its coordinates say: equal ones are one object. */
  readonly moved: Map<string, Position>
}

export interface Position {
  readonly index: Polynomial
  /** In elements. */
  readonly offset: number
}

export function accessIndex(e: Emission, buffer: string, at: readonly Expr[]): AccessIndex {
  const known = e.accesses.get(at)
  if (known !== undefined) return known
  const layout = e.layouts.get(buffer)
  invariant(layout !== undefined, `kernel ${e.kernel.name} has no buffer '${buffer}'`)
  const opaque = (x: Expr): string => {
    const name = `$${e.atoms.size}`
    e.atoms.set(name, x)
    return name
  }
  const index = at.reduce<Polynomial>(
    (sum, x, axis) => plus(sum, times(polynomialOf(x, opaque), ofDim(layout.strides[axis] ?? 1))),
    zero,
  )
  const values = [...namesOf(index)].filter(
    (name) => !e.plain.has(name) && !name.startsWith('floor('),
  )
  const result: AccessIndex = {
    index: withoutConstant(index),
    constant: constantPart(index),
    values,
    slopes: new Map(),
    moved: new Map(),
  }
  e.accesses.set(at, result)
  return result
}

function slopeOf(access: AccessIndex, name: string): number | Polynomial | undefined {
  if (access.slopes.has(name)) return access.slopes.get(name)
  const coefficient = linearIn(access.index, name)?.coefficient
  const slope = coefficient === undefined ? undefined : (asNumber(coefficient) ?? coefficient)
  access.slopes.set(name, slope)
  return slope
}

/** The levels that a value in an index varies with. */
const valueMask = (e: Emission, name: string): number => {
  const atom = e.atoms.get(name)
  return atom === undefined ? maskOfName(e, name) : maskOf(e, atom)
}

/**
 * The access at given coordinates: level indices shift by their copy or lane, values that vary with
 * a level are marked with the coordinates.
 */
export function positionAt(e: Emission, access: AccessIndex, at: Coordinates): Position {
  let offset = access.constant
  let shifts = ''
  for (const [i, level] of e.levels.entries()) {
    const shift = (at[i] ?? 0) * level.step
    if (shift === 0) continue
    const slope = slopeOf(access, level.index)
    if (typeof slope === 'number') offset += slope * shift
    else shifts += `${level.index} ${shift},`
  }
  let marks = ''
  for (const name of access.values) {
    if (e.levels.length > 0 && valueMask(e, name) !== 0) marks += `${name}@`
  }
  if (marks !== '') marks += at.join(',')
  else if (shifts === '') return { index: access.index, offset }
  const key = `${shifts} ${marks}`
  const known = access.moved.get(key) ?? moved(e, access, at)
  access.moved.set(key, known)
  return { index: known.index, offset: offset + known.offset }
}

/** Moved along the levels in which the index is no multiple of a number, and marked. */
function moved(e: Emission, access: AccessIndex, at: Coordinates): Position {
  let { index } = access
  let offset = 0
  for (const [i, level] of e.levels.entries()) {
    const shift = (at[i] ?? 0) * level.step
    const slope = slopeOf(access, level.index)
    if (shift === 0 || typeof slope === 'number') continue
    if (slope !== undefined) index = plus(index, scale(slope, shift))
    else {
      const shifted = substituteName(index, level.index, plus(named(level.index), whole(shift)))
      offset += constantPart(shifted)
      index = withoutConstant(shifted)
    }
  }
  for (const name of access.values) {
    if (e.levels.length === 0 || valueMask(e, name) === 0) continue
    index = substituteName(index, name, named(`${name}@${at.join(',')}`))
  }
  return { index, offset }
}

/** The levels at whose coordinates the access needs different pointers. */
export function pointerMask(e: Emission, access: AccessIndex): number {
  const own = (level: Level): number =>
    typeof slopeOf(access, level.index) === 'number' ? 0 : level.mask
  const levels = e.levels.reduce((mask, level) => mask | own(level), 0)
  return access.values.reduce((mask, name) => mask | valueMask(e, name), levels)
}

/** How an access moves from lane to lane: not at all, by one element, or otherwise. */
export function laneStride(
  e: Emission,
  buffer: string,
  at: readonly Expr[],
): 'uniform' | 'contiguous' | 'scattered' {
  const level = vectorLevel(e)
  if (level === undefined) return 'uniform'
  const access = accessIndex(e, buffer, at)
  if (access.values.some((name) => (valueMask(e, name) & level.mask) !== 0)) return 'scattered'
  const slope = slopeOf(access, level.index)
  if (slope === 0) return 'uniform'
  return slope === 1 && level.step === 1 ? 'contiguous' : 'scattered'
}
