/**
 * Leaves: literal arrays, ranges, and the value of a named size.
 */
import {
  arrayFrom,
  type Dim,
  type DType,
  dimValue,
  emptyArray,
  fail,
  type NDArray,
  roundTo,
  sizeOf,
} from '../data/index.js'
import { apply1, type Op, type Term } from '../term/index.js'
import { needDim, needDType, needNumbers, needSizes } from './attributes.js'
import type { Word } from './vocabulary.js'

/** Attributes are this op's own: the casts below hold because only this file builds them. */
export const constantOp: Op = {
  name: 'constant',
  doc: 'A literal array.',
  grade: 'smooth',
  type: (_, attrs) => {
    const value = attrs.value as NDArray
    return [{ dtype: value.dtype, shape: value.shape }]
  },
  evaluate: ({ attrs }) => [attrs.value as NDArray],
  jvp: 'zero',
  transpose: 'nonlinear',
  batch: ({ node }) => ({ outs: node.outs, batched: [false] }),
  cost: () => ({ flops: 0 }),
  samples: [{ args: [], attrs: { value: arrayFrom('f64', [3], [1, -2, 0.5]) } }],
}

/** A literal array: flat row-major data with its shape, or a ready array. */
export function constant(
  data: readonly number[] | NDArray,
  shape?: readonly number[],
  dtype: DType = 'f32',
): Term {
  if (!isNumbers(data)) return apply1(constantOp, [], { value: data })
  const dims = shape ?? [data.length]
  if (sizeOf(dims) !== data.length) {
    fail({
      code: 'shape',
      where: 'constant',
      what: `${data.length} numbers for shape [${dims.join(', ')}]`,
      expected: `${sizeOf(dims)} numbers`,
    })
  }
  return apply1(constantOp, [], { value: arrayFrom(dtype, dims, data, (x) => roundTo(dtype, x)) })
}

const isNumbers = (data: readonly number[] | NDArray): data is readonly number[] =>
  Array.isArray(data)

export const iotaOp: Op = {
  name: 'iota',
  doc: 'The whole numbers from 0 below length. → [length]',
  grade: 'smooth',
  dims: ['length'],
  type: (_, attrs) => [{ dtype: attrs.dtype as DType, shape: [attrs.length as Dim] }],
  evaluate: ({ types }) => {
    const type = types[0]
    const array = emptyArray(type.dtype, type.shape)
    for (let i = 0; i < array.data.length; i++) array.data[i] = i
    return [array]
  },
  jvp: 'zero',
  transpose: 'nonlinear',
  batch: ({ node }) => ({ outs: node.outs, batched: [false] }),
  cost: () => ({ flops: 0 }),
  samples: [{ args: [], attrs: { length: 3, dtype: 'f64' } }],
}

/** 0, 1, … length−1. → [length] */
export const iota = (length: Dim, dtype: DType = 'i32'): Term =>
  apply1(iotaOp, [], { length, dtype })

export const sizeOp: Op = {
  name: 'size',
  doc: 'The value of a (possibly named) size, as a scalar.',
  grade: 'smooth',
  type: (_, attrs) => [{ dtype: attrs.dtype as DType, shape: [] }],
  evaluate: ({ attrs, sizes }) => [
    arrayFrom(attrs.dtype as DType, [], [dimValue(attrs.size as Dim, sizes)]),
  ],
  jvp: 'zero',
  transpose: 'nonlinear',
  batch: ({ node }) => ({ outs: node.outs, batched: [false] }),
  cost: () => ({ flops: 0 }),
  dims: ['size'],
  samples: [{ args: [], attrs: { size: 3, dtype: 'i32' } }],
}

/** A size as a scalar: a constant where it is a number, else known when the program runs. */
export const sizeTerm = (size: Dim, dtype: DType): Term =>
  typeof size === 'number' ? constant([size], [], dtype) : apply1(sizeOp, [], { size, dtype })

export const constantOps: readonly Op[] = [constantOp, iotaOp, sizeOp]

export const constantWords: Readonly<Record<string, Word>> = {
  constant: (_, attrs) => {
    const dtype = attrs.dtype === undefined ? 'f64' : needDType('constant', attrs)
    return constant(needNumbers('constant', attrs, 'data'), needSizes('constant', attrs), dtype)
  },
  iota: (_, attrs) =>
    iota(
      needDim('iota', attrs, 'length'),
      attrs.dtype === undefined ? 'i32' : needDType('iota', attrs),
    ),
}
