/**
 * What reductions, running reductions and orders do where mathematics leaves a choice: ties,
 * zeros, infinities, NaN, nothing at all; and how they round.
 */
import { describe, expect, test } from 'vitest'
import { arrayFrom, type Dim, type DType, type NDArray, type Sizes } from '../data/index.js'
import { interpreters, vjp } from '../interpret/index.js'
import { closeStrict, type Func, inline, parameter, type Term } from '../term/index.js'
import { argmax, argmin } from './argmax.js'
import { mul } from './arithmetic.js'
import { sumAxes } from './broadcast.js'
import { constant } from './constant.js'
import { cummax, cumprod, cumsum } from './cumulative.js'
import { prod, reduceMax, reduceMin, sum } from './reduce.js'
import { argsort, sort, topK } from './sort.js'
import { logSoftmax, logsumexp, mean, norm, softmax, std, variance } from './statistics.js'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

function functionOf(f: (x: Term) => Term, shape: readonly Dim[], dtype: DType = 'f64'): Func {
  const x = parameter({ name: 'f' }, 'x', { dtype, shape })
  return closeStrict('f', [x], [f(x)])
}

const run = (func: Func, args: readonly NDArray[], sizes: Sizes = {}) =>
  interpreters.evaluate(func, args, sizes).map((a) => [...a.data])

const vector = (x: readonly number[], dtype: DType = 'f64') => arrayFrom(dtype, [x.length], x)

/** f at a vector. */
const value = (f: (x: Term) => Term, x: readonly number[], dtype: DType = 'f64') =>
  run(functionOf(f, [x.length], dtype), [vector(x, dtype)])[0]

/** x ↦ the gradient of Σ f(x), as a function. */
function gradientOf(func: Func): Func {
  const total = closeStrict('Σ', func.params, [sum(inline(func, func.params)[0])])
  const back = vjp(total, [true], interpreters)
  const answers = inline(back.func, [...total.params, constant([1], [], 'f64')])
  return closeStrict('∇', total.params, [answers[1]])
}

const gradient = (f: (x: Term) => Term, x: readonly number[]) =>
  run(gradientOf(functionOf(f, [x.length])), [vector(x)])[0]

/** The Jacobian of the gradient, row after row. */
function hessian(f: (x: Term) => Term, x: readonly number[]): readonly (readonly number[])[] {
  const forward = interpreters.jvp(gradientOf(functionOf(f, [x.length])), [true])
  return x.map((_, i) => {
    const unit = vector(x.map((_, k) => Number(k === i)))
    return run(forward.func, [vector(x), unit])[1]
  })
}

describe('ties and zeros', () => {
  test('extremes share the derivative among ties, along each row', () => {
    expect(gradient((x) => reduceMax(x), [1, 3, 3, 0])).toEqual([0, 0.5, 0.5, 0])
    expect(gradient((x) => reduceMin(x), [1, 1, 1, 4])).toEqual([1 / 3, 1 / 3, 1 / 3, 0])
    expect(gradient((x) => reduceMax(x), [-inf, -inf])).toEqual([0.5, 0.5])
  })
  test('a product has the right derivatives at zeros, to second order', () => {
    expect(gradient((x) => prod(x), [0, 2, 3])).toEqual([6, 0, 0])
    expect(gradient((x) => prod(x), [0, 0, 3])).toEqual([0, 0, 0])
    expect(hessian((x) => prod(x), [0, 0, 3])).toEqual([
      [0, 3, 0],
      [3, 0, 0],
      [0, 0, 0],
    ])
  })
  test('so has a running product', () => {
    const run = { axis: 0, reverse: false }
    expect(gradient((x) => cumprod(x, run), [2, 0, 3])).toEqual([1, 8, 0])
    // Σ = x + xy + xyz at (0, 0, 3)
    expect(hessian((x) => cumprod(x, run), [0, 0, 3])).toEqual([
      [0, 4, 0],
      [4, 0, 0],
      [0, 0, 0],
    ])
  })
  test('a running maximum shares ties as a balanced tree of max does', () => {
    const weights = (n: number) => constant([...new Array(n - 1).fill(0), 1], [n], 'f64')
    const last = (x: Term) =>
      mul(cummax(x, { axis: 0, reverse: false }), weights(Number(x.shape[0])))
    expect(gradient(last, [1, 1])).toEqual([0.5, 0.5])
    expect(gradient(last, [1, 1, 1])).toEqual([0.25, 0.25, 0.5])
    expect(gradient(last, [1, 1, 1, 1])).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(gradient(last, [1, 1, 1, 1, 1, 1, 1])).toEqual([
      1 / 16,
      1 / 16,
      1 / 16,
      1 / 16,
      1 / 8,
      1 / 8,
      1 / 2,
    ])
  })
  test('norm and std have gradient 0 where they are 0, and no infinite second derivative', () => {
    for (const f of [(x: Term) => norm(x), (x: Term) => std(x)]) {
      expect(gradient(f, [0, 0, 0])).toEqual([0, 0, 0])
      expect(hessian(f, [0, 0, 0]).flat()).toEqual(new Array(9).fill(0))
    }
    expect(gradient((x) => std(x), [2, 2]).map(Math.abs)).toEqual([0, 0])
  })
})

describe('infinities and NaN', () => {
  test('NaN stays in extremes', () => {
    expect(value((x) => reduceMax(x), [nan, 5])).toEqual([nan])
    expect(value((x) => reduceMin(x), [5, nan])).toEqual([nan])
    expect(value((x) => cummax(x, { axis: 0, reverse: false }), [1, nan, 5])).toEqual([1, nan, nan])
  })
  test('argmax and argmin take the first, and the first NaN', () => {
    expect(value((x) => argmax(x), [1, 3, 3])).toEqual([1])
    expect(value((x) => argmin(x), [2, 1, 1])).toEqual([1])
    expect(value((x) => argmax(x), [1, nan, 9, nan])).toEqual([1])
    expect(value((x) => argmin(x), [1, nan, 0])).toEqual([1])
  })
  test('logsumexp and softmax at infinities', () => {
    expect(value((x) => logsumexp(x), [-inf, 0])).toEqual([0])
    expect(gradient((x) => logsumexp(x), [-inf, 0])).toEqual([0, 1])
    expect(value((x) => logsumexp(x), [-inf, -inf])).toEqual([-inf])
    expect(gradient((x) => logsumexp(x), [-inf, -inf])).toEqual([0, 0])
    expect(value((x) => logsumexp(x), [inf, 0])).toEqual([inf])
    expect(value((x) => logsumexp(x), [1e4, 1e4])).toEqual([1e4 + Math.LN2])
    expect(value((x) => softmax(x), [-inf, 0, 0])).toEqual([0, 0.5, 0.5])
    expect(value((x) => logSoftmax(x), [1000, 0])).toEqual([0, -1000])
  })
  test('NaN sorts last, −0 equals 0, and equals keep their order', () => {
    expect(value((x) => argsort(x), [nan, 1, 0, -0, inf])).toEqual([2, 3, 1, 4, 0])
    expect(value((x) => argsort(x, -1, true), [1, 2, nan, 2])).toEqual([2, 1, 3, 0])
    expect(value((x) => topK(x, 2)[1], [4, 7, 7, 1])).toEqual([1, 2])
  })
})

test('orders are those of a stable sort, along any axis, up and down', () => {
  let state = 1
  const draw = (n: number) => {
    state = (state * 48271) % 2147483647
    return state % n
  }
  for (let trial = 0; trial < 20; trial++) {
    const column = Array.from(
      { length: 3 + draw(30) },
      () => [draw(9), nan][Number(draw(12) === 0)],
    )
    const rows = arrayFrom(
      'f64',
      [column.length, 2],
      column.flatMap((v) => [v, -v]),
    )
    for (const descending of [false, true]) {
      const sign = descending ? -1 : 1
      const size = (i: number) => (Number.isNaN(column[i]) ? 99 : column[i])
      const order = column.map((_, i) => i).sort((i, j) => sign * (size(i) - size(j)) || i - j)
      const along = (f: (x: Term) => Term) =>
        run(functionOf(f, rows.shape), [rows])[0].filter((_, i) => i % 2 === 0)
      expect(along((x) => argsort(x, 0, descending))).toEqual(order)
      expect(along((x) => sort(x, 0, descending))).toEqual(order.map((i) => column[i]))
    }
  }
})

test('what is along an axis is along each row', () => {
  const rows = arrayFrom('f64', [2, 2], [0, 0, 1, 1 + Math.log(3)])
  const of = (f: (x: Term) => Term) => run(functionOf(f, [2, 2]), [rows])[0]
  const close = (found: readonly number[], want: readonly number[]) =>
    found.forEach((x, i) => {
      expect(x).toBeCloseTo(want[i], 14)
    })
  close(
    of((x) => softmax(x, 1)),
    [0.5, 0.5, 0.25, 0.75],
  )
  close(
    of((x) => logSoftmax(x, 1)),
    [0.5, 0.5, 0.25, 0.75].map(Math.log),
  )
  close(
    of((x) => variance(x, { axes: [1] })),
    [0, Math.log(3) ** 2 / 4],
  )
  close(
    of((x) => mean(x, { axes: [1] })),
    [0, 1 + Math.log(3) / 2],
  )
  const x = parameter({ name: 'f' }, 'x', { dtype: 'f64', shape: [2, 3] })
  expect(variance(x, { axes: [1], keepDims: true }).shape).toEqual([2, 1])
  expect(topK(x, 0)[0].shape).toEqual([2, 0])
})

test('the gradient of sort follows the permutation', () => {
  const weighted = (x: Term) => mul(sort(x), constant([1, 2, 3], [3], 'f64'))
  expect(gradient(weighted, [2, 1, 1])).toEqual([3, 1, 2])
})

test('reductions of nothing', () => {
  expect(value((x) => sum(x), [])).toEqual([0])
  expect(value((x) => prod(x), [])).toEqual([1])
  expect(value((x) => reduceMax(x), [])).toEqual([-inf])
  expect(value((x) => reduceMin(x), [])).toEqual([inf])
  expect(value((x) => logsumexp(x), [])).toEqual([-inf])
  expect(value((x) => mean(x), [])).toEqual([nan])
})

describe('rounding', () => {
  test('the mean of 2·10⁷ ones is 1 in f32', () => {
    const ones = { dtype: 'f32' as const, shape: [2e7], data: new Float32Array(2e7).fill(1) }
    expect(
      run(
        functionOf((x) => mean(x), [2e7], 'f32'),
        [ones],
      ),
    ).toEqual([[1]])
  })
  test('the mean of 10⁵ ones is 1 in f16, which cannot hold their sum', () => {
    expect(value((x) => mean(x), new Array(1e5).fill(1), 'f16')).toEqual([1])
  })
  test('an f64 sum of n tenths is off by at most log₂ n roundings', () => {
    const n = 2 ** 20
    const found = value((x) => sum(x), new Array(n).fill(0.1))[0]
    expect(Math.abs(found / (n * 0.1) - 1)).toBeLessThan(21 * 2 ** -53)
  })
  test('integers wrap around', () => {
    expect(value((x) => sum(x), [2 ** 31 - 1, 1], 'i32')).toEqual([-(2 ** 31)])
    expect(value((x) => prod(x), [65537, 65537], 'i32')).toEqual([131073])
  })
})

test('sizes may be named: mean and variance divide by what they turn out to be', () => {
  for (const [f, expected] of [
    [(x: Term) => mean(x), 2.5],
    [(x: Term) => variance(x), 1.25],
    [(x: Term) => prod(x), 24],
    [(x: Term) => logsumexp(mul(x, 0)), Math.log(4)],
  ] as const) {
    const func = functionOf((x) => f(x), ['n'])
    expect(run(func, [vector([1, 2, 3, 4])], { n: 4 })).toEqual([[expected]])
  }
  const slope = gradientOf(functionOf((x) => prod(x), ['n']))
  expect(run(slope, [vector([0, 2, 5])], { n: 3 })).toEqual([[10, 0, 0]])
  const ties = gradientOf(functionOf((x) => cummax(x, { axis: 0, reverse: false }), ['n']))
  expect(run(ties, [vector([1, 1, 1])], { n: 3 })).toEqual([[1.75, 0.75, 0.5]])
})

test('axes count from the end, keepDims keeps them, a direction may be reversed', () => {
  const x = parameter({ name: 'f' }, 'x', { dtype: 'f32', shape: [2, 'n', 4] })
  expect(sum(x, { axes: [-1, 0] }).shape).toEqual(['n'])
  expect(sum(x, { axes: [-2], keepDims: true }).shape).toEqual([2, 1, 4])
  expect(argmax(x, 1, true).shape).toEqual([2, 1, 4])
  expect(sumAxes(x, []).shape).toEqual([2, 'n', 4])
  expect(value((v) => cumsum(v, { axis: 0, reverse: true }), [1, 2, 3])).toEqual([6, 5, 3])
})

test('misuse is named', () => {
  const x = parameter({ name: 'f' }, 'x', { dtype: 'f32', shape: [2, 3] })
  const i = parameter({ name: 'f' }, 'i', { dtype: 'i32', shape: [2] })
  const b = parameter({ name: 'f' }, 'b', { dtype: 'bool', shape: [2] })
  const empty = parameter({ name: 'f' }, 'e', { dtype: 'f32', shape: [0] })
  expect(() => sum(x, { axes: [2] })).toThrow('sum: axis 2 of f32[2, 3]; expected an axis from -2')
  expect(() => mean(x, { axes: [0, -2] })).toThrow('name one axis twice')
  expect(() => mean(i)).toThrow(
    "mean: needs a floating dtype, got i32[2]. Cast it: convert(x, 'f32')",
  )
  expect(() => sum(b)).toThrow('sum: cannot add up bool[2]; expected numbers')
  expect(() => argmax(empty)).toThrow('argmax: nothing to choose from along axis 0 of f32[0]')
  expect(() => topK(x, 4)).toThrow('topK: k = 4 of f32[2, 3]; expected a whole number from 0 to 3')
  expect(() => softmax(x, 5)).toThrow('softmax: axis 5 of f32[2, 3]')
})

test('an extreme of no integers is the other end of their range', () => {
  expect(value((x) => reduceMax(x), [], 'i32')).toEqual([-(2 ** 31)])
  expect(value((x) => reduceMax(x), [], 'u32')).toEqual([0])
  expect(value((x) => reduceMin(x), [], 'i32')).toEqual([2 ** 31 - 1])
  expect(value((x) => reduceMin(x), [], 'u32')).toEqual([2 ** 32 - 1])
})

test('an extreme of integers is among them', () => {
  expect(value((x) => reduceMax(x), [-5, -3], 'i32')).toEqual([-3])
  expect(value((x) => reduceMin(x), [5, 3], 'i32')).toEqual([3])
  expect(value((x) => reduceMax(x), [5, 3], 'u32')).toEqual([5])
  expect(value((x) => reduceMin(x), [5, 3], 'u32')).toEqual([3])
})

test('products and sums of integers wrap', () => {
  const most = 2 ** 32 - 1
  expect(value((x) => prod(x), [most, most, most], 'u32')).toEqual([most])
  expect(value((x) => cumprod(x, { axis: 0, reverse: false }), [most, most, most], 'u32')).toEqual([
    most,
    1,
    most,
  ])
  expect(value((x) => prod(x), [2 ** 31 - 1, 2 ** 31 - 1, 3], 'i32')).toEqual([3])
  const forward = { axis: 0, reverse: false }
  const large = [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1]
  expect(value((x) => cumprod(x, forward), large, 'i32')).toEqual([2 ** 31 - 1, 1, 2 ** 31 - 1])
  expect(value((x) => cumsum(x, forward), [2 ** 31 - 1, 1, 1], 'i32')).toEqual([
    2 ** 31 - 1,
    -(2 ** 31),
    -(2 ** 31) + 1,
  ])
  expect(value((x) => sum(x), [2 ** 31 - 1, 1], 'i32')).toEqual([-(2 ** 31)])
})

test('half precision is rounded to once, at the end', () => {
  expect(value((x) => sum(x), [1, 2 ** -12], 'f16')).toEqual([1])
  expect(value((x) => sum(x), [1, 2 ** -11, 2 ** -11], 'f16')).toEqual([1 + 2 ** -10])
  expect(value((x) => prod(x), [1 + 2 ** -10, 1 + 2 ** -10], 'f16')).toEqual([1 + 2 ** -9])
  expect(
    value((x) => cumsum(x, { axis: 0, reverse: false }), [2048, 1, 2], 'f16').map(Number),
  ).toEqual([2048, 2048, 2052])
})
