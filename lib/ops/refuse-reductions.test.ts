/**
 * What reductions, orders and contractions say of what they do not take: each refusal in full, with its code.
 */
import { expect, test } from 'vitest'
import type { Dim, DType } from '../data/index.js'
import { apply, parameter, type Term } from '../term/index.js'
import { argmax, argmin } from './argmax.js'
import { sumOp } from './broadcast.js'
import { cumsum, cumsumOp } from './cumulative.js'
import { det } from './det.js'
import { dot } from './dot.js'
import { einsum } from './einsum.js'
import { matmul } from './matmul.js'
import { scalar } from './operand.js'
import { recurrenceOp } from './recurrence.js'
import { prod, prodOp, reduceMax, sum } from './reduce.js'
import { refusal } from './refusal.fixture.js'
import { sort, topK } from './sort.js'
import { logSoftmax, logsumexp, mean, norm, softmax, std, variance } from './statistics.js'
import { transpose } from './transpose.js'
import { words } from './vocabulary.js'

const tensor = (shape: readonly Dim[], dtype: DType = 'f64'): Term =>
  parameter({ name: 'f' }, 'x', { dtype, shape })

const x = tensor([2, 3])
const v = tensor([3])
const n = tensor([2], 'i32')
const flag = tensor([2, 3], 'bool')

test.each<readonly [string, () => unknown]>([
  [
    'shape: matmul: cannot multiply f64[2, 3] by f64[2, 3]; expected […, m, k] by […, k, n] of one dtype, leading axes broadcasting',
    () => matmul(x, x),
  ],
  [
    'shape: matmul: cannot multiply f64[3] by f64[2, 3]; expected […, m, k] by […, k, n] of one dtype, leading axes broadcasting',
    () => matmul(v, x),
  ],
  [
    'dtype: matmul: cannot multiply f64[2, 3] by f32[3, 1]; expected […, m, k] by […, k, n] of one dtype, leading axes broadcasting',
    () => matmul(x, tensor([3, 1], 'f32')),
  ],
  [
    'shape: matmul: cannot multiply f64[2, 2, 3] by f64[3, 3, 4]; expected […, m, k] by […, k, n] of one dtype, leading axes broadcasting',
    () => matmul(tensor([2, 2, 3]), tensor([3, 3, 4])),
  ],
  [
    'shape: matmul: cannot multiply f64[] by f64[]; expected […, m, k] by […, k, n] of one dtype, leading axes broadcasting',
    () => matmul(scalar(1, 'f64'), scalar(1, 'f64')),
  ],
  [
    'shape: recurrence: f64[3] and f64[2, 3]; expected one type',
    () => apply(recurrenceOp, [v, x], { axis: 0, reverse: false }),
  ],
  [
    'shape: recurrence: f64[3] and f32[3]; expected one type',
    () => apply(recurrenceOp, [v, tensor([3], 'f32')], { axis: 0, reverse: false }),
  ],
  [
    "dtype: recurrence: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')",
    () => apply(recurrenceOp, [n, tensor([2], 'u32')], { axis: 0, reverse: false }),
  ],
  [
    'dtype: cumsum: bool[2, 3]; expected numbers',
    () => apply(cumsumOp, [flag], { axis: 0, reverse: false }),
  ],
  [
    'attribute: cumsum: axis 2 of f64[2, 3]; expected an axis from -2 to 1',
    () => cumsum(x, { axis: 2, reverse: false }),
  ],
  [
    'attribute: sum: axis 2 of f64[2, 3]; expected an axis from -2 to 1',
    () => sum(x, { axes: [2] }),
  ],
  [
    'attribute: sum: axis -3 of f64[2, 3]; expected an axis from -2 to 1',
    () => sum(x, { axes: [-3] }),
  ],
  [
    'attribute: sum: axis 0.5 of f64[2, 3]; expected an axis from -2 to 1',
    () => sum(x, { axes: [0.5] }),
  ],
  [
    'attribute: sum: axes [0, -2] of f64[2, 3] name one axis twice; expected different axes',
    () => sum(x, { axes: [0, -2] }),
  ],
  [
    'attribute: sum: axis 0 of f64[]; expected a tensor with axes',
    () => sum(scalar(1, 'f64'), { axes: [0] }),
  ],
  [
    'attribute: sum: attribute \'axes\' is "all"; expected axes: whole numbers',
    () => words.sum([x], { axes: 'all' }),
  ],
  [
    'attribute: sum: attribute \'axes\' is [0,"b"]; expected axes: whole numbers',
    () => words.sum([x], { axes: [0, 'b'] }),
  ],
  [
    "attribute: sum: attribute 'keepDims' is 1; expected true or false",
    () => words.sum([x], { keepDims: 1 }),
  ],
  [
    "dtype: sum: cannot add up bool[2, 3]; expected numbers. Cast them: convert(x, 'f32')",
    () => sum(flag),
  ],
  ['dtype: prod: bool[2, 3]; expected numbers', () => prod(flag)],
  ['dtype: reduceMax: bool[2, 3]; expected numbers', () => reduceMax(flag)],
  [
    'attribute: sum: axes [1, 0] of f64[2, 3]; expected rising axes below 2',
    () => apply(sumOp, [x], { axes: [1, 0] }),
  ],
  [
    'attribute: sum: axes [0, 0] of f64[2, 3]; expected rising axes below 2',
    () => apply(sumOp, [x], { axes: [0, 0] }),
  ],
  [
    'attribute: sum: axes [2] of f64[2, 3]; expected rising axes below 2',
    () => apply(sumOp, [x], { axes: [2] }),
  ],
  [
    'attribute: sum: axes [-1] of f64[2, 3]; expected rising axes below 2',
    () => apply(sumOp, [x], { axes: [-1] }),
  ],
  [
    'attribute: prod: axes [1, 0] of f64[2, 3]; expected rising axes below 2',
    () => apply(prodOp, [x], { axes: [1, 0] }),
  ],
  [
    'shape: det: the determinant of f64[2, 3]; expected square matrices [.., n, n] with n a number',
    () => det(x),
  ],
  [
    'shape: det: the determinant of f64[]; expected square matrices [.., n, n] with n a number',
    () => det(scalar(1, 'f64')),
  ],
  [
    'shape: det: the determinant of f64[3]; expected square matrices [.., n, n] with n a number',
    () => det(v),
  ],
  [
    'shape: det: the determinant of f64[n, n]; expected square matrices [.., n, n] with n a number',
    () => det(tensor(['n', 'n'])),
  ],
  [
    "dtype: det: needs a floating dtype, got i32[2, 2]. Cast it: convert(x, 'f32')",
    () => det(tensor([2, 2], 'i32')),
  ],
  ['attribute: topK: k = 4 of f64[2, 3]; expected a whole number from 0 to 3', () => topK(x, 4)],
  [
    'attribute: topK: axis -1 of f64[]; expected a tensor with axes',
    () => topK(scalar(1, 'f64'), 1),
  ],
  ['attribute: topK: k = -1 of f64[2, 3]; expected a whole number from 0 to 3', () => topK(x, -1)],
  [
    'attribute: topK: k = 0.5 of f64[2, 3]; expected a whole number from 0 to 3',
    () => topK(x, 0.5),
  ],
  ['dtype: sort: bool[2, 3]; expected numbers', () => sort(flag)],
  [
    'shape: argmax: nothing to choose from along axis 1 of f64[2, 0]; expected numbers, at least one',
    () => argmax(tensor([2, 0])),
  ],
  [
    'dtype: argmax: nothing to choose from along axis 1 of bool[2, 3]; expected numbers, at least one',
    () => argmax(flag),
  ],
  ['attribute: argmin: axis 2 of f64[2, 3]; expected an axis from -2 to 1', () => argmin(x, 2)],
  [
    "shape: einsum: 'ij' does not fit no operands; expected 1 operands, as the spec has",
    () => einsum('ij', []),
  ],
  [
    "shape: einsum: 'ij,jk->ik' does not fit f64[2, 3]; expected 2 operands, as the spec has",
    () => einsum('ij,jk->ik', [x]),
  ],
  [
    "shape: einsum: 'ijk->i' does not fit f64[2, 3]; expected one letter an axis: 'ijk' names 3",
    () => einsum('ijk->i', [x]),
  ],
  [
    "shape: einsum: 'ij,ik->jk' does not fit f64[2, 3], f64[3, 2]; expected one size for 'i', which is both 2 and 3",
    () => einsum('ij,ik->jk', [x, transpose(x)]),
  ],
  [
    "shape: einsum: 'ij->ii' does not fit f64[2, 3]; expected each letter of the result once, from the operands",
    () => einsum('ij->ii', [x]),
  ],
  [
    "shape: einsum: 'ij->i$' does not fit f64[2, 3]; expected letters, commas, one -> and ... at most once in each operand",
    () => einsum('ij->i$', [x]),
  ],
  [
    "shape: einsum: '...i->i' does not fit f64[2, 3]; expected ... in the result too",
    () => einsum('...i->i', [x]),
  ],
  [
    "shape: einsum: '...ijk->...' does not fit f64[2, 3]; expected one letter an axis: '...ijk' names 3",
    () => einsum('...ijk->...', [x]),
  ],
  [
    "shape: einsum: '...i,...i->...' does not fit f64[2, 3], f64[5, 3]; expected one size for '.0', which is both 2 and 5",
    () => einsum('...i,...i->...', [x, tensor([5, 3])]),
  ],
  [
    "shape: einsum: 'ij,jk->ik' does not fit f64[2, 1], f64[3, 2]; expected one size for 'j', which is both 1 and 3",
    () => einsum('ij,jk->ik', [tensor([2, 1]), tensor([3, 2])]),
  ],
  [
    "shape: einsum: 'ij->k' does not fit f64[2, 3]; expected each letter of the result once, from the operands",
    () => einsum('ij->k', [x]),
  ],
  [
    "shape: einsum: 'i?->i' does not fit f64[2, 3]; expected letters, commas, one -> and ... at most once in each operand",
    () => einsum('i?->i', [x]),
  ],
  [
    "shape: einsum: 'ij->i->j' does not fit f64[2, 3]; expected letters, commas, one -> and ... at most once in each operand",
    () => einsum('ij->i->j', [x]),
  ],
  [
    "attribute: einsum: attribute 'spec' is 3; expected a string",
    () => words.einsum([x], { spec: 3 }),
  ],
  ["dtype: mean: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')", () => mean(n)],
  [
    "dtype: variance: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')",
    () => variance(n),
  ],
  ["dtype: std: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')", () => std(n)],
  ["dtype: norm: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')", () => norm(n)],
  [
    "dtype: logsumexp: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')",
    () => logsumexp(n),
  ],
  [
    "dtype: softmax: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')",
    () => softmax(n),
  ],
  ['attribute: softmax: axis 2 of f64[2, 3]; expected an axis from -2 to 1', () => softmax(x, 2)],
  [
    "dtype: logSoftmax: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')",
    () => logSoftmax(n),
  ],
  [
    'attribute: logSoftmax: axis 2 of f64[2, 3]; expected an axis from -2 to 1',
    () => logSoftmax(x, 2),
  ],
  [
    'shape: dot: cannot contract axes [0] of f64[2, 3] with axes [1] of f64[2, 3]; expected one number dtype, and equal sizes on paired axes',
    () => dot(x, x, { lhsBatch: [], rhsBatch: [], lhsContract: [0], rhsContract: [1] }),
  ],
  [
    'shape: dot: cannot contract axes [] of f64[2, 3] with axes [] of f64[2, 3]; expected one number dtype, and equal sizes on paired axes',
    () => dot(x, x, { lhsBatch: [0], rhsBatch: [], lhsContract: [], rhsContract: [] }),
  ],
  [
    'shape: dot: cannot contract axes [0] of f64[2, 3] with axes [] of f64[2, 3]; expected one number dtype, and equal sizes on paired axes',
    () => dot(x, x, { lhsBatch: [], rhsBatch: [], lhsContract: [0], rhsContract: [] }),
  ],
  [
    'shape: dot: cannot contract axes [0] of f64[2, 3] with axes [0] of f64[2, 3]; expected one number dtype, and equal sizes on paired axes',
    () => dot(x, x, { lhsBatch: [0], rhsBatch: [0], lhsContract: [0], rhsContract: [0] }),
  ],
  [
    'shape: dot: cannot contract axes [2] of f64[2, 3] with axes [2] of f64[2, 3]; expected one number dtype, and equal sizes on paired axes',
    () => dot(x, x, { lhsBatch: [], rhsBatch: [], lhsContract: [2], rhsContract: [2] }),
  ],
  ...(
    [
      [[], [0], [], []],
      [[], [], [], [0]],
      [[0], [], [], [0]],
      [[], [], [-1], [-1]],
    ] as const
  ).map(([lhsBatch, rhsBatch, lhsContract, rhsContract]): readonly [string, () => unknown] => [
    `shape: dot: cannot contract axes [${lhsContract}] of f64[2, 3] with axes [${rhsContract}] of f64[2, 3]; expected one number dtype, and equal sizes on paired axes`,
    () => dot(x, x, { lhsBatch, rhsBatch, lhsContract, rhsContract }),
  ]),
  [
    'dtype: dot: cannot contract axes [0] of bool[2, 3] with axes [0] of bool[2, 3]; expected one number dtype, and equal sizes on paired axes',
    () => dot(flag, flag, { lhsBatch: [], rhsBatch: [], lhsContract: [0], rhsContract: [0] }),
  ],
  [
    'dtype: dot: cannot contract axes [0] of f64[2, 3] with axes [0] of f32[2, 3]; expected one number dtype, and equal sizes on paired axes',
    () =>
      dot(x, tensor([2, 3], 'f32'), {
        lhsBatch: [],
        rhsBatch: [],
        lhsContract: [0],
        rhsContract: [0],
      }),
  ],
])('%s', (message, build) => {
  expect(refusal(build)).toBe(message)
})
