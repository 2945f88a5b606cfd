/**
 * What shape and indexing ops do at the edges: windows that do not fit, indices out of range,
 * writes that meet, cropping, named sizes.
 */
import { describe, expect, test } from 'vitest'
import { arrayFrom, type Dim, type DType, type NDArray } from '../data/index.js'
import { interpreters, vjp } from '../interpret/index.js'
import { closeStrict, parameter, type Term } from '../term/index.js'
import { convert } from './arithmetic.js'
import { concat, stack } from './concat.js'
import { dynamicSlice, dynamicUpdateSlice } from './dynamic.js'
import { type ScatterMode, scatter } from './gather.js'
import { prod, reduceMax, reduceMin, sum } from './reduce.js'
import { refusal } from './refusal.fixture.js'
import { pad, slice } from './slice.js'
import { oneHot, scatterAdd, scatterSet, take } from './take.js'
import { expandDims, moveAxis, reverse, squeeze, transpose } from './transpose.js'

const tensor = (shape: readonly Dim[], dtype: DType = 'f64') =>
  parameter({ name: 'f' }, 'x', { dtype, shape })

const floats = (...x: readonly number[]) => arrayFrom('f64', [x.length], x)
const ints = (...x: readonly number[]) => arrayFrom('i32', [x.length], x)
const whole = (x: number) => arrayFrom('i32', [], [x])

function functionOf(f: (...x: Term[]) => Term, args: readonly NDArray[]) {
  const binder = { name: 'f' }
  const params = args.map((a, i) => parameter(binder, `x${i}`, a))
  return closeStrict('f', params, [f(...params)])
}

const value = (f: (...x: Term[]) => Term, ...args: readonly NDArray[]) => [
  ...interpreters.evaluate(functionOf(f, args), args, {})[0].data,
]

/** Jᵀ ct for the float arguments. */
function pullback(f: (...x: Term[]) => Term, args: readonly NDArray[], ct: NDArray) {
  const func = functionOf(f, args)
  const active = args.map((a) => a.dtype === 'f64')
  const back = vjp(func, active, interpreters)
  return interpreters
    .evaluate(back.func, [...args, ct], {})
    .slice(1)
    .map((a) => [...a.data])
}

describe('indices', () => {
  const x = floats(10, 11, 12)
  test('reads are clamped, and so are their gradients', () => {
    expect(value((a, i) => take(a, i), x, ints(-5, 1, 9))).toEqual([10, 11, 12])
    expect(pullback((a, i) => take(a, i), [x, ints(-5, 1, 9)], floats(1, 2, 4))).toEqual([
      [1, 2, 4],
    ])
  })
  test('writes out of range are dropped, and their gradients are 0', () => {
    const f = (a: Term, i: Term, u: Term) => scatterAdd(a, i, u)
    expect(value(f, x, ints(-1, 1, 3), floats(5, 6, 7))).toEqual([10, 17, 12])
    expect(pullback(f, [x, ints(-1, 1, 3), floats(5, 6, 7)], floats(1, 2, 4))).toEqual([
      [1, 2, 4],
      [0, 2, 0],
    ])
  })
  test('of writes that meet the last wins, and alone gets the gradient, of equals too', () => {
    const f = (a: Term, i: Term, u: Term) => scatterSet(a, i, u)
    for (const [a, u] of [
      [x, floats(5, 6, 7)],
      [floats(7, 6, 12), floats(6, 6, 7)],
    ]) {
      const args = [a, ints(1, 1, 0), u]
      expect(value(f, ...args)).toEqual([7, 6, 12])
      expect(pullback(f, args, floats(1, 2, 4))).toEqual([
        [0, 0, 4],
        [0, 2, 1],
      ])
    }
  })
  test('may be unsigned, of windows too', () => {
    const unsigned = (...i: readonly number[]) => arrayFrom('u32', [i.length], i)
    expect(value((a, i) => take(a, i), x, unsigned(2, 0, 9))).toEqual([12, 10, 12])
    const start = arrayFrom('u32', [], [1])
    expect(value((a, i) => dynamicSlice(a, [i], [2]), x, start)).toEqual([11, 12])
  })
  test('that all lanes share are not repeated for each', () => {
    const f = functionOf((a, i) => take(a, i), [x, ints(0, 2)])
    const many = interpreters.batch(f, [true, false], 2).func
    expect(many.nodes.map(({ op }) => op.name)).not.toContain('broadcastTo')
  })
  test('of extremes that meet, ties share the gradient', () => {
    const by = (mode: ScatterMode) => (a: Term, i: Term, u: Term) =>
      scatter(a, i, u, { axis: 0, batch: 0 }, mode)
    const args = [floats(3, 1), ints(0, 0, 1), floats(3, 3, 9)]
    expect(value(by('max'), ...args)).toEqual([3, 9])
    expect(value(by('min'), ...args)).toEqual([3, 1])
    expect(pullback(by('max'), args, floats(3, 1))).toEqual([
      [1, 0],
      [1, 1, 1],
    ])
  })
  test('one-hot rows are zero out of range', () => {
    expect(value((i) => oneHot(i, 2), ints(1, -1, 2, 0))).toEqual([0, 1, 0, 0, 0, 0, 1, 0])
    expect(oneHot(tensor([4], 'i32'), 0).shape).toEqual([4, 0])
  })
  test('an index may be a number, and drops the axis', () => {
    expect(take(tensor([2, 3]), 1, -1).shape).toEqual([2])
  })
})

describe('windows', () => {
  test('of the whole axis are that axis, wherever each lane starts', () => {
    const f = functionOf((a, i) => dynamicSlice(a, [i], [5]), [floats(0, 1, 2, 3, 4), whole(0)])
    const many = interpreters.batch(f, [false, true], 3).func
    const [found] = interpreters.evaluate(many, [floats(0, 1, 2, 3, 4), ints(0, 1, -9)], {})
    expect([...found.data]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
  })
  const x = floats(0, 1, 2, 3, 4)
  test('starts are clamped so that the window fits', () => {
    const read = (a: Term, i: Term) => dynamicSlice(a, [i], [2])
    expect(value(read, x, whole(4))).toEqual([3, 4])
    expect(value(read, x, whole(-7))).toEqual([0, 1])
    const write = (a: Term, u: Term, i: Term) => dynamicUpdateSlice(a, u, [i])
    expect(value(write, x, floats(8, 9), whole(4))).toEqual([0, 1, 2, 8, 9])
    expect(pullback(write, [x, floats(8, 9), whole(4)], x)).toEqual([
      [0, 1, 2, 0, 0],
      [3, 4],
    ])
  })
  test('negative widths crop, interior widths spread', () => {
    expect(value((a) => pad(a, [-1], [1], [1], 9), x)).toEqual([9, 1, 9, 2, 9, 3, 9, 4, 9])
    expect(value((a) => pad(a, [-2], [-3]), x)).toEqual([])
    expect(value((a) => pad(a, [2], [-4], [0], -1), x)).toEqual([-1, -1, 0])
  })
})

test('named sizes pass through', () => {
  const x = tensor(['b', 4])
  expect(concat([x, tensor([3, 4])], 0).shape).toEqual(['b+3', 4])
  expect(pad(x, [1, 0], [2, 0], [1, 0]).shape).toEqual(['2*b+2', 4])
  expect(slice(x, [1, 0], ['b', 4], [1, 3]).shape).toEqual(['b-1', 2])
  expect(stack([x, x], -1).shape).toEqual(['b', 4, 2])
  expect(moveAxis(x, 0, -1).shape).toEqual([4, 'b'])
  expect(take(x, tensor(['t'], 'i32')).shape).toEqual(['t', 4])
  const strided = closeStrict('f', [x], [slice(x, [1, 0], ['b', 4], [2, 1])])
  const back = vjp(strided, [true], interpreters).func
  expect(back.results[1].shape).toEqual(['b', 4])
  const data = arrayFrom('f64', [3, 4], new Array(12).fill(1))
  const ct = arrayFrom('f64', [1, 4], [1, 2, 3, 4])
  const found = interpreters.evaluate(back, [data, ct], { b: 3 })[1]
  expect([...found.data]).toEqual([0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0])
})

test('a size that only the run knows is checked by the run', () => {
  const x = tensor(['b'])
  const func = closeStrict('f', [x], [slice(x, [0], [5])])
  const run = () => interpreters.evaluate(func, [floats(1, 2)], { b: 2 })
  expect(run).toThrow('slice: cannot take [0] to [5] by [1] of f64[2]; expected 0 ≤ start')
})

test('an axis that the run finds empty has nothing to take', () => {
  const x = tensor(['b'])
  const func = closeStrict('f', [x], [take(x, 0)])
  const run = (data: NDArray) => interpreters.evaluate(func, [data], { b: data.shape[0] })
  expect([...run(floats(7, 8))[0].data]).toEqual([7])
  expect(refusal(() => run(floats()))).toBe('shape: gather: cannot take from an axis of size 0')
  const none = ints()
  expect(value((a, i) => take(a, i), floats(), none)).toEqual([])
})

test('two orders, or two reshapes, are one; none is the tensor itself', () => {
  const x = tensor([2, 3, 4])
  expect(convert(x, 'f64')).toBe(x)
  expect(concat([x], 1)).toBe(x)
  expect(slice(x, [0, 0, 0], [2, 3, 4])).toBe(x)
  for (const reduce of [sum, prod, reduceMax, reduceMin]) expect(reduce(x, { axes: [] })).toBe(x)
  expect(transpose(transpose(x))).toBe(x)
  expect(transpose(transpose(x, [1, 0, 2]), [2, 1, 0]).node.args[0]).toBe(x)
  expect(squeeze(expandDims(x, -1))).toBe(x)
  expect(reverse(x, [])).toBe(x)
  expect(pad(x, [0, 0, 0], [0, 0, 0])).toBe(x)
})
