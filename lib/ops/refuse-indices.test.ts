/**
 * What indices, slices and padding say of what they do not take: each refusal in full, with its code.
 */
import { expect, test } from 'vitest'
import type { Dim, DType } from '../data/index.js'
import { parameter, type Term } from '../term/index.js'
import { dynamicSlice, dynamicUpdateSlice } from './dynamic.js'
import { gather } from './gather.js'
import { scalar } from './operand.js'
import { refusal } from './refusal.fixture.js'
import { pad, slice } from './slice.js'
import { oneHot, scatterAdd, scatterSet, take, takeAlongAxis } from './take.js'
import { words } from './vocabulary.js'

const tensor = (shape: readonly Dim[], dtype: DType = 'f64'): Term =>
  parameter({ name: 'f' }, 'x', { dtype, shape })

const x = tensor([2, 3])
const v = tensor([3])
const n = tensor([2], 'i32')

test.each<readonly [string, () => unknown]>([
  [
    'shape: takeAlongAxis: indices i32[2] for f64[2, 3]; expected equal sizes but on axis 1',
    () => takeAlongAxis(x, n, 1),
  ],
  [
    'shape: takeAlongAxis: indices i32[3, 3] for f64[2, 3]; expected equal sizes but on axis 1',
    () => takeAlongAxis(x, tensor([3, 3], 'i32'), 1),
  ],
  [
    'attribute: takeAlongAxis: axis 2 of f64[2, 3]; expected an axis from -2 to 1',
    () => takeAlongAxis(x, n, 2),
  ],
  ['attribute: oneHot: depth -1; expected a size', () => oneHot(n, -1)],
  ['attribute: oneHot: depth 1.5; expected a size', () => oneHot(n, 1.5)],
  ['input: take: index 0.5; expected whole numbers', () => take(x, 0.5)],
  ['input: take: index a; expected whole numbers', () => take(x, 'a' as never)],
  [
    "dtype: gather: indices f64[2, 3]; expected i32 or u32. Cast them: convert(i, 'i32')",
    () => take(x, x),
  ],
  ['attribute: take: axis 2 of f64[2, 3]; expected an axis from -2 to 1', () => take(x, n, 2)],
  [
    'shape: gather: axis 1 of f64[2, 3] with indices i32[2] and 2 shared axes; expected an axis of x behind equal leading sizes',
    () => gather(x, n, { axis: 1, batch: 2 }),
  ],
  [
    'shape: gather: axis 0 of f64[2, 3] with indices i32[2] and 1 shared axes; expected an axis of x behind equal leading sizes',
    () => gather(x, n, { axis: 0, batch: 1 }),
  ],
  [
    'shape: gather: axis 1 of f64[2, 3] with indices i32[3] and 1 shared axes; expected an axis of x behind equal leading sizes',
    () => gather(x, tensor([3], 'i32'), { axis: 1, batch: 1 }),
  ],
  [
    'shape: gather: axis 0 of f64[2, 3] with indices i32[2] and -1 shared axes; expected an axis of x behind equal leading sizes',
    () => gather(x, n, { axis: 0, batch: -1 }),
  ],
  [
    'shape: gather: axis 2 of f64[2, 3] with indices i32[2] and 0 shared axes; expected an axis of x behind equal leading sizes',
    () => gather(x, n, { axis: 2, batch: 0 }),
  ],
  [
    'shape: scatter: updates f64[2, 3] for f64[2, 3] at indices i32[]; expected f64[3]',
    () => scatterAdd(x, 0, x),
  ],
  [
    'dtype: scatter: updates f32[2, 3] for f64[2, 3] at indices i32[2]; expected f64[2, 3]',
    () => scatterAdd(x, n, tensor([2, 3], 'f32')),
  ],
  [
    "dtype: scatter: indices f64[2, 3]; expected i32 or u32. Cast them: convert(i, 'i32')",
    () => scatterSet(x, x, x),
  ],
  [
    'attribute: scatterAdd: axis 0 of f64[]; expected a tensor with axes',
    () => scatterAdd(scalar(1, 'f64'), 0, scalar(1, 'f64')),
  ],
  [
    'attribute: scatterSet: axis 0 of f64[]; expected a tensor with axes',
    () => scatterSet(scalar(1, 'f64'), 0, scalar(1, 'f64')),
  ],
  ['input: oneHot: index 0.5; expected whole numbers', () => oneHot(0.5, 2)],
  [
    'shape: dynamicSlice: a window [2, 4] in f64[2, 3]; expected a size for each axis, no larger than the axis',
    () => dynamicSlice(x, [0, 0], [2, 4]),
  ],
  [
    'shape: dynamicSlice: a window [2] in f64[2, 3]; expected a size for each axis, no larger than the axis',
    () => dynamicSlice(x, [0, 0], [2]),
  ],
  [
    'shape: dynamicSlice: a window [-1, 2] in f64[2, 3]; expected a size for each axis, no larger than the axis',
    () => dynamicSlice(x, [0, 0], [-1, 2]),
  ],
  ...['dynamicSlice', 'dynamicUpdateSlice'].map((word): readonly [string, () => unknown] => [
    `dtype: ${word}: 0.5 is not a whole number of i32. Cast the tensor: convert(x, 'f32')`,
    () =>
      word === 'dynamicSlice'
        ? dynamicSlice(x, [0.5, 0], [1, 1])
        : dynamicUpdateSlice(x, tensor([1, 1]), [0.5, 0]),
  ]),
  [
    'input: dynamicSlice: an argument is missing',
    () => words.dynamicSlice([x, undefined as never], { sizes: [1, 1] }),
  ],
  [
    "attribute: dynamicSlice: attribute 'sizes' is missing; expected whole numbers",
    () => words.dynamicSlice([x, 0, 0], {}),
  ],
  ['input: dynamicUpdateSlice: an argument is missing', () => words.dynamicUpdateSlice([x], {})],
  [
    'input: dynamicSlice: starts i32[] for f64[2, 3]; expected 2 scalars of i32',
    () => dynamicSlice(x, [0], [2, 2]),
  ],
  [
    'input: dynamicSlice: starts i32[], f64[] for f64[2, 3]; expected 2 scalars of i32',
    () => dynamicSlice(x, [0, scalar(0, 'f64')], [2, 2]),
  ],
  [
    'input: dynamicSlice: starts i32[], i32[2] for f64[2, 3]; expected 2 scalars of i32',
    () => dynamicSlice(x, [0, n], [2, 2]),
  ],
  [
    'input: dynamicSlice: starts none for f64[2, 3]; expected 2 scalars of i32',
    () => dynamicSlice(x, [], [2, 2]),
  ],
  [
    'shape: dynamicUpdateSlice: a window [2, 4] in f64[2, 3]; expected a size for each axis, no larger than the axis',
    () => dynamicUpdateSlice(x, tensor([2, 4]), [0, 0]),
  ],
  [
    'dtype: dynamicUpdateSlice: cannot write f32[1, 1] into f64[2, 3]; expected one dtype',
    () => dynamicUpdateSlice(x, tensor([1, 1], 'f32'), [0, 0]),
  ],
  [
    'shape: dynamicUpdateSlice: a window [3] in f64[2, 3]; expected a size for each axis, no larger than the axis',
    () => dynamicUpdateSlice(x, v, [0, 0]),
  ],
  [
    'shape: slice: cannot take [0, 0] to [2, 4] by [1, 1] of f64[2, 3]; expected 0 ≤ start ≤ limit ≤ size and stride ≥ 1 on axis 1',
    () => slice(x, [0, 0], [2, 4]),
  ],
  [
    'shape: slice: cannot take [1, 0] to [0, 3] by [1, 1] of f64[2, 3]; expected 0 ≤ start ≤ limit ≤ size and stride ≥ 1 on axis 0',
    () => slice(x, [1, 0], [0, 3]),
  ],
  [
    'shape: slice: cannot take [-1, 0] to [1, 3] by [1, 1] of f64[2, 3]; expected 0 ≤ start ≤ limit ≤ size and stride ≥ 1 on axis 0',
    () => slice(x, [-1, 0], [1, 3]),
  ],
  [
    'shape: slice: cannot take [] to [] by [] of f64[2, 3]; expected 2 starts, limits and strides',
    () => slice(x, [], []),
  ],
  [
    'shape: slice: cannot take [0] to [2, 3] by [1] of f64[2, 3]; expected 2 starts, limits and strides',
    () => slice(x, [0], [2, 3]),
  ],
  [
    'shape: slice: cannot take [0, 0] to [2, 3, 1] by [1, 1] of f64[2, 3]; expected 2 starts, limits and strides',
    () => slice(x, [0, 0], [2, 3, 1]),
  ],
  ['input: slice: 3 is not a tensor', () => words.slice([3], { start: [0], limit: [1] })],
  ['input: pad: 3 is not a tensor', () => words.pad([3], { low: [0], high: [1] })],
  [
    'shape: slice: cannot take [0] to [1] by [1] of f64[2, 3]; expected 2 starts, limits and strides',
    () => slice(x, [0], [1]),
  ],
  [
    'shape: slice: cannot take [0, 0] to [2, 3] by [0, 1] of f64[2, 3]; expected 0 ≤ start ≤ limit ≤ size and stride ≥ 1 on axis 0',
    () => slice(x, [0, 0], [2, 3], [0, 1]),
  ],
  [
    'shape: slice: cannot take [0, 0] to [2, 3] by [1] of f64[2, 3]; expected 2 starts, limits and strides',
    () => slice(x, [0, 0], [2, 3], [1]),
  ],
  [
    "attribute: slice: attribute 'stride' is [1,0.5]; expected whole numbers",
    () => words.slice([x], { start: [0, 0], limit: [1, 1], stride: [1, 0.5] }),
  ],
  [
    'attribute: slice: attribute \'start\' is ["1b",0]; expected sizes',
    () => words.slice([x], { start: ['1b', 0], limit: [1, 1] }),
  ],
  [
    "attribute: slice: attribute 'start' is [-2,0]; expected sizes",
    () => words.slice([x], { start: [-2, 0], limit: [1, 1] }),
  ],
  [
    "attribute: slice: attribute 'start' is 0; expected sizes",
    () => words.slice([x], { start: 0, limit: [1, 1] }),
  ],
  [
    'shape: pad: cropping f64[2, 3] by low [-2, 0] and high [-1, 0] leaves [-1, 3]; expected sizes that are not negative',
    () => pad(x, [-2, 0], [-1, 0]),
  ],
  [
    'attribute: pad: low [], high [], interior [] for f64[2, 3]; expected 2 widths each, interior ones not negative',
    () => pad(x, [], []),
  ],
  [
    "dtype: pad: 0.5 is not a whole number of i32. Cast the tensor: convert(x, 'f32')",
    () => pad(n, [1], [1], [0], 0.5),
  ],
  [
    'attribute: pad: low [1], high [1], interior [0] for f64[2, 3]; expected 2 widths each, interior ones not negative',
    () => pad(x, [1], [1]),
  ],
  [
    'attribute: pad: low [1, 1], high [1, 1], interior [0, -1] for f64[2, 3]; expected 2 widths each, interior ones not negative',
    () => pad(x, [1, 1], [1, 1], [0, -1]),
  ],
  [
    'dtype: pad: value i32[2] for f64[2, 3]; expected a scalar f64',
    () => pad(x, [1, 1], [1, 1], [0, 0], n),
  ],
  [
    'dtype: pad: value f32[] for f64[2, 3]; expected a scalar f64',
    () => pad(x, [1, 1], [1, 1], [0, 0], scalar(1, 'f32')),
  ],
  [
    'attribute: pad: attribute \'value\' is "a"; expected a number',
    () => words.pad([x], { low: [1, 1], high: [1, 1], value: 'a' }),
  ],
  [
    "attribute: take: attribute 'axis' is 0.5; expected a whole number",
    () => words.take([x, n], { axis: 0.5 }),
  ],
])('%s', (message, build) => {
  expect(refusal(build)).toBe(message)
})
