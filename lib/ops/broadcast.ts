/**
 * The pair that derivatives of everything lean on: broadcastTo and sum, each the other's transpose;
 * and reshape, its own.
 */
import {
  type Dim,
  dimDivide,
  dimMul,
  dimProduct,
  emptyArray,
  fail,
  invariant,
  stridesOf,
  type TypedArray,
} from '../data/index.js'
import { apply1, type Op, showType, type Term } from '../term/index.js'
import { needDims, needTerm } from './attributes.js'
import { checkAxes } from './axes.js'
import { gathered, rounded, rowsOf } from './strided.js'
import type { Word } from './vocabulary.js'

export const broadcastToOp: Op = {
  name: 'broadcastTo',
  doc: 'Repeats along new leading axes and along axes of size 1. NumPy’s rule.',
  grade: 'smooth',
  dims: ['shape'],
  type: ([x], attrs) => {
    const shape = attrs.shape as readonly Dim[]
    const from = x.shape
    const offset = shape.length - from.length
    const fits = offset >= 0 && from.every((d, i) => d === 1 || d === shape[offset + i])
    if (!fits) {
      fail({
        code: 'shape',
        where: 'broadcastTo',
        what: `${showType(x)} does not broadcast to [${shape.join(', ')}]`,
        expected: 'equal sizes, or 1, counted from the last axis',
      })
    }
    return [{ dtype: x.dtype, shape }]
  },
  evaluate: ({ args, types }) => {
    const x = args[0]
    const { shape } = types[0]
    const own = stridesOf(x.shape).map((s, i) => (x.shape[i] === 1 ? 0 : s))
    const strides = [...new Array<number>(shape.length - own.length).fill(0), ...own]
    return [gathered(x.dtype, shape, { data: x.data, offset: 0, strides })]
  },
  jvp: ({ tangents, attrs }) =>
    tangents.map((t) => t && broadcastTo(t, attrs.shape as readonly Dim[])),
  transpose: ({ cotangent, args }) => {
    const ct = cotangent
    const x = args[0]
    const offset = ct.shape.length - x.shape.length
    const axes = ct.shape.flatMap((d, i) => (i < offset || x.shape[i - offset] !== d ? [i] : []))
    return [reshape(sumAxes(ct, axes), x.shape)]
  },
  batch: ({ args, attrs, size }) => {
    const x = args[0]
    const shape = attrs.shape as readonly Dim[]
    const ones = new Array<Dim>(shape.length - (x.shape.length - 1)).fill(1)
    const lined = reshape(x, [size, ...ones, ...x.shape.slice(1)])
    return [broadcastTo(lined, [size, ...shape])]
  },
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [{ kind: 'float', shape: [3] }], attrs: { shape: [2, 3] } },
    { args: [{ kind: 'float', shape: [2, 1, 3] }], attrs: { shape: [4, 2, 5, 3] } },
    { args: [{ kind: 'float', shape: [] }], attrs: { shape: [2, 2] } },
    { args: [{ kind: 'float', shape: [1, 3] }], attrs: { shape: [0, 3] } },
  ],
}

/** x repeated to a larger shape; x itself where it has it. */
export function broadcastTo(x: Term, shape: readonly Dim[]): Term {
  const same = x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i])
  return same ? x : apply1(broadcastToOp, [x], { shape })
}

export const sumOp: Op = {
  name: 'sum',
  doc: 'The sum over axes, which vanish; pairwise in blocks, so that rounding grows with log n.',
  grade: 'smooth',
  type: ([x], attrs) => {
    const axes = attrs.axes as readonly number[]
    const { shape, dtype } = x
    checkAxes('sum', axes, x)
    if (dtype === 'bool') {
      fail({
        code: 'dtype',
        where: 'sum',
        what: `cannot add up ${showType(x)}`,
        expected: 'numbers',
        fix: "Cast them: convert(x, 'f32')",
      })
    }
    return [{ dtype, shape: shape.filter((_, i) => !axes.includes(i)) }]
  },
  evaluate: ({ args, attrs, types }) => {
    const x = args[0]
    const rows = rowsOf(x, attrs.axes as readonly number[])
    const out = emptyArray(x.dtype, types[0].shape)
    for (let r = 0; r < rows.count; r++) {
      out.data[r] = pairwise(rows.data, r * rows.length, (r + 1) * rows.length)
    }
    return [rounded(out)]
  },
  jvp: ({ tangents, attrs }) =>
    tangents.map((t) => t && sumAxes(t, attrs.axes as readonly number[])),
  transpose: ({ cotangent, args, attrs }) => {
    const x = args[0]
    const axes = attrs.axes as readonly number[]
    const ones = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    return [broadcastTo(reshape(cotangent, ones), x.shape)]
  },
  batch: ({ args, attrs }) => [
    sumAxes(
      args[0],
      (attrs.axes as readonly number[]).map((a) => a + 1),
    ),
  ],
  cost: ({ args }) => ({ flops: dimProduct(args[0].shape) }),
  samples: [
    { args: [{ kind: 'float', shape: [3, 4] }], attrs: { axes: [0] } },
    { args: [{ kind: 'float', shape: [3, 4, 2] }], attrs: { axes: [0, 2] } },
    { args: [{ kind: 'float', shape: [0, 3] }], attrs: { axes: [0] } },
  ],
}

/** Hot: blocks of up to 128 in four running sums, blocks in a tree. */
function pairwise(data: TypedArray, from: number, to: number): number {
  if (to - from > 128) {
    const middle = from + (((to - from) >>> 8) << 7) + (to - from < 256 ? 128 : 0)
    return pairwise(data, from, middle) + pairwise(data, middle, to)
  }
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = from
  for (; i + 3 < to; i += 4) {
    a += data[i]
    b += data[i + 1]
    c += data[i + 2]
    d += data[i + 3]
  }
  for (; i < to; i++) a += data[i]
  return a + b + (c + d)
}

/** The sum over the given non-negative axes; x itself where there are none. */
export const sumAxes = (x: Term, axes: readonly number[]): Term =>
  axes.length === 0 ? x : apply1(sumOp, [x], { axes: [...axes].sort((a, b) => a - b) })

export const reshapeOp: Op = {
  name: 'reshape',
  doc: 'The same elements in row-major order under another shape.',
  grade: 'smooth',
  dims: ['shape'],
  type: ([x], attrs) => {
    const shape = attrs.shape as readonly Dim[]
    if (dimProduct(x.shape) !== dimProduct(shape)) {
      fail({
        code: 'shape',
        where: 'reshape',
        what: `${showType(x)} has ${dimProduct(x.shape)} elements, [${shape.join(', ')}] has ${dimProduct(shape)}`,
        expected: 'as many elements',
      })
    }
    return [{ dtype: x.dtype, shape }]
  },
  evaluate: ({ args, types }) => {
    const x = args[0]
    return [{ dtype: x.dtype, shape: types[0].shape, data: x.data }]
  },
  jvp: ({ tangents, attrs }) => tangents.map((t) => t && reshape(t, attrs.shape as readonly Dim[])),
  transpose: ({ cotangent, args }) => [reshape(cotangent, args[0].shape)],
  batch: ({ args, attrs, size }) => [reshape(args[0], [size, ...(attrs.shape as readonly Dim[])])],
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [{ kind: 'float', shape: [2, 6] }], attrs: { shape: [3, 4] } },
    { args: [{ kind: 'float', shape: [] }], attrs: { shape: [1, 1] } },
    { args: [{ kind: 'float', shape: [0, 3] }], attrs: { shape: [3, 0] } },
  ],
}

/** x under another shape with as many elements; one size may be −1. */
export function reshape(x: Term, shape: readonly Dim[]): Term {
  const sizes = resolveWildcard(x, shape)
  const same = x.shape.length === sizes.length && x.shape.every((d, i) => d === sizes[i])
  if (same) return x
  // A reshape of a reshape is one reshape.
  const inner = x.node.op === reshapeOp ? x.node.args[0] : x
  return inner === x ? apply1(reshapeOp, [x], { shape: sizes }) : reshape(inner, sizes)
}

function resolveWildcard(x: Term, shape: readonly Dim[]): readonly Dim[] {
  const at = shape.indexOf(-1)
  if (at < 0) return shape
  const rest = shape.reduce<Dim>((acc, d, i) => (i === at ? acc : dimMul(acc, d)), 1)
  const size = dimDivide(dimProduct(x.shape), rest)
  if (size === undefined || shape.indexOf(-1, at + 1) >= 0) {
    return fail({
      code: 'shape',
      where: 'reshape',
      what: `no size for −1 makes ${showType(x)} into [${shape.join(', ')}]`,
    })
  }
  invariant(dimMul(size, rest) === dimProduct(x.shape), 'the quotient times the divisor')
  return shape.map((d, i) => (i === at ? size : d))
}

export const broadcastOps: readonly Op[] = [broadcastToOp, sumOp, reshapeOp]

export const broadcastWords: Readonly<Record<string, Word>> = {
  broadcastTo: ([x], attrs) =>
    broadcastTo(needTerm('broadcastTo', x), needDims('broadcastTo', attrs, 'shape')),
  reshape: ([x], attrs) => reshape(needTerm('reshape', x), needDims('reshape', attrs, 'shape')),
}
