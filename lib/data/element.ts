/**
 * Elements of arrays as users write them: what may be wrong with one for a dtype.
 */
import { type DType, roundTo } from './dtype.js'

/** What is wrong with one element, given as a plain value. */
export function elementFault(value: unknown, dtype: DType): string | undefined {
  if (dtype === 'bool') {
    return value === true || value === false || value === 0 || value === 1
      ? undefined
      : `${showValue(value)}, which is not true, false, 0 or 1`
  }
  if (typeof value !== 'number') return `${showValue(value)}, which is not a number`
  if (dtype !== 'i32' && dtype !== 'u32') return undefined
  if (!Number.isInteger(value)) return `${value}, which is not a whole number`
  return roundTo(dtype, value) === value ? undefined : `${value}, which is out of range of ${dtype}`
}

/** A value in a word or two. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value === 'bigint') return `the bigint ${value}n`
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  const name: unknown = value.constructor?.name
  return name === undefined || name === 'Object' ? 'an object' : `a ${String(name)}`
}
