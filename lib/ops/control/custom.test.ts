import { describe, expect, test } from 'vitest'
import { interpreters } from '../../interpret/index.js'
import type { Func, Term } from '../../term/index.js'
import { add, mul, neg, sub } from '../arithmetic.js'
import { broadcastTo, sumAxes } from '../broadcast.js'
import { constant } from '../constant.js'
import { exp } from '../exponential.js'
import { tanh } from '../hyperbolic.js'
import { scalar, zeros } from '../operand.js'
import { round } from '../rounding.js'
import { cos, sin } from '../trigonometric.js'
import {
  customBatching,
  customJvp,
  customTranspose,
  linearCall,
  scan,
  straightThrough,
} from './index.js'
import {
  adjointLaw,
  allLaws,
  array,
  batchLaw,
  cotangentsAt,
  evaluate,
  expectClose,
  f64,
  func,
  grad,
  i32,
  int,
  num,
  random,
  tangentsAt,
} from './laws.fixture.js'

describe('customJvp', () => {
  const wave = (x: Term, w: Term) =>
    customJvp(
      ([a, b]) => [sin(mul(a, b))],
      ([a, b], [da, db]) => [mul(cos(mul(a, b)), add(mul(da, b), mul(a, db)))],
      [x, w],
    )[0]
  const f = func([f64(3), f64(3)], (x, w) => [mul(wave(x, w), w)])
  const at = [random([3], 1), random([3], 2)]

  test('obeys the laws, derivatives included, where the rule is right', () => {
    allLaws(f, at)
  })

  test('uses the rule, not the function', () => {
    const odd = func([f64()], (x) =>
      customJvp(
        ([a]) => [mul(a, a)],
        (_, [da]) => [mul(da, 100)],
        [x],
      ),
    )
    expectClose(tangentsAt(odd, [num(3)], [num(1)]).tangents, [num(100)])
    expectClose(cotangentsAt(odd, [num(3)], [num(1)]).cotangents, [num(100)])
    expectClose(evaluate(odd, [num(3)]), [num(9)])
  })

  test('second derivatives differentiate the rule', () => {
    const odd = func([f64()], (x) =>
      customJvp(
        ([a]) => [exp(a)],
        ([a], [da]) => [mul(da, mul(a, mul(a, a)))],
        [x],
      ),
    )
    expectClose(evaluate(grad(grad(odd)), [num(2)]), [num(12)])
    const twice = interpreters.jvp(grad(odd), [true]).func
    expectClose(evaluate(twice, [num(2), num(1)]), [num(8), num(12)])
  })

  test('the rule may use the results, and return null for a zero', () => {
    const both = func([f64(), f64()], (x, y) =>
      customJvp(
        ([a, b]) => [exp(a), neg(b)],
        (_, [da], [e]) => [mul(da, e), null],
        [x, y],
      ),
    )
    const { tangents } = tangentsAt(both, [num(0.5), num(2)], [num(1), num(1)])
    expectClose(tangents, [num(Math.exp(0.5)), num(0)])
  })

  test('in loops, with integers beside', () => {
    const g = func([f64(), i32(), f64(3)], (c, k, xs) => {
      const out = scan(
        ([v, n], [x]) => {
          const [next, after] = customJvp(
            ([a, i, b]) => [tanh(mul(a, b)), add(i, 1)],
            ([a, , b], [da, , db], [t]) => [
              mul(sub(1, mul(t, t)), add(mul(da, b), mul(a, db))),
              null,
            ],
            [v, n, x],
          )
          return { carry: [next, after], ys: [next] }
        },
        [c, k],
        [xs],
      )
      return [...out.carry, ...out.ys]
    })
    allLaws(g, [num(0.7), int(2), random([3], 3)])
  })

  test('a linear function is transposed by itself', () => {
    const thrice = func([f64(3)], (x) =>
      customJvp(
        ([a]) => [mul(a, 3)],
        (_, [da]) => [mul(da, 5)],
        [x],
      ),
    )
    const { func: back } = interpreters.transpose(thrice, [true], [true])
    expectClose(evaluate(back, [array([1, 2, 4])]), [array([3, 6, 12])])
  })

  test('captured tensors are constants of the rule, in batches too', () => {
    const f = func([f64(3), f64(3), f64(3)], (x, w, y) =>
      customJvp(
        ([a, b]) => [mul(sin(a), mul(w, b))],
        ([a, b], [da, db]) => [mul(w, add(mul(mul(cos(a), b), da), mul(sin(a), db)))],
        [x, y],
      ),
    )
    const plain = func([f64(3), f64(3), f64(3)], (x, w, y) => [mul(sin(x), mul(w, y))])
    const args = [1, 2, 3, 4, 5].map((seed) => random([3], seed))
    const forward = (g: Func) => interpreters.jvp(g, [true, false, true]).func
    expectClose(evaluate(forward(f), args), evaluate(forward(plain), args))
    for (const mask of [0, 1, 2].map((i) => [0, 1, 2].map((k) => k === i))) {
      const many = (g: Func) => forward(interpreters.batch(g, mask, 2).func)
      const wide = args.map((a, i) => ([...mask, mask[0], mask[2]][i] ? random([2, 3], 70 + i) : a))
      expectClose(evaluate(many(f), wide), evaluate(many(plain), wide))
    }
  })

  test('a rule may read what the function does not, in batches too', () => {
    const f = func([f64(3), f64(3)], (x, w) =>
      customJvp(
        ([a]) => [sin(a), a],
        ([, b], [da]) => [mul(da, b), null],
        [x, w],
      ),
    )
    const many = interpreters.batch(f, [false, true], 2).func
    const [x, w, dx] = [random([3], 1), random([2, 3], 2), random([3], 3)]
    const [values, , tangent] = evaluate(interpreters.jvp(many, [true, false]).func, [x, w, dx])
    const each = (g: (i: number) => number) => array([0, 1, 2, 3, 4, 5].map(g), [2, 3])
    expectClose([values], [each((i) => Math.sin(x.data[i % 3]))])
    expectClose([tangent], [each((i) => dx.data[i % 3] * w.data[i])])
  })

  test('captured tensors are held constant by stopGradient, or refused', () => {
    const captured = func([f64(), f64()], (x, w) =>
      customJvp(
        ([a]) => [mul(a, w)],
        (_, [da]) => [mul(da, w)],
        [x],
      ),
    )
    expectClose(evaluate(captured, [num(2), num(5)]), [num(10)])
    expect(() => interpreters.jvp(captured, [true, true])).toThrow(
      'customJvp: the function uses an outer tensor that is being differentiated, and its rule says nothing about that one; expected a function of its arguments and of constants. Pass the tensor as an argument, or hold it constant: stopGradient(x)',
    )
    expect(interpreters.jvp(captured, [true, false]).active).toEqual([true])
    batchLaw(captured, [num(2), num(5)])
  })

  test('errors say which tangent does not fit', () => {
    const x = constant([1, 2], [2], 'f64')
    const wrong = (rule: (t: Term) => readonly (Term | null)[]) => () =>
      customJvp(
        ([a]) => [a],
        (_, [da]) => rule(da),
        [x],
      )
    expect(wrong((t) => [sumAxes(t, [0])])).toThrow(
      'customJvp: the rule gives f64[] as the tangent of result 0; expected f64[2]',
    )
    expect(wrong(() => [])).toThrow('the rule gives 0 tangents for 1 results. Give null')
  })
})

describe('linearCall and customTranspose', () => {
  const f = func([f64(3), f64(3)], (w, x) => [
    ...linearCall(
      ([a], [v]) => [mul(sin(a), v), sumAxes(v, [0])],
      ([a], [ct, total]) => [add(mul(sin(a), ct), broadcastTo(total, [3]))],
      [w],
      [mul(x, w)],
    ),
  ])
  const at = [random([3], 1), random([3], 2)]

  test('obeys the laws, derivatives included', () => {
    allLaws(f, at)
  })

  test('transposing uses the given transpose, and twice gives the function back', () => {
    const odd = func([f64(3)], (x) =>
      customTranspose(
        ([v]) => [mul(v, 2)],
        ([ct]) => [mul(ct, 5)],
        [x],
      ),
    )
    const back = interpreters.transpose(odd, [true], [true]).func
    expectClose(evaluate(back, [array([1, 1, 1])]), [array([5, 5, 5])])
    const again = interpreters.transpose(back, [true], [true]).func
    expectClose(evaluate(again, [array([1, 1, 1])]), [array([2, 2, 2])])
  })

  test('with several residuals, linear arguments and captured tensors, whichever move', () => {
    const types = [1, 2, 3, 4, 5].map(() => f64(3))
    const g = func(types, (c, r, s, x, y) =>
      linearCall(
        ([p, q], [a, b]) => [mul(c, add(mul(p, a), mul(q, b)))],
        ([p, q], [ct]) => [mul(mul(c, p), ct), mul(mul(c, q), ct)],
        [r, s],
        [x, y],
      ),
    )
    const plain = func(types, (c, r, s, x, y) => [mul(c, add(mul(r, x), mul(s, y)))])
    const args = types.map((_, i) => random([3], i + 1))
    adjointLaw(g, args)
    batchLaw(g, args)
    for (const moving of [[0], [1], [2], [3], [4], [1, 3], [2, 4]]) {
      const forward = (h: Func) =>
        interpreters.jvp(
          h,
          types.map((_, i) => moving.includes(i)),
        ).func
      const along = [...args, ...moving.map((i) => random([3], 20 + i))]
      expectClose(evaluate(forward(g), along), evaluate(forward(plain), along))
    }
  })

  test('errors: a transpose of other types', () => {
    const x = constant([1, 2], [2], 'f64')
    expect(() =>
      customTranspose(
        ([v]) => [sumAxes(v, [0])],
        ([ct]) => [ct],
        [x],
      ),
    ).toThrow('linearCall: the transpose gives (f64[]); expected (f64[2]), as the arguments')
  })
})

describe('customBatching', () => {
  /** Which arguments carry the batch, for each call of the rule. */
  let calls: (readonly boolean[])[] = []
  const f = func([f64(3), f64(3)], (x, w) =>
    customBatching(
      ([a, b]) => [sin(mul(a, b)), sumAxes(b, [0])],
      ({ args: [a, b], batched, size }) => {
        calls.push(batched)
        const wide = (t: Term, i: number) => (batched[i] ? t : broadcastTo(t, [size, 3]))
        return {
          outs: [sin(mul(wide(a, 0), wide(b, 1))), batched[1] ? sumAxes(b, [1]) : sumAxes(b, [0])],
          batched: [true, batched[1]],
        }
      },
      [x, w],
    ),
  )
  const at = [random([3], 1), random([3], 2)]

  test('obeys the laws, derivatives included', () => {
    allLaws(f, at)
  })

  test('a batch calls the rule, under forward mode too, with what carries the batch', () => {
    calls = []
    interpreters.batch(f, [true, false], 4)
    const forward = interpreters.jvp(f, [true, true]).func
    interpreters.batch(forward, [true, false, false, false], 4)
    interpreters.batch(forward, [false, false, false, true], 4)
    expect(calls).toEqual([
      [true, false],
      [true, false],
      [false, true],
    ])
  })

  test('a linear function is transposed through its body', () => {
    const thrice = func([f64(3)], (x) =>
      customBatching(
        ([a]) => [mul(a, 3)],
        ({ args: [a] }) => ({ outs: [mul(a, 3)], batched: [true] }),
        [x],
      ),
    )
    const { func: back } = interpreters.transpose(thrice, [true], [true])
    expectClose(evaluate(back, [array([1, 2, 4])]), [array([3, 6, 12])])
  })

  test('errors: captures, and results that are not a batch', () => {
    expect(() =>
      func([f64(3)], (x) =>
        customBatching(
          ([a]) => [mul(a, x)],
          ({ args }) => ({ outs: args, batched: [true] }),
          [x],
        ),
      ),
    ).toThrow('customBatching: the function uses an outer tensor f64[3], which its rule cannot see')
    const wrong = func([f64(3)], (x) =>
      customBatching(
        (a) => a,
        () => ({ outs: [zeros(f64(2))], batched: [true] }),
        [x],
      ),
    )
    expect(() => interpreters.batch(wrong, [true], 4)).toThrow(
      "customBatching: the rule gives (f64[2]); expected (f64[4, 3]), a batch of 4 of the function's results",
    )
  })
})

describe('straightThrough', () => {
  test('has the value of one and the derivative of the other', () => {
    const f = func([f64()], (x) => [mul(straightThrough(round(mul(x, 3)), mul(x, 3)), 2)])
    expectClose(evaluate(f, [num(0.6)]), [num(4)])
    expectClose(cotangentsAt(f, [num(0.6)], [num(1)]).cotangents, [num(6)])
    expectClose(tangentsAt(f, [num(0.6)], [num(1)]).tangents, [num(6)])
    batchLaw(f, [num(0.6)])
    expect(scalar(1, 'f64').shape).toEqual([])
  })
})
