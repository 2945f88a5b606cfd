/**
 * Derivatives of expected values, against closed forms.
 */
import { describe, expect, it } from 'vitest'
import { numbers } from '../../lib/lang/evaluate.fixture.js'
import {
  add,
  convert,
  f64,
  fn,
  grad,
  gt,
  mul,
  sigmoid,
  square,
  u32,
  where,
} from '../../lib/lang/index.js'
import { expectation, flatMap, gen, pure, Random } from '../index.js'
import { slopeAt, statistics, type Theta } from './derivative.fixture.js'

const coin = (by: 'score' | 'enumeration') => (theta: Theta) =>
  gen(function* () {
    const b = yield* Random.bernoulli(theta, { by })
    return where(b, 0, mul(theta, -0.5))
  })

const threshold = (by: 'score' | 'measure') => (theta: Theta) =>
  gen(function* () {
    const z = yield* Random.normal(theta, 1, { by })
    return convert(gt(z, 0), 'f64')
  })

const events = (by: 'score' | 'measure') => (theta: Theta) =>
  gen(function* () {
    const count = yield* Random.poisson(theta, { by })
    return square(count)
  })

describe('the standard tests, to three standard errors of 10⁶ samples', () => {
  it.each([
    ['a coin, by score', coin('score'), 0.4, -0.1],
    ['a threshold, by score', threshold('score'), 0, 0.398_942_280_4],
    ['a threshold, by measure', threshold('measure'), 0, 0.398_942_280_4],
    ['N², N poisson, by score', events('score'), 3, 7],
    ['N², N poisson, by measure', events('measure'), 3, 7],
  ] as const)('%s', { timeout: 120_000 }, async (_, program, theta, expected) => {
    const { mean, error } = await statistics(program, theta)
    expect(Math.abs(mean - expected)).toBeLessThan(3 * error + 1e-12)
  })

  it('enumeration gives them exactly', () => {
    const f = fn({ theta: f64(), key: u32(2) }, ({ theta, key }) =>
      expectation(key, coin('enumeration')(theta)),
    )
    const at = { theta: 0.4, key: [0, 1] }
    expect((numbers(f, at) as number[])[0]).toBeCloseTo(-0.12, 15)
    expect((numbers(grad(f, 'theta'), at) as number[])[0]).toBeCloseTo(-0.1, 15)
    expect((numbers(grad(grad(f, 'theta'), 'theta'), at) as number[])[0]).toBeCloseTo(1, 15)
  })
})

describe('estimators', () => {
  it('compose: a pathwise sample decides the chance of an enumerated one', () => {
    // E[σ(z)] for z = θ + n, whatever the estimator of the coin.
    const path = (theta: Theta) => flatMap(Random.normal(theta, 1), (z) => pure(sigmoid(z)))
    const coinOf = (theta: Theta) =>
      gen(function* () {
        const z = yield* Random.normal(theta, 1)
        const b = yield* Random.bernoulli(sigmoid(z), { by: 'enumeration' })
        return convert(b, 'f64')
      })
    expect(slopeAt(coinOf, 0.3)).toBeCloseTo(slopeAt(path, 0.3), 12)
  })

  it('two enumerated samples give the sum over all pairs', () => {
    const both = (theta: Theta) =>
      gen(function* () {
        const a = yield* Random.bernoulli(theta, { by: 'enumeration' })
        const k = yield* Random.binomial(3, theta, { by: 'enumeration' })
        return add(where(a, square(k), k), 0)
      })
    // E = θ·(3θ(1 − θ) + 9θ²) + (1 − θ)·3θ = 3θ + 6θ³, with derivative 3 + 18θ².
    expect(slopeAt(both, 0.4)).toBeCloseTo(3 + 18 * 0.16, 12)
  })

  it('leave-one-out and a constant baseline keep the mean and lessen the spread', () => {
    const shifted = (baseline?: number) => (theta: Theta) =>
      gen(function* () {
        const z = yield* Random.normal(theta, 1, {
          by: 'score',
          ...(baseline === undefined ? {} : { baseline }),
        })
        return add(square(z), 100)
      })
    // E = θ² + 101 has derivative 2θ; at 0.5 that is 1.
    const plain = slopeAt(shifted(), 0.5, { samples: 4000 })
    const fixed = slopeAt(shifted(101), 0.5, { samples: 4000 })
    const others = slopeAt(shifted(), 0.5, { samples: 4000, baseline: 'leave-one-out' })
    expect(Math.abs(plain - 1)).toBeLessThan(4 * (102 / Math.sqrt(4000)))
    expect(Math.abs(fixed - 1)).toBeLessThan(4 * (4 / Math.sqrt(4000)))
    expect(Math.abs(others - 1)).toBeLessThan(4 * (4 / Math.sqrt(4000)))
  })

  it('measures of a normal differentiate in the standard deviation too', () => {
    // E[z²] = μ² + σ², d/dσ = 2σ.
    const program = (theta: Theta) =>
      flatMap(Random.normal(0.5, theta, { by: 'measure' }), (z) => pure(square(z)))
    expect(Math.abs(slopeAt(program, 1.5, { samples: 4000 }) - 3)).toBeLessThan(0.4)
  })
})
