/**
 * The pair slice and pad, each built from the other in reverse: a slice's cotangent is padded, a
 * pad's is sliced. Negative widths crop; interior widths put space between neighbours.
 */
import { type Dim, dimAdd, dimSub, emptyArray, stridesOf } from '../data/index.js'
import { apply1, type Op, type Term } from '../term/index.js'
import { scale } from './arithmetic.js'
import { needDims, needIntegers, needNumber, needTerm } from './attributes.js'
import { range } from './axes.js'
import { broadcastTo, reshape, sumAxes } from './broadcast.js'
import { dilated, type PadAttrs, padAttrs, padType, sliceAttrs, sliceType } from './extent.js'
import { literal, type Operand, scalar, zeros } from './operand.js'
import { where } from './select.js'
import { copyView, gathered, viewOf } from './strided.js'
import type { Word } from './vocabulary.js'

export const sliceOp: Op = {
  name: 'slice',
  doc: 'The elements from start (inclusive) to limit (exclusive) by stride, on each axis.',
  grade: 'smooth',
  dims: ['start', 'limit'],
  type: ([x], attrs) => [sliceType(x, sliceAttrs(attrs))],
  evaluate: ({ args, attrs, types }) => {
    const x = args[0]
    const { stride } = sliceAttrs(attrs)
    sliceType(x, sliceAttrs(attrs)) // again: named sizes are known by now
    const start = attrs.start as readonly number[] // numbers, by `dims`
    const strides = stridesOf(x.shape)
    const offset = start.reduce((acc, s, i) => acc + s * strides[i], 0)
    const view = { data: x.data, offset, strides: strides.map((s, i) => s * stride[i]) }
    return [gathered(x.dtype, types[0].shape, view)]
  },
  jvp: ({ tangents, attrs }) => tangents.map((t) => t && apply1(sliceOp, [t], attrs)),
  transpose: ({ cotangent, args, attrs }) => {
    const { start, stride } = sliceAttrs(attrs)
    const high = args[0].shape.map((d, i) =>
      dimSub(d, dimAdd(start[i], dilated(cotangent.shape[i], stride[i]))),
    )
    const interior = stride.map((s) => s - 1)
    return [pad(cotangent, start, high, interior)]
  },
  batch: ({ args, attrs, size }) => {
    const { start, limit, stride } = sliceAttrs(attrs)
    return [slice(args[0], [0, ...start], [size, ...limit], [1, ...stride])]
  },
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [{ kind: 'float', shape: [5] }], attrs: { start: [1], limit: [4], stride: [1] } },
    { args: [{ kind: 'float', shape: [5] }], attrs: { start: [2], limit: [2], stride: [3] } },
    {
      args: [{ kind: 'float', shape: [3, 7] }],
      attrs: { start: [0, 1], limit: [2, 6], stride: [1, 2] },
    },
  ],
}

/** x[start : limit : stride] on each axis; strides are 1 where absent. */
export function slice(
  x: Term,
  start: readonly Dim[],
  limit: readonly Dim[],
  stride: readonly number[] = start.map(() => 1),
): Term {
  const whole = start.every((s, i) => s === 0 && limit[i] === x.shape[i] && stride[i] === 1)
  const fits = start.length === x.shape.length && limit.length === x.shape.length
  return whole && fits ? x : apply1(sliceOp, [x], { start, limit, stride })
}

/** x from `from` to `to` on one axis, whole on the others. */
export const sliceAxis = (x: Term, axis: number, from: Dim, to: Dim): Term =>
  slice(
    x,
    x.shape.map((_, i) => (i === axis ? from : 0)),
    x.shape.map((d, i) => (i === axis ? to : d)),
  )

export const padOp: Op = {
  name: 'pad',
  doc:
    'x with `low` and `high` copies of value at the ends of each axis (negative: cropped) and ' +
    '`interior` between neighbours. A scalar value.',
  grade: 'smooth',
  dims: ['low', 'high'],
  type: ([x, value], attrs) => [padType(x, value, padAttrs(attrs))],
  evaluate: ({ args, attrs, types }) => {
    const [x, value] = args
    const low = attrs.low as readonly number[]
    const step = (attrs.interior as readonly number[]).map((n) => n + 1)
    const out = emptyArray(x.dtype, types[0].shape)
    out.data.fill(value.data[0])
    // The source index j lands on low + j·step: those that land inside are from ‥ to.
    const from = low.map((l, i) => Math.max(0, Math.ceil(-l / step[i])))
    const to = low.map((l, i) =>
      Math.min(x.shape[i], Math.floor((out.shape[i] - 1 - l) / step[i]) + 1),
    )
    const source = viewOf(x)
    const target = viewOf(out)
    copyView(
      from.map((f, i) => Math.max(to[i] - f, 0)),
      { ...source, offset: from.reduce((acc, f, i) => acc + f * source.strides[i], 0) },
      {
        data: out.data,
        offset: from.reduce((acc, f, i) => acc + (low[i] + f * step[i]) * target.strides[i], 0),
        strides: target.strides.map((s, i) => s * step[i]),
      },
    )
    return [out]
  },
  jvp: ({ node, tangents, attrs }) => {
    const [dx, dv] = tangents
    const [x, v] = node.args
    return [apply1(padOp, [dx ?? zeros(x), dv ?? zeros(v)], attrs)]
  },
  transpose: ({ cotangent, args, attrs, linear }) => {
    const { low, high, interior } = padAttrs(attrs)
    const x = args[0]
    const negate = (widths: readonly Dim[]) => widths.map((w) => dimSub(0, w))
    const shape = x.shape.map((d, i) => dilated(d, interior[i] + 1))
    const whole = pad(cotangent, negate(low), negate(high))
    const atX = () =>
      slice(
        whole,
        shape.map(() => 0),
        shape,
        interior.map((n) => n + 1),
      )
    const isPadding = () => apply1(padOp, [zeros(x), scalar(1, x.dtype)], attrs)
    return [
      linear[0] ? atX() : null,
      linear[1] ? sumAxes(scale(cotangent, isPadding()), range(0, x.shape.length)) : null,
    ]
  },
  batch: ({ args, attrs, batched, size }) => {
    const { low, high, interior } = padAttrs(attrs)
    const wide = { low: [0, ...low], high: [0, ...high], interior: [0, ...interior] }
    if (!batched[1]) return [apply1(padOp, [args[0], args[1]], wide)]
    // One value an example: as an axis of the examples it is part of x, not of the padding.
    return [padEach(args[0], batched[0], args[1], size, padAttrs(attrs))]
  },
  cost: () => ({ flops: 0 }),
  samples: [
    {
      args: [
        { kind: 'float', shape: [3] },
        { kind: 'float', shape: [] },
      ],
      attrs: { low: [1], high: [2], interior: [1] },
    },
    {
      args: [
        { kind: 'float', shape: [2, 4] },
        { kind: 'float', shape: [] },
      ],
      attrs: { low: [-1, 0], high: [2, -2], interior: [0, 2] },
    },
    {
      args: [
        { kind: 'float', shape: [0, 2] },
        { kind: 'float', shape: [] },
      ],
      attrs: { low: [1, 0], high: [1, 0], interior: [2, 0] },
    },
  ],
}

/** x with `low` and `high` values added at the ends of each axis, `interior` between neighbours. */
export function pad(
  x: Term,
  low: readonly Dim[],
  high: readonly Dim[],
  interior: readonly number[] = low.map(() => 0),
  value: Operand = 0,
): Term {
  const none = [low, high, interior].every((w) => w.length === x.shape.length && w.every(isZero))
  if (none) return x
  const fill = typeof value === 'number' ? literal(value, x.dtype, 'pad') : value
  return apply1(padOp, [x, fill], { low, high, interior })
}

const isZero = (width: Dim) => width === 0

/** x padded on one axis only. */
export const padAxis = (x: Term, axis: number, low: Dim, high: Dim, value: Operand = 0): Term =>
  pad(
    x,
    x.shape.map((_, i) => (i === axis ? low : 0)),
    x.shape.map((_, i) => (i === axis ? high : 0)),
    x.shape.map(() => 0),
    value,
  )

/** Padding with another value for each example. */
function padEach(
  x: Term,
  isBatched: boolean,
  values: Term,
  size: Dim,
  { low, high, interior }: PadAttrs,
): Term {
  const example = isBatched ? x.shape.slice(1) : x.shape
  const no = broadcastTo(scalar(0, 'bool'), example)
  const mask = apply1(padOp, [no, scalar(1, 'bool')], { low, high, interior })
  const padded = isBatched
    ? pad(x, [0, ...low], [0, ...high], [0, ...interior])
    : pad(x, low, high, interior)
  const ones = mask.shape.map(() => 1)
  return where(
    broadcastTo(mask, [size, ...mask.shape]),
    broadcastTo(reshape(values, [size, ...ones]), [size, ...mask.shape]),
    broadcastTo(padded, [size, ...mask.shape]),
  )
}

export const sliceOps: readonly Op[] = [sliceOp, padOp]

export const sliceWords: Readonly<Record<string, Word>> = {
  slice: ([x], attrs) => {
    const stride = attrs.stride === undefined ? undefined : needIntegers('slice', attrs, 'stride')
    const start = needDims('slice', attrs, 'start')
    return slice(needTerm('slice', x), start, needDims('slice', attrs, 'limit'), stride)
  },
  pad: ([x, value], attrs) => {
    const low = needIntegers('pad', attrs, 'low')
    const interior = needIntegers(
      'pad',
      attrs,
      'interior',
      low.map(() => 0),
    )
    const high = needIntegers('pad', attrs, 'high')
    return pad(
      needTerm('pad', x),
      low,
      high,
      interior,
      value ?? needNumber('pad', attrs, 'value', 0),
    )
  },
}
