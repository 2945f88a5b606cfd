/**
 * What control flow say of what they do not take: each refusal in full, with its code.
 */
import { expect, test } from 'vitest'
import type { Dim, DType } from '../../data/index.js'
import { apply, closeStrict, parameter, type Term } from '../../term/index.js'
import { add, convert } from '../arithmetic.js'
import { constant } from '../constant.js'
import { scalar } from '../operand.js'
import { refusal } from '../refusal.fixture.js'
import {
  associativeScan,
  cond,
  forLoop,
  scan,
  scanFunc,
  scanOp,
  switchCase,
  switchFunc,
  switchOp,
  whileFunc,
  whileLoop,
  whileOp,
} from './index.js'

const tensor = (shape: readonly Dim[], dtype: DType = 'f64'): Term =>
  parameter({ name: 'f' }, 'x', { dtype, shape })

const x = tensor([2, 3])
const v = tensor([3])
const v2 = tensor([3])
const n = tensor([2], 'i32')
const bit = tensor([], 'bool')
const inner = closeStrict('inner', [x], [add(x, 1)])
/** (const, carry, row) → carry */
const three = closeStrict('three', [x, v, v2], [add(v, v2)])
const second = closeStrict('second', [v, x], [x])
const always = closeStrict('always', [x], [constant([1], [], 'bool')])

test.each<readonly [string, () => unknown]>([
  [
    'dtype: switch: the index is f64[]; expected a scalar of bool, i32 or u32',
    () => switchCase(scalar(0, 'f64'), [() => [x]]),
  ],
  [
    'dtype: switch: the index is i32[2]; expected a scalar of bool, i32 or u32',
    () => switchCase(n, [() => [x]]),
  ],
  ['attribute: switch: there are no branches', () => switchCase(scalar(0, 'i32'), [])],
  [
    'input: switchCase: branch 1 gives 0 results, branch 0 1; expected as many from each branch',
    () => switchCase(scalar(0, 'i32'), [() => [x], () => []]),
  ],
  [
    'shape: switchCase: branch 0 gives f64[2, 3] and branch 1 f64[3] as result 1; expected one type from every branch. Convert, reshape or broadcast one of them',
    () => switchCase(scalar(0, 'i32'), [() => [x, x], () => [x, v]]),
  ],
  [
    'dtype: cond: the predicate is f64[]; expected bool[]. Compare: gt(x, 0)',
    () =>
      cond(
        scalar(1, 'f64'),
        () => [x],
        () => [x],
      ),
  ],
  [
    'dtype: cond: otherwise gives i32[2] and then f64[2, 3]; expected one type from every branch. Convert, reshape or broadcast one of them',
    () =>
      cond(
        bit,
        () => [x],
        () => [n],
      ),
  ],
  ['input: switch: 2 arguments for a body of 1 parameters', () => switchFunc([inner], bit, [x, x])],
  [
    'shape: switch: operand 0 is f64[3]; expected f64[2, 3], as branch 0 takes',
    () => switchFunc([inner], bit, [v]),
  ],
  ['attribute: switch: there are no branches', () => apply(switchOp, [bit], { branches: [] })],
  ['attribute: switch: there are no branches', () => apply(switchOp, [bit], { branches: [3] })],
  [
    'dtype: whileLoop: the condition gives f64[2, 3]; expected bool[]. Compare: lt(k, n); reduce an array of bools to one',
    () =>
      whileLoop(
        () => x,
        (c) => c,
        [x],
      ),
  ],
  [
    'input: whileLoop: the body gives 0 carries; expected 1, as many as it starts from',
    () =>
      whileLoop(
        () => bit,
        () => [],
        [x],
      ),
  ],
  [
    'shape: whileLoop: carry 0 starts as f64[2, 3] and the body gives f64[3]; expected the same type at each step. Start from an array of the shape that the body gives, or reshape its result',
    () =>
      whileLoop(
        () => bit,
        () => [v],
        [x],
      ),
  ],
  [
    'dtype: whileLoop: the condition gives f64[2, 3]; expected bool[]. Compare: lt(k, n); reduce an array of bools to one',
    () => whileFunc(inner, inner, [x]),
  ],
  [
    'shape: whileLoop: the condition takes (f64[2, 3]); expected (f64[3])',
    () => whileFunc(always, inner, [v]),
  ],
  [
    'input: whileLoop: the body gives 1 carries; expected 2, as many as it starts from',
    () => whileFunc(always, inner, [x, x]),
  ],
  [
    "attribute: whileLoop: attribute 'maxSteps' is -1; expected a size",
    () =>
      apply(whileOp, [x], {
        condition: always,
        body: inner,
        conditionConsts: 0,
        bodyConsts: 0,
        maxSteps: -1,
      }),
  ],
  [
    "attribute: whileLoop: attribute 'body' is not a function",
    () => apply(whileOp, [x], { condition: always, body: 3, conditionConsts: 0, bodyConsts: 0 }),
  ],
  [
    "attribute: whileLoop: attribute 'condition' is not a function",
    () => apply(whileOp, [x], { body: inner, conditionConsts: 0, bodyConsts: 0 }),
  ],
  [
    "attribute: whileLoop: attribute 'conditionConsts' is missing; expected a whole number",
    () => apply(whileOp, [x], { condition: always, body: inner, bodyConsts: 0 }),
  ],
  [
    "attribute: whileLoop: attribute 'bodyConsts' is missing; expected a whole number",
    () => apply(whileOp, [x], { condition: always, body: inner, conditionConsts: 0 }),
  ],
  [
    'shape: whileLoop: the body takes (f64[3], f64[2, 3]); expected (f64[2, 3], f64[2, 3])',
    () => whileFunc(always, second, [x, x], { bodyConsts: 1 }),
  ],
  [
    'input: scan: the body gives 0 carries; expected 1, as many as it starts from',
    () => scan(() => ({ carry: [] }), [x], [x]),
  ],
  [
    'shape: scan: carry 0 starts as f64[2, 3] and the body gives f64[3]; expected the same type at each step. Start from an array of the shape that the body gives, or reshape its result',
    () => scan(() => ({ carry: [v] }), [x], [x]),
  ],
  [
    'input: scan: the body gives 2 carries; expected 1, as many as it starts from',
    () => scan((c) => ({ carry: [add(c[0], 1), x] }), [x], [x]),
  ],
  [
    "dtype: scan: carry 0 starts as f64[3] and the body gives i32[2]; expected the same type at each step. Convert one: convert(x, 'f64')",
    () => scan(() => ({ carry: [n] }), [v], [x]),
  ],
  [
    'attribute: scan: the length is unknown: there are no xs. Give it: { length: n }',
    () => scan((c) => ({ carry: c }), [x], []),
  ],
  [
    'shape: scan: xs 0 is f64[], which has no rows; expected an array with a leading axis',
    () => scan((c) => ({ carry: c }), [x], [scalar(1, 'f64')]),
  ],
  [
    'shape: scan: xs 1 is f64[2, 3]; expected f64[3, 3]',
    () => scan((c) => ({ carry: c, ys: c }), [x], [v, x]),
  ],
  [
    'shape: scan: carry 0 is f64[3]; expected f64[2, 3]',
    () => scanFunc(inner, [v], { carry: 1, length: 2 }),
  ],
  [
    'shape: scan: const 0 is f64[3]; expected f64[2, 3]',
    () => apply(scanOp, [v, v, x], { body: three, consts: 1, carry: 1, length: 2 }),
  ],
  [
    'shape: scan: carry 0 is f64[2, 3]; expected f64[3]',
    () => apply(scanOp, [x, x, x], { body: three, consts: 1, carry: 1, length: 2 }),
  ],
  [
    'shape: scan: xs 0 is f64[3]; expected f64[2, 3]',
    () => apply(scanOp, [x, v, v], { body: three, consts: 1, carry: 1, length: 2 }),
  ],
  [
    'input: scan: 2 arguments for a body of 1 parameters',
    () => scanFunc(inner, [x, x], { carry: 1, length: 2 }),
  ],
  [
    'input: scan: the body gives 1 carries; expected 2, as many as it starts from',
    () => scanFunc(inner, [x], { carry: 2, length: 2 }),
  ],
  [
    'shape: scan: xs 0 is f64[2, 3]; expected f64[2, 2, 3]',
    () => scanFunc(inner, [x], { carry: 0 }),
  ],
  [
    "attribute: scan: attribute 'length' is -1; expected a size",
    () => apply(scanOp, [x], { body: inner, consts: 0, carry: 1, length: -1, reverse: false }),
  ],
  [
    'attribute: scan: attribute \'length\' is ""; expected a size',
    () => apply(scanOp, [x], { body: inner, consts: 0, carry: 1, length: '', reverse: false }),
  ],
  [
    "attribute: scan: attribute 'length' is missing; expected a size",
    () => apply(scanOp, [x], { body: inner, consts: 0, carry: 1, reverse: false }),
  ],
  [
    "attribute: scan: attribute 'body' is not a function",
    () => apply(scanOp, [x], { consts: 0, carry: 1, length: 2, reverse: false }),
  ],
  [
    'input: forLoop: the body gives 0 carries; expected 1, as many as it starts from',
    () => forLoop(3, () => [], [x]),
  ],
  [
    'shape: forLoop: carry 0 starts as f64[2, 3] and the body gives f64[3]; expected the same type at each step. Start from an array of the shape that the body gives, or reshape its result',
    () => forLoop(3, () => [v], [x]),
  ],
  [
    'dtype: forLoop: the count is f64[]; expected a size or a tensor i32[]',
    () => forLoop(scalar(1, 'f64'), (_, c) => c, [x]),
  ],
  [
    'dtype: forLoop: the count is i32[2]; expected a size or a tensor i32[]',
    () => forLoop(n, (_, c) => c, [x]),
  ],
  [
    'shape: associativeScan: cannot scan nothing; expected arrays with one leading length',
    () => associativeScan((a) => a, []),
  ],
  [
    'shape: associativeScan: cannot scan f64[2, 3], f64[3]; expected arrays with one leading length',
    () => associativeScan((a) => a, [x, v]),
  ],
  [
    'shape: associativeScan: cannot scan f64[]; expected arrays with one leading length',
    () => associativeScan((a) => a, [scalar(1, 'f64')]),
  ],
  [
    'shape: associativeScan: combine gives (); expected (f64[1, 3]), as it takes',
    () => associativeScan(() => [], [x]),
  ],
  [
    'shape: associativeScan: combine gives (f64[1, 3], f64[1, 3]); expected (f64[1, 3]), as it takes',
    () => associativeScan(([a]) => [a, a], [x]),
  ],
  [
    'shape: associativeScan: combine gives (f64[1, 3]); expected (f64[1, 3], f64[1, 3]), as it takes',
    () => associativeScan(([a]) => [a], [x, x]),
  ],
  [
    'shape: associativeScan: combine gives (f32[1, 3]); expected (f64[1, 3]), as it takes',
    () => associativeScan((a) => [convert(a[0], 'f32')], [x]),
  ],
  [
    'dtype: whileLoop: the condition gives bool[], bool[]; expected bool[]. Compare: lt(k, n); reduce an array of bools to one',
    () => whileFunc(closeStrict('both', [x], [...always.results, ...always.results]), inner, [x]),
  ],
  [
    "attribute: scan: attribute 'reverse' is 1; expected true or false",
    () => apply(scanOp, [x], { body: inner, consts: 0, carry: 1, length: 2, reverse: 1 }),
  ],
  [
    "attribute: scan: attribute 'consts' is missing; expected a whole number",
    () => apply(scanOp, [x], { body: inner, carry: 1, length: 2 }),
  ],
  [
    "attribute: scan: attribute 'carry' is missing; expected a whole number",
    () => apply(scanOp, [x], { body: inner, consts: 0, length: 2 }),
  ],
])('%s', (message, build) => {
  expect(refusal(build)).toBe(message)
})
