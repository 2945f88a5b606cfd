import { describe, expect, it } from 'vitest'
import { numbers } from '../lang/evaluate.fixture.js'
import { f32, f64, fn, grad, mul, sin, square, sub, vmap } from '../lang/index.js'
import { bisect, newton } from './index.js'

/** Kepler's equation: the anomaly e where e − k·sin e = m. */
const kepler = fn({ e: f64(), m: f64(), k: f64() }, function kepler({ e, m, k }) {
  return sub(sub(e, mul(k, sin(e))), m)
})
const ways = {
  newton: fn({ m: f64(), k: f64() }, ({ m, k }) => newton(kepler, 'e')({ e: m, m, k })),
  bisect: bisect(kepler, 'e', { low: -4, high: 4 }),
}

describe.each(Object.entries(ways))('%s', (_, root) => {
  const [m, k] = [1, 0.5]
  const [e] = numbers(root, { m, k }) as number[]

  it('ends where the function is 0', () => {
    expect(Math.abs(e - k * Math.sin(e) - m)).toBeLessThanOrEqual(1e-15 * 4)
  })

  it('has the derivatives of the implicit function, to the third order', () => {
    // e′ = 1 / (1 − k cos e) in m, and sin e times that in k.
    const slope = 1 / (1 - k * Math.cos(e))
    expect(numbers(grad(root, 'm'), { m, k })).toEqual([expect.closeTo(slope, 12)])
    expect(numbers(grad(root, 'k'), { m, k })).toEqual([expect.closeTo(slope * Math.sin(e), 12)])
    const bend = grad(grad(root, 'm'), 'm')
    expect(numbers(bend, { m, k })).toEqual([expect.closeTo(-k * Math.sin(e) * slope ** 3, 12)])
    const third = -k * Math.cos(e) * slope ** 4 + 3 * (k * Math.sin(e)) ** 2 * slope ** 5
    expect(numbers(grad(bend, 'm'), { m, k })).toEqual([expect.closeTo(third, 12)])
  })

  it('solves a batch', () => {
    const many = numbers(vmap(root, { inAxes: { k: null } }), { m: [0, 1, 2], k }) as number[]
    expect(many[1]).toBeCloseTo(e, 14)
    many.forEach((x, i) => {
      expect(x - k * Math.sin(x)).toBeCloseTo(i, 14)
    })
  })
})

describe('where there is no root', () => {
  const never = fn({ x: f32(), c: f32() }, ({ x, c }) => sub(square(x), c))

  it('both give NaN', () => {
    const halved = bisect(never, 'x', { low: 0, high: 2 })
    expect(numbers(newton(never, 'x'), { x: 0.3, c: -1 })).toEqual([Number.NaN])
    expect(numbers(halved, { c: -1 })).toEqual([Number.NaN])
    expect(numbers(halved, { c: 2 })).toEqual([expect.closeTo(Math.SQRT2, 6)])
  })

  it('the start has no derivative', () => {
    const root = newton(never, 'x')
    const untyped = grad as unknown as (f: unknown, wrt: unknown) => unknown
    expect(() => untyped(root, 'x')).toThrow("the gradient in 'x' is zero everywhere")
    expect(numbers(grad(root, 'c'), { x: 1, c: 4 })).toEqual([expect.closeTo(0.25, 5)])
  })
})
