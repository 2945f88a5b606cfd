/**
 * Options of public functions: which there are, by name, and what each may be.
 *
 *   const options: Options<RunOptions> = { runs: whole(1), path: text }
 *   need('hold', 1, options, given)
 *
 * For callers that no type checker looks at: a name that no option has, which would be passed over
 * in silence, and a value of the wrong kind are errors in words. What is undefined is left out.
 */
import { dtypes, fail } from '../data/index.js'
import { isTerm } from '../term/index.js'
import { describe } from './tree.js'

/** What an option may be, as a check and in words. */
export interface Kind {
  readonly expected: string
  readonly holds: (value: unknown) => boolean
  /** It may not be left out. */
  readonly required?: true
}

/** A kind for each option: the checker tells where one of the interface is forgotten. */
export type Options<O> = { readonly [K in keyof O]-?: Kind }

export type AnyOptions = Readonly<Record<string, Kind>>

export const flag: Kind = { expected: 'true or false', holds: (v) => typeof v === 'boolean' }

export const text: Kind = { expected: 'a string', holds: (v) => typeof v === 'string' }

export const called: Kind = { expected: 'a function', holds: (v) => typeof v === 'function' }

export const number: Kind = {
  expected: 'a number',
  holds: (v) => typeof v === 'number' && !Number.isNaN(v),
}

export const finite: Kind = { expected: 'a finite number', holds: Number.isFinite }

/** Whole numbers not below the least, nor above the most. */
export const whole = (least: number, most = Infinity): Kind => ({
  expected: `a whole number from ${least}${most === Infinity ? '' : ` to ${most}`}`,
  holds: (v) => Number.isSafeInteger(v) && Number(v) >= least && Number(v) <= most,
})

export const integer: Kind = { expected: 'a whole number', holds: Number.isSafeInteger }

export const positive: Kind = {
  expected: 'a number above 0',
  holds: (v) => typeof v === 'number' && v > 0,
}

export const oneOf = (...values: readonly string[]): Kind => ({
  expected: `one of ${values.map((v) => `'${v}'`).join(', ')}`,
  holds: (v) => typeof v === 'string' && values.includes(v),
})

export const dtype = oneOf(...dtypes)

export const size: Kind = {
  expected: 'a whole number from 0, or a named size',
  holds: (v) => whole(0).holds(v) || (typeof v === 'string' && v !== ''),
}

export const listOf = (kind: Kind): Kind => ({
  expected: `a list, each ${kind.expected}`,
  holds: (v) => Array.isArray(v) && v.every(kind.holds),
})

/** What is checked where it is used. */
export const anything: Kind = { expected: 'a value', holds: () => true }

export const required = (kind: Kind): Kind => ({ ...kind, required: true })

/** Refuses what is no record of such options. */
export function needOptions(where: string, at: number, options: AnyOptions, given: unknown): void {
  const all = Object.entries(options)
  if (given === undefined && all.every(([, kind]) => kind.required === undefined)) return
  if (typeof given !== 'object' || given === null || Array.isArray(given) || isTerm(given)) {
    const optional = all.some(([, kind]) => kind.required) ? '' : ', or nothing'
    fail({
      code: 'input',
      where,
      what: `argument ${at + 1} is ${describe(given)}`,
      expected: `a record of options${optional}`,
    })
  }
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !Object.hasOwn(options, name)) refuseName(where, name, options)
  }
  for (const [name, { expected, holds, required }] of all) {
    const value: unknown = Reflect.get(given, name)
    if (value === undefined ? required : !holds(value)) {
      const what = `option '${name}' is ${value === undefined ? 'missing' : describe(value)}`
      fail({ code: 'input', where, what, expected })
    }
  }
}

function refuseName(where: string, name: string, options: AnyOptions): never {
  const names = Object.keys(options).map((n) => `'${n}'`)
  return fail({
    code: 'input',
    where,
    what: `there is no option '${name}'`,
    expected: names.length > 1 ? `one of ${names.join(', ')}` : names[0],
  })
}
