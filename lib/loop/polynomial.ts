/**
 * Polynomials over names (loop indices, sizes, opaque values) with integer coefficients: what an
 * index expression is to the analyses and to address arithmetic.
 *
 *   i·n + 4·j + 1   is   { 'i*n' → 1, 'j' → 4, '' → 1 }
 *
 * A monomial is its factors in order, joined by `*`; zero coefficients are left out.
 */
import { type Dim, dimTerms } from '../data/dim.js'
import type { Expr } from './expression.js'

export type Polynomial = ReadonlyMap<string, number>

export const zero: Polynomial = new Map()
export const whole = (n: number): Polynomial => (n === 0 ? zero : new Map([['', n]]))
export const named = (name: string): Polynomial => new Map([[name, 1]])
export const ofDim = (dim: Dim): Polynomial => dimTerms(dim)

export function plus(a: Polynomial, b: Polynomial, times = 1): Polynomial {
  if (b.size === 0 || times === 0) return a
  const sum = new Map(a)
  for (const [monomial, coefficient] of b) {
    const total = (sum.get(monomial) ?? 0) + times * coefficient
    if (total === 0) sum.delete(monomial)
    else sum.set(monomial, total)
  }
  return sum
}

export const minus = (a: Polynomial, b: Polynomial): Polynomial => plus(a, b, -1)
export const scale = (a: Polynomial, by: number): Polynomial => plus(zero, a, by)

export function times(a: Polynomial, b: Polynomial): Polynomial {
  let total = zero
  for (const [monomial, coefficient] of b) {
    if (monomial === '') total = plus(total, a, coefficient)
    else {
      const shifted = new Map([...a].map(([m, c]) => [joinFactors(m, monomial), c * coefficient]))
      total = plus(total, shifted)
    }
  }
  return total
}

const joinFactors = (a: string, b: string): string =>
  a === '' ? b : [...factorsOf(a), ...factorsOf(b)].sort().join('*')

/** The factors of a monomial; `floor(a*b/2)` is one factor. */
export function factorsOf(monomial: string): readonly string[] {
  if (monomial === '') return []
  if (!monomial.includes('*')) return [monomial]
  if (!monomial.includes('(')) return monomial.split('*')
  const factors: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i <= monomial.length; i++) {
    const c = monomial[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if ((c === '*' && depth === 0) || c === undefined) {
      factors.push(monomial.slice(from, i))
      from = i + 1
    }
  }
  return factors
}

/** Whether it is a multiple of a number, each name being one of what `multiple` says. */
export const isMultipleOf = (p: Polynomial, of: number, multiple: (name: string) => number) =>
  [...p].every(([monomial, count]) => {
    const all = factorsOf(monomial).reduce((n, factor) => n * (multiple(factor) % of), count % of)
    return all % of === 0
  })

/** The number that a polynomial is, if it is one. */
export function asNumber(p: Polynomial): number | undefined {
  if (p.size === 0) return 0
  return p.size === 1 ? p.get('') : undefined
}

export const constantPart = (p: Polynomial): number => p.get('') ?? 0
export const withoutConstant = (p: Polynomial): Polynomial => minus(p, whole(constantPart(p)))

/** How many terms besides the constant a and b differ in. */
export function distinctTerms(a: Polynomial, b: Polynomial): number {
  let count = 0
  for (const [monomial, coefficient] of a) {
    if (monomial !== '' && b.get(monomial) !== coefficient) count++
  }
  for (const monomial of b.keys()) if (monomial !== '' && !a.has(monomial)) count++
  return count
}

export const samePolynomial = (a: Polynomial, b: Polynomial): boolean => minus(a, b).size === 0

/** Writes p as coefficient·name + rest; undefined where the name occurs to a higher power. */
export function linearIn(
  p: Polynomial,
  name: string,
): { readonly coefficient: Polynomial; readonly rest: Polynomial } | undefined {
  const coefficient = new Map<string, number>()
  const rest = new Map<string, number>()
  for (const [monomial, c] of p) {
    const factors = factorsOf(monomial)
    const at = factors.indexOf(name)
    if (at < 0) rest.set(monomial, c)
    else {
      const others = factors.toSpliced(at, 1)
      if (others.includes(name)) return undefined
      coefficient.set(others.join('*'), c)
    }
  }
  return { coefficient, rest }
}

export function namesOf(p: Polynomial): ReadonlySet<string> {
  const names = new Set<string>()
  for (const monomial of p.keys()) for (const name of factorsOf(monomial)) names.add(name)
  return names
}

/** The terms whose names all satisfy the predicate. */
export function partOver(p: Polynomial, available: (name: string) => boolean): Polynomial {
  const part = new Map<string, number>()
  for (const [monomial, c] of p) if (factorsOf(monomial).every(available)) part.set(monomial, c)
  return part
}

export function substituteName(p: Polynomial, name: string, by: Polynomial): Polynomial {
  let total = zero
  for (const [monomial, c] of p) {
    const factors = factorsOf(monomial)
    if (!factors.includes(name)) total = plus(total, new Map([[monomial, c]]))
    else {
      const value = factors.reduce((acc, f) => times(acc, f === name ? by : named(f)), whole(c))
      total = plus(total, value)
    }
  }
  return total
}

/** Text that equal polynomials share. */
export const keyOf = (p: Polynomial): string =>
  [...p]
    .map(([monomial, c]) => `${c} ${monomial}`)
    .sort()
    .join(' + ')

/**
 * An i32 expression as a polynomial over sizes and variables. What is not of that form becomes
 * a name of its own, given by `opaque`.
 */
export function polynomialOf(e: Expr, opaque: (e: Expr) => string): Polynomial {
  if (e.tag === 'constant') return whole(Number(e.value))
  if (e.tag === 'size') return ofDim(e.dim)
  if (e.tag === 'variable') return named(e.name)
  if (e.tag === 'binary' && (e.op === 'add' || e.op === 'sub' || e.op === 'mul')) {
    const [x, y] = [polynomialOf(e.x, opaque), polynomialOf(e.y, opaque)]
    return e.op === 'mul' ? times(x, y) : plus(x, y, e.op === 'add' ? 1 : -1)
  }
  return named(opaque(e))
}
