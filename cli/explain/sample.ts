/**
 * Samples: arguments of a function drawn inside its specification, from a seed.
 */

import type { Draw } from '../../laws/draw.js'
import { arrayFrom, dimNames, dimValue, type NDArray, type Sizes } from '../../lib/data/index.js'
import type { Func } from '../../lib/term/index.js'

/** A size for each name: small, and different from its neighbours'. */
export function drawSizes(func: Func, draw: Draw): Sizes {
  const names = new Set(func.params.flatMap((p) => p.shape.flatMap(dimNames)))
  const first = Math.floor(draw() * 3)
  return Object.fromEntries([...names].map((name, i) => [name, 2 + ((first + i) % 4)]))
}

export interface Range {
  readonly low: number
  readonly high: number
}

/** Floats in the range, whole numbers from 0 to 3, bools. */
export function drawArguments(
  func: Func,
  sizes: Sizes,
  { low, high }: Range,
  draw: Draw,
): readonly NDArray[] {
  return func.params.map(({ dtype, shape }) => {
    const dims = shape.map((dim) => dimValue(dim, sizes))
    const one = () => {
      if (dtype === 'bool') return draw() < 0.5 ? 0 : 1
      return dtype === 'i32' || dtype === 'u32'
        ? Math.floor(draw() * 4)
        : low + draw() * (high - low)
    }
    const size = dims.reduce((total, n) => total * n, 1)
    return arrayFrom(dtype, dims, Array.from({ length: size }, one))
  })
}
