import { describe, expect, it } from 'vitest'
import { arrayFrom } from '../lib/data/index.js'
import { add, div, einsum, exp, log, mul, sin, sub, sumAxes } from '../lib/ops/index.js'
import { closeStrict, parameter, type Term } from '../lib/term/index.js'
import { agreement, expectedOf } from './agree.js'

/** Of a function of one number: what `found` is beside it. */
function against(body: (x: Term) => Term, at: number, found: number) {
  const x = parameter({ name: 'f' }, 'x', { dtype: 'f64', shape: [] })
  const func = closeStrict('f', [x], [body(x)])
  return agreement(expectedOf(func, [arrayFrom('f64', [], [at])], {}), [[found]])
}

describe('a value beyond the range on the way', () => {
  it('leaves open what a form without it would give', () => {
    expect(against((x) => sin(log(exp(x))), 1e300, Math.sin(1e300)).open).toBe(1)
    expect(against((x) => log(exp(x)), 1e3, 1e3).open).toBe(1)
    expect(against((x) => log(exp(x)), -1e3, -1e3).open).toBe(1)
  })

  it('that comes through must come through', () => {
    expect(against(exp, 1e3, Infinity)).toEqual({ compared: 1, open: 0, fault: undefined })
    expect(against(exp, 1e3, 1e308).fault).toContain('reference Infinity')
    expect(against((x) => add(exp(x), 1), 1e3, Number.NaN).fault).toContain('reference Infinity')
  })

  it('is none where a pole, a zero or an infinite argument gives it', () => {
    expect(against(log, 0, -Infinity).compared).toBe(1)
    expect(against((x) => sin(exp(x)), Infinity, 0.5).fault).toContain('reference NaN')
    expect(against((x) => log(mul(x, 3)), 0, 1).fault).toContain('reference -Infinity')
  })
})

describe('a sum of products that leaves the range on the way', () => {
  const x = parameter({ name: 'f' }, 'x', { dtype: 'f64', shape: [2] })
  const y = parameter({ name: 'f' }, 'y', { dtype: 'f64', shape: [2] })
  const func = closeStrict('f', [x, y], [einsum('a,a->', [x, y])])
  const beside = (xs: readonly number[], ys: readonly number[], found: number) => {
    const inputs = [xs, ys].map((numbers) => arrayFrom('f64', [2], [...numbers]))
    return agreement(expectedOf(func, inputs, {}), [[found]])
  }

  it('leaves open what multiply-adds that round once, or another order, would give', () => {
    expect(beside([-1, 1e300], [Infinity, 1e300], -Infinity).open).toBe(1)
    expect(beside([1e300, -1e300], [1e300, 1e300], 0).open).toBe(1)
  })

  it('must come through where no way of summing keeps within it', () => {
    expect(beside([1, 1e300], [1, 1e300], Infinity).compared).toBe(1)
    expect(beside([1, 1e300], [1, 1e300], 1).fault).toContain('reference Infinity')
    expect(beside([1, Infinity], [1, -1], 1).fault).toContain('reference -Infinity')
    expect(beside([0, 1], [Infinity, 1], 1).fault).toContain('reference NaN')
  })
})

describe('a sine of an argument that rounding moves by turns', () => {
  const far = (x: Term) => sin(mul(x, 1e17))

  it('leaves open what follows', () => {
    expect(against(far, 1.1, 0.5).open).toBe(1)
    expect(against((x) => far(exp(x)), 1, 1e9).open).toBe(1)
  })

  it('is known where the argument is given, or moves by less', () => {
    expect(against(sin, 1.1e17, Math.sin(1.1e17)).compared).toBe(1)
    expect(against(sin, 1.1e17, 2).fault).toContain('result 0')
    expect(against((x) => sin(mul(x, 1e9)), 1.1, 2).fault).toContain('result 0')
  })
})

it('a sum that is zero has either sign, and so what is divided by it', () => {
  const x = parameter({ name: 'f' }, 'x', { dtype: 'f64', shape: [2] })
  const total = sumAxes(x, [0])
  const func = closeStrict('f', [x], [total, div(3, total)])
  const expected = expectedOf(func, [arrayFrom('f64', [2], [-0, -0])], {})
  const found = agreement(expected, [[-0], [-Infinity]])
  expect(found).toEqual({ compared: 1, open: 1, fault: undefined })
  expect(agreement(expected, [[1], [-Infinity]]).fault).toContain('reference 0')
})

describe('what has no digit left', () => {
  it('may be far from the reference, within the tail of what rounding does', () => {
    const wild = (x: Term) => div(1, sub(sin(x), Math.sin(1) * (1 + 2 ** -51)))
    expect(against(wild, 1, 1e17)).toEqual({ compared: 1, open: 0, fault: undefined })
    expect(against(wild, 1, 1e30).fault).toContain('result 0')
  })

  it('is near zero where terms cancel', () => {
    const cancelled = (x: Term) => sub(sin(x), Math.sin(1))
    expect(against(cancelled, 1, 1e-16).fault).toBeUndefined()
    expect(against(cancelled, 1, 1e-3).fault).toContain('result 0')
  })
})
