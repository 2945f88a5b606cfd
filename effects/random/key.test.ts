import { describe, expect, it } from 'vitest'
import { numbers } from '../../lib/lang/evaluate.fixture.js'
import {
  add,
  constant,
  f32,
  f64,
  fn,
  grad,
  gt,
  mean,
  mul,
  square,
  sum,
  u32,
} from '../../lib/lang/index.js'
import {
  Control,
  flatMap,
  foldIn,
  gen,
  pure,
  Random,
  reuse,
  sampled,
  split,
  value,
} from '../index.js'
import { slope } from './gamma.js'

const spec = { key: u32(2) }
const at = (f: unknown, inputs: object = {}) => numbers(f, { key: [0, 9], ...inputs })
const two = constant([0, 0])
const noise = () => Random.normal(two, 1)

describe('keys', () => {
  it('a key used twice is an error that names both lines', () => {
    const twice = () =>
      fn(spec, ({ key }) => [value(sampled(key, noise())), value(sampled(key, noise()))])
    expect(twice).toThrow(
      /a random key is used twice: at .*key\.test\.ts:\d+:\d+ and at .*key\.test\.ts:\d+:\d+\. Split it/,
    )
    const afterSplit = () =>
      fn(spec, ({ key }) => [
        value(sampled(split(key, 2)[0], noise())),
        value(sampled(key, noise())),
      ])
    expect(afterSplit).toThrow(/used twice/)
  })

  it('reuse, split and foldIn make keys for further uses', () => {
    const again = fn(spec, ({ key }) => [
      value(sampled(key, noise())),
      value(sampled(reuse(key), noise())),
    ])
    const [a, b] = at(again) as number[][]
    expect(a).toEqual(b)
    const apart = fn(spec, ({ key }) => {
      const [one, other] = split(key, 2)
      return [value(sampled(one, noise())), value(sampled(other, noise()))]
    })
    const [c, d] = at(apart) as number[][]
    expect(c).not.toEqual(d)
    const steps = fn(spec, ({ key }) => [
      value(sampled(foldIn(key, 1), noise())),
      value(sampled(foldIn(key, 2), noise())),
    ])
    const [e, f] = at(steps) as number[][]
    expect(e).not.toEqual(f)
  })

  it('a key in one branch is used once', () => {
    const f = fn({ x: f64(), ...spec }, ({ x, key }) =>
      Control.cond(
        gt(x, 0),
        () => sampled(key, Random.normal(x, 1)),
        () => pure(x),
      ),
    )
    expect(at(f, { x: -1 })).toEqual([-1])
    expect(at(f, { x: 1 })).not.toEqual([1])
  })

  it('a program that is run again uses its key once', () => {
    const f = fn(spec, ({ key }) => {
      const program = sampled(key, noise())
      return [value(program), value(program)]
    })
    const [a, b] = at(f) as number[][]
    expect(a).toEqual(b)
  })

  it('a sample does not change with what is drawn after it, and differs from it', () => {
    const short = fn(spec, ({ key }) => sampled(key, noise()))
    const long = fn(spec, ({ key }) =>
      sampled(
        key,
        gen(function* () {
          const first = yield* noise()
          const second = yield* Random.uniform(two, 1)
          return [first, second]
        }),
      ),
    )
    const [first, second] = at(long) as number[][]
    expect(first).toEqual(at(short))
    expect(second).not.toEqual(first)
  })

  it('keys of other types are refused in words', () => {
    const untyped = sampled as (key: unknown, program: unknown) => unknown
    expect(() => fn({ k: f32(2) }, ({ k }) => untyped(k, noise()) as typeof k)).toThrow(
      'sampled: the key is f32[2]; expected u32[2]',
    )
  })
})

describe('paths', () => {
  it('gradients of samples are those of their closed forms', () => {
    const f = fn({ mu: f64(3), sd: f64(3), ...spec }, ({ mu, sd, key }) =>
      sampled(
        key,
        flatMap(Random.normal(mu, sd), (z) => pure(sum(z))),
      ),
    )
    const inputs = { mu: [1, 2, 3], sd: [1, 1, 1] }
    expect(at(grad(f, 'mu'), inputs)).toEqual([1, 1, 1])
    const slopes = at(grad(f, 'sd'), inputs) as number[]
    const [total] = at(f, inputs) as number[]
    expect(slopes.reduce((a, b) => a + b, 6)).toBeCloseTo(total, 12)
  })

  it('samples by score are constants where they are only sampled', () => {
    const f = fn({ mu: f64(), ...spec }, ({ mu, key }) =>
      sampled(
        key,
        flatMap(Random.normal(mu, 1, { by: 'score' }), (z) => pure(add(z, mul(mu, 2)))),
      ),
    )
    expect(at(grad(f, 'mu', { almostEverywhere: true }), { mu: 1 })).toEqual([2])
  })

  it('the gamma path is −∂F/∂α over the density', () => {
    const f = fn({ a: f64('n'), z: f64('n') }, ({ a, z }) => slope(a as never, z as never) as never)
    for (const a of [1, 1.7, 5, 40, 900]) {
      const sd = Math.sqrt(a)
      const zs = [0.02 * a, a - 0.9 * sd, a, a + sd, a + 4 * sd].filter((z) => z > 0)
      const inputs = { a: zs.map(() => a), z: zs }
      const found = numbers(f, inputs) as number[]
      found.forEach((x, i) => {
        const wanted = implicit(a, zs[i])
        expect(Math.abs(x / wanted - 1)).toBeLessThan(1e-6)
      })
    }
  })

  it('derivatives of gamma samples have the means of their closed forms', () => {
    // E z² = α² + α, so the derivatives are 2α + 1 and 2.
    const f = fn({ a: f64(), ...spec }, ({ a, key }) =>
      sampled(
        key,
        flatMap(Random.gamma(a, 1, { shape: [4000] }), (z) => pure(mean(square(z)))),
      ),
    )
    const first = grad(f, 'a')
    const [once] = at(first, { a: 2.5 }) as number[]
    const [twice] = at(grad(first, 'a'), { a: 2.5 }) as number[]
    expect(Math.abs(once - 6)).toBeLessThan(0.4)
    expect(Math.abs(twice - 2)).toBeLessThan(0.15)
  })
})

/** The same by the midpoint rule in log t, on the side of z where all terms have one sign. */
function implicit(a: number, z: number): number {
  const psi = digammaOf(a)
  const side = Math.log(z) < psi ? -1 : 1
  const width = 60 / (Math.abs(z - a) + Math.sqrt(z)) / 100_000
  let moment = 0
  for (let i = 0; i < 100_000; i++) {
    const w = side * width * (i + 0.5)
    moment += width * Math.exp(a * w - z * Math.expm1(w)) * Math.abs(Math.log(z) + w - psi)
  }
  return z * moment
}

function digammaOf(x: number): number {
  let [shift, y] = [0, x]
  for (; y < 12; y++) shift -= 1 / y
  const r = 1 / (y * y)
  return shift + Math.log(y) - 0.5 / y - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r / 240)))
}
