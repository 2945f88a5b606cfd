/**
 * Sliding windows over the last axes, and the pools that are words on them.
 *
 *   x [lead…, s…]  →  [lead…, out…, window…],  out = ⌊(s − window) / stride⌋ + 1
 *
 * The transpose adds overlapping windows up: each axis in turn is cut into blocks of one stride,
 * and block j of a window belongs to position (window + j), a sum along slanted lines that one
 * pad and one reshape make straight.
 */
import { type Dim, dimAdd, dimFloorDivide, dimMul, dimSub, fail, stridesOf } from '../data/index.js'
import { type Attrs, apply1, type Op, showType, type TensorType, type Term } from '../term/index.js'
import { atLeast } from './axes.js'
import { reshape, sumAxes } from './broadcast.js'
import { padAxis, sliceAxis } from './slice.js'
import { gathered } from './strided.js'
import { moveAxis } from './transpose.js'

export interface WindowAttrs {
  readonly window: readonly number[]
  readonly strides: readonly number[]
}

const attrsOf = (attrs: Attrs) => attrs as Attrs & WindowAttrs // checked by the type rule

export const windowsOp: Op = {
  name: 'windows',
  doc: 'All windows over the last axes. [lead…, s…] → [lead…, out…, window…].',
  grade: 'smooth',
  type: ([x], attrs) => [windowsType(x, attrsOf(attrs))],
  evaluate: ({ args: [x], attrs, types }) => {
    const { window, strides } = attrsOf(attrs)
    const steps = stridesOf(x.shape)
    const lead = x.shape.length - window.length
    const inner = steps.slice(lead)
    const view = [...steps.slice(0, lead), ...inner.map((s, d) => s * strides[d]), ...inner]
    return [gathered(x.dtype, types[0].shape, { data: x.data, offset: 0, strides: view })]
  },
  jvp: ({ tangents, attrs }) => tangents.map((t) => t && windows(t, attrsOf(attrs))),
  transpose: ({ cotangent, args: [x], attrs }) => [overlapAdd(cotangent, x, attrsOf(attrs))],
  batch: ({ args, attrs }) => [windows(args[0], attrsOf(attrs))],
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [{ kind: 'float', shape: [6] }], attrs: { window: [3], strides: [1] } },
    { args: [{ kind: 'float', shape: [2, 5, 7] }], attrs: { window: [2, 3], strides: [2, 2] } },
    { args: [{ kind: 'float', shape: [2, 7] }], attrs: { window: [2], strides: [3] } },
    { args: [{ kind: 'float', shape: [0, 4] }], attrs: { window: [2], strides: [2] } },
    { args: [{ kind: 'float', shape: [9] }], attrs: { window: [5], strides: [2] } },
  ],
}

/** All windows over the last axes of x. */
export const windows = (x: Term, { window, strides }: WindowAttrs): Term =>
  apply1(windowsOp, [x], { window, strides })

function windowsType(x: TensorType, { window, strides }: WindowAttrs): TensorType {
  const lead = x.shape.length - window.length
  const positive = [...window, ...strides].every((n) => Number.isInteger(n) && n > 0)
  const fits = window.every((w, d) => atLeast(x.shape[lead + d] ?? 0, w) !== false)
  if (lead < 0 || strides.length !== window.length || !positive || !fits) {
    fail({
      code: 'shape',
      where: 'windows',
      what: `windows [${window}] by strides [${strides}] over ${showType(x)}`,
      expected: 'positive sizes and strides, one each for the last axes, windows that fit',
    })
  }
  const out = window.map((w, d) =>
    dimAdd(dimFloorDivide(dimSub(x.shape[lead + d], w), strides[d]), 1),
  )
  return { dtype: x.dtype, shape: [...x.shape.slice(0, lead), ...out, ...window] }
}

/** The adjoint of windows: every element goes back to where it was read. */
function overlapAdd(ct: Term, x: Term, { window, strides }: WindowAttrs): Term {
  const lead = x.shape.length - window.length
  let sum = ct
  window.forEach((_, d) => {
    // [lead…, out…, window…, done…] → [lead…, outs left…, windows left…, done…, out, window]
    const left = window.length - d
    const pair = moveAxis(moveAxis(sum, lead + left, -1), lead, -2)
    sum = overlapAddLast(pair, x.shape[lead + d], strides[d])
  })
  return sum
}

/** [.., out, w] → [.., n]: block j of window i is added at block i + j. */
function overlapAddLast(x: Term, n: Dim, stride: number): Term {
  const axis = x.shape.length - 2
  const [out, w] = [x.shape[axis], x.shape[axis + 1] as number]
  const lead = x.shape.slice(0, axis)
  const blocks = Math.ceil(w / stride)
  const cut = reshape(padAxis(x, axis + 1, 0, blocks * stride - w), [...lead, out, blocks, stride])
  const sum = slantedSum(moveAxis(cut, axis + 1, axis), axis, blocks)
  const flat = reshape(sum, [...lead, dimMul(sum.shape[axis], stride)])
  return padAxis(flat, axis, 0, dimSub(n, flat.shape[axis]))
}

/** [.., q, m, s] → [.., m + q − 1, s]: row j shifted by j, rows added up. */
function slantedSum(x: Term, axis: number, q: number): Term {
  const [, m, s] = x.shape.slice(axis)
  const lead = x.shape.slice(0, axis)
  if (q === 1) return reshape(x, [...lead, m, s])
  const wide = dimAdd(m, q)
  const long = reshape(padAxis(x, axis + 1, 0, q), [...lead, dimMul(q, wide), s])
  const short = sliceAxis(long, axis, 0, dimMul(q, dimSub(wide, 1)))
  return sumAxes(reshape(short, [...lead, q, dimSub(wide, 1), s]), [axis])
}

export const windowsOps: readonly Op[] = [windowsOp]
