/**
 * The reference evaluation of conv: each output position's receptive field becomes a row, and a
 * product of matrices does the rest.
 */
import { emptyArray, type NDArray, sizeOf, stridesOf } from '../data/index.js'
import { multiplyRows } from './gemm.js'
import { rounded } from './strided.js'

/** Attributes with numbers in place of named sizes. */
export interface ConvNumbers {
  readonly strides: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
  readonly inputDilation: readonly number[]
  readonly kernelDilation: readonly number[]
  readonly groups: number
}

/** How many numbers the rows of one block may hold. */
const blockSize = 1 << 18

/** x [N, C, s…], k [O, C / groups, k…] → [N, O, out…]. */
export function convolve(
  x: NDArray,
  kernel: NDArray,
  conv: ConvNumbers,
  shape: readonly number[],
): NDArray {
  const [n, channels, ...input] = x.shape
  const [outputs, depthChannels, ...window] = kernel.shape
  const out = emptyArray(x.dtype, shape)
  const places = sizeOf(shape.slice(2))
  const field = sizeOf(window)
  const depth = depthChannels * field
  const positions = fieldPositions(input, window, shape.slice(2), conv)
  const weights = Float64Array.from(kernel.data)
  const perGroup = outputs / conv.groups
  const plane = sizeOf(input)
  const block = Math.max(1, Math.floor(blockSize / depth))
  const rows = new Float64Array(Math.min(block, places) * depth)
  for (let example = 0; example < n; example++) {
    for (let g = 0; g < conv.groups; g++) {
      const base = (example * channels + g * depthChannels) * plane
      const w = weights.subarray(g * perGroup * depth, (g + 1) * perGroup * depth)
      for (let from = 0; from < places; from += block) {
        const count = Math.min(block, places - from)
        fillRows(rows, x.data, base, plane, positions, from, count, field, depthChannels)
        const at = (example * outputs + g * perGroup) * places + from
        const left = { data: w, rows: perGroup }
        multiplyRows(left, { data: rows, rows: count }, depth, out.data, at, places)
      }
    }
  }
  return rounded(out)
}

/** Hot: copies the fields of `count` places from place `from` on; outside the input lies 0. */
function fillRows(
  rows: Float64Array,
  data: ArrayLike<number>,
  base: number,
  plane: number,
  positions: Int32Array,
  from: number,
  count: number,
  field: number,
  channels: number,
) {
  let to = 0
  for (let p = from; p < from + count; p++) {
    for (let c = 0; c < channels; c++) {
      const channel = base + c * plane
      for (let f = 0; f < field; f++) {
        const position = positions[p * field + f]
        rows[to++] = position < 0 ? 0 : data[channel + position]
      }
    }
  }
}

/** For each place and each element of the window: where in the input plane, or −1. */
function fieldPositions(
  input: readonly number[],
  window: readonly number[],
  output: readonly number[],
  conv: ConvNumbers,
): Int32Array {
  const strides = stridesOf(input)
  const places = sizeOf(output)
  const field = sizeOf(window)
  const positions = new Int32Array(places * field)
  const outSteps = stridesOf(output)
  const windowSteps = stridesOf(window)
  for (let p = 0; p < places; p++) {
    for (let f = 0; f < field; f++) {
      let position = 0
      for (let d = 0; d < input.length && position >= 0; d++) {
        const o = Math.floor(p / outSteps[d]) % output[d]
        const k = Math.floor(f / windowSteps[d]) % window[d]
        const spread = o * conv.strides[d] + k * conv.kernelDilation[d] - conv.padding[d][0]
        const i = spread / conv.inputDilation[d]
        const inside = Number.isInteger(i) && i >= 0 && i < input[d]
        position = inside ? position + i * strides[d] : -1
      }
      positions[p * field + f] = position
    }
  }
  return positions
}
