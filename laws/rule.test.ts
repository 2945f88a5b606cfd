import { describe, expect, test } from 'vitest'
import {
  cos,
  customBatching,
  customJvp,
  customTranspose,
  customVjp,
  f64,
  fn,
  gt,
  matmul,
  mul,
  neg,
  piecewise,
  sin,
  sum,
  transpose,
  where,
} from '../lib/index.js'
import { derivativeLaws } from './derivative.js'
import { refutations } from './law.js'
import { customRuleLaws } from './rule.js'

const wave = fn({ x: f64(3) }, ({ x }) => sin(x))
const linear = fn({ a: f64(2, 3), x: f64(3) }, ({ a, x }) => matmul(a, x))

const rules = {
  customJvp: [
    customJvp(wave, ({ x }, tangents) => mul(tangents.x, cos(x))),
    customJvp(wave, ({ x }, tangents) => mul(tangents.x, neg(cos(x)))),
  ],
  customVjp: [
    customVjp(
      wave,
      ({ x }) => [sin(x), x],
      (x, ct) => ({ x: mul(ct, cos(x)) }),
    ),
    customVjp(
      wave,
      ({ x }) => [sin(x), x],
      (x, ct) => ({ x: mul(ct, sin(x)) }),
    ),
  ],
  'customVjp, whose forward rule gives another value': [
    customVjp(
      wave,
      ({ x }) => [sin(x), x],
      (x, ct) => ({ x: mul(ct, cos(x)) }),
    ),
    customVjp(
      wave,
      ({ x }) => [mul(sin(x), 2), x],
      (x, ct) => ({ x: mul(ct, cos(x)) }),
    ),
  ],
  customTranspose: [
    customTranspose(linear, 'x', ({ a }, ct) => matmul(transpose(a), ct)),
    customTranspose(linear, 'x', ({ a }, ct) => mul(matmul(transpose(a), ct), 2)),
  ],
  customBatching: [
    customBatching(wave, ({ x }) => sin(x)),
    customBatching(wave, ({ x }) => cos(x)),
  ],
}

const run = { runs: 10, seed: 5 }

describe.each(Object.entries(rules))('%s', (_, [right, wrong]) => {
  test('that is right passes', () => {
    expect(refutations(customRuleLaws(right), run)).toEqual([])
  })
  test('that is wrong is refused', () => {
    expect(refutations(customRuleLaws(wrong), run).length).toBeGreaterThan(0)
  })
})

describe('piecewise', () => {
  const of = (edge: number) =>
    fn({ x: f64(3) }, ({ x }) => sum(piecewise(where(gt(x, edge), mul(x, x), 0))))
  const gap = 'piecewise is continuous at its switch'
  const names = (f: unknown) =>
    refutations(derivativeLaws(f), { runs: 20, seed: 3 }).map((r) => r.law.name.split(': ').at(-1))

  test('is held to be continuous where its pieces meet', () => {
    expect(names(of(0))).toEqual([])
    expect(names(of(1))).toEqual([gap])
  })

  test('marks the results of functions too', () => {
    const step = fn({ x: f64(3) }, ({ x }) => where(gt(x, 1), mul(x, x), 0))
    expect(names(piecewise(step))).toEqual([gap])
  })
})

describe('derivative laws', () => {
  const f = fn({ x: f64('n', 2), s: f64() }, ({ x, s }) => sum(mul(sin(x), s)))

  test('hold at drawn sizes', () => {
    expect(refutations(derivativeLaws(f), run)).toEqual([])
    expect(refutations(derivativeLaws(f, { wrt: ['s'], low: 0, high: 9 }), run)).toEqual([])
  })

  test('of an input that there is none of are an error in words', () => {
    expect(() => derivativeLaws(f, { wrt: ['z'] })).toThrow("there is no input 'z'")
  })

  test('of a function without rules are no laws of rules', () => {
    expect(() => customRuleLaws(f)).toThrow('it uses no custom rule')
  })
})
