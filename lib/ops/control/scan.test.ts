import { describe, expect, test } from 'vitest'
import { arrayFrom } from '../../data/index.js'
import { interpreters, linearize } from '../../interpret/index.js'
import { apply, type Term } from '../../term/index.js'
import { add, mul } from '../arithmetic.js'
import { broadcastTo, reshape, sumAxes } from '../broadcast.js'
import { concat } from '../concat.js'
import { constant } from '../constant.js'
import { exp } from '../exponential.js'
import { tanh } from '../hyperbolic.js'
import { zeros } from '../operand.js'
import {
  adjointLaw,
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
  tangentLaw,
} from './laws.fixture.js'
import { scan, scanOp } from './scan.js'

/** c' = tanh(c·w + x), y = c'·c'. */
const cell = (w: Term) => (carry: readonly Term[], rows: readonly Term[]) => {
  const next = tanh(add(mul(carry[0], w), rows[0]))
  return { carry: [next], ys: [mul(next, next)] }
}

describe('scan', () => {
  const rnn = func([f64(3), f64(3), f64(5, 3)], (w, h, xs) => {
    const out = scan(cell(w), [h], [xs])
    return [...out.carry, ...out.ys]
  })
  const at = [random([3], 1), random([3], 2), random([5, 3], 3)]

  test('equals the unrolled program', () => {
    const unrolled = func([f64(3), f64(3), f64(5, 3)], (w, h, xs) => {
      // Row k picked by a product with a unit vector: no indexing needed.
      let carry = [h]
      const ys: Term[] = []
      for (let k = 0; k < 5; k++) {
        const unit = broadcastTo(
          reshape(
            constant(
              [0, 1, 2, 3, 4].map((i) => Number(i === k)),
              [5],
              'f64',
            ),
            [5, 1],
          ),
          [5, 3],
        )
        const step = cell(w)(carry, [sumAxes(mul(xs, unit), [0])])
        carry = step.carry
        ys.push(reshape(step.ys[0], [1, 3]))
      }
      return [carry[0], concat(ys, 0)]
    })
    expectClose(evaluate(rnn, at), evaluate(unrolled, at), 1e-14)
  })

  test('obeys the laws, derivatives included', () => {
    allLaws(rnn, at)
  })

  test('runs in reverse, rows keeping their places', () => {
    const sums = func([f64(4)], (xs) => {
      const out = scan(
        ([c], [x]) => ({ carry: [add(c, x)], ys: [add(c, x)] }),
        [constant([0], [], 'f64')],
        [xs],
        { reverse: true },
      )
      return [...out.carry, ...out.ys]
    })
    expectClose(evaluate(sums, [array([1, 2, 3, 4])]), [num(10), array([10, 9, 7, 4])])
    allLaws(sums, [random([4], 5)])
  })

  test('goes forward where its attributes name no direction', () => {
    const [body] = func([f64(), f64(3)], (c, xs) => {
      const out = scan(([v], [x]) => ({ carry: [add(mul(v, 2), x)] }), [c], [xs])
      return out.carry
    }).nodes.map(({ attrs }) => attrs.body)
    const forward = func([f64(), f64(3)], (c, xs) =>
      apply(scanOp, [c, xs], { body, consts: 0, carry: 1, length: 3 }),
    )
    expectClose(evaluate(forward, [num(1), array([1, 0, 0])]), [num(12)])
  })

  test('of no steps gives the start and empty rows', () => {
    const none = func([f64(), f64(0)], (c, xs) => {
      const out = scan(([s], [x]) => ({ carry: [mul(s, x)], ys: [s] }), [c], [xs])
      return [...out.carry, ...out.ys]
    })
    expectClose(evaluate(none, [num(2), array([])]), [num(2), array([])])
    adjointLaw(none, [num(2), array([])])
    batchLaw(none, [num(2), array([])])
  })

  test('needs no xs, and no carry', () => {
    const powers = func([f64()], (x) => {
      const out = scan(([c]) => ({ carry: [mul(c, x)] }), [x], [], { length: 4 })
      return out.carry
    })
    expectClose(evaluate(powers, [num(2)]), [num(32)])
    allLaws(powers, [num(1.1)])
    const squares = func(
      [f64(3)],
      (xs) => scan((_, [x]) => ({ carry: [], ys: [mul(x, x)] }), [], [xs]).ys,
    )
    expectClose(evaluate(squares, [array([1, 2, 3])]), [array([1, 4, 9])])
    allLaws(squares, [random([3], 6)])
  })

  test('carries integers beside floats', () => {
    const f = func([f64(), i32(), f64(4)], (c, k, xs) => {
      const out = scan(
        ([v, n], [x]) => ({ carry: [mul(v, x), add(n, 1)], ys: [n, add(v, x)] }),
        [c, k],
        [xs],
      )
      return [...out.carry, ...out.ys]
    })
    const outs = evaluate(f, [num(1), int(5), array([1, 2, 3, 4])])
    expectClose(outs.slice(0, 3), [num(24), int(9), arrayFrom('i32', [4], [5, 6, 7, 8])])
    allLaws(f, [num(1.2), int(5), random([4], 8)])
  })

  test('a carry that becomes active, unknown or batched later than the first step', () => {
    const f = func([f64(), f64(4)], (c, xs) => {
      const zero = zeros(f64())
      const out = scan(
        ([a, b, d], [x]) => ({ carry: [b, d, mul(add(d, x), c)], ys: [a] }),
        [zero, zero, constant([0.5], [], 'f64')],
        [xs],
      )
      return [...out.carry, ...out.ys]
    })
    allLaws(f, [num(0.7), random([4], 9)])
  })

  test('a carry that the body overwrites with a value that does not move', () => {
    const f = func([f64(), f64(3)], (c, xs) => {
      const out = scan(
        ([a], [x]) => ({ carry: [constant([2], [], 'f64')], ys: [mul(a, x)] }),
        [c],
        [xs],
      )
      return [...out.carry, ...out.ys]
    })
    allLaws(f, [num(0.7), random([3], 10)])
  })

  test('nests', () => {
    const f = func([f64(2), f64(3, 2)], (w, xs) => {
      const out = scan(
        ([c], [x]) => {
          const inner = scan(
            ([s], [v]) => ({ carry: [mul(tanh(add(s, v)), sumAxes(w, [0]))], ys: [s] }),
            [sumAxes(mul(c, w), [0])],
            [x],
          )
          return { carry: [add(c, broadcastTo(inner.carry[0], [2]))], ys: inner.ys }
        },
        [w],
        [xs],
      )
      return [...out.carry, ...out.ys]
    })
    allLaws(f, [random([2], 11), random([3, 2], 12)])
  })

  test('residuals that are the same at each step are stored once', () => {
    const f = func([f64(3), f64(5, 3)], (w, xs) => {
      // exp(w) inside: it depends on the const alone once the body is closed over w.
      const out = scan(([c], [x]) => ({ carry: [mul(add(c, x), exp(w))] }), [w], [xs])
      return out.carry
    })
    const { linear, residuals } = linearize(f, [true, true], interpreters)
    const shapes = linear.params.slice(0, residuals).map((p) => p.shape.join('x'))
    expect(shapes.filter((s) => s === '5x3').length).toBe(1)
    allLaws(f, [random([3], 13), random([5, 3], 14)])
  })

  test('a carry that never changes may stand before one that does', () => {
    const f = func([f64(), f64()], (w, c) => {
      const out = scan(([u, v]) => ({ carry: [u, mul(u, v)], ys: [v] }), [w, c], [], { length: 3 })
      return [...out.carry, ...out.ys]
    })
    expectClose(evaluate(f, [num(2), num(5)]), [num(2), num(40), array([5, 10, 20])])
  })

  test('a carry that never changes is a const: reverse mode stores it once', () => {
    const f = func([f64(3), f64(3), f64(5, 3)], (w, h, xs) => {
      const out = scan(
        ([k, c], [x]) => {
          const next = tanh(add(mul(c, k), x))
          return { carry: [k, next] }
        },
        [w, h],
        [xs],
      )
      return out.carry
    })
    const { primal, residuals } = linearize(f, [true, true, true], interpreters)
    const kept = primal.results.slice(primal.results.length - residuals)
    expect(kept.includes(primal.params[0])).toBe(true)
    expect(kept.filter((r) => r.shape.length === 2).length).toBe(2)
    allLaws(f, [random([3], 15), random([3], 16), random([5, 3], 17)])
  })

  test('a residual that is a collected row is not stored again', () => {
    const f = func([f64(3), f64(5, 3)], (h, xs) => {
      const out = scan(
        ([c], [x]) => {
          const next = tanh(add(c, x))
          return { carry: [next], ys: [next] }
        },
        [h],
        [xs],
      )
      return out.ys
    })
    const { primal, residuals } = linearize(f, [true, true], interpreters)
    const node = primal.nodes.find((n) => n.op.name === 'scan')
    expect(residuals).toBeGreaterThan(0)
    expect(node?.outs.length).toBeLessThanOrEqual(3)
  })

  test('takes named lengths', () => {
    const f = func([f64(), f64('n')], (c, xs) => {
      const out = scan(([s], [x]) => ({ carry: [mul(s, x)], ys: [s] }), [c], [xs])
      return [...out.carry, ...out.ys]
    })
    expect(f.results[1].shape).toEqual(['n'])
    const outs = interpreters.evaluate(f, [num(1), array([2, 3, 4])], { n: 3 })
    expectClose(outs, [num(24), array([1, 2, 6])])
    expect(interpreters.cost(f).flops).toBe('n')
    const batched = interpreters.batch(f, [true, true], 'lanes')
    expect(batched.func.results[1].shape).toEqual(['lanes', 'n'])
  })

  test('runs 100000 steps, and a body of 20000 ops', () => {
    const long = func(
      [f64()],
      (x) => scan(([c]) => ({ carry: [add(c, x)] }), [x], [], { length: 100_000 }).carry,
    )
    expectClose(evaluate(long, [num(1)]), [num(100_001)])
    const deep = func(
      [f64()],
      (x) =>
        scan(
          ([c]) => {
            let v = c
            for (let i = 0; i < 20_000; i++) v = add(v, x)
            return { carry: [v] }
          },
          [x],
          [],
          { length: 2 },
        ).carry,
    )
    expectClose(evaluate(deep, [num(1)]), [num(40_001)])
    tangentLaw(deep, [num(1)])
    adjointLaw(deep, [num(1)])
  })

  test('errors name the carry and both types', () => {
    const start = constant([1, 2, 3], [3], 'f64')
    expect(() => scan(([c]) => ({ carry: [sumAxes(c, [0])] }), [start], [], { length: 2 })).toThrow(
      'scan: carry 0 starts as f64[3] and the body gives f64[]; expected the same type at each step. Start from an array of the shape that the body gives, or reshape its result',
    )
    expect(() => scan(([c]) => ({ carry: [c, c] }), [start], [], { length: 2 })).toThrow(
      'scan: the body gives 2 carries; expected 1, as many as it starts from',
    )
    expect(() => scan(([c]) => ({ carry: [c] }), [start], [])).toThrow('the length is unknown')
    expect(() =>
      scan((_, [a, b]) => ({ carry: [], ys: [a, b] }), [], [start, constant([1], [1], 'f64')]),
    ).toThrow('scan: xs 1 is f64[1]; expected f64[3]')
  })
})
