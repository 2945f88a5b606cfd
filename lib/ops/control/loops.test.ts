import { describe, expect, test } from 'vitest'
import { arrayFrom } from '../../data/index.js'
import { interpreters } from '../../interpret/index.js'
import type { Term } from '../../term/index.js'
import { add, convert, mul } from '../arithmetic.js'
import { sumAxes } from '../broadcast.js'
import { constant } from '../constant.js'
import { or } from '../logic.js'
import { reverse } from '../transpose.js'
import { sin } from '../trigonometric.js'
import { associativeScan, forLoop, map } from './index.js'
import {
  allLaws,
  array,
  evaluate,
  expectClose,
  f64,
  func,
  i32,
  int,
  num,
  random,
} from './laws.fixture.js'

describe('forLoop', () => {
  const step = (i: Term, [c]: readonly Term[]) => [mul(sin(c), add(convert(i, 'f64'), 1))]

  test('a count that is a size, and one that is a tensor, mean the same', () => {
    const fixed = func([f64()], (x) => forLoop(4, step, [x]))
    const free = func([i32(), f64()], (n, x) => forLoop(n, step, [x]))
    expectClose(evaluate(free, [int(4), num(0.3)]), evaluate(fixed, [num(0.3)]))
    expectClose(evaluate(free, [int(0), num(0.3)]), [num(0.3)])
    allLaws(fixed, [num(0.3)])
    allLaws(free, [int(4), num(0.3)])
    expect(() => forLoop(constant([1], [1], 'i32'), step, [])).toThrow(
      'forLoop: the count is i32[1]; expected a size or a tensor i32[]',
    )
  })
})

describe('map', () => {
  test('is f on each row', () => {
    const f = func([f64(3, 2)], (x) => map(([row]) => [sumAxes(mul(row, row), [0]), sin(row)], [x]))
    expectClose(evaluate(f, [array([1, 2, 3, 4, 5, 6], [3, 2])]).slice(0, 1), [array([5, 25, 61])])
    allLaws(f, [random([3, 2], 1)])
  })
})

describe('associativeScan', () => {
  /** Affine maps x ↦ a·x + b, composed. */
  const affine = ([a, b]: readonly Term[], [c, d]: readonly Term[]) => [
    mul(a, c),
    add(mul(b, c), d),
  ]

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 13])('of %i rows is the sequential one', (n) => {
    const f = func([f64(n), f64(n)], (a, b) => associativeScan(affine, [a, b]))
    const named = func([f64('n'), f64('n')], (a, b) => associativeScan(affine, [a, b]))
    const args = [random([n], 1), random([n], 2)]
    const rows: number[][] = [[], []]
    let [p, q] = [1, 0]
    for (let i = 0; i < n; i++) {
      const [a, b] = [args[0].data[i], args[1].data[i]]
      ;[p, q] = [p * a, q * a + b]
      rows[0].push(p)
      rows[1].push(q)
    }
    expectClose(evaluate(f, args), [array(rows[0]), array(rows[1])], 1e-13)
    if (n > 0) expectClose(interpreters.evaluate(named, args, { n }), evaluate(f, args), 1e-13)
  })

  test('runs in reverse, on rows of any type, and obeys the laws', () => {
    const sums = func([f64(5, 2)], (x) =>
      associativeScan(([a], [b]) => [add(a, b)], [x], { reverse: true }),
    )
    const ones = array(new Array(10).fill(1), [5, 2])
    const turned = func([f64('n', 2)], (x) =>
      associativeScan(([a], [b]) => [add(a, reverse(b, [1]))], [x]),
    )
    const pairs = array([1, 2, 3, 4, 5, 6], [3, 2])
    expectClose(interpreters.evaluate(turned, [pairs], { n: 3 }), [
      array([1, 2, 5, 5, 11, 10], [3, 2]),
    ])
    expectClose(evaluate(sums, [ones]), [array([5, 5, 4, 4, 3, 3, 2, 2, 1, 1], [5, 2])])
    const anyOf = func([{ dtype: 'bool', shape: [4] }], (x) =>
      associativeScan(([a], [b]) => [or(a, b)], [x]),
    )
    expectClose(evaluate(anyOf, [arrayFrom('bool', [4], [0, 1, 0, 0])]), [
      arrayFrom('bool', [4], [0, 1, 1, 1]),
    ])
    allLaws(
      func([f64(5), f64(5)], (a, b) => associativeScan(affine, [a, b])),
      [random([5], 3), random([5], 4)],
    )
  })

  test('errors: lengths that differ, a combine of other types', () => {
    const [a, b] = [constant([1, 2], [2], 'f64'), constant([1, 2, 3], [3], 'f64')]
    expect(() => associativeScan((x) => x, [a, b])).toThrow(
      'associativeScan: cannot scan f64[2], f64[3]; expected arrays with one leading length',
    )
    expect(() => associativeScan(([x]) => [sumAxes(x, [0])], [b])).toThrow('combine gives (f64[])')
  })
})
