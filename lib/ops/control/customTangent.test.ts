/**
 * Tangents through rules that give cotangents alone: what moves, and batches of them.
 */
import { describe, expect, test } from 'vitest'
import { interpreters, vjp } from '../../interpret/index.js'
import type { Func } from '../../term/index.js'
import { mul } from '../arithmetic.js'
import { customVjp } from './index.js'
import { array, evaluate, expectClose, f64, func, random } from './laws.fixture.js'

describe('cotangents alone', () => {
  /** a²·b, of which the rule gives no cotangent of b. */
  const f = func([f64(2), f64(2)], (a, b) =>
    customVjp(
      ([p, q]) => [mul(mul(p, p), q)],
      ([p, q]) => ({ results: [mul(mul(p, p), q)], residuals: [p, q] }),
      ([p, q], [ct]) => [mul(ct, mul(2, mul(p, q))), null],
      [a, b],
    ),
  )

  test('an argument that the rule does not reach moves nothing', () => {
    expect(interpreters.jvp(f, [false, true]).active).toEqual([false])
    expect(vjp(f, [true, true], interpreters).nonzero).toEqual([true, false])
  })

  test('a batch of the tangents is transposed lane by lane', () => {
    const tangent = interpreters.jvp(f, [true, false]).func
    const many = interpreters.batch(tangent, [false, true, true], 3).func
    const back = (g: Func) => interpreters.transpose(g, [false, false, true], [false, true]).func
    const [a, b, ct] = [random([2], 1), random([3, 2], 2), random([3, 2], 3)]
    const [found] = evaluate(back(many), [a, b, ct])
    const wanted = [...b.data].map((x, i) => 2 * a.data[i % 2] * x * ct.data[i])
    expectClose([found], [array(wanted, [3, 2])])
  })
})
