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

  const tangent = interpreters.jvp(f, [true, false]).func
  const refused = 'forward mode reaches a function with a customVjp rule'

  test('tangents of tangents are those of a linear map, where what it holds does not move', () => {
    const again = interpreters.jvp(tangent, [false, false, true]).func
    const back = interpreters.transpose(again, [false, false, false, true], [false, false, true])
    const [a, b, da, ct] = [1, 2, 3, 4].map((seed) => random([2], seed))
    const [found] = evaluate(back.func, [a, b, da, ct])
    expectClose([found], [array([0, 1].map((i) => 2 * a.data[i] * b.data[i] * ct.data[i]))])
    for (const mask of [
      [true, false, false],
      [false, true, true],
    ]) {
      expect(() => interpreters.jvp(tangent, mask)).toThrow(refused)
    }
  })

  test('one of two tangents may move alone', () => {
    const product = func([f64(2), f64(2)], (a, b) =>
      customVjp(
        ([p, q]) => [mul(p, q)],
        ([p, q]) => ({ results: [mul(p, q)], residuals: [p, q] }),
        ([p, q], [ct]) => [mul(ct, q), mul(ct, p)],
        [a, b],
      ),
    )
    const both = interpreters.jvp(product, [true, true]).func
    const [a, b, ct] = [1, 2, 3].map((seed) => random([2], seed))
    for (const [mask, other] of [
      [[true, false], b],
      [[false, true], a],
    ] as const) {
      const again = interpreters.jvp(both, [false, false, ...mask]).func
      const linear = [false, false, false, false, true]
      const back = interpreters.transpose(again, linear, [false, false, true]).func
      const [found] = evaluate(back, [a, b, a, b, ct])
      expectClose([found], [array([0, 1].map((i) => other.data[i] * ct.data[i]))])
    }
  })

  test('is linear in nothing that it holds', () => {
    const inStored = () => interpreters.transpose(tangent, [true, false, false], [false, true])
    expect(inStored).toThrow(refused)
    for (const node of tangent.nodes) node.source = undefined
    expect(inStored).toThrow(`customVjp: ${refused}`)
  })

  test('costs what its transpose does', () => {
    const { cost } = interpreters
    expect(cost(tangent).flops).toBeGreaterThan(Number(cost(f).flops))
  })

  test('a tangent that all lanes share gets the sum of their cotangents', () => {
    const many = interpreters.batch(tangent, [false, true, false], 3).func
    expect(many.results.map(({ shape }) => shape)).toEqual([
      [3, 2],
      [3, 2],
    ])
    const back = interpreters.transpose(many, [false, false, true], [false, true]).func
    const [a, b, ct] = [random([2], 1), random([3, 2], 2), random([3, 2], 3)]
    const lane = (i: number, k: number) => 2 * a.data[i] * b.data[2 * k + i] * ct.data[2 * k + i]
    const [found] = evaluate(back, [a, b, ct])
    expectClose([found], [array([0, 1].map((i) => lane(i, 0) + lane(i, 1) + lane(i, 2)))])
  })

  test('cotangents that do not depend on the lane are repeated for each', () => {
    const flat = func([f64(2), f64(2)], (a, b) =>
      customVjp(
        ([p, q]) => [mul(p, q)],
        ([p, q]) => ({ results: [mul(p, q)], residuals: [q] }),
        ([q], [ct]) => [mul(ct, q), q],
        [a, b],
      ),
    )
    const many = interpreters.batch(flat, [true, false], 3).func
    const args = [random([3, 2], 1), random([2], 2), random([3, 2], 3)]
    const [, , found] = evaluate(vjp(many, [true, true], interpreters).func, args)
    expectClose([found], [array([...args[1].data].map((q) => 3 * q))])
  })

  test('a batch of tangents alone is transposed lane by lane', () => {
    const many = interpreters.batch(tangent, [false, false, true], 3).func
    const back = interpreters.transpose(many, [false, false, true], [false, true]).func
    const [a, b, ct] = [random([2], 1), random([2], 2), random([3, 2], 3)]
    const [found] = evaluate(back, [a, b, ct])
    const wanted = [...ct.data].map((x, i) => 2 * a.data[i % 2] * b.data[i % 2] * x)
    expectClose([found], [array(wanted, [3, 2])])
  })

  test('a batch of the tangents is transposed lane by lane', () => {
    const many = interpreters.batch(tangent, [false, true, true], 3).func
    const back = (g: Func) => interpreters.transpose(g, [false, false, true], [false, true]).func
    const [a, b, ct] = [random([2], 1), random([3, 2], 2), random([3, 2], 3)]
    const [found] = evaluate(back(many), [a, b, ct])
    const wanted = [...b.data].map((x, i) => 2 * a.data[i % 2] * x * ct.data[i])
    expectClose([found], [array(wanted, [3, 2])])
  })
})
