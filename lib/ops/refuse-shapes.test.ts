/**
 * What shapes, windows and convolutions say of what they do not take: each refusal in full, with its code.
 */
import { expect, test } from 'vitest'
import type { Dim, DType } from '../data/index.js'
import { apply, parameter, type Term } from '../term/index.js'
import { broadcastTo, reshape } from './broadcast.js'
import { concat, concatOp, stack } from './concat.js'
import { refusal } from './refusal.fixture.js'
import { conv } from './spatial.js'
import { expandDims, moveAxis, reverse, squeeze, transpose } from './transpose.js'
import { words } from './vocabulary.js'
import { windows } from './windows.js'

const tensor = (shape: readonly Dim[], dtype: DType = 'f64'): Term =>
  parameter({ name: 'f' }, 'x', { dtype, shape })

const x = tensor([2, 3])
const v = tensor([3])
const n = tensor([2], 'i32')
const image = tensor([1, 2, 6, 6])
const kernel = tensor([2, 2, 3, 3])

test.each<readonly [string, () => unknown]>([
  ['input: concat: no tensors; expected at least one', () => concat([], 0)],
  [
    'shape: concat: cannot join f64[2, 3] and f64[3, 2] along axis 0; expected one dtype, and equal sizes on the other axes',
    () => concat([x, transpose(x)], 0),
  ],
  [
    'dtype: concat: cannot join f64[2, 3] and i32[2] along axis 1; expected one dtype, and equal sizes on the other axes',
    () => concat([x, n], 1),
  ],
  [
    'shape: concat: cannot join f64[2, 3] and f64[3] along axis 0; expected one dtype, and equal sizes on the other axes',
    () => concat([x, v], 0),
  ],
  [
    'attribute: concat: axis 2 of f64[2, 3]; expected an axis from -2 to 1',
    () => concat([x, x], 2),
  ],
  [
    'dtype: concat: cannot join f64[2, 3] and f32[2, 3] along axis 0; expected one dtype, and equal sizes on the other axes',
    () => concat([x, tensor([2, 3], 'f32')], 0),
  ],
  ['attribute: concat: axis 2 of f64[2, 3]; expected an axis from -2 to 1', () => concat([x], 2)],
  [
    'attribute: concat: axis 2 of f64[2, 3]; expected an axis from -2 to 1',
    () => apply(concatOp, [x, x], { axis: 2 }),
  ],
  [
    'attribute: concat: attribute \'axis\' is "a"; expected a whole number',
    () => words.concat([x], { axis: 'a' }),
  ],
  ['input: stack: no tensors; expected at least one', () => stack([])],
  ['shape: stack: cannot stack f64[2, 3] and f64[3]; expected equal shapes', () => stack([x, v])],
  [
    'attribute: transpose: order [0, 0] for f64[2, 3]; expected each axis from 0 to 1 once',
    () => transpose(x, [0, 0]),
  ],
  [
    'attribute: transpose: order [0] for f64[2, 3]; expected each axis from 0 to 1 once',
    () => transpose(x, [0]),
  ],
  [
    'attribute: transpose: axis 2 of f64[2, 3]; expected an axis from -2 to 1',
    () => transpose(x, [0, 2]),
  ],
  ['shape: squeeze: axis 1 of f64[2, 3] has size 3; expected size 1', () => squeeze(x, [1])],
  [
    'attribute: squeeze: axes [0, 0] of f64[2, 3] name one axis twice; expected different axes',
    () => squeeze(x, [0, 0]),
  ],
  [
    'shape: conv: cannot convolve f64[3] with f64[3]; expected x [N, C, spatial…] and a kernel [O, C / groups, spatial…] of one dtype',
    () => conv(v, v),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 6, 6] with f64[2, 2, 3]; expected x [N, C, spatial…] and a kernel [O, C / groups, spatial…] of one dtype',
    () => conv(image, tensor([2, 2, 3])),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 6, 6] with f32[2, 2, 3, 3]; expected x [N, C, spatial…] and a kernel [O, C / groups, spatial…] of one dtype',
    () => conv(image, tensor([2, 2, 3, 3], 'f32')),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 6, 6] with f64[2, 2, 3, 3]; expected 2 positive strides and dilations, and as many pairs of padding',
    () => conv(image, kernel, { strides: [1] }),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 6, 6] with f64[2, 2, 3, 3]; expected 2 positive strides and dilations, and as many pairs of padding',
    () => conv(image, kernel, { strides: [0, 1] }),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 6, 6] with f64[2, 2, 3, 3]; expected 2 positive strides and dilations, and as many pairs of padding',
    () => conv(image, kernel, { kernelDilation: [1, 0.5] }),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 6, 6] with f64[2, 2, 3, 3]; expected 2 positive strides and dilations, and as many pairs of padding',
    () => conv(image, kernel, { inputDilation: [1, -1] }),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 6, 6] with f64[2, 2, 3, 3]; expected 2 positive strides and dilations, and as many pairs of padding',
    () => conv(image, kernel, { padding: [[0, 0]] }),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 6, 6] with f64[2, 2, 3, 3]; expected C = groups · kernel channels and O divisible by groups = 2',
    () => conv(image, kernel, { groups: 2 }),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 6, 6] with f64[3, 1, 3, 3]; expected C = groups · kernel channels and O divisible by groups = 2',
    () => conv(image, tensor([3, 1, 3, 3]), { groups: 2 }),
  ],
  [
    'shape: conv: cannot convolve f64[1, 2, 1, 9] with f64[2, 2, 3, 3]; expected a kernel no larger than the padded input',
    () => conv(tensor([1, 2, 1, 9]), kernel),
  ],
  [
    "dtype: conv: needs a floating dtype, got i32[1, 2, 6, 6]. Cast it: convert(x, 'f32')",
    () => conv(tensor([1, 2, 6, 6], 'i32'), kernel),
  ],
  [
    "attribute: conv: attribute 'padding' is \"full\"; expected [low, high] for each spatial axis, 'same' or 'valid'",
    () => words.conv([image, kernel], { padding: 'full' }),
  ],
  [
    "attribute: conv: attribute 'padding' is [[1,2,3]]; expected [low, high] for each spatial axis, 'same' or 'valid'",
    () => words.conv([image, kernel], { padding: [[1, 2, 3]] }),
  ],
  [
    "attribute: conv: attribute 'padding' is [[1,0.5],[0,0]]; expected [low, high] for each spatial axis, 'same' or 'valid'",
    () =>
      words.conv([image, kernel], {
        padding: [
          [1, 0.5],
          [0, 0],
        ],
      }),
  ],
  [
    'attribute: conv: groups = 0; expected a positive whole number',
    () => words.conv([image, kernel], { groups: 0 }),
  ],
  [
    'attribute: conv: groups = n; expected a positive whole number',
    () => words.conv([image, kernel], { groups: 'n' }),
  ],
  [
    'shape: maxPool: a window [2] over f64[1, 2, 6, 6]; expected [N, C, s0]',
    () => words.maxPool([image], { window: [2] }),
  ],
  [
    'shape: avgPool: a window [2] over f64[2, 3]; expected [N, C, s0]',
    () => words.avgPool([x], { window: [2] }),
  ],
  [
    'shape: windows: windows [4] by strides [1] over f64[2, 3]; expected positive sizes and strides, one each for the last axes, windows that fit',
    () => windows(x, { window: [4], strides: [1] }),
  ],
  [
    'shape: windows: windows [0] by strides [1] over f64[2, 3]; expected positive sizes and strides, one each for the last axes, windows that fit',
    () => windows(x, { window: [0], strides: [1] }),
  ],
  [
    'shape: windows: windows [1] by strides [0] over f64[2, 3]; expected positive sizes and strides, one each for the last axes, windows that fit',
    () => windows(x, { window: [1], strides: [0] }),
  ],
  [
    'shape: windows: windows [1,1,1] by strides [1,1,1] over f64[2, 3]; expected positive sizes and strides, one each for the last axes, windows that fit',
    () => windows(x, { window: [1, 1, 1], strides: [1, 1, 1] }),
  ],
  [
    'shape: windows: windows [2,2] by strides [1] over f64[2, 3]; expected positive sizes and strides, one each for the last axes, windows that fit',
    () => windows(x, { window: [2, 2], strides: [1] }),
  ],
  [
    'shape: windows: windows [1.5] by strides [1] over f64[2, 3]; expected positive sizes and strides, one each for the last axes, windows that fit',
    () => windows(x, { window: [1.5], strides: [1] }),
  ],
  [
    'shape: broadcastTo: f64[2, 3] does not broadcast to [3]; expected equal sizes, or 1, counted from the last axis',
    () => broadcastTo(x, [3]),
  ],
  [
    'shape: broadcastTo: f64[2, 3] does not broadcast to [2, 2]; expected equal sizes, or 1, counted from the last axis',
    () => broadcastTo(x, [2, 2]),
  ],
  [
    'shape: broadcastTo: f64[2, 3] does not broadcast to [3, 3, 4]; expected equal sizes, or 1, counted from the last axis',
    () => broadcastTo(x, [3, 3, 4]),
  ],
  [
    'shape: reshape: f64[2, 3] has 6 elements, [5] has 5; expected as many elements',
    () => reshape(x, [5]),
  ],
  ['shape: reshape: no size for −1 makes f64[2, 3] into [-1, 4]', () => reshape(x, [-1, 4])],
  ['shape: reshape: no size for −1 makes f64[2, 3] into [-1, -1]', () => reshape(x, [-1, -1])],
  [
    'attribute: expandDims: axis 3 of f64[2, 3, 1]; expected an axis from -3 to 2',
    () => expandDims(x, 3),
  ],
  [
    'attribute: moveAxis: axis 2 of f64[2, 3]; expected an axis from -2 to 1',
    () => moveAxis(x, 2, 0),
  ],
  [
    'attribute: moveAxis: axis 2 of f64[2, 3]; expected an axis from -2 to 1',
    () => moveAxis(x, 0, 2),
  ],
  ['attribute: reverse: axis 2 of f64[2, 3]; expected an axis from -2 to 1', () => reverse(x, [2])],
])('%s', (message, build) => {
  expect(refusal(build)).toBe(message)
})
