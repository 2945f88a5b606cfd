/**
 * Where an access is: a polynomial over int64 variables, at given coordinates of the lock-step
 * loops.
 *
 *   x[i + r, k] at copy 2 of r    →    x[(i + 2)·n + k]  as  x[i*n + 2*n + k]
 *
 * The C compiler moves what is the same in all iterations out of loops and turns products into
 * pointers that advance; here each access is spelled out.
 */
import { invariant } from '../../../lib/data/error.js'
import {
  asNumber,
  type Expr,
  factorsOf,
  linearIn,
  named,
  namesOf,
  ofDim,
  type Polynomial,
  plus,
  polynomialOf,
  substituteName,
  times,
  whole,
  zero,
} from '../../../lib/loop/index.js'
import { type Coordinates, type Emission, maskOf, maskOfName, vectorLevel } from './emission.js'

export interface AccessIndex {
  /** In elements. */
  readonly index: Polynomial
  /** Names in it that are neither sizes nor loop indices. */
  readonly values: readonly string[]
}

export function accessIndex(e: Emission, buffer: string, at: readonly Expr[]): AccessIndex {
  const known = e.accesses.get(at)
  if (known !== undefined) return known
  const { strides } = layoutOf(e, buffer)
  const opaque = (x: Expr): string => {
    const name = `$${e.atoms.size}`
    e.atoms.set(name, x)
    return name
  }
  const index = at.reduce<Polynomial>(
    (sum, x, axis) => plus(sum, times(polynomialOf(x, opaque), ofDim(strides[axis] ?? 1))),
    zero,
  )
  const values = [...namesOf(index)].filter(
    (name) => !e.plain.has(name) && !name.startsWith('floor('),
  )
  const result: AccessIndex = { index, values }
  e.accesses.set(at, result)
  return result
}

export function layoutOf(e: Emission, buffer: string) {
  const layout = e.layouts.get(buffer)
  invariant(layout !== undefined, `kernel ${e.kernel.name} has no buffer '${buffer}'`)
  return layout
}

/** The levels that a value in an index varies with. */
export const valueMask = (e: Emission, name: string): number => {
  const atom = e.atoms.get(name)
  return atom === undefined ? maskOfName(e, name) : maskOf(e, atom)
}

/** The index with the loops in lock step at their coordinates. */
export function positionAt(e: Emission, access: AccessIndex, at: Coordinates): Polynomial {
  return e.levels.reduce((index, level, i) => {
    const shift = (at[i] ?? 0) * level.step
    if (shift === 0) return index
    return substituteName(index, level.index, plus(named(level.index), whole(shift)))
  }, access.index)
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
  const coefficient = linearIn(access.index, level.index)?.coefficient
  const slope = coefficient === undefined ? undefined : asNumber(coefficient)
  if (slope === 0) return 'uniform'
  return slope === 1 && level.step === 1 ? 'contiguous' : 'scattered'
}

/** A polynomial as an int64 expression; `name` spells a factor. */
export function polynomialText(p: Polynomial, name: (factor: string) => string): string {
  const terms = [...p].map(([monomial, coefficient]) => {
    const factors = factorsOf(monomial).map(name)
    if (factors.length === 0) return `${coefficient}`
    return coefficient === 1 ? factors.join('*') : [`${coefficient}`, ...factors].join('*')
  })
  return terms.length === 0 ? '0' : terms.join(' + ')
}

/** A size or a loop index by name; floors are computed. */
export function wholeText(wholes: ReadonlyMap<string, string>, name: string): string {
  const known = wholes.get(name)
  if (known !== undefined) return known
  invariant(name.startsWith('floor('), `no value for the size '${name}'`)
  const slash = name.lastIndexOf('/')
  const dim = polynomialText(ofDim(name.slice(6, slash)), (factor) => wholeText(wholes, factor))
  return `((${dim}) / ${name.slice(slash + 1, -1)})`
}
