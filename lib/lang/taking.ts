/**
 * What public functions take beside tensors, checked for callers that no type checker looks at.
 *
 *   taking('scan', { 2: 'function', 3: 'options' }, scanOf)
 *
 * A body that is no function, options that are no record: errors in words, before anything is
 * built.
 */
import { fail } from '../data/index.js'
import { describe } from './tree.js'

/** `options` may be left out; `functions` is a list of them. */
export type Taken = 'function' | 'functions' | 'record' | 'options'

type Call = (...args: never) => unknown

/** The function, with its arguments at these positions checked first. */
export const taking =
  (where: string, wanted: Readonly<Record<number, Taken>>, run: Call) =>
  (...args: readonly unknown[]): unknown => {
    for (const [at, kind] of Object.entries(wanted)) need(where, Number(at), kind, args[Number(at)])
    return run(...(args as never)) // what is left is checked where it is used
  }

const articles: Readonly<Record<Taken, string>> = {
  function: 'a function',
  functions: 'an array of functions',
  record: 'a record',
  options: 'a record of options, or nothing',
}

export function need(where: string, at: number, kind: Taken, value: unknown): void {
  if (fits(kind, value)) return
  fail({
    code: 'input',
    where,
    what: `argument ${at + 1} is ${describe(value)}`,
    expected: articles[kind],
  })
}

function fits(kind: Taken, value: unknown): boolean {
  switch (kind) {
    case 'function':
      return typeof value === 'function'
    case 'functions':
      return Array.isArray(value) && value.every((f) => typeof f === 'function')
    case 'record':
      return typeof value === 'object' && value !== null
    case 'options':
      return value === undefined || (typeof value === 'object' && value !== null)
  }
}
