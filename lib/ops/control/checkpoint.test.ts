import { describe, expect, test } from 'vitest'
import { dimProduct } from '../../data/index.js'
import { interpreters, linearize, vjp } from '../../interpret/index.js'
import type { Func, Term } from '../../term/index.js'
import { add, mul } from '../arithmetic.js'
import { exp } from '../exponential.js'
import { tanh } from '../hyperbolic.js'
import { sin } from '../trigonometric.js'
import { checkpoint } from './checkpoint.js'
import { allLaws, cotangentsAt, evaluate, expectClose, f64, func, random } from './laws.fixture.js'
import { scan } from './scan.js'

const block = ([x, w]: readonly Term[]) => [mul(tanh(sin(mul(exp(x), w))), sin(tanh(x)))]

const stored = (f: Func): number => {
  const { primal, residuals } = linearize(
    f,
    f.params.map(() => true),
    interpreters,
  )
  const kept = primal.results.slice(primal.results.length - residuals)
  return kept.reduce((total, r) => total + Number(dimProduct(r.shape)), 0)
}

describe('checkpoint', () => {
  const plain = func([f64(4), f64(4)], (x, w) => block([...block([x, w]), w]))
  const lean = func([f64(4), f64(4)], (x, w) => {
    const half = checkpoint(([a]) => block([a, w]), [x])
    return checkpoint(block, [...half, w])
  })
  const at = [random([4], 1), random([4], 2)]

  test('has the value and the derivatives of its body', () => {
    expectClose(evaluate(lean, at), evaluate(plain, at))
    const ct = [random([4], 3)]
    expectClose(cotangentsAt(lean, at, ct).cotangents, cotangentsAt(plain, at, ct).cotangents)
    allLaws(lean, at)
  })

  test('stores its arguments alone', () => {
    // x, the value between the blocks, and w.
    expect(stored(lean)).toBe(3 * 4)
    expect(stored(plain)).toBeGreaterThan(2 * stored(lean))
  })

  test('runs its body again, unmerged, at the cost of one more evaluation', () => {
    const flops = (f: Func) =>
      Number(interpreters.cost(vjp(f, [true, true], interpreters).func).flops)
    const again = flops(lean) - flops(plain)
    const once = Number(interpreters.cost(plain).flops)
    expect(again).toBeGreaterThan(0.8 * once)
    expect(again).toBeLessThanOrEqual(1.2 * once)
  })

  test('in a scan: only carries and rows are stored', () => {
    const loop = (wrap: boolean) =>
      func([f64(4), f64(6, 4)], (h, xs) => {
        const step = ([c, x]: readonly Term[]) => [add(block([c, x])[0], c)]
        return scan(
          (carry, rows) => ({
            carry: wrap ? checkpoint(step, [...carry, ...rows]) : step([...carry, ...rows]),
          }),
          [h],
          [xs],
        ).carry
      })
    expect(stored(loop(true))).toBe(2 * 6 * 4)
    expect(stored(loop(false))).toBeGreaterThan(2 * stored(loop(true)))
    allLaws(loop(true), [random([4], 4), random([6, 4], 5)])
  })

  test('around a scan: the scan runs again', () => {
    const f = func([f64(4), f64(6, 4)], (h, xs) =>
      checkpoint(
        ([a, b]) => scan(([c], [x]) => ({ carry: [sin(mul(c, x))], ys: [c] }), [a], [b]).ys,
        [h, xs],
      ),
    )
    expect(stored(f)).toBe(4 + 6 * 4)
    allLaws(f, [random([4], 6), random([6, 4], 7)])
  })
})
