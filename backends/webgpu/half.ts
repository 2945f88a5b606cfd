/**
 * Half precision, as bits: sign, 5 bits of exponent, 10 of fraction (IEEE 754 binary16).
 */
import type { TypedArray } from '../../lib/data/index.js'

/** Numbers that are rounded to half precision already, packed two to a word. */
export function toHalf(data: TypedArray): Uint32Array {
  const words = new Uint32Array(Math.ceil(data.length / 2))
  const halves = new Uint16Array(words.buffer)
  data.forEach((x, i) => {
    halves[i] = bitsOf(x)
  })
  return words
}

/** Fills `into` with the numbers that the bits stand for. */
export function fromHalf(bits: Uint16Array, into: TypedArray): void {
  bits.forEach((b, i) => {
    into[i] = numberOf(b)
  })
}

function bitsOf(x: number): number {
  if (Number.isNaN(x)) return 0x7e00
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0
  const magnitude = Math.abs(x)
  if (magnitude >= 65520) return sign | 0x7c00
  if (magnitude === 0) return sign
  // log2 may round up to the next whole number just below a power of two: corrected at once.
  let exponent = Math.max(Math.floor(Math.log2(magnitude)), -14)
  if (2 ** exponent > magnitude) exponent = Math.max(exponent - 1, -14)
  const fraction = Math.round(magnitude / 2 ** (exponent - 10))
  // Below 2⁻¹⁴ the fraction lacks its leading 1, and the exponent's bits are 0.
  return sign | (((exponent + 14) << 10) + fraction)
}

function numberOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25)
}
