/**
 * Paths: the derivative of each sample in its parameters, against closed forms in the sample.
 */
import { describe, expect, it } from 'vitest'
import { erf } from '../../lib/data/special/index.js'
import { evaluated } from '../../lib/lang/evaluate.fixture.js'
import { f32, f64, fn, jacfwd, square, u32 } from '../../lib/lang/index.js'
import type { Program } from '../../lib/types/program.js'
import type { Tensor } from '../../lib/types/tensor.js'
import { Random, sampled, value } from '../index.js'

type Scalar = Tensor<[], 'f64'>
type Slope = (z: number, a: number, b: number) => number
const shape = [40] as const

const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
const phi = (x: number) => (1 + erf(x / Math.SQRT2)) / 2

/** Location and scale: z = a + b·n. */
const located = { da: () => 1, db: (z: number, a: number, b: number) => (z - a) / b }

const families: readonly {
  readonly name: string
  readonly at: readonly [number, number]
  readonly draw: (a: Scalar, b: Scalar) => Program<Tensor, 'Random'>
  readonly da: Slope
  readonly db: Slope
}[] = [
  { name: 'normal', at: [0.5, 2], draw: (a, b) => Random.normal(a, b, { shape }), ...located },
  { name: 'laplace', at: [0.5, 2], draw: (a, b) => Random.laplace(a, b, { shape }), ...located },
  { name: 'gumbel', at: [0.5, 2], draw: (a, b) => Random.gumbel(a, b, { shape }), ...located },
  { name: 'logistic', at: [0.5, 2], draw: (a, b) => Random.logistic(a, b, { shape }), ...located },
  {
    name: 'uniform',
    at: [-1, 3],
    draw: (a, b) => Random.uniform(a, b, { shape }),
    da: (z, a, b) => (b - z) / (b - a),
    db: (z, a, b) => (z - a) / (b - a),
  },
  {
    name: 'truncatedNormal',
    at: [-0.5, 2],
    draw: (a, b) => Random.truncatedNormal(a, b, { shape }),
    // Φ(z) = (1 − u)·Φ(a) + u·Φ(b), with u fixed.
    da: (z, a, b) => ((phi(b) - phi(z)) / (phi(b) - phi(a))) * (density(a) / density(z)),
    db: (z, a, b) => ((phi(z) - phi(a)) / (phi(b) - phi(a))) * (density(b) / density(z)),
  },
  {
    name: 'exponential',
    at: [2, 1],
    draw: (a) => Random.exponential(a, { shape }),
    da: (z, a) => -z / a,
    db: () => 0,
  },
  {
    name: 'gamma, its rate',
    at: [2, 3],
    draw: (a, b) => Random.gamma(a, b, { shape }),
    da: () => Number.NaN, // its shape: key.test.ts
    db: (z, _, b) => -z / b,
  },
]

const tried = families.flatMap((f) => (['f64', 'f32'] as const).map((dtype) => ({ ...f, dtype })))

describe('derivatives of samples are their closed forms', () => {
  it.each(tried)('$name in $dtype', ({ draw, at: [a, b], da, db, dtype }) => {
    const spec = dtype === 'f64' ? f64() : f32()
    const f = fn({ a: spec, b: spec, key: u32(2) }, ({ a, b, key }) =>
      sampled(key, draw(a as never, b as never)),
    )
    const at = { a, b, key: [0, 4] }
    const dataOf = (g: unknown) => Array.from((evaluated(g, at) as { data: Float64Array }).data)
    const zs = dataOf(f)
    const slopes = (name: 'a' | 'b') =>
      dataOf(jacfwd(f as never, name as never, { almostEverywhere: true } as never))
    const [byA, byB] = [slopes('a'), slopes('b')]
    const unit = dtype === 'f64' ? 2 ** -52 : 2 ** -23
    expect(new Set(zs).size).toBe(shape[0])
    zs.forEach((z, i) => {
      // Each closed form sees z rounded: some tens of units, however it was made.
      for (const [found, wanted] of [
        [byA[i], da(z, a, b)],
        [byB[i], db(z, a, b)],
      ]) {
        if (Number.isNaN(wanted)) continue
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(
          256 * unit * Math.max(1, Math.abs(wanted)),
        )
      }
    })
  })
})

const many = 2_000

/** The mean of the derivative of g(sample) over many, and its standard error. */
function means(
  draw: (a: Scalar) => Program<Tensor<[typeof many], 'f64'>, 'Random'>,
  g: (x: Tensor<[typeof many], 'f64'>) => Tensor<[typeof many], 'f64'>,
  a: number,
) {
  const f = fn({ a: f64(), key: u32(2) }, ({ a, key }) =>
    g(value(sampled(key, draw(a as never))) as never),
  )
  const slopes = evaluated(jacfwd(f as never, 'a' as never), { a, key: [0, 11] }) as {
    readonly data: Float64Array
  }
  const mean = slopes.data.reduce((s, x) => s + x, 0) / many
  const spread = slopes.data.reduce((s, x) => s + (x - mean) ** 2, 0) / many
  return { mean, error: Math.sqrt(spread / many) }
}

describe('implicit paths have the derivatives of expected values', () => {
  const of = [many] as const
  it.each([
    ['beta, E x = a/(a + b)', (a: Scalar) => Random.beta(a, 3, { shape: of }), 2, 3 / 25],
    ['beta, its other shape', (a: Scalar) => Random.beta(2, a, { shape: of }), 3, -2 / 25],
  ] as const)('%s', (_, draw, a, wanted) => {
    const { mean, error } = means(draw, (x) => x, a)
    expect(Math.abs(mean - wanted)).toBeLessThan(4 * error)
  })

  it('student-t, E x² = ν/(ν − 2)', () => {
    const { mean, error } = means((a) => Random.studentT(a, { shape: of }), square, 9)
    expect(Math.abs(mean + 2 / 49)).toBeLessThan(4 * error)
  })
})
