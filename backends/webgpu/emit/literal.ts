/**
 * Constants: numbers as WGSL text, and expressions that are constants.
 *
 * WGSL evaluates constant expressions when a shader is made, and rejects those that overflow. So
 * they are evaluated here, by the definition, and what WGSL has no literal for comes from bits.
 */
import { type Dim, dimTerms } from '../../../lib/data/dim.js'
import {
  convertValue,
  type Expr,
  evaluateBinary,
  evaluateCompare,
  evaluateFma,
  evaluateUnary,
  factorsOf,
  reinterpretBits,
  type ScalarType,
  type Value,
} from '../../../lib/loop/index.js'
import { type Emission, need, unknown, valueType } from './emission.js'

export function literal(e: Emission, dtype: ScalarType, value: Value): string {
  const type = valueType(e, dtype)
  const x = Number(value)
  if (type === 'bool') return x === 0 ? 'false' : 'true'
  if (type === 'u32') return `${x >>> 0}u`
  if (type === 'i32') return x === -(2 ** 31) ? 'i32(-2147483648)' : `${x | 0}i`
  if (Number.isNaN(x)) {
    need(e, 'notANumber')
    return 'notANumber()'
  }
  if (!Number.isFinite(x)) {
    need(e, 'infinity')
    return x > 0 ? 'infinity()' : '(-infinity())'
  }
  if (Object.is(x, -0)) {
    need(e, 'negativeZero')
    return 'negativeZero()'
  }
  const subnormal = x !== 0 && Math.abs(x) < 2 ** -126
  if (subnormal) return `bitcast<f32>(${reinterpretBits('u32', 'f32', x)}u)`
  const text = String(Math.fround(x))
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`
}

/** The value of an expression that reads nothing. */
export function constantOf(x: Expr, known: Map<Expr, Value | undefined>): Value | undefined {
  if (known.has(x)) return known.get(x)
  const value = evaluate(x, (child) => constantOf(child, known))
  known.set(x, value)
  return value
}

function evaluate(x: Expr, go: (child: Expr) => Value | undefined): Value | undefined {
  switch (x.tag) {
    case 'constant':
      return x.value
    case 'size':
      return typeof x.dim === 'number' ? x.dim : undefined
    case 'variable':
    case 'load':
      return undefined
    case 'unary': {
      const a = go(x.x)
      return a === undefined ? undefined : evaluateUnary(x.op, x.dtype, a)
    }
    case 'binary':
    case 'compare': {
      const [a, b] = [go(x.x), go(x.y)]
      if (a === undefined || b === undefined) return undefined
      return x.tag === 'compare' ? evaluateCompare(x.op, a, b) : evaluateBinary(x.op, x.dtype, a, b)
    }
    case 'select': {
      const condition = go(x.condition)
      return condition === undefined ? undefined : go(Number(condition) !== 0 ? x.yes : x.no)
    }
    case 'fma': {
      const [a, b, c] = [go(x.x), go(x.y), go(x.z)]
      if (a === undefined || b === undefined || c === undefined) return undefined
      return evaluateFma(x.dtype, a, b, c)
    }
    case 'convert':
    case 'reinterpret': {
      const a = go(x.x)
      if (a === undefined) return undefined
      const turn = x.tag === 'convert' ? convertValue : flipped
      return turn(x.x.dtype, x.dtype, a)
    }
  }
}

const flipped = (from: ScalarType, to: ScalarType, a: Value): Value => reinterpretBits(to, from, a)

/** A size as an i32. */
export function sizeText(e: Emission, dim: Dim): string {
  const terms = [...dimTerms(dim)].map(([monomial, coefficient]) => {
    const factors = factorsOf(monomial).map((factor) => atomText(e, factor))
    const number = coefficient === 1 && factors.length > 0 ? [] : [`${coefficient}i`]
    return [...number, ...factors].join(' * ')
  })
  if (terms.length === 0) return '0i'
  return terms.length === 1 && !terms[0]?.includes(' ') ? terms[0] : `(${terms.join(' + ')})`
}

function atomText(e: Emission, atom: string): string {
  if (!atom.startsWith('floor(')) return nameText(e, atom)
  const slash = atom.lastIndexOf('/')
  need(e, 'floorDiv')
  return `floorDiv(${sizeText(e, atom.slice(6, slash))}, ${atom.slice(slash + 1, -1)}i)`
}

/** A size or counter that the caller passes. */
export function nameText(e: Emission, name: string): string {
  if (!e.sizeNames.has(name)) return unknown(e, name)
  e.used.sizes.add(name)
  return `sizes.${sizeField(name)}`
}

export const sizeField = (name: string): string => `n_${name}`
