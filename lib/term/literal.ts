/**
 * Literals of the printed form: numbers, arrays, names, attribute values, as text that reads back.
 *
 *   f32[2](1, 0.1)   f32(2)   f32[b, 3](...0)   {axis: 0, shape: ["b", 3]}   "a name"
 *
 * `f32[b, 3](...0)` is a scalar broadcast to a shape. Numbers of narrow dtypes are written with the
 * fewest digits that round to them.
 */
import { type DType, dtypes, type NDArray, roundTo } from '../data/index.js'
import type { TensorType } from './term.js'

/** Words that a name cannot be; such a name is quoted. */
export const reserved: ReadonlySet<string> = new Set([
  ...dtypes,
  'fn',
  'return',
  'true',
  'false',
  'null',
  'NaN',
  'Infinity',
])

/** `x`, `w.0`, `loss'`; anything else in quotes. */
export const showName = (name: string): string =>
  /^[\p{L}_][\p{L}\p{M}\p{N}_.'*~]*$/u.test(name) && !reserved.has(name)
    ? name
    : JSON.stringify(name)

/** `f32`, `f32[batch, 784]`: a type without the brackets of a scalar, as literals begin. */
export const showLiteralType = (type: TensorType): string =>
  type.shape.length === 0 ? type.dtype : `${type.dtype}[${type.shape.join(', ')}]`

/** The shortest text that reads back as the same number of that dtype. */
export function showNumber(x: number, dtype: DType = 'f64'): string {
  if (dtype === 'bool') return x === 0 ? 'false' : 'true'
  if (Object.is(x, -0)) return '-0'
  const exact = String(x)
  if (exact.length <= 6 || (dtype !== 'f32' && dtype !== 'f16')) return exact
  for (let digits = 3; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits))
    if (roundTo(dtype, short) === x) return String(short)
  }
  return exact
}

export const isArray = (value: unknown): value is NDArray =>
  typeof value === 'object' &&
  value !== null &&
  'dtype' in value &&
  'data' in value &&
  ArrayBuffer.isView(value.data)

/** `f32[2](1, 2)`; above `most` elements the first few and how many there are. */
export function showArray(array: NDArray, most: number): string {
  const { data, dtype } = array
  const shown = data.length <= most ? data : data.subarray(0, 3)
  const numbers = Array.from(shown, (x) => showNumber(x, dtype))
  if (shown.length < data.length) numbers.push(`… ${data.length} in all`)
  return `${showLiteralType(array)}(${numbers.join(', ')})`
}

/**
 * An attribute value without functions in it. What has no text of its own (a JavaScript function)
 * shows as `<name>`, which does not read back.
 */
export function showValue(value: unknown, most: number): string {
  if (typeof value === 'number') return showNumber(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map((v) => showValue(v, most)).join(', ')}]`
  if (isArray(value)) return showArray(value, most)
  if (isRecord(value)) {
    const fields = Object.entries(value).filter(([, v]) => v !== undefined)
    return `{${fields.map(([k, v]) => `${showName(k)}: ${showValue(v, most)}`).join(', ')}}`
  }
  return `<${typeof value === 'function' ? value.name || 'function' : typeof value}>`
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
