import { describe, expect, it } from 'vitest'
import { arrayFrom, type NDArray } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { buildFunc } from './build.js'
import { compare, type Mismatch } from './compare.js'
import { emulate } from './emulate.js'
import type { LetForm } from './form.js'

const f64 = (...values: readonly number[]): NDArray => arrayFrom('f64', [values.length], values)

/** What f32 rounding does to y over eight seeds: the spread around the exact value. */
const emulated = (lets: readonly LetForm[], ...inputs: readonly NDArray[]) => {
  const params = inputs.map((_, i) => `x${i}`)
  const func = buildFunc('f', { params, lets, results: ['y'] }, inputs, 'f64')
  const [exact] = interpreters.evaluate(func, inputs, {})
  const samples = Array.from({ length: 8 }, (_, seed) => emulate(func, inputs, seed)[0])
  return {
    exact: Array.from(exact.data),
    samples: samples.map((sample) => Array.from(sample.data)),
  }
}
const spread = ({ exact, samples }: ReturnType<typeof emulated>): number =>
  Math.max(...samples.flatMap((s) => s.map((x, i) => Math.abs(x - (exact[i] ?? Number.NaN)))))

describe('the spread', () => {
  it('is nothing where f32 is exact', () => {
    const lets: LetForm[] = [
      ['a', 'mul', ['x0', 'x0']],
      ['y', 'add', ['a', 0.5]],
    ]
    expect(spread(emulated(lets, f64(3, -2)))).toBe(0)
  })

  it('is about half an ulp of a single rounding', () => {
    const measured = spread(emulated([['y', 'exp', ['x0']]], f64(1)))
    expect(measured).toBeGreaterThan(0)
    expect(measured).toBeLessThan(2 ** -22)
  })

  it('grows with cancellation: what is lost by subtracting 10⁴ again', () => {
    const lets: LetForm[] = [
      ['a', 'add', ['x0', 1e4]],
      ['y', 'sub', ['a', 1e4]],
    ]
    const measured = spread(emulated(lets, f64(0.1)))
    expect(measured).toBeGreaterThan(1e-4)
    expect(measured).toBeLessThan(2e-3)
  })

  it('leaves equal values equal, so ties stay ties', () => {
    const lets: LetForm[] = [
      ['a', 'exp', ['x0']],
      ['b', 'eq', ['a', 'a']],
      ['y', 'convert', ['b'], { dtype: 'f64' }],
    ]
    expect(emulated(lets, f64(0.1, 0.2)).samples.every((s) => s.every((x) => x === 1))).toBe(true)
  })
})

describe('an f32 answer', () => {
  const lets: LetForm[] = [
    ['a', 'add', ['x0', 1e4]],
    ['y', 'sub', ['a', 1e4]],
  ]
  const tolerance = { rtol: 0, atol: 0, emulated: emulated(lets, f64(0.1)) }
  const expected = { ...f64(0.1), dtype: 'f32' } as const
  const judge = (value: number) => compare(arrayFrom('f32', [1], [value]), expected, tolerance)

  it('passes with the rounding that its program must have', () => {
    const rounded = Math.fround(Math.fround(0.1 + 1e4) - 1e4)
    expect(rounded).not.toBeCloseTo(0.1, 5)
    expect(judge(rounded)).toBeUndefined()
  })

  it('fails with anything else', () => {
    for (const wrong of [0.2, -0.1, 0, Number.NaN]) expect(judge(wrong)).toBeDefined()
  })

  it('is judged tightly where the program is well conditioned', () => {
    const tight = { rtol: 0, atol: 0, emulated: emulated([['y', 'exp', ['x0']]], f64(1)) }
    const right = { ...f64(Math.E), dtype: 'f32' } as const
    const at = (factor: number) => compare(arrayFrom('f32', [1], [Math.E * factor]), right, tight)
    expect(at(1 + 2 ** -22)).toBeUndefined()
    expect(at(1 + 1e-5)).toBeDefined()
  })

  it('overflows where all seeds do', () => {
    const huge = { rtol: 0, atol: 0, emulated: emulated([['y', 'exp', ['x0']]], f64(100)) }
    const right = { ...f64(Math.exp(100)), dtype: 'f32' } as const
    expect(compare(arrayFrom('f32', [1], [Infinity]), right, huge)).toBeUndefined()
    expect(compare(arrayFrom('f32', [1], [1e38]), right, huge)).toBeDefined()
  })
})

it('the worst element is reported with its place', () => {
  const expected = arrayFrom('f64', [2, 2], [1, 2, 3, 4])
  const actual = arrayFrom('f64', [2, 2], [1, 2.5, 3, 40])
  const mismatch = compare(actual, expected, { rtol: 1e-8, atol: 0 }) as Mismatch
  expect([mismatch.index, mismatch.error, mismatch.actual, mismatch.expected]).toEqual([
    [1, 1],
    36,
    40,
    4,
  ])
})
