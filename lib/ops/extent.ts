/**
 * What slice and pad make of a shape: their attributes and type rules.
 *
 *   slice: ⌈(limit − start) / stride⌉      pad: n + (n − 1) · interior + low + high
 */
import { type Dim, dimAdd, dimFloorDivide, dimMul, dimSub, fail } from '../data/index.js'
import { type Attrs, showType, type TensorType } from '../term/index.js'
import { atLeast, showShape } from './axes.js'

export interface SliceAttrs {
  readonly start: readonly Dim[]
  readonly limit: readonly Dim[]
  readonly stride: readonly number[]
}

/** Holds because the type rule has checked them. */
export const sliceAttrs = (attrs: Attrs) => attrs as Attrs & SliceAttrs

export function sliceType(x: TensorType, { start, limit, stride }: SliceAttrs): TensorType {
  const rank = x.shape.length
  const misfit = (expected: string) =>
    fail({
      code: 'shape',
      where: 'slice',
      what: `cannot take ${showShape(start)} to ${showShape(limit)} by ${showShape(stride)} of ${showType(x)}`,
      expected,
    })
  if ([start, limit, stride].some((list) => list.length !== rank)) {
    return misfit(`${rank} starts, limits and strides`)
  }
  const bad = x.shape.findIndex(
    (size, i) =>
      atLeast(start[i], 0) === false ||
      atLeast(limit[i], start[i]) === false ||
      atLeast(size, limit[i]) === false ||
      !(stride[i] > 0 && Number.isInteger(stride[i])),
  )
  if (bad >= 0) return misfit(`0 ≤ start ≤ limit ≤ size and stride ≥ 1 on axis ${bad}`)
  return {
    dtype: x.dtype,
    shape: x.shape.map((_, i) => {
      const span = dimSub(limit[i], start[i])
      return stride[i] === 1 ? span : dimFloorDivide(dimAdd(span, stride[i] - 1), stride[i])
    }),
  }
}

export interface PadAttrs {
  readonly low: readonly Dim[]
  readonly high: readonly Dim[]
  readonly interior: readonly number[]
}

export const padAttrs = (attrs: Attrs) => attrs as Attrs & PadAttrs

/** The size of an axis of n elements `step` apart: from the first to the last, inclusive. */
export const dilated = (n: Dim, step: number): Dim =>
  n === 0 ? 0 : dimAdd(n, dimMul(dimSub(n, 1), step - 1))

export function padType(
  x: TensorType,
  value: TensorType,
  { low, high, interior }: PadAttrs,
): TensorType {
  const rank = x.shape.length
  const widths = low.length === rank && high.length === rank && interior.length === rank
  if (!widths || interior.some((n) => !(Number.isInteger(n) && n >= 0))) {
    fail({
      code: 'attribute',
      where: 'pad',
      what: `low ${showShape(low)}, high ${showShape(high)}, interior ${showShape(interior)} for ${showType(x)}`,
      expected: `${rank} widths each, interior ones not negative`,
    })
  }
  if (value.dtype !== x.dtype || value.shape.length !== 0) {
    fail({
      code: 'dtype',
      where: 'pad',
      what: `value ${showType(value)} for ${showType(x)}`,
      expected: `a scalar ${x.dtype}`,
    })
  }
  const shape = x.shape.map((d, i) => dimAdd(dilated(d, interior[i] + 1), dimAdd(low[i], high[i])))
  if (shape.some((d) => atLeast(d, 0) === false)) {
    fail({
      code: 'shape',
      where: 'pad',
      what: `cropping ${showType(x)} by low ${showShape(low)} and high ${showShape(high)} leaves ${showShape(shape)}`,
      expected: 'sizes that are not negative',
    })
  }
  return { dtype: x.dtype, shape }
}
