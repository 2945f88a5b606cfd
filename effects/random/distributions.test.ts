/**
 * Statistics of each distribution in f64 and f32, 20,000 samples at a fixed key on the default
 * backend: moments to four standard errors, and Kolmogorov–Smirnov against the distribution
 * function at a level of 0.001.
 */
import { describe, expect, it } from 'vitest'
import { run } from '../../index.js'
import { erf } from '../../lib/data/special/index.js'
import { constant, fn, u32 } from '../../lib/lang/index.js'
import type { Program } from '../../lib/types/program.js'
import type { Tensor } from '../../lib/types/tensor.js'
import { Random, sampled } from '../index.js'

const n = 20_000
const shape = [n] as const
type Float = 'f32' | 'f64'
/** A parameter of the dtype that is tried. */
type Of = (x: number) => Tensor<[], 'f64'>
type Draws = (p: Of) => Program<Tensor, 'Random'>
const dtypes = ['f64', 'f32'] as const

async function samples(draws: Draws, dtype: Float = 'f64', seed = 7): Promise<readonly number[]> {
  const of = ((x: number) => constant(x, { dtype })) as Of // f32 where that is tried: no test looks
  const f = fn({ key: u32(2) }, ({ key }) => sampled(key, draws(of)))
  const { data } = (await run(f as never, { key: [0, seed] } as never)) as { data: Float64Array }
  return Array.from(data, Number)
}

/** The distribution function of a density on (low, ∞), by the midpoint rule. */
function integrated(density: (x: number) => number, low: number, high: number) {
  const cells = 20_000
  const width = (high - low) / cells
  const sums = [0]
  for (let i = 0; i < cells; i++) sums.push(sums[i] + width * density(low + width * (i + 0.5)))
  const total = sums[cells]
  return (x: number): number => {
    const at = Math.min(Math.max((x - low) / width, 0), cells - 1e-9)
    const i = Math.floor(at)
    return (sums[i] + (sums[i + 1] - sums[i]) * (at - i)) / total
  }
}

const phi = (x: number) => (1 + erf(x / Math.SQRT2)) / 2
const between = (a: number, b: number) => (x: number) => (phi(x) - phi(a)) / (phi(b) - phi(a))

const continuous: readonly {
  readonly name: string
  readonly draws: Draws
  readonly mean: number
  readonly variance: number
  readonly cdf: (x: number) => number
}[] = [
  {
    name: 'normal(2, 3)',
    draws: (c) => Random.normal(c(2), 3, { shape }),
    mean: 2,
    variance: 9,
    cdf: (x) => phi((x - 2) / 3),
  },
  {
    name: 'uniform(-1, 3)',
    draws: (c) => Random.uniform(c(-1), 3, { shape }),
    mean: 1,
    variance: 16 / 12,
    cdf: (x) => (x + 1) / 4,
  },
  {
    name: 'truncatedNormal(-0.5, 2)',
    draws: (c) => Random.truncatedNormal(c(-0.5), 2, { shape }),
    mean: 0.445_743_778,
    variance: 0.376_593_836,
    cdf: between(-0.5, 2),
  },
  {
    name: 'exponential(2)',
    draws: (c) => Random.exponential(c(2), { shape }),
    mean: 0.5,
    variance: 0.25,
    cdf: (x) => 1 - Math.exp(-2 * x),
  },
  {
    name: 'laplace(1, 2)',
    draws: (c) => Random.laplace(c(1), 2, { shape }),
    mean: 1,
    variance: 8,
    cdf: (x) => (x < 1 ? Math.exp((x - 1) / 2) / 2 : 1 - Math.exp((1 - x) / 2) / 2),
  },
  {
    name: 'gumbel(1, 2)',
    draws: (c) => Random.gumbel(c(1), 2, { shape }),
    mean: 1 + 2 * 0.577_215_664_9,
    variance: (Math.PI ** 2 * 4) / 6,
    cdf: (x) => Math.exp(-Math.exp((1 - x) / 2)),
  },
  {
    name: 'logistic(1, 2)',
    draws: (c) => Random.logistic(c(1), 2, { shape }),
    mean: 1,
    variance: (Math.PI ** 2 * 4) / 3,
    cdf: (x) => 1 / (1 + Math.exp((1 - x) / 2)),
  },
  ...[0.3, 1, 4.5, 80].map((a) => ({
    name: `gamma(${a}, 2)`,
    draws: (c: Of) => Random.gamma(c(a), 2, { shape }),
    mean: a / 2,
    variance: a / 4,
    // In y = log x, where the density is smooth at 0 too.
    cdf: (x: number) => gammaCdf(a)(Math.log(2 * x)),
  })),
  {
    name: 'beta(2, 3)',
    draws: (c) => Random.beta(c(2), 3, { shape }),
    mean: 0.4,
    variance: 0.04,
    cdf: (x) => x * x * (6 - 8 * x + 3 * x * x),
  },
  {
    name: 'studentT(5)',
    draws: (c) => Random.studentT(c(5), { shape }),
    mean: 0,
    variance: 5 / 3,
    cdf: integrated((x) => (1 + (x * x) / 5) ** -3, -200, 200),
  },
]

const tables = new Map<number, (y: number) => number>()
function gammaCdf(a: number): (y: number) => number {
  const table = tables.get(a) ?? integrated((y) => Math.exp(a * y - Math.exp(y) + a), -60, 8)
  tables.set(a, table)
  return table
}

describe('continuous distributions', () => {
  const tried = continuous.flatMap((each) => dtypes.map((dtype) => ({ ...each, dtype })))
  it.each(tried)('$name in $dtype', async ({ draws, mean, variance, cdf, dtype }) => {
    const xs = await samples(draws, dtype)
    const found = xs.reduce((a, b) => a + b, 0) / n
    const squares = xs.map((x) => (x - mean) ** 2)
    const spread = squares.reduce((a, b) => a + b, 0) / n
    const fourth = squares.reduce((a, b) => a + (b - spread) ** 2, 0) / n
    expect(Math.abs(found - mean)).toBeLessThan(4 * Math.sqrt(variance / n))
    expect(Math.abs(spread - variance)).toBeLessThan(4 * Math.sqrt(fourth / n))
    const sorted = xs.toSorted((a, b) => a - b)
    const distance = sorted.reduce(
      (d, x, i) => Math.max(d, Math.abs(cdf(x) - i / n), Math.abs(cdf(x) - (i + 1) / n)),
      0,
    )
    expect(distance * Math.sqrt(n)).toBeLessThan(1.95)
  })

  it('gamma: the table of the test is that of the density', () => {
    expect(gammaCdf(1)(Math.log(2))).toBeCloseTo(1 - Math.exp(-2), 5)
  })
})

const lnFactorial = (k: number): number => (k < 2 ? 0 : Math.log(k) + lnFactorial(k - 1))
const poissonMass = (rate: number) => (k: number) =>
  Math.exp(k * Math.log(rate) - rate - lnFactorial(k))
const binomialMass = (count: number, p: number) => (k: number) =>
  Math.exp(lnFactorial(count) - lnFactorial(k) - lnFactorial(count - k)) *
  p ** k *
  (1 - p) ** (count - k)

const discrete: readonly {
  readonly name: string
  readonly draws: Draws
  readonly mass: (k: number) => number
}[] = [
  {
    name: 'bernoulli(0.3)',
    draws: (c) => Random.bernoulli(c(0.3), { shape }),
    mass: (k) => (k === 1 ? 0.3 : 0.7),
  },
  {
    name: 'categorical',
    draws: () =>
      Random.categorical(constant([0.1, 0.2, 0.3, 0.4].map(Math.log), { dtype: 'f64' }), { shape }),
    mass: (k) => [0.1, 0.2, 0.3, 0.4][k],
  },
  {
    name: 'binomial(10, 0.3)',
    draws: (c) => Random.binomial(10, c(0.3), { shape }),
    mass: binomialMass(10, 0.3),
  },
  ...[0.7, 9.9, 10.1, 60].map((rate) => ({
    name: `poisson(${rate})`,
    draws: (c: Of) => Random.poisson(c(rate), { shape }),
    mass: poissonMass(rate),
  })),
  {
    name: 'choice',
    draws: () => Random.choice(constant([0, 1, 2, 3, 4], { dtype: 'f64' }), { shape }),
    mass: () => 0.2,
  },
]

describe('discrete distributions', () => {
  const tried = discrete.flatMap((each) => dtypes.map((dtype) => ({ ...each, dtype })))
  it.each(tried)('$name in $dtype: frequencies to four standard errors', async (one) => {
    const { draws, mass, dtype } = one
    const xs = await samples(draws, dtype)
    const counts = new Map<number, number>()
    for (const x of xs) counts.set(x, (counts.get(x) ?? 0) + 1)
    expect(counts.size).toBeGreaterThan(1)
    for (const [k, count] of counts) {
      const p = mass(k)
      expect(Math.abs(count - n * p)).toBeLessThan(4.5 * Math.sqrt(n * p * (1 - p)) + 1)
    }
  })
})

describe('arrangements and vectors', () => {
  it.each(dtypes)(
    'orthogonal matrices in %s: QᵀQ = 1, and every direction is as likely',
    async (dtype) => {
      const [count, n] = [4000, 4]
      const xs = await samples(() => Random.orthogonal(n, { shape: [count], dtype }))
      const corner: number[] = []
      const traces: number[] = []
      let most = 0
      for (let m = 0; m < count; m++) {
        const q = (i: number, j: number) => xs[(m * n + i) * n + j]
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let dot = 0
            for (let k = 0; k < n; k++) dot += q(k, i) * q(k, j)
            most = Math.max(most, Math.abs(dot - Number(i === j)))
          }
        }
        corner.push(q(0, 0))
        traces.push(q(0, 0) + q(1, 1) + q(2, 2) + q(3, 3))
      }
      expect(most).toBeLessThan(dtype === 'f64' ? 2 ** -48 : 2 ** -19)
      // An entry of a unit vector in 4 axes has the density (2/π)√(1 − x²), so variance 1/4.
      const cdf = (x: number) => 0.5 + (x * Math.sqrt(1 - x * x) + Math.asin(x)) / Math.PI
      const sorted = corner.toSorted((a, b) => a - b)
      const distance = Math.max(...sorted.map((x, i) => Math.abs(cdf(x) - (i + 0.5) / count)))
      expect(distance * Math.sqrt(count)).toBeLessThan(1.95)
      // The trace has mean 0 and variance 1 under the invariant measure (Diaconis, Shahshahani
      // 1994).
      const mean = traces.reduce((a, b) => a + b, 0) / count
      const variance = traces.reduce((a, b) => a + b * b, 0) / count
      expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(count))
      expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count))
    },
  )

  it('a permutation has every row once', async () => {
    const xs = await samples(() => Random.permutation(constant([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])))
    expect(xs).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(xs.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('distinct choices are distinct', async () => {
    const rows = constant([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    const xs = await samples(() => Random.choice(rows, { shape: [6], distinct: true }))
    expect(new Set(xs).size).toBe(6)
  })

  it('dirichlet samples sum to 1 and have the mean α/Σα', async () => {
    const alpha = constant([0.5, 1, 2.5], { dtype: 'f64' })
    const xs = await samples(() => Random.dirichlet(alpha, { shape: [5000, 3] }))
    const means = [0, 0, 0]
    for (let i = 0; i < 5000; i++) {
      expect(xs[3 * i] + xs[3 * i + 1] + xs[3 * i + 2]).toBeCloseTo(1, 12)
      for (const j of [0, 1, 2]) means[j] += xs[3 * i + j] / 5000
    }
    // The variance is m(1 − m)/(Σα + 1).
    ;[0.125, 0.25, 0.625].forEach((m, j) => {
      expect(Math.abs(means[j] - m)).toBeLessThan(4 * Math.sqrt((m * (1 - m)) / 5 / 5000))
    })
  })

  it('multivariateNormal has the covariance L·Lᵀ', async () => {
    const mean = constant([1, -1], { dtype: 'f64' })
    const factor = constant([2, 0, 1, 0.5], { shape: [2, 2], dtype: 'f64' })
    const xs = await samples(() => Random.multivariateNormal(mean, factor, { shape: [5000, 2] }))
    let cross = 0
    for (let i = 0; i < 5000; i++) cross += ((xs[2 * i] - 1) * (xs[2 * i + 1] + 1)) / 5000
    expect(Math.abs(cross - 2)).toBeLessThan(4 * Math.sqrt((4 * 1.25 + 4) / 5000))
  })
})
