/**
 * What untyped callers give the kits: told at once where it is not what was asked for.
 */
import { fail } from '../lib/data/index.js'

const show = (value: unknown): string =>
  typeof value === 'function' ? 'a function' : Array.isArray(value) ? 'a list' : `${typeof value}`

/** Refuses a value that a condition does not hold of. */
export function needs(where: string, value: unknown, holds: boolean, expected: string): void {
  if (holds) return
  fail({
    code: 'input',
    where,
    what: `${value === null ? 'null' : show(value)} was given`,
    expected,
  })
}

/** Refuses what is no object with such members, each of its type; a list is written as `object[]`. */
export function needsMembers(
  where: string,
  value: unknown,
  members: Readonly<Record<string, string>>,
  expected: string,
): void {
  const isWhole =
    typeof value === 'object' &&
    value !== null &&
    Object.entries(members).every(([key, type]) =>
      isOf(type, (value as Record<string, unknown>)[key]),
    )
  needs(where, value, isWhole, expected)
}

const isOf = (type: string, member: unknown): boolean =>
  type === 'list' ? Array.isArray(member) : member !== null && typeof member === type

export const isCount = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Number(value) >= 0
