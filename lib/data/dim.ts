/**
 * Sizes of dimensions: numbers, or polynomials over named sizes in a canonical text.
 *
 *   dimAdd('batch', 3) → 'batch+3'      dimMul('b', dimAdd('b', 1)) → 'b*b+b'
 *
 * Two sizes are equal for all bindings iff they are the same number or the same text. Division
 * that is not exact stays as an atom, `floor(b/2)`. Canonical: terms by falling degree, then by
 * name.
 */
import { fail, invariant } from './error.js'

export type Dim = number | string
/** What each named size is bound to. */
export type Sizes = Readonly<Record<string, number>>

/** Monomial text (`''` for the constant) → coefficient, never 0. */
type Polynomial = ReadonlyMap<string, number>

export const isDimName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)

export const dimAdd = (a: Dim, b: Dim): Dim =>
  typeof a === 'number' && typeof b === 'number' ? a + b : write(sum(read(a), read(b), 1))

export const dimSub = (a: Dim, b: Dim): Dim =>
  typeof a === 'number' && typeof b === 'number' ? a - b : write(sum(read(a), read(b), -1))

export const dimMul = (a: Dim, b: Dim): Dim =>
  typeof a === 'number' && typeof b === 'number' ? a * b : write(product(read(a), read(b)))

/** a / b where b divides a as polynomials (b a number or one monomial); otherwise undefined. */
export function dimDivide(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return 1
  if (b === 0) return undefined
  const divisor = [...read(b)]
  if (divisor.length !== 1) return undefined
  const [monomial, coefficient] = divisor[0] as [string, number]
  const quotient = new Map<string, number>()
  for (const [m, c] of read(a)) {
    const rest = cancel(factors(m), factors(monomial))
    if (rest === undefined || c % coefficient !== 0) return undefined
    quotient.set(rest.join('*'), c / coefficient)
  }
  return write(quotient)
}

/** ⌊a / k⌋ for a positive integer k; exact where k divides a, an atom otherwise. */
export function dimFloorDivide(a: Dim, k: number): Dim {
  invariant(Number.isInteger(k) && k > 0, `floor division by ${k}`)
  if (typeof a === 'number') return Math.floor(a / k)
  const exact = dimDivide(a, k)
  return exact ?? `floor(${a}/${k})`
}

export const dimProduct = (dims: readonly Dim[]): Dim => dims.reduce<Dim>(dimMul, 1)

/** The value of a size once its names are bound. */
export function dimValue(dim: Dim, sizes: Sizes): number {
  if (typeof dim === 'number') return dim
  let total = 0
  for (const [monomial, coefficient] of read(dim)) {
    total += factors(monomial).reduce((acc, atom) => acc * atomValue(atom, sizes), coefficient)
  }
  return total
}

/** Replaces names by sizes. */
export function dimSubstitute(dim: Dim, by: Readonly<Record<string, Dim>>): Dim {
  if (typeof dim === 'number') return dim
  if (isDimName(dim)) return Object.hasOwn(by, dim) ? by[dim] : dim
  let total: Dim = 0
  for (const [monomial, coefficient] of read(dim)) {
    const value = factors(monomial).map((atom) => {
      const inner = floorParts(atom)
      if (inner === undefined && !isDimName(atom)) {
        return fail({ code: 'shape', what: `'${atom}' is not a size` })
      }
      return inner === undefined
        ? dimSubstitute(atom, by)
        : dimFloorDivide(dimSubstitute(inner.dim, by), inner.by)
    })
    total = dimAdd(total, dimMul(coefficient, dimProduct(value)))
  }
  return total
}

/** A size as monomials and their coefficients: `2*b*i+3` is {'b*i' → 2, '' → 3}. */
export const dimTerms = (dim: Dim): ReadonlyMap<string, number> => read(dim)

/** The names in a size, each once. */
export function dimNames(dim: Dim): readonly string[] {
  if (typeof dim === 'number') return []
  const names = dim.replaceAll('floor(', '(').match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []
  return [...new Set(names)]
}

function atomValue(atom: string, sizes: Sizes): number {
  const inner = floorParts(atom)
  if (inner !== undefined) return Math.floor(dimValue(inner.dim, sizes) / inner.by)
  const value = Object.hasOwn(sizes, atom) ? sizes[atom] : undefined
  return (
    value ??
    fail({
      code: 'shape',
      what: `the size '${atom}' is not bound`,
      expected: `a value among ${Object.keys(sizes).join(', ') || 'the named sizes (none)'}`,
    })
  )
}

function floorParts(atom: string): { dim: Dim; by: number } | undefined {
  if (!atom.startsWith('floor(')) return undefined
  const slash = atom.lastIndexOf('/')
  return { dim: atom.slice(6, slash), by: Number(atom.slice(slash + 1, -1)) }
}

function read(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map(dim === 0 ? [] : [['', dim]])
  if (isDimName(dim)) return new Map([[dim, 1]])
  const polynomial = new Map<string, number>()
  for (const term of split(dim, '+-')) {
    const sign = term.startsWith('-') ? -1 : 1
    const parts = split(term.replace(/^[+-]/, ''), '*')
    const numeric = parts.filter((p) => /^\d/.test(p)).reduce((acc, p) => acc * Number(p), sign)
    const atoms = parts.filter((p) => !/^\d/.test(p))
    polynomial.set(atoms.join('*'), numeric)
  }
  return polynomial
}

/** Splits at the given characters outside parentheses; a sign stays with its term. */
function split(text: string, at: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (depth === 0 && i > from && at.includes(c)) {
      parts.push(text.slice(from, i))
      from = c === '*' ? i + 1 : i
    }
  }
  parts.push(text.slice(from))
  return parts
}

const factors = (monomial: string): readonly string[] =>
  monomial === '' ? [] : split(monomial, '*')

function cancel(from: readonly string[], what: readonly string[]): readonly string[] | undefined {
  const rest = [...from]
  for (const factor of what) {
    const at = rest.indexOf(factor)
    if (at < 0) return undefined
    rest.splice(at, 1)
  }
  return rest
}

function sum(a: Polynomial, b: Polynomial, sign: 1 | -1): Polynomial {
  const total = new Map(a)
  for (const [m, c] of b) total.set(m, (total.get(m) ?? 0) + sign * c)
  return total
}

function product(a: Polynomial, b: Polynomial): Polynomial {
  const total = new Map<string, number>()
  for (const [ma, ca] of a) {
    for (const [mb, cb] of b) {
      const m = [...factors(ma), ...factors(mb)].sort().join('*')
      total.set(m, (total.get(m) ?? 0) + ca * cb)
    }
  }
  return total
}

function write(p: Polynomial): Dim {
  const terms = [...p].filter(([, c]) => c !== 0)
  if (terms.length === 0) return 0
  if (terms.length === 1 && terms[0]?.[0] === '') return terms[0][1]
  const degree = (m: string) => factors(m).length
  terms.sort(([a], [b]) => degree(b) - degree(a) || (a < b ? -1 : 1))
  const text = terms.map(([m, c]) => {
    const magnitude = Math.abs(c)
    const body = m === '' ? `${magnitude}` : magnitude === 1 ? m : `${magnitude}*${m}`
    return `${c < 0 ? '-' : '+'}${body}`
  })
  return text.join('').replace(/^\+/, '')
}
