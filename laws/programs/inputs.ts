/**
 * Inputs of random programs: types whose shapes meet, and entries by a number that stands for them.
 */
import {
  arrayFrom,
  type DType,
  dimValue,
  isFloat,
  type NDArray,
  roundTo,
  type Sizes,
  sizeOf,
} from '../../lib/data/index.js'
import type { TensorType } from '../../lib/term/index.js'

/** Shapes that meet each other: by broadcasting, contraction, reduction. */
export const fixedInputs = (float: DType): readonly TensorType[] =>
  [[], [3], [2, 3], [3, 2]].map((shape) => ({ dtype: float, shape }))

export const mixedInputs = (float: DType): readonly TensorType[] => [
  ...fixedInputs(float).slice(0, 3),
  { dtype: float, shape: ['n'] },
  { dtype: float, shape: ['n', 3] },
  { dtype: float, shape: ['m', 'n'] },
  { dtype: 'i32', shape: [] },
  { dtype: 'i32', shape: ['n'] },
  { dtype: 'u32', shape: [3] },
  { dtype: 'bool', shape: ['n', 3] },
]

/** Nothing, one, and both sides of the width of vectors. */
export const extents: readonly number[] = [3, 1, 0, 2, 5, 9, 17]

/** Numbers at which algebra that is true of reals goes wrong. */
const special: readonly number[] = [
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  -3,
  NaN,
  Infinity,
  -Infinity,
  1e300,
  -1e-310,
]
const wholes: Readonly<Record<'i32' | 'u32', readonly number[]>> = {
  i32: [0, 1, 2, -1, 3, 7, 2147483647, -2147483648],
  u32: [0, 1, 2, 3, 4294967295, 7],
}

/** Entries for an input, in order, by a number that stands for them; 0 for the plainest. */
export function drawn(dtype: DType, values: 'moderate' | 'unusual', given: number): () => number {
  let state = given
  const next = (n: number): number => {
    state = (state * 48271 + 11) % 2147483647
    return Math.floor(state / 127) % n
  }
  /** Ordinary numbers away from kinks at whole ones. */
  const moderate = () => (next(4001) - 2000 + 0.37) / 1000
  const unusual = () => (next(5) < 2 ? moderate() : special[next(special.length)])
  if (isFloat(dtype)) return values === 'moderate' ? moderate : unusual
  if (dtype === 'bool') return () => next(2)
  const extremes = wholes[dtype === 'u32' ? 'u32' : 'i32']
  const least = dtype === 'u32' ? 0 : -3
  const tame = () => least + next(5 - least)
  return () => (values === 'moderate' || next(2) === 0 ? tame() : extremes[next(extremes.length)])
}

export function filled({ dtype, shape }: TensorType, sizes: Sizes, draw: () => number): NDArray {
  const bound = shape.map((d) => dimValue(d, sizes))
  const data = Array.from({ length: sizeOf(bound) }, draw)
  return arrayFrom(dtype, bound, data, (x) => roundTo(dtype, x))
}
