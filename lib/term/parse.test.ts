import { describe, expect, test } from 'vitest'
import { PullbackError } from '../data/index.js'
import { add, broadcastTo, constant, iota, mul, ops, sumAxes } from '../ops/index.js'
import { closeStrict, type Func } from './func.js'
import type { ArgSample, Op, Sample } from './op.js'
import { parse } from './parse.js'
import { show } from './print.js'
import { apply, parameter } from './term.js'
import { faults } from './verify.js'

const keyOf = (func: Func) => func.key(new Map())

function expectRoundTrip(func: Func): void {
  const text = show(func)
  const again = parse(text, ops)
  expect(show(again)).toBe(text)
  expect(faults(again)).toEqual([])
  expect(keyOf(again)).toBe(keyOf(func))
}

const dtypeOf = { float: 'f64', int: 'i32', uint: 'u32', bool: 'bool' } as const

/** One op at one sample, as a function. */
function sampled(op: Op, sample: Sample): Func {
  const binder = { name: op.name }
  const params = sample.args.map((arg: ArgSample, i) =>
    parameter(binder, `x${i}`, { dtype: dtypeOf[arg.kind], shape: arg.shape }),
  )
  return closeStrict(op.name, params, apply(op, params, sample.attrs))
}

describe('parse after print is the identity', () => {
  const samples = ops.flatMap((op) => op.samples.map((sample) => [op.name, op, sample] as const))
  test.each(samples)('%s', (_, op, sample) => expectRoundTrip(sampled(op, sample)))

  test('constants of every dtype, to the last bit', () => {
    const odd = [0.1, -0, NaN, Infinity, -Infinity, 1e-45, 3.4028234663852886e38, 1 / 3, 123456789]
    const whole = [0, 1, 2147483647, 17, 5]
    const terms = [
      ...(['f32', 'f64', 'f16'] as const).map((dtype) => constant(odd, [9], dtype)),
      ...(['i32', 'u32', 'bool'] as const).map((dtype) => constant(whole, [5], dtype)),
      constant([], [0, 3]),
      broadcastTo(constant([-0], []), ['b', 2]),
      constant([0.5], [1]),
      constant([7], []),
    ]
    expectRoundTrip(closeStrict('f', [], terms))
  })

  test('symbolic sizes, odd names', () => {
    const binder = { name: 'my f' }
    const x = parameter(binder, 'a "b"', { dtype: 'f32', shape: ['2*b+3', 'floor(b/2)'] })
    const n = parameter(binder, 'f32', { dtype: 'f32', shape: [] })
    expectRoundTrip(closeStrict('my f', [x, n], [mul(x, n), x, iota('b*b')]))
  })

  test('100,000 chained ops', () => {
    const x = parameter({ name: 'f' }, 'x', { dtype: 'f32', shape: [2] })
    let y = x
    for (let i = 0; i < 100_000; i++) y = add(y, x)
    const deep = closeStrict('deep', [x], [sumAxes(y, [0])])
    expect(parse(show(deep), ops).nodes).toHaveLength(100_001)
  })
})

test('by hand: free names, no types, comments', () => {
  const f = parse('fn f(x: f32[2]) { y = add(x, f32[2](...1)) // one more\n return y, x }', ops)
  expect(show(f)).toBe('fn f(x: f32[2]) {\n  %0: f32[2] = add(x, f32[2](...1))\n  return %0, x\n}')
})

const failureOf = (text: string): unknown => {
  try {
    return parse(text, ops)
  } catch (error) {
    return [error instanceof PullbackError && error.code === 'parse', (error as Error).message]
  }
}

test.each([
  ['fn f(x: f32[2]) { y = foo(x)\n return y }', "line 1, column 23: there is no op 'foo'"],
  [
    'fn f(x: f32[2]) {\n  y = add(x, z)\n  return y }',
    "line 2, column 14: 'z' is not defined above",
  ],
  [
    'fn f(x: f32[2]) {\n  y: f32[3] = add(x, x)\n  return y }',
    "line 2, column 3: 'y' is written as f32[3]; expected f32[2]",
  ],
  ['fn f(x: f32[2]) {\n  x = add(x, x)\n  return x }', "line 2, column 3: 'x' is defined twice"],
  ['fn f(x: f33[2]) { return x }', "line 1, column 9: found 'f33'; expected a dtype"],
  [
    'fn f(x: f32[b+0]) { return x }',
    "line 1, column 13: 'b+0'; expected a size, as sizes are written",
  ],
  ['fn f(x: f32[2]) { return x', "line 1, column 27: the text ends; expected ','"],
  ['fn f() { return f32[2](1) }', 'line 1, column 17: 1 numbers for f32[2]; expected 2 numbers'],
  [
    'fn f() { return f32[9](1, … 9 in all) }',
    'line 1, column 27: the literal is abbreviated; expected all its elements',
  ],
  [
    'fn f(x: f32[2]) { return x } x',
    "line 1, column 30: found 'x'; expected nothing after the function",
  ],
  [
    'fn f(x: f32[2]) { y, z = add(x, x)\n return y }',
    "line 1, column 19: 2 names; expected 1, the results of 'add'",
  ],
  ['fn f(x: f32[2]) { return x $ }', "line 1, column 28: unexpected '$'"],
])('%s', (text, message) => {
  expect(failureOf(text)).toEqual([true, message])
})

test('a type rule that fails keeps its words and gets a place', () => {
  const text = 'fn f(x: f32[2], y: f32[3]) {\n  z = add(x, y)\n  return z\n}'
  expect(() => parse(text, ops)).toThrow('line 2, column 7: add: cannot take f32[2] and f32[3]')
})

test.each(['a(b)', '(n)', 'floor(n)', 'floor(/)'])('%s is no size, and said to be none', (size) => {
  const text = `fn f(x: f64[${size}]) {\n  return x\n}`
  expect(() => parse(text, ops)).toThrow(PullbackError)
})
