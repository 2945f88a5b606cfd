/**
 * dot: the one contraction. Axes of both sides are batched (kept, paired), contracted (summed,
 * paired) or free (kept).
 *
 *   a, b → [batch…, free axes of a…, free axes of b…]
 *
 * Its derivative and transpose are dots again.
 */
import {
  allocate,
  type Dim,
  dimMul,
  dimProduct,
  fail,
  isFloat,
  type NDArray,
  sizeOf,
  stridesOf,
} from '../data/index.js'
import {
  type ArgSample,
  type Attrs,
  apply1,
  type Op,
  type Sample,
  showType,
  type TensorType,
  type Term,
} from '../term/index.js'
import { add } from './arithmetic.js'
import { inverse } from './axes.js'
import { partials } from './elementwise.js'
import { multiplyIntegerRows, multiplyRows } from './gemm.js'
import { count } from './operand.js'
import { copyView, rounded } from './strided.js'
import { moveAxis, transpose } from './transpose.js'

export interface DotAxes {
  readonly lhsBatch: readonly number[]
  readonly rhsBatch: readonly number[]
  readonly lhsContract: readonly number[]
  readonly rhsContract: readonly number[]
}

export const dotAxes = (attrs: Attrs): DotAxes => attrs as Attrs & DotAxes // checked by the type rule

export const dotOp: Op = {
  name: 'dot',
  doc: 'Products summed over the contracted axes. → [batch…, free of a…, free of b…]',
  grade: 'smooth',
  type: ([a, b], attrs) => [dotType(a, b, dotAxes(attrs))],
  evaluate: ({ args: [a, b], attrs, types }) => [evaluateDot(a, b, dotAxes(attrs), types[0].shape)],
  jvp: partialsOfDot(),
  transpose: ({ cotangent, args: [a, b], attrs, linear }) => {
    const axes = dotAxes(attrs)
    return [
      linear[0] ? transposeLeft(cotangent, a, b, axes) : null,
      linear[1] ? transposeRight(cotangent, a, b, axes) : null,
    ]
  },
  batch: ({ args: [a, b], attrs, batched }) => {
    const axes = dotAxes(attrs)
    const shift = (list: readonly number[], by: boolean) => (by ? list.map((x) => x + 1) : list)
    const shifted: DotAxes = {
      lhsBatch: shift(axes.lhsBatch, batched[0]),
      rhsBatch: shift(axes.rhsBatch, batched[1]),
      lhsContract: shift(axes.lhsContract, batched[0]),
      rhsContract: shift(axes.rhsContract, batched[1]),
    }
    if (batched[0] && batched[1]) {
      const { lhsBatch, rhsBatch } = shifted
      return [dot(a, b, { ...shifted, lhsBatch: [0, ...lhsBatch], rhsBatch: [0, ...rhsBatch] })]
    }
    // The examples are a free axis, the first of their side.
    const from =
      axes.lhsBatch.length + (batched[0] ? 0 : free(a, axes.lhsBatch, axes.lhsContract).length)
    return [moveAxis(dot(a, b, shifted), from, 0)]
  },
  cost: ({ args: [a], results, attrs }) => {
    const depth = dimProduct(dotAxes(attrs).lhsContract.map((i) => a.shape[i]))
    return { flops: dimMul(2, dimMul(count(results[0]), depth)) }
  },
  samples: [
    sample([3, 4], [4, 2], [[], [], [1], [0]]),
    sample([2, 3, 4], [2, 4, 5], [[0], [0], [2], [1]]),
    sample([3, 2, 4, 5], [5, 2, 3], [[1], [1], [0, 3], [2, 0]]),
    sample([2, 3, 4], [4, 2, 3], [[], [], [2], [0]]),
    sample([3], [2], [[], [], [], []]),
    sample([3, 0], [0, 2], [[], [], [1], [0]]),
    sample([0, 3], [3, 2], [[], [], [1], [0]]),
  ],
}

/** Contracts a and b over paired axes. → [batch…, free of a…, free of b…] */
export const dot = (a: Term, b: Term, axes: DotAxes): Term => apply1(dotOp, [a, b], { ...axes })

function partialsOfDot(): Op['jvp'] {
  return (call) =>
    partials(
      (x, y) => add(x, y),
      (da, [, b]) => dot(da, b, dotAxes(call.attrs)),
      (db, [a]) => dot(a, db, dotAxes(call.attrs)),
    )(call)
}

const free = (x: TensorType, batch: readonly number[], contract: readonly number[]) =>
  x.shape.flatMap((_, i) => (batch.includes(i) || contract.includes(i) ? [] : [i]))

/** The cotangent of a: contract the cotangent with b over b's free axes, then order as a. */
function transposeLeft(ct: Term, a: Term, b: Term, axes: DotAxes): Term {
  const { lhsBatch, rhsBatch, lhsContract, rhsContract } = axes
  const freeA = free(a, lhsBatch, lhsContract)
  const freeB = free(b, rhsBatch, rhsContract)
  const n = lhsBatch.length
  const answer = dot(ct, b, {
    lhsBatch: lhsBatch.map((_, i) => i),
    rhsBatch,
    lhsContract: freeB.map((_, i) => n + freeA.length + i),
    rhsContract: freeB,
  })
  // Its axes: batch, free of a, then the contracted axes in b's order.
  const contracted = byPosition(rhsContract).map((i) => lhsContract[i])
  return transpose(answer, inverse([...lhsBatch, ...freeA, ...contracted]))
}

function transposeRight(ct: Term, a: Term, b: Term, axes: DotAxes): Term {
  const { lhsBatch, rhsBatch, lhsContract, rhsContract } = axes
  const freeA = free(a, lhsBatch, lhsContract)
  const freeB = free(b, rhsBatch, rhsContract)
  const n = lhsBatch.length
  const answer = dot(ct, a, {
    lhsBatch: lhsBatch.map((_, i) => i),
    rhsBatch: lhsBatch,
    lhsContract: freeA.map((_, i) => n + i),
    rhsContract: freeA,
  })
  const contracted = byPosition(lhsContract).map((i) => rhsContract[i])
  return transpose(answer, inverse([...rhsBatch, ...freeB, ...contracted]))
}

/** The positions of a list in rising order of what stands there. */
const byPosition = (list: readonly number[]): readonly number[] =>
  list.map((_, i) => i).sort((i, j) => list[i] - list[j])

function dotType(a: TensorType, b: TensorType, axes: DotAxes): TensorType {
  const { lhsBatch, rhsBatch, lhsContract, rhsContract } = axes
  const left = [...lhsBatch, ...lhsContract]
  const right = [...rhsBatch, ...rhsContract]
  const fits = (list: readonly number[], rank: number) =>
    new Set(list).size === list.length && list.every((i) => i >= 0 && i < rank)
  const paired =
    lhsBatch.length === rhsBatch.length &&
    lhsContract.length === rhsContract.length &&
    fits(left, a.shape.length) &&
    fits(right, b.shape.length)
  const equal = left.every((i, k) => a.shape[i] === b.shape[right[k]])
  if (!paired || !equal || a.dtype !== b.dtype || a.dtype === 'bool') {
    fail({
      code: a.dtype === b.dtype && a.dtype !== 'bool' ? 'shape' : 'dtype',
      where: 'dot',
      what: `cannot contract axes [${lhsContract}] of ${showType(a)} with axes [${rhsContract}] of ${showType(b)}`,
      expected: 'one number dtype, and equal sizes on paired axes',
    })
  }
  const kept = (x: TensorType, batch: readonly number[], contract: readonly number[]) =>
    free(x, batch, contract).map((i): Dim => x.shape[i])
  return {
    dtype: a.dtype,
    shape: [
      ...lhsBatch.map((i) => a.shape[i]),
      ...kept(a, lhsBatch, lhsContract),
      ...kept(b, rhsBatch, rhsContract),
    ],
  }
}

function evaluateDot(a: NDArray, b: NDArray, axes: DotAxes, shape: readonly number[]): NDArray {
  const { lhsBatch, rhsBatch, lhsContract, rhsContract } = axes
  const extent = (x: NDArray, list: readonly number[]) =>
    list.reduce((acc, i) => acc * x.shape[i], 1)
  const m = extent(a, free(a, lhsBatch, lhsContract))
  const n = extent(b, free(b, rhsBatch, rhsContract))
  const depth = extent(a, lhsContract)
  const left = packed(a, lhsBatch, lhsContract)
  const right = packed(b, rhsBatch, rhsContract)
  const data = allocate(a.dtype, sizeOf(shape))
  for (let i = 0; i < extent(a, lhsBatch); i++) {
    const x = left.subarray(i * m * depth, (i + 1) * m * depth)
    const y = right.subarray(i * n * depth, (i + 1) * n * depth)
    if (x instanceof Float64Array && y instanceof Float64Array) {
      multiplyRows({ data: x, rows: m }, { data: y, rows: n }, depth, data, i * m * n)
    } else {
      multiplyIntegerRows(x, y, [m, n, depth], data, i * m * n)
    }
  }
  return rounded({ dtype: a.dtype, shape, data })
}

/** [batch…, free…, contracted…], row-major; floats as f64. */
function packed(x: NDArray, batch: readonly number[], contract: readonly number[]) {
  const order = [...batch, ...free(x, batch, contract), ...contract]
  const inOrder = order.every((axis, i) => axis === i)
  if (inOrder && (x.data instanceof Float64Array || !isFloat(x.dtype))) return x.data
  const strides = stridesOf(x.shape)
  const shape = order.map((i) => x.shape[i])
  const data = isFloat(x.dtype) ? new Float64Array(x.data.length) : x.data.slice()
  const view = { data: x.data, offset: 0, strides: order.map((i) => strides[i]) }
  copyView(shape, view, { data, offset: 0, strides: stridesOf(shape) })
  return data
}

function sample(a: readonly number[], b: readonly number[], axes: readonly number[][]): Sample {
  const args: readonly ArgSample[] = [a, b].map((shape) => ({ kind: 'float', shape }))
  const [lhsBatch, rhsBatch, lhsContract, rhsContract] = axes
  return { args, attrs: { lhsBatch, rhsBatch, lhsContract, rhsContract } }
}

export const dotOps: readonly Op[] = [dotOp]
