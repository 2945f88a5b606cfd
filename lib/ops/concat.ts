/**
 * Joining tensors: concat along an axis they have, stack along a new one.
 */
import { type Dim, dimAdd, emptyArray, fail, stridesOf } from '../data/index.js'
import { apply1, type Op, showType, type TensorType, type Term } from '../term/index.js'
import { needInteger, needTerm } from './attributes.js'
import { axisOf } from './axes.js'
import { batchAll } from './elementwise.js'
import { zeros } from './operand.js'
import { sliceAxis } from './slice.js'
import { copyView, viewOf } from './strided.js'
import { expandDims } from './transpose.js'
import type { Word } from './vocabulary.js'

export const concatOp: Op = {
  name: 'concat',
  doc: 'The arguments one after the other along an axis; their other sizes are equal.',
  grade: 'smooth',
  type: (args, attrs) => [concatType(args, attrs.axis as number)],
  evaluate: ({ args, attrs, types }) => {
    const axis = attrs.axis as number
    const out = emptyArray(types[0].dtype, types[0].shape)
    const strides = stridesOf(out.shape)
    let offset = 0
    for (const x of args) {
      copyView(x.shape, viewOf(x), { data: out.data, offset, strides })
      offset += x.shape[axis] * strides[axis]
    }
    return [out]
  },
  jvp: ({ node, tangents, attrs }) => [
    apply1(
      concatOp,
      tangents.map((t, i) => t ?? zeros(node.args[i])),
      attrs,
    ),
  ],
  transpose: ({ cotangent, args, attrs, linear }) => {
    const axis = attrs.axis as number
    let from: Dim = 0
    return args.map((x, i) => {
      const start = from
      from = dimAdd(from, x.shape[axis])
      return linear[i] ? sliceAxis(cotangent, axis, start, from) : null
    })
  },
  batch: ({ args, attrs, batched, size }) => [
    concat(batchAll(args, batched, size), (attrs.axis as number) + 1),
  ],
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [{ kind: 'float', shape: [3] }], attrs: { axis: 0 } },
    {
      args: [
        { kind: 'float', shape: [2, 3] },
        { kind: 'float', shape: [2, 0] },
        { kind: 'float', shape: [2, 1] },
      ],
      attrs: { axis: 1 },
    },
    {
      args: [
        { kind: 'float', shape: [2, 2] },
        { kind: 'float', shape: [1, 2] },
      ],
      attrs: { axis: 0 },
    },
  ],
}

function concatType(args: readonly TensorType[], axis: number): TensorType {
  const first = args[0]
  if (first === undefined) {
    return fail({ code: 'input', where: 'concat', what: 'no tensors', expected: 'at least one' })
  }
  axisOf('concat', axis, first)
  for (const x of args) {
    const fits =
      x.dtype === first.dtype &&
      x.shape.length === first.shape.length &&
      x.shape.every((d, i) => i === axis || d === first.shape[i])
    if (!fits) {
      fail({
        code: x.dtype === first.dtype ? 'shape' : 'dtype',
        where: 'concat',
        what: `cannot join ${showType(first)} and ${showType(x)} along axis ${axis}`,
        expected: 'one dtype, and equal sizes on the other axes',
      })
    }
  }
  const along = args.reduce<Dim>((acc, x) => dimAdd(acc, x.shape[axis]), 0)
  return { dtype: first.dtype, shape: first.shape.with(axis, along) }
}

/** The tensors one after the other along an axis; a negative one counts back. */
export function concat(tensors: readonly Term[], axis = 0): Term {
  const first = tensors[0]
  if (tensors.length === 1) {
    axisOf('concat', axis, first)
    return first
  }
  return apply1(concatOp, tensors, { axis: first ? axisOf('concat', axis, first) : axis })
}

/** Tensors of one shape along a new axis, which is the result's axis `axis`. */
export function stack(tensors: readonly Term[], axis = 0): Term {
  const first = tensors[0]
  if (first === undefined) {
    return fail({ code: 'input', where: 'stack', what: 'no tensors', expected: 'at least one' })
  }
  const other = tensors.find((t) => String(t.shape) !== String(first.shape))
  if (other !== undefined) {
    fail({
      code: 'shape',
      where: 'stack',
      what: `cannot stack ${showType(first)} and ${showType(other)}`,
      expected: 'equal shapes',
    })
  }
  const at = axisOf('stack', axis, { dtype: first.dtype, shape: [...first.shape, 1] })
  return concat(
    tensors.map((t) => expandDims(t, at)),
    at,
  )
}

export const concatOps: readonly Op[] = [concatOp]

export const concatWords: Readonly<Record<string, Word>> = {
  concat: (args, attrs) =>
    concat(
      args.map((x) => needTerm('concat', x)),
      needInteger('concat', attrs, 'axis', 0),
    ),
  stack: (args, attrs) =>
    stack(
      args.map((x) => needTerm('stack', x)),
      needInteger('stack', attrs, 'axis', 0),
    ),
}
