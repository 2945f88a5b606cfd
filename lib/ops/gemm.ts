/**
 * The product of packed matrices, for the reference evaluation of dot and conv.
 *
 *   a [m, k], b [n, k], rows contiguous   →   out [m, n],  out[i, j] = Σₖ a[i, k] · b[j, k]
 *
 * Floats are packed as f64, so every dtype accumulates in f64 and f32 rounds once, at the end.
 * Hot: a tile of 2 × 4 results lives in registers while k runs.
 */
import type { TypedArray } from '../data/index.js'

export interface Packed {
  readonly data: Float64Array
  readonly rows: number
}

/** Writes a · bᵀ from `at` in `out`; its rows lie `pitch` apart. */
export function multiplyRows(
  a: Packed,
  b: Packed,
  depth: number,
  out: TypedArray,
  at: number,
  pitch = b.rows,
) {
  const tall = a.rows - (a.rows % 2)
  const wide = b.rows - (b.rows % 4)
  for (let i = 0; i < tall; i += 2) {
    const row = at + i * pitch
    for (let j = 0; j < wide; j += 4) {
      tile(a.data, i * depth, b.data, j * depth, depth, out, row + j, pitch)
    }
  }
  for (let i = 0; i < a.rows; i++) {
    for (let j = i < tall ? wide : 0; j < b.rows; j++) {
      out[at + i * pitch + j] = innerProduct(a.data, i * depth, b.data, j * depth, depth)
    }
  }
}

/** A plain function of typed arrays and numbers: V8 keeps its eight sums in registers. */
function tile(
  a: Float64Array,
  a0: number,
  b: Float64Array,
  b0: number,
  depth: number,
  out: TypedArray,
  o: number,
  pitch: number,
) {
  const a1 = a0 + depth
  const b1 = b0 + depth
  const b2 = b1 + depth
  const b3 = b2 + depth
  let s00 = 0
  let s01 = 0
  let s02 = 0
  let s03 = 0
  let s10 = 0
  let s11 = 0
  let s12 = 0
  let s13 = 0
  for (let k = 0; k < depth; k++) {
    const x = a[a0 + k]
    const y = a[a1 + k]
    const p = b[b0 + k]
    const q = b[b1 + k]
    const r = b[b2 + k]
    const s = b[b3 + k]
    s00 += x * p
    s01 += x * q
    s02 += x * r
    s03 += x * s
    s10 += y * p
    s11 += y * q
    s12 += y * r
    s13 += y * s
  }
  out[o] = s00
  out[o + 1] = s01
  out[o + 2] = s02
  out[o + 3] = s03
  out[o + pitch] = s10
  out[o + pitch + 1] = s11
  out[o + pitch + 2] = s12
  out[o + pitch + 3] = s13
}

function innerProduct(a: Float64Array, i: number, b: Float64Array, j: number, depth: number) {
  let sum = 0
  for (let k = 0; k < depth; k++) sum += a[i + k] * b[j + k]
  return sum
}

/** The same for integers, wrapping around at every step. */
export function multiplyIntegerRows(
  a: TypedArray,
  b: TypedArray,
  [m, n, depth]: readonly [number, number, number],
  out: TypedArray,
  at: number,
) {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let k = 0; k < depth; k++)
        sum = (sum + Math.imul(a[i * depth + k], b[j * depth + k])) | 0
      out[at + i * n + j] = sum
    }
  }
}
