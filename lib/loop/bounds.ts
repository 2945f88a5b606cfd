/**
 * Proofs about index expressions, for every value of the sizes.
 *
 *   i in 0..min(8, n − j), j in 0..n   ⊢   n − 1 − (j + i) ≥ 0
 *
 * A polynomial is shown to be ≥ 0 by replacing its innermost name by one of its bounds until only
 * sizes are left, which are at least 1. Sound, not complete: no answer means "not shown".
 */
import type { Expr } from './expression.js'
import {
  asNumber,
  factorsOf,
  isMultipleOf,
  linearIn,
  minus,
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
} from './polynomial.js'
import { showExpr } from './print.js'

/** A name whose values are bounded: a loop index, a counter, a let. Outer ones come first. */
export interface Binder {
  readonly name: string
  readonly range:
    | { readonly tag: 'loop'; readonly from: Expr; readonly to: Expr; readonly step: number }
    | { readonly tag: 'let'; readonly value: Expr }
    | { readonly tag: 'unknown' }
}

export interface Facts {
  readonly binders: readonly Binder[]
  /** Polynomials known to be ≥ 0, from the conditions around. */
  readonly known: readonly Polynomial[]
  /** Expressions that polynomials hold as names. */
  readonly atoms: Map<string, Expr>
}

export const noFacts = (): Facts => ({ binders: [], known: [], atoms: new Map() })

export function toPolynomial(facts: Facts, e: Expr): Polynomial {
  return polynomialOf(e, (x) => {
    const name = `$${showExpr(x)}`
    facts.atoms.set(name, x)
    return name
  })
}

/** Whether p ≥ 0 is shown. */
export function isNonNegative(facts: Facts, p: Polynomial): boolean {
  return prove(facts, p, 12) || facts.known.some((fact) => prove(facts, minus(p, fact), 12))
}

function prove(facts: Facts, p: Polynomial, depth: number): boolean {
  if (overSizes(facts, p)) return atLeastZero(p)
  if (depth === 0) return false
  const name = innermost(facts, p)
  const parts = name === undefined ? undefined : linearIn(p, name)
  if (name === undefined || parts === undefined) return false
  const side = prove(facts, parts.coefficient, depth - 1)
    ? 'lower'
    : prove(facts, scale(parts.coefficient, -1), depth - 1)
      ? 'upper'
      : undefined
  if (side === undefined) return false
  return boundsOf(facts, name, side).some((all) =>
    all.every(({ value, of }) => {
      // of · name is bounded by value, so of · p is bounded by coefficient · value + of · rest.
      const bounded = plus(times(parts.coefficient, value), scale(parts.rest, of))
      return prove(facts, bounded, depth - 1)
    }),
  )
}

interface Bound {
  readonly value: Polynomial
  /** `of` · name ≤ or ≥ value. */
  readonly of: number
}

/** Alternatives; each is a list of bounds of which one holds, so that all must do. */
function boundsOf(
  facts: Facts,
  name: string,
  side: 'lower' | 'upper',
): readonly (readonly Bound[])[] {
  const binder = facts.binders.find((b) => b.name === name)
  if (binder?.range.tag === 'loop') return loopBounds(facts, binder.range, side)
  if (binder?.range.tag === 'let')
    return [[{ value: toPolynomial(facts, binder.range.value), of: 1 }]]
  if (name.startsWith('floor(')) {
    const slash = name.lastIndexOf('/')
    const [value, of] = [ofDim(name.slice(6, slash)), Number(name.slice(slash + 1, -1))]
    return [[{ value: side === 'upper' ? value : plus(value, whole(1 - of)), of }]]
  }
  const atom = facts.atoms.get(name)
  return atom === undefined ? [] : atomBounds(facts, atom, side)
}

function loopBounds(
  facts: Facts,
  loop: { readonly from: Expr; readonly to: Expr; readonly step: number },
  side: 'lower' | 'upper',
): readonly (readonly Bound[])[] {
  const of = 1
  if (side === 'lower') {
    return alternatives(loop.from, 'max').map((e) => [{ value: toPolynomial(facts, e), of }])
  }
  const from = toPolynomial(facts, loop.from)
  return alternatives(loop.to, 'min').flatMap((e) => {
    const to = toPolynomial(facts, e)
    const isWhole = isMultipleOf(minus(to, from), loop.step, (n) => multipleOf(facts, n))
    const last = [{ value: minus(to, whole(isWhole ? loop.step : 1)), of }]
    const length = asNumber(minus(to, from))
    if (length === undefined || loop.step === 1) return [last]
    const steps = Math.floor((length - 1) / loop.step) * loop.step
    return [[{ value: plus(from, whole(steps)), of }], last]
  })
}

/** Of what number an index that counts from 0 is a multiple. */
function multipleOf(facts: Facts, name: string): number {
  const range = facts.binders.find((b) => b.name === name)?.range
  const counts = range?.tag === 'loop' && toPolynomial(facts, range.from).size === 0
  return counts ? range.step : 1
}

/** The arguments of nested min or max. */
export const alternatives = (e: Expr, op: 'min' | 'max'): readonly Expr[] =>
  e.tag === 'binary' && e.op === op ? [e.x, e.y].flatMap((x) => alternatives(x, op)) : [e]

function atomBounds(facts: Facts, e: Expr, side: 'lower' | 'upper'): readonly (readonly Bound[])[] {
  const bound = (x: Expr): Bound => ({ value: toPolynomial(facts, x), of: 1 })
  if (e.tag === 'select') return [[bound(e.yes), bound(e.no)]]
  if (e.tag === 'convert' && e.x.dtype === 'bool') {
    return [[{ value: whole(side === 'lower' ? 0 : 1), of: 1 }]]
  }
  if (e.tag !== 'binary') return []
  if (e.op === 'min' || e.op === 'max') {
    const either = (e.op === 'min') === (side === 'upper')
    // A clamp to a size: max(min(i, n − 1), 0) is below n, since n is at least 1.
    return either ? [[bound(e.x)], [bound(e.y)]] : [[bound(e.x), bound(e.y)]]
  }
  const divisor = e.y.tag === 'constant' ? Number(e.y.value) : undefined
  const positive = isNonNegative(facts, toPolynomial(facts, e.x))
  if (e.op === 'div' && divisor !== undefined && divisor > 0 && positive) {
    const x = toPolynomial(facts, e.x)
    if (side === 'lower') {
      return [[{ value: plus(x, whole(1 - divisor)), of: divisor }], [{ value: whole(0), of: 1 }]]
    }
    return [[{ value: x, of: divisor }], ...largestQuotients(facts, x, divisor)]
  }
  if (e.op === 'div' && positive && side === 'lower') return [[{ value: whole(0), of: 1 }]]
  if (e.op === 'div' && positive) return quotientBound(facts, e.x, e.y)
  if (e.op === 'rem' && positive) {
    if (side === 'lower') return [[{ value: whole(0), of: 1 }]]
    return [[{ value: minus(toPolynomial(facts, e.y), whole(1)), of: 1 }], [bound(e.x)]]
  }
  return []
}

/** x ≤ d·a + r with 0 ≤ r < d gives x / d ≤ a, tried for the upper bounds of x. */
function largestQuotients(
  facts: Facts,
  x: Polynomial,
  divisor: number,
): readonly (readonly Bound[])[] {
  return upperBounds(facts, x, 4).flatMap((bound) => {
    const quotient = new Map<string, number>()
    for (const [monomial, c] of bound) {
      const part = Math.floor(c / divisor)
      if (monomial !== '' && part * divisor !== c) return []
      if (part !== 0) quotient.set(monomial, part)
    }
    return [[{ value: quotient, of: 1 }]]
  })
}

/** What p is at most, with its innermost names replaced one after another. */
function upperBounds(facts: Facts, p: Polynomial, depth: number): readonly Polynomial[] {
  if (overSizes(facts, p)) return [p]
  const name = innermost(facts, p)
  const parts = name === undefined ? undefined : linearIn(p, name)
  const by = parts === undefined ? undefined : asNumber(parts.coefficient)
  if (name === undefined || parts === undefined || by === undefined || depth === 0) return [p]
  const found = boundsOf(facts, name, by > 0 ? 'upper' : 'lower').flatMap((all) => {
    const [only] = all
    if (all.length !== 1 || only === undefined || only.of !== 1) return []
    return upperBounds(facts, plus(parts.rest, scale(only.value, by)), depth - 1)
  })
  return [p, ...found].slice(0, 8)
}

/**
 * x / n for a symbolic n: x < q·n gives x / n ≤ q − 1, tried for what x's upper bounds divide to.
 */
function quotientBound(facts: Facts, x: Expr, n: Expr): readonly (readonly Bound[])[] {
  if (n.tag !== 'size' || typeof n.dim !== 'string' || factorsOf(n.dim).length !== 1) {
    return [[{ value: toPolynomial(facts, x), of: 1 }]]
  }
  const parts = linearIn(toPolynomial(facts, x), n.dim)
  const rest = parts?.rest
  const below =
    rest !== undefined && isNonNegative(facts, minus(named(n.dim), plus(rest, whole(1))))
  const value = below && parts !== undefined ? parts.coefficient : toPolynomial(facts, x)
  return [[{ value, of: 1 }], ...largest(facts, x, n.dim)]
}

/** x ≤ q·n − 1 for a flat index x over a known extent. */
function largest(facts: Facts, x: Expr, n: string): readonly (readonly Bound[])[] {
  const name = x.tag === 'variable' ? x.name : undefined
  const range = facts.binders.find((b) => b.name === name)?.range
  if (range?.tag !== 'loop') return []
  return alternatives(range.to, 'min').flatMap((e) => {
    const parts = linearIn(toPolynomial(facts, e), n)
    if (parts === undefined || parts.rest.size > 0) return []
    return [[{ value: minus(parts.coefficient, whole(1)), of: 1 }]]
  })
}

const isBound = (facts: Facts, name: string): boolean =>
  name.startsWith('$') || name.startsWith('floor(') || facts.binders.some((b) => b.name === name)

const overSizes = (facts: Facts, p: Polynomial): boolean =>
  ![...namesOf(p)].some((name) => isBound(facts, name))

/** The name to eliminate first: opaque ones, then the innermost binder, then floors. */
function innermost(facts: Facts, p: Polynomial): string | undefined {
  const names = [...namesOf(p)].filter((name) => isBound(facts, name))
  const rank = (name: string): number => {
    if (name.startsWith('$')) return facts.binders.length
    return facts.binders.findIndex((b) => b.name === name)
  }
  return names.sort((a, b) => rank(b) - rank(a))[0]
}

/** Whether a polynomial over sizes, each at least 1, is never negative: shift, look at signs. */
function atLeastZero(p: Polynomial): boolean {
  let shifted = p
  for (const name of namesOf(p)) {
    shifted = substituteName(shifted, name, plus(named(name), whole(1)))
  }
  return [...shifted.values()].every((coefficient) => coefficient >= 0)
}
