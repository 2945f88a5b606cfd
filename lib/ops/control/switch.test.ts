import { describe, expect, test } from 'vitest'
import { arrayFrom } from '../../data/index.js'
import { interpreters, linearize } from '../../interpret/index.js'
import type { Term } from '../../term/index.js'
import { add, mul, neg } from '../arithmetic.js'
import { sumAxes } from '../broadcast.js'
import { gt } from '../compare.js'
import { constant } from '../constant.js'
import { exp, log } from '../exponential.js'
import { tanh } from '../hyperbolic.js'
import { zeros } from '../operand.js'
import {
  allLaws,
  array,
  batchLaw,
  evaluate,
  expectClose,
  f64,
  func,
  i32,
  int,
  num,
  random,
} from './laws.fixture.js'
import { scan } from './scan.js'
import { cond, switchCase } from './switch.js'

const three = func([i32(), f64(2), f64(2)], (i, x, w) =>
  switchCase(
    i,
    [([v]) => [exp(v), mul(v, w)], ([v]) => [mul(v, mul(v, w)), zeros(v)], () => [neg(tanh(w)), w]],
    [x],
  ),
)

describe('switch', () => {
  const x = random([2], 1)
  const w = random([2], 2)

  test('runs the branch that the index names, clamped', () => {
    const at = (i: number) => evaluate(three, [int(i), x, w])
    expectClose([at(0)[1]], [array([x.data[0] * w.data[0], x.data[1] * w.data[1]])])
    expectClose(at(-4), at(0))
    expectClose(at(9), at(2))
    expectClose([at(2)[1]], [w])
  })

  test.each([0, 1, 2])('obeys the laws in branch %i, derivatives included', (i) => {
    allLaws(three, [int(i), x, w])
  })

  test('a batch with an index a lane is the lanes one by one', () => {
    const lanes = [-1, 1, 5].map(int)
    const masks = [
      [true, true, true],
      [true, false, false],
      [true, false, true],
    ]
    const near = (a: { data: ArrayLike<number> }, i: number) =>
      i === 0 ? lanes : [0, 1, 2].map((k) => array(Array.from(a.data, (v) => v + 0.1 * k)))
    batchLaw(three, [int(0), x, w], masks, near)
  })

  test('cond chooses by a bool, and a batch of bools chooses by lane without NaN', () => {
    const safe = func([f64()], (v) =>
      cond(
        gt(v, zeros(v)),
        ([a]) => [log(a)],
        ([a]) => [mul(a, a)],
        [v],
      ),
    )
    expectClose(evaluate(safe, [num(-3)]), [num(9)])
    for (const v of [0.5, -0.5]) allLaws(safe, [num(v)])
    const { func: many } = interpreters.batch(safe, [true], 4)
    const lanes = [-2, 0.5, 0, 3].map(num)
    batchLaw(safe, [num(0)], [[true]], () => lanes.slice(1))
    allLaws(many, [array([-2, 0.5, -1, 3])])
  })

  test('does not run the branches not taken', () => {
    // The branch not taken would be a scan of 2³¹ steps.
    const lazy = func([i32(), f64()], (i, v) =>
      switchCase(
        i,
        [
          ([a]) => [a],
          ([a]) => scan(([c]) => ({ carry: [add(c, a)] }), [a], [], { length: 2 ** 31 }).carry,
        ],
        [v],
      ),
    )
    expectClose(evaluate(lazy, [int(0), num(3)]), [num(3)])
  })

  test('branches share residuals of equal type', () => {
    const { linear, residuals } = linearize(three, [false, true, true], interpreters)
    const wide = linear.params.slice(0, residuals).filter((p) => p.shape.length === 1)
    // x, w, and the greediest branch’s own: exp(x); v·w for branch 1; tanh′ for branch 2.
    expect(wide.length).toBeLessThanOrEqual(5)
  })

  test('inside scan, around scan, and in itself', () => {
    const f = func([f64(), f64(4)], (c, xs) => {
      const out = scan(
        ([s], [v]) => {
          const [next] = cond(
            gt(v, zeros(v)),
            ([a]) => [mul(a, tanh(add(v, c)))],
            ([a]) =>
              cond(
                gt(a, zeros(a)),
                ([b]) => [mul(b, v)],
                ([b]) => scan(([r]) => ({ carry: [mul(r, c)] }), [b], [], { length: 2 }).carry,
                [a],
              ),
            [s],
          )
          return { carry: [next], ys: [mul(next, v)] }
        },
        [c],
        [xs],
      )
      return [...out.carry, ...out.ys]
    })
    allLaws(f, [num(0.8), array([0.5, -0.7, -0.3, 0.9])])
    allLaws(f, [num(-0.8), array([0.5, -0.7, -0.3, 0.9])])
  })

  test('no operands: branches of captured terms alone', () => {
    const f = func([i32(), f64()], (i, v) => switchCase(i, [() => [mul(v, v)], () => [neg(v)]]))
    expectClose(evaluate(f, [int(1), num(2)]), [num(-2)])
    allLaws(f, [int(0), num(2)])
  })

  test('errors say which branch differs, and that a predicate is a bool', () => {
    const v = constant([1, 2], [2], 'f64')
    const index = constant([0], [], 'i32')
    const sum = (terms: readonly Term[]) => [sumAxes(terms[0], [0])]
    expect(() => switchCase(index, [(t) => t, sum], [v])).toThrow(
      'switchCase: branch 0 gives f64[2] and branch 1 f64[]; expected one type from every branch. Convert, reshape or broadcast one of them',
    )
    expect(() => switchCase(index, [(t) => t, () => []], [v])).toThrow(
      'switchCase: branch 1 gives 0 results, branch 0 1; expected as many from each branch',
    )
    expect(() => switchCase(v, [(t) => t], [v])).toThrow('switch: the index is f64[2]')
    expect(() =>
      cond(
        index,
        (t) => t,
        (t) => t,
        [v],
      ),
    ).toThrow('cond: the predicate is i32[]; expected bool[]. Compare: gt(x, 0)')
    expect(() => switchCase(index, [], [v])).toThrow('switch: there are no branches')
  })

  test('bool results have no tangent', () => {
    const f = func([i32(), f64()], (i, v) =>
      switchCase(i, [([a]) => [gt(a, zeros(a)), a], ([a]) => [gt(zeros(a), a), mul(a, a)]], [v]),
    )
    const outs = evaluate(f, [int(1), num(2)])
    expectClose(outs, [arrayFrom('bool', [], [0]), num(4)])
    const { active } = interpreters.jvp(f, [false, true])
    expect(active).toEqual([false, true])
  })
})
