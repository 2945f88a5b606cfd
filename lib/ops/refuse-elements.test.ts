/**
 * What elementwise ops, leaves and attributes say of what they do not take: each refusal in full, with its code.
 */
import { expect, test } from 'vitest'
import type { Dim, DType } from '../data/index.js'
import { apply, parameter, type Term } from '../term/index.js'
import { add, addOp } from './arithmetic.js'
import { readingAll } from './attributes.js'
import { constant } from './constant.js'
import { and, shiftLeft } from './logic.js'
import { randomBits, randomFoldIn, randomUniform } from './random.js'
import { refusal } from './refusal.fixture.js'
import { selectOp, where } from './select.js'
import { sin, sinOp } from './trigonometric.js'
import { words } from './vocabulary.js'

const tensor = (shape: readonly Dim[], dtype: DType = 'f64'): Term =>
  parameter({ name: 'f' }, 'x', { dtype, shape })

const x = tensor([2, 3])
const v = tensor([3])
const n = tensor([2], 'i32')
const flag = tensor([2, 3], 'bool')

test.each<readonly [string, () => unknown]>([
  ['input: neg: an argument is missing', () => words.neg([], {})],
  ['input: add: an argument is missing', () => words.add([x], {})],
  ['input: add: an argument is missing', () => words.add([x, undefined as never], {})],
  [
    'dtype: add: a is not a tensor or a number. Pass a tensor or a number',
    () => words.add([x, 'a' as never], {}),
  ],
  [
    "dtype: add: 0.5 is not a whole number of i32. Cast the tensor: convert(x, 'f32')",
    () => add(n, 0.5),
  ],
  [
    "dtype: add: -1 is not a whole number of u32. Cast the tensor: convert(x, 'f32')",
    () => add(tensor([2], 'u32'), -1),
  ],
  ["dtype: add: dtypes f64 and i32 differ. Cast one: convert(x, 'f64')", () => add(x, n)],
  [
    'shape: add: shapes [2, 3] and [3, 2] do not broadcast; expected equal sizes, or 1, counted from the last axis',
    () => add(x, tensor([3, 2])),
  ],
  [
    'dtype: add: cannot take bool[2, 3] and bool[2, 3]; expected equal shapes and one numeric dtype',
    () => add(flag, flag),
  ],
  ["dtype: sin: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')", () => sin(n)],
  [
    'dtype: and: cannot take f64[2, 3] and f64[2, 3]; expected equal shapes and bool, i32 or u32',
    () => and(x, x),
  ],
  [
    'dtype: shiftLeft: cannot take bool[2, 3] and bool[2, 3]; expected equal shapes and i32 or u32',
    () => shiftLeft(flag, flag),
  ],
  ['shape: add: 1 arguments; expected 2', () => apply(addOp, [x], {})],
  [
    'shape: add: cannot take f64[2, 3] and f64[3]; expected equal shapes and one numeric dtype',
    () => apply(addOp, [x, tensor([3])], {}),
  ],
  [
    'dtype: add: cannot take f64[2, 3] and i32[2]; expected equal shapes and one numeric dtype',
    () => apply(addOp, [x, n], {}),
  ],
  ['shape: sin: 0 arguments; expected 1', () => apply(sinOp, [], {})],
  ['input: concat: 1 is not a tensor', () => words.concat([x, 1], {})],
  [
    "attribute: gelu: attribute 'approximate' is 'erf'; expected 'tanh' or 'none'",
    () => words.gelu([x], { approximate: 'erf' }),
  ],
  ['shape: constant: 2 numbers for shape [3]; expected 3 numbers', () => constant([1, 2], [3])],
  [
    'dtype: where: the condition is f64[2, 3]; expected a bool. Compare first: ne(x, 0)',
    () => where(x, x, x),
  ],
  [
    'dtype: select: cannot take f64[2, 3], f64[2, 3], f64[2, 3]; expected a bool and two of one dtype, all of one shape',
    () => apply(selectOp, [x, x, x], {}),
  ],
  [
    'shape: select: cannot take bool[2, 3], f64[2, 3], f64[3]; expected a bool and two of one dtype, all of one shape',
    () => apply(selectOp, [flag, x, v], {}),
  ],
  [
    'shape: select: cannot take bool[2, 3], f64[2, 3], f32[2, 3]; expected a bool and two of one dtype, all of one shape',
    () => apply(selectOp, [flag, x, tensor([2, 3], 'f32')], {}),
  ],
  [
    'shape: select: cannot take bool[2, 3], f64[2, 3]; expected a bool and two of one dtype, all of one shape',
    () => apply(selectOp, [flag, x], {}),
  ],
  [
    'dtype: select: cannot take nothing; expected a bool and two of one dtype, all of one shape',
    () => apply(selectOp, [], {}),
  ],
  ['input: where: 3 is not a tensor', () => where(3 as never, x, x)],
  [
    'shape: where: shapes [2, 3] and [4] and [4] do not broadcast; expected equal sizes, or 1, counted from the last axis',
    () => where(flag, tensor([4]), 1),
  ],
  ['input: sum: an argument is missing', () => words.sum([], {})],
  ['input: sum: 3 is not a tensor', () => words.sum([3], {})],
  [
    'dtype: randomSplit: the key is u32[3]; expected u32[2]',
    () => words.randomSplit([tensor([3], 'u32')], { count: 1 }),
  ],
  [
    'dtype: randomSplit: the key is i32[2]; expected u32[2]',
    () => words.randomSplit([tensor([2], 'i32')], { count: 1 }),
  ],
  [
    'dtype: randomSplit: the key is u32[2, 2]; expected u32[2]',
    () => words.randomSplit([tensor([2, 2], 'u32')], { count: 1 }),
  ],
  ['dtype: randomBits: the key is i32[2]; expected u32[2]', () => randomBits(n, [3])],
  ['dtype: randomFoldIn: the key is i32[2]; expected u32[2]', () => randomFoldIn(n, 3)],
  ['dtype: randomUniform: the key is i32[2]; expected u32[2]', () => randomUniform(n, [3])],
  ['dtype: randomUniform: the key is i32[2]; expected u32[2]', () => randomUniform(n, [3], 'f64')],
  ['dtype: random: f16; expected f32 or f64', () => randomUniform(tensor([2], 'u32'), [1], 'f16')],
  [
    'attribute: polygamma: order 171; expected a whole number from 0 to 170',
    () => words.polygamma([x], { n: 171 }),
  ],
  ['input: polygamma: an argument is missing', () => words.polygamma([], { n: 1 })],
  [
    "attribute: polygamma: attribute 'n' is 0.5; expected a whole number",
    () => words.polygamma([x], { n: 0.5 }),
  ],
  [
    "attribute: polygamma: attribute 'n' is missing; expected a whole number",
    () => words.polygamma([x], {}),
  ],
  [
    'attribute: convert: attribute \'dtype\' is "f8"; expected a dtype',
    () => words.convert([x], { dtype: 'f8' }),
  ],
  [
    "attribute: convert: attribute 'dtype' is missing; expected a dtype",
    () => words.convert([x], {}),
  ],
  [
    "attribute: iota: attribute 'length' is -2; expected a size",
    () => words.iota([], { length: -2 }),
  ],
  [
    'attribute: iota: attribute \'length\' is "a b"; expected a size',
    () => words.iota([], { length: 'a b' }),
  ],
  [
    'attribute: constant: attribute \'data\' is ["a"]; expected numbers',
    () => words.constant([], { data: ['a'], shape: [1] }),
  ],
  [
    "attribute: constant: attribute 'shape' is [-1]; expected sizes that are not negative",
    () => words.constant([], { data: [1], shape: [-1] }),
  ],
  [
    'attribute: clamp: attribute \'max\' is "high"; expected a number',
    () => words.clamp([x], { max: 'high' }),
  ],
  [
    "input: f: there is no attribute 'c'; expected one of 'a', 'b'",
    () => readingAll('f', { a: 1, b: 2, c: 3 }, ({ a, b }) => [a, b]),
  ],
  ["input: f: there is no attribute 'c'; expected none", () => readingAll('f', { c: 3 }, () => 1)],
  ['input: take: index undefined; expected whole numbers', () => words.take([x], {})],
])('%s', (message, build) => {
  expect(refusal(build)).toBe(message)
})
