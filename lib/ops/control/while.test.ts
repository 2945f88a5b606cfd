import { describe, expect, test } from 'vitest'
import { interpreters, linearize, vjp } from '../../interpret/index.js'
import { apply1, type Func, inline, type Op } from '../../term/index.js'
import { add, mul } from '../arithmetic.js'
import { sumAxes } from '../broadcast.js'
import { gt, lt } from '../compare.js'
import { constant } from '../constant.js'
import { tanh } from '../hyperbolic.js'
import { and } from '../logic.js'
import { scalar } from '../operand.js'
import { sin, sinOp } from '../trigonometric.js'
import {
  adjointLaw,
  allLaws,
  array,
  batchLaw,
  cotangentsAt,
  derivativesOf,
  evaluate,
  expectClose,
  f64,
  func,
  i32,
  int,
  num,
  random,
  tangentLaw,
} from './laws.fixture.js'
import { scan } from './scan.js'
import { whileLoop } from './while.js'

/** n times: c ← sin(c·w) + w. */
const times = (options: { readonly maxSteps?: number } = {}) =>
  func([i32(), f64(2), f64(2)], (n, w, c) =>
    whileLoop(
      ([k]) => lt(k, n),
      ([k, v]) => [add(k, 1), add(sin(mul(v, w)), w)],
      [scalar(0, 'i32'), c],
      options,
    ).slice(1),
  )

/** The same as a scan of a fixed number of steps. */
const unrolled = (n: number): Func =>
  func(
    [i32(), f64(2), f64(2)],
    (_, w, c) => scan(([v]) => ({ carry: [add(sin(mul(v, w)), w)] }), [c], [], { length: n }).carry,
  )

/** Doubles until the sum is above the limit: how many steps depends on the values. */
const growing = (options: { readonly maxSteps?: number } = {}) =>
  func([f64(2), f64()], (c, limit) =>
    whileLoop(
      ([v, a]) => and(lt(sumAxes(v, [0]), limit), lt(a, 50)),
      ([v, a]) => [mul(v, 1.7), add(a, mul(tanh(a), 0.5))],
      [c, scalar(1, 'f64')],
      options,
    ),
  )

const opsOf = (f: Func, name: string) => f.nodes.filter((n) => n.op.name === name).length

describe('whileLoop', () => {
  const w = random([2], 1)
  const c = random([2], 2)

  test('runs while the condition holds', () => {
    expectClose(evaluate(times(), [int(5), w, c]), evaluate(unrolled(5), [int(5), w, c]), 1e-14)
    expectClose(evaluate(times(), [int(0), w, c]), [c])
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 100])(
    'its gradient over %i steps is that of the unrolled program',
    (n) => {
      const ct = [random([2], 3)]
      const back = cotangentsAt(times(), [int(n), w, c], ct)
      const expected = cotangentsAt(unrolled(n), [int(n), w, c], ct)
      expectClose(back.cotangents, expected.cotangents, 1e-12)
      const bounded = cotangentsAt(times({ maxSteps: 100 }), [int(n), w, c], ct)
      expectClose(bounded.cotangents, expected.cotangents, 1e-12)
    },
  )

  test('obeys the laws, derivatives included', () => {
    allLaws(times(), [int(3), w, c])
    allLaws(growing(), [array([0.1, 0.3]), num(3)])
  })

  test('with a bound, obeys the laws, derivatives included', () => {
    allLaws(times({ maxSteps: 4 }), [int(3), w, c])
    allLaws(growing({ maxSteps: 9 }), [array([0.1, 0.3]), num(3)])
  })

  test('stops at the bound', () => {
    const f = times({ maxSteps: 4 })
    expectClose(evaluate(f, [int(9), w, c]), evaluate(unrolled(4), [int(4), w, c]))
    adjointLaw(f, [int(9), w, c])
    const expected = cotangentsAt(unrolled(4), [int(4), w, c], [w])
    expectClose(cotangentsAt(f, [int(9), w, c], [w]).cotangents, expected.cotangents)
  })

  test('a batch whose lanes stop apart is the lanes one by one', () => {
    const starts = [array([0.1, 0.3]), array([1.4, 1.5]), array([-0.1, 0.2])]
    const limits = [3, 2, 60].map(num)
    for (const f of [growing({ maxSteps: 9 }), growing()]) {
      const args = [starts[0], limits[0]]
      const lanes = (_: unknown, i: number) => (i === 0 ? starts : limits)
      const masks = [
        [true, true],
        [false, true],
      ]
      batchLaw(f, args, masks, lanes)
      const derivatives = derivativesOf(f, args)
      for (const [g, more] of derivatives) {
        const near = (a: { readonly data: ArrayLike<number> }, i: number) =>
          i < 2
            ? lanes(a, i)
            : [0, 1, 2].map((k) => ({ ...more[i], data: Float64Array.from(a.data, (v) => v + k) }))
        batchLaw(g, more, [more.map(() => true), more.map((_, i) => i > 0)], near)
      }
    }
    const counted = times()
    const counts = [0, 4, 2].map(int)
    const lanes = (a: { readonly data: ArrayLike<number> }, i: number) =>
      i === 0 ? counts : [0, 1, 2].map((k) => array(Array.from(a.data, (v) => v + 0.1 * k)))
    batchLaw(
      counted,
      [int(0), w, c],
      [
        [true, false, false],
        [true, true, true],
      ],
      lanes,
    )
    const [, [g, more]] = derivativesOf(counted, [int(0), w, c])
    batchLaw(g, more, [more.map(() => true), [true, false, false, false]], lanes)
  })

  test('a batch is differentiable: lanes stop apart going back too', () => {
    const { func: many } = interpreters.batch(times(), [true, false, true], 3)
    const counts = { dtype: 'i32' as const, shape: [3], data: Int32Array.from([3, 0, 5]) }
    const at = [counts, w, random([3, 2], 8)]
    tangentLaw(many, at)
    adjointLaw(many, at)
    const [, [g, more]] = derivativesOf(many, at)
    tangentLaw(g, more)
    adjointLaw(g, more)
  })

  test('carries that never change are consts of the condition and of the body', () => {
    const f = func([i32(), f64(2), f64(2)], (n, w, c) =>
      whileLoop(
        ([k, last]) => lt(k, last),
        ([k, last, a, v]) => [add(k, 1), last, a, add(sin(mul(v, a)), a)],
        [scalar(0, 'i32'), n, w, c],
      ).slice(2),
    )
    const node = f.nodes.find((x) => x.op.name === 'whileLoop')
    expect(node?.outs.length).toBe(2)
    expectClose(evaluate(f, [int(4), w, c]), [w, ...evaluate(times(), [int(4), w, c])])
    allLaws(f, [int(3), w, c])
  })

  test('reverse mode without a bound stores nothing by step', () => {
    const { linear, residuals } = linearize(times(), [false, true, true], interpreters)
    expect(linear.params.slice(0, residuals).every((p) => p.shape.length <= 1)).toBe(true)
    expect(linear.params.slice(0, residuals).every((p) => (p.shape[0] ?? 0) !== 100)).toBe(true)
  })

  test('reverse mode runs the loop forward once, and walks it back', () => {
    const back = vjp(times(), [false, true, true], interpreters).func
    expect(opsOf(back, 'whileLoop')).toBe(2)
  })

  test('going back over n steps takes about (n/2)·log₂ n of them', () => {
    let steps = 0
    const counted: Op = {
      ...sinOp,
      evaluate: (call) => {
        steps++
        return sinOp.evaluate(call)
      },
    }
    const f = func([i32(), f64()], (n, x) =>
      whileLoop(
        ([k]) => lt(k, n),
        ([k, v]) => [add(k, 1), apply1(counted, [v])],
        [scalar(0, 'i32'), x],
      ).slice(1),
    )
    for (const n of [1, 10, 1000]) {
      steps = 0
      cotangentsAt(f, [int(n), num(1)], [num(1)])
      expect(steps).toBeLessThanOrEqual(n + (n / 2) * Math.log2(n))
    }
  })

  test('in scan, in while, around scan', () => {
    const f = func([f64(), f64(3)], (c0, xs) => {
      const out = scan(
        ([v], [x]) => {
          const [, inner] = whileLoop(
            ([k]) => lt(k, 3),
            ([k, s]) => [
              add(k, 1),
              whileLoop(
                ([j]) => lt(j, k),
                ([j, r]) => [add(j, 1), sin(mul(r, add(x, c0)))],
                [scalar(0, 'i32'), s],
              )[1],
            ],
            [scalar(0, 'i32'), v],
          )
          return { carry: [inner], ys: [mul(inner, x)] }
        },
        [c0],
        [xs],
      )
      return [...out.carry, ...out.ys]
    })
    const at = [num(0.9), random([3], 4)]
    tangentLaw(f, at)
    adjointLaw(f, at)
    batchLaw(f, at)
    const [[forward, more]] = derivativesOf(f, at)
    adjointLaw(forward, more)
  })

  test('third derivatives by reverse over reverse over reverse', () => {
    const g = (f: Func): Func => {
      const back = vjp(f, [true], interpreters).func
      return func([f64()], (x) => {
        const seed = constant([1], [], 'f64')
        const binder = back
        const outs = inline(binder, [x, seed])
        return [outs[1]]
      })
    }
    const f = func([f64()], (x) =>
      whileLoop(
        ([k]) => lt(k, 3),
        ([k, v]) => [add(k, 1), mul(v, sin(v))],
        [scalar(0, 'i32'), x],
      ).slice(1),
    )
    const third = g(g(g(f)))
    const [d3] = evaluate(third, [num(1.3)])
    const h = 1e-4
    const second = g(g(f))
    const [up] = evaluate(second, [num(1.3 + h)])
    const [down] = evaluate(second, [num(1.3 - h)])
    expectClose([d3], [num((up.data[0] - down.data[0]) / (2 * h))], 1e-5)
  })

  test('errors name the carry, and say what a condition is', () => {
    const x = constant([1, 2], [2], 'f64')
    expect(() =>
      whileLoop(
        ([v]) => gt(v, 0),
        (v) => v,
        [x],
      ),
    ).toThrow(
      'whileLoop: the condition gives bool[2]; expected bool[]. Compare: lt(k, n); reduce an array of bools to one',
    )
    expect(() =>
      whileLoop(
        ([v]) => gt(sumAxes(v, [0]), 0),
        ([v]) => [sumAxes(v, [0])],
        [x],
      ),
    ).toThrow('whileLoop: carry 0 starts as f64[2] and the body gives f64[]')
    expect(() =>
      whileLoop(
        ([v]) => gt(sumAxes(v, [0]), 0),
        () => [],
        [x],
      ),
    ).toThrow('whileLoop: the body gives 0 carries; expected 1, as many as it starts from')
  })
})
