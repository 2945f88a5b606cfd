/**
 * What public functions take beside tensors, checked for callers that no type checker looks at.
 *
 *   taking('scan', { 2: 'function', 3: scanOptions }, scanOf)
 *
 * A body that is no function, options that there are not: errors in words, before anything is
 * built.
 */
import { fail } from '../data/index.js'
import { type AnyOptions, needOptions } from './options.js'
import { describe } from './tree.js'

/** `functions` is a list of them; options are told by name. */
export type Taken = 'function' | 'functions' | 'record' | AnyOptions

type Word = Exclude<Taken, AnyOptions>

type Call = (...args: never) => unknown

/** The function, with its arguments at these positions checked first. */
export const taking =
  (where: string, wanted: Readonly<Record<number, Taken>>, run: Call) =>
  (...args: readonly unknown[]): unknown => {
    for (const [at, kind] of Object.entries(wanted)) need(where, Number(at), kind, args[Number(at)])
    return run(...(args as never)) // what is left is checked where it is used
  }

const articles: Readonly<Record<Word, string>> = {
  function: 'a function',
  functions: 'an array of functions',
  record: 'a record',
}

export function need(where: string, at: number, kind: Taken, value: unknown): void {
  if (typeof kind === 'object') needOptions(where, at, kind, value)
  else if (!fits(kind, value)) {
    const what = `argument ${at + 1} is ${describe(value)}`
    fail({ code: 'input', where, what, expected: articles[kind] })
  }
}

function fits(kind: Word, value: unknown): boolean {
  switch (kind) {
    case 'function':
      return typeof value === 'function'
    case 'functions':
      return Array.isArray(value) && value.every((f) => typeof f === 'function')
    case 'record':
      return typeof value === 'object' && value !== null
  }
}
