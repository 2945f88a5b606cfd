/**
 * What `pullback/ops` publishes: each function of the vocabulary, and errors in words for what they
 * cannot take, callbacks that return something else among it.
 */
import { add, closed, reshape, scan, sin, sinOp, sum, vjp } from 'pullback/ops'
import { describe, expect, test } from 'vitest'
import * as inside from './ops/index.js'
import * as own from './own.js'

const f = closed({ x: { dtype: 'f64', shape: [3] } }, ({ x }) => [sin(x)], { name: 'wave' })
/** As untyped code calls. */
const untyped = (g: (...args: never) => unknown) => g as (...args: readonly unknown[]) => unknown

test('each operation of the vocabulary and each op is published', () => {
  const families = /^[a-z]\w*(Ops|Words)$/
  const names = Object.keys(inside).filter((name) => !families.test(name))
  expect(names.filter((name) => !(name in own))).toEqual([])
})

describe('what cannot be taken is refused in words', () => {
  const x = inside.scalar(1, 'f64')
  const wrong: readonly (readonly [string, () => unknown])[] = [
    [
      'add: argument 2 is "y"; expected a tensor or a number. Pass a tensor or a number',
      () => untyped(add)(x, 'y'),
    ],
    [
      'reshape: argument 2 is 3; expected a list, each item a size: a whole number or a name',
      () => untyped(reshape)(x, 3),
    ],
    [
      'sum: argument 2 is an object; expected a record { axes: a list, each item a whole number',
      () => untyped(sum)(x, { axes: 'x' }),
    ],
    [
      'scan: what the function given returns is an object; expected a record { carry:',
      () => untyped(scan)(() => ({ carry: 1 }), [x], []),
    ],
    [
      'vjp: 2 flags for 1 parameters; expected one a parameter',
      () => vjp(own.funcOf(f), [true, true], own.interpreters),
    ],
    [
      'interpreters.evaluate: (f64[]) was given; expected (f64[3])',
      () => own.interpreters.evaluate(own.funcOf(f), [own.emptyArray('f64', [])], {}),
    ],
    [
      'sin: "x"; expected a tensor',
      () => own.unaryOperation({ ...sinOp, grade: 'smooth' })('x' as never),
    ],
  ]
  test.each(wrong)('%s', (message, call) => {
    expect(call).toThrow(message)
  })
})
