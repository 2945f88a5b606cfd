/**
 * Element types, their storage and their rounding.
 *
 * `f16` is stored as numbers rounded to half precision in a Float32Array, since Node 20 has no
 * Float16Array; `bool` is one byte an element, 0 or 1.
 */
import { fail } from './error.js'

export const dtypes = ['f32', 'f64', 'f16', 'i32', 'u32', 'bool'] as const
export type DType = (typeof dtypes)[number]

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

const storage = {
  f32: Float32Array,
  f64: Float64Array,
  f16: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Uint8Array,
} as const

/** Bytes an element takes on a device (f16 counts 2, whatever the host stores). */
export const byteSize: Readonly<Record<DType, number>> = {
  f32: 4,
  f64: 8,
  f16: 2,
  i32: 4,
  u32: 4,
  bool: 1,
}

/** The gap between 1 and the next number; 0 for integers and bool. */
export const epsilon: Readonly<Record<DType, number>> = {
  f32: 2 ** -23,
  f64: 2 ** -52,
  f16: 2 ** -10,
  i32: 0,
  u32: 0,
  bool: 0,
}

export const isFloat = (dtype: DType): boolean =>
  dtype === 'f32' || dtype === 'f64' || dtype === 'f16'

export const isDType = (name: string): name is DType => (dtypes as readonly string[]).includes(name)

/** A zeroed typed array for `length` elements. */
export function allocate(dtype: DType, length: number): TypedArray {
  if (!Number.isSafeInteger(length) || length < 0 || length > 2 ** 32) {
    fail({
      code: 'limit',
      what: `cannot allocate ${length} elements of ${dtype}`,
      fix: 'Use smaller arrays',
    })
  }
  return new storage[dtype](length)
}

/** Nearest half-precision number, ties to even; overflow goes to infinity. */
export function roundToHalf(x: number): number {
  const magnitude = Math.abs(x)
  if (!(magnitude < 65520)) return Number.isNaN(x) ? x : x > 0 ? Infinity : -Infinity
  if (magnitude === 0) return x
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14)
  const unit = 2 ** (exponent - 10)
  const scaled = magnitude / unit
  const below = Math.floor(scaled)
  const rest = scaled - below
  const rounded = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
  return (x < 0 ? -rounded : rounded) * unit
}

const rounding: Readonly<Record<DType, (x: number) => number>> = {
  f32: Math.fround,
  f64: (x) => x,
  f16: roundToHalf,
  i32: (x) => x | 0,
  u32: (x) => x >>> 0,
  bool: (x) => (x ? 1 : 0),
}

/** The number that storing `x` as `dtype` gives back; integers wrap around. */
export const roundTo = (dtype: DType, x: number): number => rounding[dtype](x)
