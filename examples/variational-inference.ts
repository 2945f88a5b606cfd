/**
 * Variational inference: how the failures of the Space Shuttle's O-rings depended on the cold, as a
 * posterior, fitted by two gradients of the same lower bound. One goes through the samples, the
 * other through their scores; the exact posterior, summed over a grid, judges both. (That a normal
 * spreads too little is the bound's nature, which the gradients have in common.)
 *
 * The data: air temperature at launch, and whether an O-ring showed distress, for the 23 flights
 * before Challenger. Source: Dalal, Fowlkes, Hoadley, "Risk analysis of the space shuttle:
 * pre-Challenger prediction of failure" (J. Am. Stat. Assoc. 84, 1989), table 1.
 */
import {
  add,
  compile,
  constant,
  convert,
  div,
  exp,
  f64,
  fn,
  forLoop,
  grad,
  mul,
  run,
  softplus,
  square,
  sub,
  sum,
  u32,
  vmap,
} from 'pullback'
import { expectation, foldIn, gen, Random } from 'pullback/effects'
import { adam, adamStart } from 'pullback/optim'

// °F, and 1 for distress.
const flights = [
  [66, 0],
  [70, 1],
  [69, 0],
  [68, 0],
  [67, 0],
  [72, 0],
  [73, 0],
  [70, 0],
  [57, 1],
  [63, 1],
  [70, 1],
  [78, 0],
  [67, 0],
  [53, 1],
  [67, 0],
  [75, 0],
  [70, 0],
  [81, 0],
  [76, 0],
  [79, 0],
  [75, 1],
  [76, 0],
  [58, 1],
] as const
const cold = flights.map(([f]) => (70 - f) / 7)
const failed = flights.map(([, y]) => y)

/** log of the joint density: coefficients N(0, 3²), log odds of distress = base + slope · cold. */
const joint = fn({ base: f64(), slope: f64() }, function joint({ base, slope }) {
  const z = add(base, mul(slope, constant(cold, { dtype: 'f64' })))
  const likelihood = sum(sub(mul(constant(failed, { dtype: 'f64' }), z), softplus(z)))
  return sub(likelihood, div(add(square(base), square(slope)), 18))
})

/** A normal approximation: means, log standard deviations, and how the slope leans on the base. */
const q = { base: f64(), baseSpread: f64(), slope: f64(), slopeSpread: f64(), lean: f64() }

/** The lower bound E[log joint − log q], its samples drawn by the path or by their scores. */
const bound = (by: 'pathwise' | 'score') =>
  fn({ q, key: u32(2) }, function bound({ q, key }) {
    const sample = gen(function* () {
      const base = yield* Random.normal(q.base, exp(q.baseSpread), { by })
      const above = div(sub(base, q.base), exp(q.baseSpread))
      const middle = add(q.slope, mul(q.lean, above))
      const slope = yield* Random.normal(middle, exp(q.slopeSpread), { by })
      const beside = div(sub(slope, middle), exp(q.slopeSpread))
      const spreads = add(q.baseSpread, q.slopeSpread)
      const logQ = sub(mul(-0.5, add(square(above), square(beside))), spreads)
      return sub(joint({ base, slope }), logQ)
    })
    return expectation(key, sample, { samples: 32, baseline: 'leave-one-out' })
  })

/** Adam for 1,500 steps of fresh samples, ever shorter: one loop in one program. */
const fitted = (by: 'pathwise' | 'score') =>
  fn({ q, key: u32(2) }, function fitted({ q, key }) {
    const slope = grad(bound(by), 'q')
    const start = { q, state: adamStart(q) }
    return forLoop(1500, start, (i, { q, state }) => {
      const uphill = slope({ q, key: foldIn(key, i) })
      const rate = div(-0.2, add(1, div(convert(i, 'f64'), 50)))
      const { params, state: next } = adam(q, uphill, state, { rate })
      return { q: params, state: next }
    }).q
  })

const show = (name: string, numbers: readonly number[]) =>
  console.log(`${name.padEnd(12)}${numbers.map((x) => x.toFixed(2).padStart(7)).join('')}`)
console.log('              base     sd  slope     sd   corr')

const steps = Array.from({ length: 161 }, (_, i) => -8 + i / 10)
const grid = steps.flatMap((base) => steps.map((slope) => [base, slope] as const))
const { data: logs } = await run(vmap(joint), {
  base: grid.map(([base]) => base),
  slope: grid.map(([, slope]) => slope),
})
const most = logs.reduce((a, b) => Math.max(a, b))
const weights = Array.from(logs, (l) => Math.exp(l - most))
const total = weights.reduce((a, b) => a + b)
const mean = (of: (base: number, slope: number) => number) =>
  grid.reduce((m, [base, slope], i) => m + (weights[i] / total) * of(base, slope), 0)
const [m, n] = [mean((base) => base), mean((_, slope) => slope)]
const [v, w] = [mean((base) => (base - m) ** 2), mean((_, slope) => (slope - n) ** 2)]
const covariance = mean((base, slope) => (base - m) * (slope - n))
show('exact', [m, Math.sqrt(v), n, Math.sqrt(w), covariance / Math.sqrt(v * w)])

for (const by of ['pathwise', 'score'] as const) {
  await using program = await compile(fitted(by))
  const start = { base: 0, baseSpread: 0, slope: 0, slopeSpread: 0, lean: 0 }
  const found = await program({ q: start, key: [0, 1986] })
  const [base, lean] = [found.base.toNested(), found.lean.toNested()]
  const own = Math.exp(found.slopeSpread.toNested())
  const spread = Math.hypot(own, lean)
  const baseSpread = Math.exp(found.baseSpread.toNested())
  show(by, [base, baseSpread, found.slope.toNested(), spread, lean / spread])
}
const chance = 1 / (1 + Math.exp(-(m + (n * (70 - 31)) / 7)))
console.log(`at 31 °F, the morning of Challenger: distress with probability ${chance.toFixed(2)}`)
