/**
 * Named sizes: an op whose shapes and attributes name sizes does what it does where they are
 * numbers; so does its derivative, and its batch of a named length.
 */
import { expect, test } from 'vitest'
import { arrayFrom, dimValue, type NDArray, sizeOf } from '../data/index.js'
import { interpreters, resolveAttrs, vjp } from '../interpret/index.js'
import {
  type Attrs,
  apply,
  closeStrict,
  type Func,
  type Op,
  parameter,
  type Term,
} from '../term/index.js'
import { add, mul, neg } from './arithmetic.js'
import { broadcastTo, broadcastToOp, reshapeOp } from './broadcast.js'
import { lt } from './compare.js'
import { constant, iotaOp, sizeOp } from './constant.js'
import { scan, switchFunc, whileFunc, whileLoop } from './control/index.js'
import { f64, func } from './control/laws.fixture.js'
import { convOp } from './conv.js'
import { dynamicSliceOp } from './dynamic.js'
import { exp } from './exponential.js'
import { padOp, sliceOp } from './slice.js'
import { ops } from './vocabulary.js'

const sizes = { b: 3, n: 2 }

type Shape = readonly (number | string)[]

const table: readonly (readonly [Op, readonly Shape[], Attrs])[] = [
  [broadcastToOp, [['b']], { shape: ['n', 'b'] }],
  [broadcastToOp, [['b', 1]], { shape: [2, 'b', 'n'] }],
  [reshapeOp, [['b', 4]], { shape: [2, '2*b'] }],
  [iotaOp, [], { length: 'b', dtype: 'f64' }],
  [sizeOp, [], { size: 'b*n', dtype: 'f64' }],
  [sliceOp, [['2*b']], { start: ['n'], limit: ['2*b'], stride: [1] }],
  [sliceOp, [[6]], { start: [1], limit: ['b'], stride: [2] }],
  [padOp, [['b'], []], { low: ['n'], high: [1], interior: [1] }],
  [padOp, [[4], []], { low: [0], high: ['b'], interior: [0] }],
  [
    convOp,
    [
      [1, 1, 'b'],
      [1, 1, 2],
    ],
    { strides: [1], padding: [['n', 'b']], inputDilation: [1], kernelDilation: [1], groups: 1 },
  ],
]

test.each(table.map(([op, shapes, attrs]) => [op.name, attrs, op, shapes] as const))(
  '%s with %j',
  (_, attrs, op, shapes) => {
    const known = shapes.map((shape) => shape.map((dim) => dimValue(dim, sizes)))
    const named = functionOf(op, shapes, attrs)
    const plain = functionOf(op, known, resolveAttrs(op, attrs, sizes))
    const args = known.map(numbers)
    const value = interpreters.evaluate(plain, args, {})
    expect(interpreters.evaluate(named, args, sizes)).toEqual(value)

    if (args.length > 0) {
      const all = args.map(() => true)
      const cts = [...args, numbers(value[0].shape)]
      const back = (f: Func) => vjp(f, all, interpreters).func
      expect(interpreters.evaluate(back(named), cts, sizes)).toEqual(
        interpreters.evaluate(back(plain), cts, {}),
      )
      const many = known.map((shape) => numbers([2, ...shape]))
      expect(interpreters.evaluate(interpreters.batch(named, all, 'n').func, many, sizes)).toEqual(
        interpreters.evaluate(interpreters.batch(plain, all, 2).func, many, {}),
      )
    }
  },
)

test('loops of a named length, and of a named bound', () => {
  const summed = func([f64()], (x) => {
    return scan(([c]) => ({ carry: [add(mul(c, 2), x)], ys: [c] }), [x], [], { length: 'b' }).ys
  })
  expect([...interpreters.evaluate(summed, [numbers([])], sizes)[0].data]).toEqual([1, 3, 7])
  const bounded = func([f64()], (x) =>
    whileLoop(
      ([c]) => lt(c, 100),
      ([c]) => [mul(c, 2)],
      [x],
      { maxSteps: 'b' },
    ),
  )
  expect([...interpreters.evaluate(bounded, [numbers([])], sizes)[0].data]).toEqual([8])
})

test('a switch costs what its dearest branch does, or all where that is not known', () => {
  const branch = (type: ReturnType<typeof f64>, f: (x: Term) => Term) => func([type], (x) => [f(x)])
  const cost = (shape: Shape, ...fs: readonly ((x: Term) => Term)[]) => {
    const type = f64(...shape)
    const whole = func([{ dtype: 'i32', shape: [] }, type], (i, x) =>
      switchFunc(
        fs.map((f) => branch(type, f)),
        i,
        [x],
      ),
    )
    return interpreters.cost(whole).flops
  }
  expect(cost([5], neg, exp)).toBe(40)
  expect(cost(['n'], neg, exp)).toBe('9*n')
  expect(cost(['n'], exp, exp)).toBe('8*n')
  expect(cost(['n'], (x) => broadcastTo(neg(constant([1], [], 'f64')), x.shape), neg)).toBe('n+1')
  expect(cost(['n'], neg, (x) => broadcastTo(neg(constant([1], [], 'f64')), x.shape))).toBe('n+1')
})

test('a loop without a bound costs what a step does, times the steps', () => {
  const loop = func([f64()], (x) =>
    whileLoop(
      ([c]) => lt(c, 100),
      ([c]) => [mul(c, 2)],
      [x],
    ),
  )
  expect(interpreters.cost(loop).flops).toBe('2*steps')
})

test('a loop of ready bodies stops at its bound', () => {
  const x = f64()
  const always = func([x], (c) => [lt(c, 100)])
  const twice = func([x], (c) => [mul(c, 2)])
  const f = func([x], (c) => whileFunc(always, twice, [c], { maxSteps: 3 }))
  expect([...interpreters.evaluate(f, [numbers([])], {})[0].data]).toEqual([8])
})

test('the attributes that hold sizes are known for each op', () => {
  const dims = ops.flatMap((op) => (op.dims === undefined ? [] : [[op.name, ...op.dims]]))
  expect(dims).toEqual([
    ['iota', 'length'],
    ['size', 'size'],
    ['broadcastTo', 'shape'],
    ['reshape', 'shape'],
    ['whileLoop', 'maxSteps'],
    ['scan', 'length'],
    ['dynamicSlice', 'sizes'],
    ['slice', 'start', 'limit'],
    ['pad', 'low', 'high'],
    ['conv', 'padding', 'groups'],
  ])
  const at = constant([1], [], 'i32')
  const window = func([f64('2*b')], (x) => apply(dynamicSliceOp, [x, at], { sizes: ['b'] }))
  expect([...interpreters.evaluate(window, [numbers([6])], sizes)[0].data]).toEqual([2, 3, 4])
})

function functionOf(op: Op, shapes: readonly Shape[], attrs: Attrs): Func {
  const params = shapes.map((shape, i) => parameter({ name: 'f' }, `x${i}`, f64(...shape)))
  return closeStrict('f', params, apply(op, params, attrs))
}

/** 1, 2, 3, … */
const numbers = (shape: readonly number[]): NDArray =>
  arrayFrom(
    'f64',
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => i + 1),
  )
