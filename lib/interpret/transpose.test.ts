/**
 * What transposing promises beside its laws (laws/): what it refuses, and which results flow back.
 */
import { describe, expect, test } from 'vitest'
import { array, evaluate, expectClose, f64, func, num } from '../ops/control/laws.fixture.js'
import { scan } from '../ops/control/scan.js'
import { add, conv, div, matmul, mul, recurrence, sin } from '../ops/index.js'

import { refusal } from '../ops/refusal.fixture.js'
import { interpreters } from './index.js'

describe('transpose', () => {
  test('of what is not linear is refused, at its line or by its name', () => {
    const f = func([f64()], (x) => [sin(x)])
    const said = (where: string) =>
      `derivative: ${where}: 'sin' is not linear in what it is given here, so it has no transpose; ` +
      'expected a function that is linear in the inputs transposed. ' +
      'Differentiate a function that is not with vjp or grad; ' +
      'make the tangents of a custom rule linear in the tangents given'
    expect(refusal(() => interpreters.transpose(f, [true], [true]))).toBe(said("'sin'"))
    f.nodes[0].source = { line: () => 'here.ts:3:5' }
    expect(refusal(() => interpreters.transpose(f, [true], [true]))).toBe(said('here.ts:3:5'))
  })

  test.each([
    ['mul', func([f64()], (x) => [mul(x, x)]), [true]],
    ['mul', func([f64(), f64()], (x, y) => [mul(add(x, y), x)]), [true, true]],
    ['div', func([f64(), f64()], (x, y) => [div(y, x)]), [true, false]],
    ['dot', func([f64(2)], (x) => [matmul(x, x)]), [true]],
    ['conv', func([f64(1, 1, 3), f64(1, 1, 2)], (x, k) => [conv(x, k)]), [true, true]],
    [
      'recurrence',
      func([f64(3), f64(3)], (a, b) => [recurrence(a, b, { axis: 0, reverse: false })]),
      [true, true],
    ],
    [
      'recurrence',
      func([f64(3), f64(3)], (a, b) => [recurrence(a, b, { axis: 0, reverse: false })]),
      [true, false],
    ],
  ])(
    'of %s with the value of a linear input as a factor or divisor is refused',
    (op, f, linear) => {
      const said = refusal(() => interpreters.transpose(f, linear, [true]))
      expect(said).toContain(`'${op}' is not linear in what it is given here`)
    },
  )

  test('of a loop takes the cotangents of its linear results alone', () => {
    // s and its history are linear in x; the powers of a are not, and come first.
    const f = func([f64(), f64()], (a, x) => {
      const { carry, ys } = scan(
        ([p, s]) => ({ carry: [mul(p, a), mul(s, a)], ys: [p, s] }),
        [a, x],
        [],
        { length: 2 },
      )
      return [carry[0], ys[0], carry[1], ys[1]]
    })
    const back = interpreters.transpose(f, [false, true], [true, true, true, false])
    expect(back.nonzero).toEqual([true])
    expect(back.func.params.length).toBe(4)
    // s₂ = a² x, and its history is given no cotangent.
    const cts = [num(7), array([5, 6]), num(10)]
    expectClose(evaluate(back.func, [num(3), ...cts]), [num(90)])
  })
})
