/**
 * Named sizes in attributes: which an evaluation gets as numbers, and which it does not.
 */
import { expect, test } from 'vitest'
import { broadcastToOp, sumOp } from '../ops/broadcast.js'
import { iotaOp } from '../ops/constant.js'
import { convOp } from '../ops/conv.js'
import { sliceOp } from '../ops/slice.js'
import { mapDims, resolveAttrs } from './evaluate.js'

const sizes = { b: 3, 'c*': 1, n: 5 }

test('the attributes that an op says are sizes become numbers, in lists of lists too', () => {
  expect(resolveAttrs(broadcastToOp, { shape: ['b', 2, '2*n'] }, sizes)).toEqual({
    shape: [3, 2, 10],
  })
  expect(resolveAttrs(iotaOp, { length: 'n', dtype: 'f64' }, sizes)).toEqual({
    length: 5,
    dtype: 'f64',
  })
  expect(resolveAttrs(iotaOp, { length: 4, dtype: 'f64' }, sizes)).toEqual({
    length: 4,
    dtype: 'f64',
  })
  const pairs = {
    padding: [
      ['b', 0],
      [1, 'n-b'],
    ],
    strides: [1, 2],
  }
  expect(resolveAttrs(convOp, pairs, sizes)).toEqual({
    padding: [
      [3, 0],
      [1, 2],
    ],
    strides: [1, 2],
  })
})

test('other attributes, and those of ops without sizes, stay as they are', () => {
  const attrs = { axes: [0] }
  expect(resolveAttrs(sumOp, attrs, sizes)).toBe(attrs)
  const text = { start: ['b'], limit: [5], stride: [1], note: 'b' }
  expect(resolveAttrs(sliceOp, text, sizes)).toEqual({ ...text, start: [3] })
})

test('what is absent is not made up, and what is no size is left alone', () => {
  const seen: unknown[] = []
  const attrs = mapDims(sliceOp, { start: ['b', null, 2] }, (dim) => {
    seen.push(dim)
    return 0
  })
  expect(attrs).toStrictEqual({ start: [0, null, 0] })
  expect(seen).toEqual(['b', 2])
  expect(mapDims(sumOp, { axes: [1] }, () => 7)).toEqual({ axes: [1] })
})
