/**
 * Kinds: what a function of `pullback/ops` takes at a place, as a value.
 *
 *   listOf(tensor)        a list of tensors
 *   calls(terms)          a function whose results are lists of tensors
 *   record({ axis: whole, reverse: flag })
 *
 * A kind knows what is of it and how to say so. What a callback gives is known only when it is
 * called, so a kind of callbacks hands on one that checks its results.
 */
import { type Dim, dimAdd, dimTerms, fail, isDimName, isDType } from '../data/index.js'
import { describe } from '../lang/tree.js'
import { isFunc, isParameter, isTerm } from '../term/index.js'

export interface Kind {
  /** As an error says it: `a tensor`. */
  readonly words: string
  readonly has: (value: unknown) => boolean
  /** What stands in for the value, where some of it can be checked only later. */
  readonly held?: (value: unknown, where: string) => unknown
}

/** The value, or an error that says what it is instead. */
export function taken(where: string, place: string, kind: Kind, value: unknown): unknown {
  if (!kind.has(value)) {
    fail({
      code: 'input',
      where,
      what: `${place} is ${describe(value)}`,
      expected: kind.words,
      fix: `Pass ${kind.words}`,
    })
  }
  return kind.held?.(value, where) ?? value
}

const kind = (words: string, has: (value: unknown) => boolean): Kind => ({ words, has })

type Fields = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)
const isCount = (value: unknown): value is number => isWhole(value) && value >= 0

/** Its names, and numbers, sums and products of them, as `dimAdd` and its like write them. */
function isSize(value: unknown): boolean {
  if (typeof value !== 'string') return isWhole(value)
  return isDimName(value) || (value !== '' && isCanonical(value))
}

function isCanonical(text: string): boolean {
  const atoms = [...dimTerms(text).keys()].flatMap((m) =>
    m === '' ? [] : m.split(/\*(?![^(]*\))/),
  )
  return atoms.every(isAtom) && dimAdd(text, 0) === text
}

/** A name, or a division that is not exact. */
function isAtom(atom: string): boolean {
  const [, inner] = /^floor\((.+)\/[1-9]\d*\)$/.exec(atom) ?? []
  return inner === undefined ? isDimName(atom) : isSize(inner)
}

export const anything = kind('a value', () => true)
export const number = kind('a number', (v) => typeof v === 'number')
export const whole = kind('a whole number', isWhole)
export const natural = kind('a whole number that is not negative', isCount)
export const text = kind('a text', (v) => typeof v === 'string')
export const flag = kind('true or false', (v) => typeof v === 'boolean')
export const callable = kind('a function', (v) => typeof v === 'function')
export const dtype = kind('a dtype', (v) => typeof v === 'string' && isDType(v))
export const size = kind('a size: a whole number or a name', isSize)
export const tensor = kind('a tensor', isTerm)
export const operand = kind('a tensor or a number', (v) => isTerm(v) || typeof v === 'number')
export const parameterTerm = kind('a parameter', (v) => isTerm(v) && isParameter(v))
export const attributes = kind('a record of attributes', isRecord)

export const listOf = (each: Kind): Kind => ({
  words: `a list, each item ${each.words}`,
  has: (value) => Array.isArray(value) && Array.from(value).every(each.has),
  ...(each.held === undefined
    ? {}
    : // A list, by `has`.
      { held: (v, where) => (v as readonly unknown[]).map((x) => each.held?.(x, where)) }),
})

export const either = (a: Kind, b: Kind): Kind =>
  kind(`${a.words}, or ${b.words}`, (value) => a.has(value) || b.has(value))

export const optional = (of: Kind): Kind => ({
  words: `${of.words}, or nothing`,
  has: (value) => value === undefined || of.has(value),
  held: (value, where) => (value === undefined ? undefined : (of.held?.(value, where) ?? value)),
})

/** A record with these fields, each of its kind; further ones do not matter. */
export function record(fields: Readonly<Record<string, Kind>>): Kind {
  const entries = Object.entries(fields)
  const words = entries.map(([name, { words }]) => `${name}: ${words}`).join('; ')
  return kind(`a record { ${words} }`, (value) => {
    // A term has fields too, and is no record of options.
    return isRecord(value) && !isTerm(value) && entries.every(([name, k]) => k.has(value[name]))
  })
}

/** A record of things of one kind, by any names. */
export const recordOf = (each: Kind): Kind =>
  kind(
    `a record, each member ${each.words}`,
    (value) => isRecord(value) && !isTerm(value) && Object.values(value).every(each.has),
  )

export const one = (...texts: readonly string[]): Kind =>
  kind(texts.map((t) => `'${t}'`).join(' or '), (v) => typeof v === 'string' && texts.includes(v))

/** A callback whose results are of a kind. */
export const calls = (result: Kind): Kind => ({
  words: 'a function',
  has: (value) => typeof value === 'function',
  held: (value, where) => {
    const call = value as (...args: readonly unknown[]) => unknown // by `has`
    return (...args: readonly unknown[]) =>
      taken(where, 'what the function given returns', result, call(...args))
  },
})

export const tensors = listOf(tensor)
export const operands = listOf(operand)
export const maybeTensors = listOf(kind('a tensor or null', (v) => v === null || isTerm(v)))
export const flags = listOf(flag)
/** Plain or typed; `Array.from` would take texts too. */
export const numbers = kind('a list of numbers', (v) =>
  ArrayBuffer.isView(v) ? 'length' in v : Array.isArray(v) && Array.from(v).every(number.has),
)
export const wholes = listOf(whole)
export const naturals = listOf(natural)
export const sizes = listOf(size)
export const type = kind('a dtype and a shape of sizes', isType)
export const types = listOf(type)
export const body = calls(tensors)
export const bindings = recordOf(natural)

function isType(
  value: unknown,
): value is { readonly dtype: string; readonly shape: readonly Dim[] } {
  return typeof value === 'object' && value !== null && 'shape' in value && 'dtype' in value
    ? dtype.has(value.dtype) && sizes.has(value.shape)
    : false
}

/** An array on the host: as many elements as its shape says. */
export const array = kind('an array { dtype, shape, data }', (value) => {
  if (!isType(value) || !('data' in value) || !naturals.has(value.shape)) return false
  const { data, shape } = value
  const elements = shape.reduce<number>((n, d) => n * Number(d), 1)
  return ArrayBuffer.isView(data) && 'length' in data && data.length === elements
})

export const func = kind('a closed function', (value) => isFunc(value) && 'resultSlots' in value)

export const op = kind('an op: a record of its rules', (value) => {
  const rules = ['type', 'evaluate', 'batch', 'cost']
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    rules.every((rule) => typeof value[rule] === 'function')
  )
})
