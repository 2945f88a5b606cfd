/**
 * C's names for the loop language's types, and its spelling of constants.
 *
 *   f32 in eight lanes    →    f32x8, a vector type that the prelude defines
 *
 * A bool is 0 or 1 in an int as a scalar, a byte in memory, and a mask of all bits as a lane.
 */
import type { ScalarType } from '../../../lib/loop/index.js'

/** What a scalar is computed in. */
export const scalarType: Readonly<Record<ScalarType, string>> = {
  f32: 'float',
  f64: 'double',
  i32: 'int32_t',
  u32: 'uint32_t',
  bool: 'int32_t',
  i64: 'int64_t',
}

/** What lies in memory. */
export const memoryType: Readonly<Record<ScalarType, string>> = {
  ...scalarType,
  bool: 'uint8_t',
}

export const bitsOf = (dtype: ScalarType): 32 | 64 => (dtype === 'f64' || dtype === 'i64' ? 64 : 32)

export const isFloating = (dtype: ScalarType): dtype is 'f32' | 'f64' =>
  dtype === 'f32' || dtype === 'f64'

/** The constant as a C expression of its scalar type. */
export function constantText(dtype: ScalarType, value: number | bigint): string {
  switch (dtype) {
    case 'f32':
    case 'f64':
      return floatText(dtype, Number(value))
    case 'i64': {
      const bits = BigInt.asIntN(64, BigInt(value))
      return bits === -(2n ** 63n) ? '(-9223372036854775807LL - 1)' : `(${bits}LL)`
    }
    case 'u32':
      return `${Number(value) >>> 0}u`
    case 'bool':
      return Number(value) === 0 ? '0' : '1'
    case 'i32': {
      const whole = Number(value) | 0
      return whole === -(2 ** 31) ? '(-2147483647 - 1)' : `(${whole})`
    }
  }
}

/**
 * Shortest decimals name one double; a float is that double exactly, so the suffix rounds nothing.
 */
function floatText(dtype: 'f32' | 'f64', value: number): string {
  const suffix = dtype === 'f32' ? 'f' : ''
  if (Number.isNaN(value)) return `__builtin_nan${suffix}("")`
  if (!Number.isFinite(value)) return `(${value < 0 ? '-' : ''}__builtin_inf${suffix}())`
  const digits = Object.is(value, -0) ? '-0' : String(value)
  const text = /[.e]/.test(digits) ? digits : `${digits}.0`
  return `(${text}${suffix})`
}

/** `f` where the builtin is that of a float. */
export const floatSuffix = (dtype: ScalarType): string => (dtype === 'f32' ? 'f' : '')
