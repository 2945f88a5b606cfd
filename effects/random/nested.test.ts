/**
 * Loops and branches inside expectations, against the same programs without them.
 */
import { describe, expect, it } from 'vitest'
import { numbers } from '../../lib/lang/evaluate.fixture.js'
import {
  add,
  constant,
  convert,
  grad,
  gt,
  lt,
  mul,
  sigmoid,
  square,
  sum,
  where,
} from '../../lib/lang/index.js'
import type { Program } from '../../lib/types/program.js'
import type { Tensor } from '../../lib/types/tensor.js'
import { Control, gen, pure, Random } from '../index.js'
import { expected, slopeAt, statistics, type Theta } from './derivative.fixture.js'

type Scalar = Tensor<[], 'f64'>
type By = 'score' | 'enumeration'
const zero = () => constant(0, { dtype: 'f64' })

/** A walk that steps up with a chance that depends on where it is. */
const stepped = (theta: Theta, z: Scalar, by: By, baseline = 0): Program<Scalar, 'Random'> =>
  gen(function* () {
    const up = yield* Random.bernoulli(sigmoid(add(theta, mul(z, 0.5))), { by, baseline })
    return add(z, where(up, constant(1, { dtype: 'f64' }), -0.5))
  })

const looped =
  (by: By, baseline = 0) =>
  (theta: Theta) =>
    gen(function* () {
      const z = yield* Control.forLoop(3, zero(), (_, z) => stepped(theta, z, by, baseline))
      return square(add(z, theta))
    })

const written = (theta: Theta) =>
  gen(function* () {
    let z: Scalar = zero()
    for (let i = 0; i < 3; i++) z = yield* stepped(theta, z, 'enumeration')
    return square(add(z, theta))
  })

const scanned = (by: By, reverse: boolean) => (theta: Theta) =>
  gen(function* () {
    const rows = constant([0.3, 1, -2], { dtype: 'f64' })
    const [last, seen] = yield* Control.scan(
      zero(),
      rows,
      (c, row) =>
        gen(function* () {
          const b = yield* Random.bernoulli(sigmoid(mul(theta, add(row, c))), { by })
          const next = add(c, where(b, row, 0))
          return [next, mul(next, row)] as const
        }),
      { reverse },
    )
    return add(square(last), sum(mul(seen, constant([1, 2, 3], { dtype: 'f64' }))))
  })

const branched = (by: 'score' | 'measure') => (theta: Theta) =>
  gen(function* () {
    const z = yield* Random.normal(theta, 1)
    const mean = mul(theta, 2)
    const w = yield* Control.cond(
      gt(z, 0.3),
      () => Random.normal(mean, 1, { by }),
      () => pure(mul(z, 1)),
    )
    return add(convert(gt(w, 0.5), 'f64'), mul(z, 0))
  })

describe('enumeration', () => {
  it('in a loop of known length is that of the loop written out', () => {
    for (const theta of [-0.4, 0.7]) {
      expect(slopeAt(looped('enumeration'), theta)).toBeCloseTo(slopeAt(written, theta), 12)
    }
  })

  it('in a branch covers what follows the branch', () => {
    const program = (theta: Theta) =>
      gen(function* () {
        const a = yield* Random.bernoulli(theta, { by: 'enumeration' })
        const half = mul(theta, 0.5)
        const b = yield* Control.cond(
          a,
          () => Random.bernoulli(half, { by: 'enumeration' }),
          () => Random.bernoulli(square(theta), { by: 'enumeration' }),
        )
        return where(b, 10, where(a, constant(1, { dtype: 'f64' }), 0))
      })
    // E = 10·(θ²/2 + (1 − θ)θ²) + θ·(1 − θ/2)
    const theta = 0.3
    const slope = 10 * (theta + 2 * theta - 3 * theta ** 2) + 1 - theta
    expect(slopeAt(program as never, theta)).toBeCloseTo(slope, 12)
  })

  it('has second derivatives too', () => {
    const [second, wanted] = [looped('enumeration'), written].map((program) =>
      numbers(grad(grad(expected(program), 'theta'), 'theta'), { theta: 0.2, key: [0, 1] }),
    ) as number[][]
    expect(second[0]).toBeCloseTo(wanted[0], 12)
  })

  it('is refused where its paths cannot be counted, or are too many', () => {
    const endless = (theta: Theta) =>
      Control.whileLoop(
        zero(),
        (z) => lt(z, 3),
        (z) => stepped(theta, z, 'enumeration'),
      )
    expect(() => expected(endless)).toThrow('enumeration inside a loop of unknown length')
    const long = (theta: Theta) =>
      Control.forLoop(13, zero(), (_, z) => stepped(theta, z, 'enumeration'))
    expect(() => expected(long)).toThrow(
      'enumeration inside a loop with 8192 paths; expected a loop of known length and at most 4096',
    )
  })
})

describe('scores', () => {
  const theta = 0.4
  it.each([
    ['in a loop', looped('score'), slopeAt(written, theta)],
    ['in a loop, less a baseline', looped('score', 2), slopeAt(written, theta)],
    ['in a scan', scanned('score', false), slopeAt(scanned('enumeration', false), theta)],
    [
      'in a scan from the end',
      scanned('score', true),
      slopeAt(scanned('enumeration', true), theta),
    ],
  ] as const)(
    '%s add up: the mean is exact to three standard errors',
    async (_, program, exact) => {
      const { mean, error } = await statistics(program, theta, 30_000)
      expect(error).toBeGreaterThan(0)
      expect(Math.abs(mean - exact)).toBeLessThan(3 * error)
    },
  )

  it('a baseline in a loop lessens the spread', async () => {
    const plain = await statistics(looped('score'), theta, 4_000)
    const less = await statistics(looped('score', 2.5), theta, 4_000)
    expect(less.error).toBeLessThan(plain.error)
  })

  it('in a loop whose length is decided on the way', async () => {
    // A geometric count N of tries with success θ: E N = 1/θ, with derivative −1/θ².
    const tries = (theta: Theta) =>
      gen(function* () {
        const { count } = yield* Control.whileLoop(
          { done: constant(0, { dtype: 'f64' }), count: zero() },
          ({ done }) => lt(done, 0.5),
          ({ count }) =>
            gen(function* () {
              const hit = yield* Random.bernoulli(theta)
              return { done: convert(hit, 'f64'), count: add(count, 1) }
            }),
        )
        return count
      })
    const { mean, error } = await statistics(tries, 0.6, 8_000)
    expect(Math.abs(mean + 1 / 0.36)).toBeLessThan(3 * error)
  })
})

describe('measures', () => {
  it('in a branch agree with scores, and spread less', async () => {
    const theta = 0.4
    const score = await statistics(branched('score') as never, theta, 30_000)
    const measure = await statistics(branched('measure') as never, theta, 30_000)
    const apart = Math.hypot(score.error, measure.error)
    expect(Math.abs(score.mean - measure.mean)).toBeLessThan(3 * apart)
    expect(measure.error).toBeLessThan(score.error)
  })

  it('in a loop of known length differentiate what follows', async () => {
    // z is normal with mean 3θ and variance 3, so that E 1{z > 0} = Φ(√3 θ).
    const program = (theta: Theta) =>
      gen(function* () {
        const z = yield* Control.forLoop(3, zero(), (_, c) =>
          gen(function* () {
            return add(c, yield* Random.normal(theta, 1, { by: 'measure' }))
          }),
        )
        return convert(gt(z, 0), 'f64')
      })
    const { mean, error } = await statistics(program as never, 0, 20_000)
    expect(Math.abs(mean - Math.sqrt(3 / (2 * Math.PI)))).toBeLessThan(3 * error)
  })
})
