/**
 * Random numbers from a seed, and arrays of them: directions, cotangents, lanes of a batch.
 */
import { emptyArray, isFloat, type NDArray } from '../lib/data/index.js'

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export type Draw = () => number

export function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

type ArrayType = Pick<NDArray, 'dtype' | 'shape'>

/** A direction: floats uniform in [−1, 1]; zeros of other dtypes. */
export function drawLike(type: ArrayType, draw: Draw): NDArray {
  const array = zeroOf(type)
  if (!isFloat(array.dtype)) return array
  for (let i = 0; i < array.data.length; i++) array.data[i] = 2 * draw() - 1
  return array
}

export const zeroOf = ({ dtype, shape }: ArrayType): NDArray => emptyArray(dtype, shape)

/** The array's own values, drawn anew: whatever its values must be, these are too. */
export function shuffled(array: NDArray, draw: Draw): NDArray {
  const data = array.data.slice()
  for (let i = 0; i < data.length; i++) data[i] = array.data[Math.floor(draw() * data.length)]
  return { ...array, data }
}

/** Arrays of one type along a new first axis. */
export function stacked(arrays: readonly NDArray[]): NDArray {
  const { dtype, shape, data } = arrays[0]
  const joined = emptyArray(dtype, [arrays.length, ...shape])
  arrays.forEach((array, i) => {
    joined.data.set(array.data, i * data.length)
  })
  return joined
}

/** FNV-1a: a seed of a name, which does not move when others come or go. */
export function seedOf(name: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193)
  return h >>> 0
}
