/**
 * What elementwise ops do where mathematics leaves a choice: kinks, poles, infinities, NaN,
 * integers; and that dead paths stay dead.
 */
import { describe, expect, test } from 'vitest'
import { arrayFrom, type DType } from '../data/index.js'
import { interpreters, vjp } from '../interpret/index.js'
import { closeStrict, inline, isTerm, parameter, type Term } from '../term/index.js'
import { add, div, mul, reciprocal, scale } from './arithmetic.js'
import { gt, ne } from './compare.js'
import { log } from './exponential.js'
import { scalar } from './operand.js'
import { pow, sqrt } from './power.js'
import { clamp, where } from './select.js'
import { words } from './vocabulary.js'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

/** The value of a word at scalars of one dtype. */
function value(word: string, args: readonly number[], dtype: DType = 'f64', attrs = {}): number {
  const result = words[word](
    args.map((x) => scalar(x, dtype)),
    attrs,
  )
  if (!isTerm(result)) throw new Error(`${word} has several results`)
  return interpreters.evaluate(closeStrict(word, [], [result]), [], {})[0].data[0]
}

/** The gradient at scalars, by reverse mode. */
function gradient(f: (...x: Term[]) => Term, ...at: readonly number[]): readonly number[] {
  const binder = { name: 'f' }
  const params = at.map((_, i) => parameter(binder, `x${i}`, { dtype: 'f64', shape: [] }))
  const func = closeStrict('f', params, [f(...params)])
  const all = params.map(() => true)
  const back = vjp(func, all, interpreters)
  const array = (x: number) => arrayFrom('f64', [], [x])
  const outs = interpreters.evaluate(back.func, [...at, 1].map(array), {})
  let next = 1
  return back.nonzero.map((nonzero) => (nonzero ? outs[next++].data[0] : 0))
}

const byWord =
  (word: string, attrs = {}) =>
  (...x: Term[]): Term => {
    const result = words[word](x, attrs)
    if (!isTerm(result)) throw new Error(`${word} has several results`)
    return result
  }

describe('gradients at special points', () => {
  const table: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ['relu', [0], [0]],
    ['relu', [nan], [0]],
    ['abs', [0], [0]],
    ['abs', [-2], [-1]],
    ['max', [1, 1], [0.5, 0.5]],
    ['max', [2, 1], [1, 0]],
    ['min', [1, 1], [0.5, 0.5]],
    ['min', [2, 1], [0, 1]],
    ['sqrt', [0], [inf]],
    ['cbrt', [0], [inf]],
    ['hypot', [0, 0], [0, 0]],
    ['hypot', [3e-310, 4e-310], [0.6, 0.8]],
    ['hypot', [3e300, 4e300], [0.6, 0.8]],
    ['atan2', [0, 0], [0, 0]],
    ['atan2', [0, -1], [-1, 0]],
    ['atan2', [1e200, 1e200], [5e-201, -5e-201]],
    ['pow', [0, 0], [0, 0]],
    ['pow', [0, 1], [1, 0]],
    ['pow', [0, 2], [0, 0]],
    ['pow', [2, 0], [0, Math.LN2]],
    ['logaddexp', [-inf, 0], [0, 1]],
    ['logaddexp', [-inf, -inf], [0.5, 0.5]],
    ['logaddexp', [inf, inf], [0.5, 0.5]],
    ['logaddexp', [1000, -1000], [1, 0]],
    ['xlogy', [0, 2], [Math.LN2, 0]],
    ['xlogy', [0, 0], [-inf, 0]],
    ['mod', [-5.3, 2], [1, 3]],
    ['rem', [-5.3, 2], [1, 2]],
    ['softplus', [1000], [1]],
    ['softplus', [-1000], [0]],
    ['logSigmoid', [-1000], [1]],
    ['logSigmoid', [1000], [0]],
    ['sinc', [0], [0]],
    ['asin', [1], [inf]],
    ['asin', [2], [nan]],
    ['acosh', [-2], [nan]],
    ['asinh', [1e200], [1e-200]],
    ['floor', [1.5], [0]],
    ['sign', [1.5], [0]],
  ]
  test.each(table)('%s(%j) has gradient %j', (word, x, want) => {
    gradient(byWord(word), ...x).forEach((got, i) => {
      const finite = Number.isFinite(want[i]) && want[i] !== 0
      if (finite) expect(got / want[i]).toBeCloseTo(1, 14)
      else expect(got + 0).toBe(want[i])
    })
  })

  test('clamp is min of max: inside 1, outside 0, half at its ends', () => {
    const slope = (x: number) => gradient((t) => clamp(t, -1, 1), x)[0]
    expect([-2, -1, 0, 1, 2].map(slope)).toEqual([0, 0.5, 1, 0.5, 0])
  })
})

describe('a zero cotangent stays zero', () => {
  const dead: readonly (readonly [string, (x: Term) => Term])[] = [
    ['sqrt', (x) => where(gt(x, 0), sqrt(x), 0)],
    ['log', (x) => where(gt(x, 0), log(x), 0)],
    ['reciprocal', (x) => where(ne(x, 0), reciprocal(x), 0)],
    ['division', (x) => where(ne(x, 0), div(1, x), 0)],
    ['a power', (x) => where(gt(x, 0), pow(x, -1.5), 0)],
    ['a product of infinities', (x) => where(gt(x, 0), mul(log(x), reciprocal(x)), 0)],
  ]
  test.each(dead)('through %s in a branch not taken', (_, f) => {
    expect(gradient(f, 0)).toEqual([0])
  })

  test('to second order too', () => {
    const f = (x: Term) => where(gt(x, 0), sqrt(x), 0)
    const slope = (x: Term): Term => {
      const p = parameter({ name: 'f' }, 'x', x)
      const back = vjp(closeStrict('f', [p], [f(p)]), [true], interpreters)
      return inline(back.func, [x, scalar(1, 'f64')])[1]
    }
    expect(gradient(slope, 0)).toEqual([0])
  })

  test('scale absorbs; mul does not', () => {
    expect(value('mul', [0, inf])).toBeNaN()
    const product = interpreters.evaluate(
      closeStrict('f', [], [scale(scalar(0, 'f64'), scalar(inf, 'f64'))]),
      [],
      {},
    )
    expect(product[0].data[0]).toBe(0)
  })
})

describe('values', () => {
  const floats: readonly (readonly [string, readonly number[], number])[] = [
    ['max', [nan, 0], nan],
    ['max', [0, nan], nan],
    ['max', [-0, 0], 0],
    ['min', [0, -0], -0],
    ['min', [nan, 1], nan],
    ['relu', [nan], nan],
    ['relu', [-0], 0],
    ['sign', [nan], nan],
    ['sign', [-0], -0],
    ['round', [0.5], 0],
    ['round', [1.5], 2],
    ['round', [2.5], 2],
    ['round', [-0.5], -0],
    ['round', [-2.5], -2],
    ['round', [0.49999999999999994], 0],
    ['round', [2251799813685249.5], 2251799813685250],
    ['round', [-inf], -inf],
    ['ceil', [-0.4], -0],
    ['mod', [-1, 3], 2],
    ['mod', [1, -3], -2],
    ['mod', [-3, 3], 0],
    ['mod', [3, -3], -0],
    ['mod', [5, 0], nan],
    ['mod', [1, inf], 1],
    ['rem', [-1, 3], -1],
    ['rem', [5.5, -2], 1.5],
    ['rem', [1e20, 3], 1],
    ['pow', [1, nan], 1],
    ['pow', [nan, 0], 1],
    ['pow', [-1, inf], 1],
    ['pow', [-8, 1 / 3], nan],
    ['pow', [-2, 3], -8],
    ['pow', [0, -1], inf],
    ['hypot', [inf, nan], inf],
    ['hypot', [3e300, 4e300], 5e300],
    ['logaddexp', [-inf, 2], 2],
    ['logaddexp', [-inf, -inf], -inf],
    ['logaddexp', [inf, -inf], inf],
    ['logaddexp', [inf, nan], nan],
    ['logaddexp', [1000, 1000], 1000 + Math.LN2],
    ['xlogy', [0, 0], 0],
    ['xlogy', [0, inf], 0],
    ['xlogy', [0, nan], nan],
    ['softplus', [1000], 1000],
    ['softplus', [-700], Math.exp(-700)],
    ['logSigmoid', [-1000], -1000],
    ['sigmoid', [-700], Math.exp(-700)],
    ['sigmoid', [-inf], 0],
    ['rsqrt', [0], inf],
    ['atan2', [-0, -1], -Math.PI],
    ['isFinite', [inf], 0],
    ['isFinite', [nan], 0],
    ['isFinite', [1], 1],
    ['eq', [nan, nan], 0],
    ['ne', [nan, nan], 1],
    ['le', [nan, 1], 0],
    ['eq', [0, -0], 1],
    ['lt', [1, 2], 1],
    ['lt', [2, 2], 0],
    ['le', [2, 2], 1],
    ['le', [2, 1], 0],
    ['gt', [2, 1], 1],
    ['gt', [2, 2], 0],
    ['ge', [2, 2], 1],
    ['ge', [1, 2], 0],
  ]
  test.each(floats)('%s(%j) = %d', (word, x, want) => {
    expect(value(word, x)).toBe(want)
  })

  test('gelu is x·Φ(x), or near it', () => {
    // ½(1 + erf(1/√2)), and ½(1 + tanh(√(2/π) · 1.044715)).
    expect(value('gelu', [1], 'f64', { approximate: 'none' })).toBeCloseTo(0.841344746068543, 14)
    expect(value('gelu', [1])).toBeCloseTo(0.841191990608276, 14)
    expect(value('silu', [1])).toBeCloseTo(1 / (1 + Math.exp(-1)), 15)
  })

  test('polygamma begins with digamma, and ends where a factorial is finite', () => {
    expect(value('polygamma', [1], 'f64', { n: 0 })).toBe(value('digamma', [1]))
    // −170! ζ(171)
    expect(value('polygamma', [1], 'f64', { n: 170 }) / -7.257415615307994e306).toBeCloseTo(1, 12)
  })

  test('numbers alone are f32', () => {
    expect(add(1, 2).dtype).toBe('f32')
  })

  const integers: readonly (readonly [string, DType, readonly number[], number])[] = [
    ['abs', 'i32', [-7], 7],
    ['add', 'i32', [2 ** 31 - 1, 1], -(2 ** 31)],
    ['mul', 'u32', [2 ** 31 + 1, 3], 2 ** 31 + 3],
    ['div', 'i32', [-7, 2], -3],
    ['div', 'i32', [7, 0], 0],
    ['rem', 'i32', [-7, 3], -1],
    ['rem', 'i32', [-7, 0], -7],
    ['mod', 'i32', [-7, 3], 2],
    ['mod', 'i32', [-7, 0], -7],
    ['mod', 'u32', [7, 0], 7],
    ['pow', 'i32', [-3, 5], -243],
    ['pow', 'i32', [3, 40], Number(BigInt.asIntN(32, 3n ** 40n))],
    ['pow', 'i32', [-1, -3], -1],
    ['pow', 'i32', [2, -1], 0],
    ['pow', 'u32', [65537, 2], Number(BigInt.asUintN(32, 65537n ** 2n))],
    ['and', 'i32', [-4, 6], 4],
    ['or', 'u32', [2 ** 31, 1], 2 ** 31 + 1],
    ['xor', 'u32', [2 ** 32 - 1, 1], 2 ** 32 - 2],
    ['not', 'i32', [5], -6],
    ['not', 'u32', [0], 2 ** 32 - 1],
    ['not', 'bool', [1], 0],
    ['not', 'bool', [0], 1],
    ['and', 'bool', [1, 0], 0],
    ['or', 'bool', [1, 0], 1],
    ['xor', 'bool', [1, 1], 0],
    ['shiftLeft', 'i32', [1, 31], -(2 ** 31)],
    ['shiftLeft', 'u32', [3, 31], 2 ** 31],
    ['shiftLeft', 'u32', [1, 32], 0],
    ['shiftRight', 'i32', [-8, 1], -4],
    ['shiftRight', 'i32', [-8, 40], -1],
    ['shiftRight', 'u32', [2 ** 31, 31], 1],
    ['shiftRight', 'u32', [2 ** 31, 32], 0],
    ['shiftRight', 'u32', [5, 0], 5],
    ['shiftRight', 'i32', [-8, 0], -8],
    ['shiftRight', 'i32', [-8, -1], -1],
    ['shiftRight', 'i32', [-8, 2000], -1],
    ['shiftLeft', 'i32', [5, 0], 5],
    ['shiftLeft', 'i32', [1, -1], 0],
    ['add', 'f16', [1, 2 ** -12], 1],
    ['mul', 'f16', [1 + 2 ** -10, 1 + 2 ** -10], 1 + 2 ** -9],
  ]
  test.each(integers)('%s of %s(%j) = %d', (word, dtype, x, want) => {
    expect(value(word, x, dtype)).toBe(want)
  })

  const conversions: readonly (readonly [DType, number, DType, number])[] = [
    ['f64', -2.9, 'i32', -2],
    ['f64', 3e9, 'i32', 2 ** 31 - 1],
    ['f64', -1, 'u32', 0],
    ['f64', 3.7, 'u32', 3],
    ['f64', 5e9, 'u32', 2 ** 32 - 1],
    ['f64', nan, 'u32', 0],
    ['f64', nan, 'i32', 0],
    ['f64', nan, 'bool', 1],
    ['f64', -0, 'bool', 0],
    ['i32', -1, 'u32', 2 ** 32 - 1],
    ['u32', 2 ** 31, 'i32', -(2 ** 31)],
    ['f64', 0.1, 'f32', Math.fround(0.1)],
    ['f64', 1 + 2 ** -11, 'f16', 1],
    ['f64', 70000, 'f16', inf],
    ['bool', 1, 'f64', 1],
  ]
  test.each(conversions)('convert %s %d to %s gives %d', (from, x, dtype, want) => {
    expect(value('convert', [x], from, { dtype })).toBe(want)
  })
})

describe('where and clamp', () => {
  test('a number adopts the dtype of the other side', () => {
    const c = gt(scalar(1, 'f64'), 0)
    expect(where(c, 1, scalar(2, 'i32')).dtype).toBe('i32')
    expect(() => where(c, scalar(1, 'f32'), scalar(1, 'f64'))).toThrow(/Cast one/)
  })

  test('the condition is a bool', () => {
    expect(() => where(scalar(1, 'f64'), 1, 2)).toThrow(/a bool.*ne\(x, 0\)/)
  })

  test('attributes that are missing or wrong are named', () => {
    expect(() => words.clamp([scalar(1, 'f64')], { max: 'high' })).toThrow(/clamp: attribute 'max'/)
    expect(() => words.gelu([scalar(1, 'f64')], { approximate: 'erf' })).toThrow(/'tanh' or 'none'/)
    expect(() => words.polygamma([scalar(1, 'f64')], { n: -1 })).toThrow(/from 0 to 170/)
  })

  test('dtypes that an op does not take are refused in words', () => {
    expect(() => words.sin([scalar(1, 'i32')], {})).toThrow(/floating/)
    expect(() => words.and([scalar(1, 'f32'), scalar(1, 'f32')], {})).toThrow(/bool, i32 or u32/)
    expect(() => words.shiftLeft([scalar(1, 'bool'), 1], {})).toThrow(/i32 or u32/)
  })
})
