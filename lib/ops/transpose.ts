/**
 * Orders of axes: transpose, reverse, and words that move, drop and add axes.
 */
import { type Dim, fail, stridesOf } from '../data/index.js'
import { apply1, type Op, showType, type Term } from '../term/index.js'
import { needInteger, needIntegers, needTerm } from './attributes.js'
import { axesOf, axisOf, checkAxes, givenAxes, inverse, range } from './axes.js'
import { reshape } from './broadcast.js'
import { gathered } from './strided.js'
import type { Word } from './vocabulary.js'

export const transposeOp: Op = {
  name: 'transpose',
  doc: 'Axis i of the result is axis perm[i] of x.',
  grade: 'smooth',
  type: ([x], attrs) => {
    const perm = attrs.perm as readonly number[]
    const sorted = [...perm].sort((a, b) => a - b)
    if (perm.length !== x.shape.length || sorted.some((p, i) => p !== i)) {
      fail({
        code: 'attribute',
        where: 'transpose',
        what: `order [${perm.join(', ')}] for ${showType(x)}`,
        expected: `each axis from 0 to ${x.shape.length - 1} once`,
      })
    }
    return [{ dtype: x.dtype, shape: perm.map((p) => x.shape[p]) }]
  },
  evaluate: ({ args, attrs, types }) => {
    const x = args[0]
    const strides = stridesOf(x.shape)
    const view = (attrs.perm as readonly number[]).map((p) => strides[p])
    return [gathered(x.dtype, types[0].shape, { data: x.data, offset: 0, strides: view })]
  },
  jvp: ({ tangents, attrs }) =>
    tangents.map((t) => t && transpose(t, attrs.perm as readonly number[])),
  transpose: ({ cotangent, attrs }) => [
    transpose(cotangent, inverse(attrs.perm as readonly number[])),
  ],
  batch: ({ args, attrs }) => {
    const perm = attrs.perm as readonly number[]
    return [transpose(args[0], [0, ...perm.map((p) => p + 1)])]
  },
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [{ kind: 'float', shape: [2, 3] }], attrs: { perm: [1, 0] } },
    { args: [{ kind: 'float', shape: [2, 3, 4] }], attrs: { perm: [2, 0, 1] } },
    { args: [{ kind: 'float', shape: [] }], attrs: { perm: [] } },
    { args: [{ kind: 'float', shape: [0, 3] }], attrs: { perm: [1, 0] } },
  ],
}

/** x with its axes in another order, reversed where none is given; negative ones count back. */
export function transpose(x: Term, perm?: readonly number[]): Term {
  const order = (perm ?? range(0, x.shape.length).toReversed()).map((p) =>
    axisOf('transpose', p, x),
  )
  if (order.length === x.shape.length && order.every((p, i) => p === i)) return x
  if (x.node.op !== transposeOp) return apply1(transposeOp, [x], { perm: order })
  // A transpose of a transpose is one transpose.
  const inner = x.node.attrs.perm as readonly number[]
  return transpose(
    x.node.args[0],
    order.map((p) => inner[p]),
  )
}

/** x with the axis `from` at position `to`, the others in order. */
export function moveAxis(x: Term, from: number, to: number): Term {
  const source = axisOf('moveAxis', from, x)
  const target = axisOf('moveAxis', to, x)
  const order = range(0, x.shape.length).filter((i) => i !== source)
  return transpose(x, order.toSpliced(target, 0, source))
}

export const reverseOp: Op = {
  name: 'reverse',
  doc: 'The elements in opposite order along axes.',
  grade: 'smooth',
  type: ([x], attrs) => {
    checkAxes('reverse', attrs.axes as readonly number[], x)
    return [{ dtype: x.dtype, shape: x.shape }]
  },
  evaluate: ({ args, attrs }) => {
    const x = args[0]
    const axes = attrs.axes as readonly number[]
    const strides = stridesOf(x.shape)
    const offset = axes.reduce((acc, a) => acc + (x.shape[a] - 1) * strides[a], 0)
    const view = strides.map((s, i) => (axes.includes(i) ? -s : s))
    return [gathered(x.dtype, x.shape, { data: x.data, offset, strides: view })]
  },
  jvp: ({ tangents, attrs }) => tangents.map((t) => t && reverse(t, attrs.axes as number[])),
  transpose: ({ cotangent, attrs }) => [reverse(cotangent, attrs.axes as number[])],
  batch: ({ args, attrs }) => [
    reverse(
      args[0],
      (attrs.axes as readonly number[]).map((a) => a + 1),
    ),
  ],
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [{ kind: 'float', shape: [4] }], attrs: { axes: [0] } },
    { args: [{ kind: 'float', shape: [2, 3, 2] }], attrs: { axes: [0, 2] } },
    { args: [{ kind: 'float', shape: [0, 2] }], attrs: { axes: [0] } },
  ],
}

/** x backwards along the axes, along all of them where none are given. */
export function reverse(x: Term, axes?: readonly number[]): Term {
  const found = axesOf('reverse', axes, x)
  return found.length === 0 ? x : apply1(reverseOp, [x], { axes: found })
}

/** x without axes of size 1: the given ones, or all. */
export function squeeze(x: Term, axes?: readonly number[]): Term {
  const ones = x.shape.flatMap((d, i) => (d === 1 ? [i] : []))
  const drop = axes === undefined ? ones : axesOf('squeeze', axes, x)
  const long = drop.find((a) => x.shape[a] !== 1)
  if (long !== undefined) {
    fail({
      code: 'shape',
      where: 'squeeze',
      what: `axis ${long} of ${showType(x)} has size ${x.shape[long]}`,
      expected: 'size 1',
    })
  }
  return reshape(
    x,
    x.shape.filter((_, i) => !drop.includes(i)),
  )
}

/** x with a new axis of size 1, which is the result's axis `axis`. */
export function expandDims(x: Term, axis: number): Term {
  const wider: readonly Dim[] = [...x.shape, 1]
  const at = axisOf('expandDims', axis, { dtype: x.dtype, shape: wider })
  return reshape(x, x.shape.toSpliced(at, 0, 1))
}

export const transposeOps: readonly Op[] = [transposeOp, reverseOp]

export const transposeWords: Readonly<Record<string, Word>> = {
  transpose: ([x], attrs) => {
    const perm = attrs.perm === undefined ? undefined : needIntegers('transpose', attrs, 'perm')
    return transpose(needTerm('transpose', x), perm)
  },
  moveAxis: ([x], attrs) =>
    moveAxis(
      needTerm('moveAxis', x),
      needInteger('moveAxis', attrs, 'from'),
      needInteger('moveAxis', attrs, 'to'),
    ),
  reverse: ([x], attrs) => reverse(needTerm('reverse', x), givenAxes('reverse', attrs)),
  squeeze: ([x], attrs) => squeeze(needTerm('squeeze', x), givenAxes('squeeze', attrs)),
  expandDims: ([x], attrs) =>
    expandDims(needTerm('expandDims', x), needInteger('expandDims', attrs, 'axis')),
}
