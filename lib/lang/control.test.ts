import { describe, expect, it } from 'vitest'
import { PullbackError } from '../data/index.js'
import { numbers } from './evaluate.fixture.js'
import {
  add,
  associativeScan,
  bool,
  cond,
  constant,
  cos,
  f64,
  fn,
  forLoop,
  grad,
  gt,
  i32,
  lt,
  map,
  matmul,
  mul,
  neg,
  scan,
  sqrt,
  sum,
  switchCase,
  tanh,
  vmap,
  whileLoop,
} from './index.js'

describe('cond and switchCase', () => {
  it('run one branch, over tensors from around and operands', () => {
    const f = fn({ p: bool(), x: f64(2), s: f64() }, ({ p, x, s }) =>
      cond(
        p,
        (y) => ({ out: mul(y, s), other: y }),
        (y) => ({ out: neg(y), other: y }),
        x,
      ),
    )
    expect(numbers(f, { p: 1, x: [1, 2], s: 3 })).toEqual({ out: [3, 6], other: [1, 2] })
    expect(numbers(f, { p: 0, x: [1, 2], s: 3 })).toEqual({ out: [-1, -2], other: [1, 2] })
  })

  it('do not look at the branch not taken', () => {
    const f = fn({ x: f64() }, ({ x }) =>
      cond(
        gt(x, 0),
        () => sqrt(x),
        () => neg(x),
      ),
    )
    const slope = grad(f, 'x', { almostEverywhere: true })
    expect(numbers(slope, { x: 4 })).toEqual([0.25])
    expect(numbers(slope, { x: -4 })).toEqual([-1])
  })

  it('an index is clamped to the branches', () => {
    const f = fn({ i: i32(), x: f64() }, ({ i, x }) =>
      switchCase(i, [(y) => y, (y) => mul(y, 10), (y) => mul(y, 100)], x),
    )
    expect([-1, 0, 1, 2, 7].map((i) => numbers(f, { i, x: 1 }))).toEqual([
      [1],
      [1],
      [10],
      [100],
      [100],
    ])
  })

  it('branches that differ are refused', () => {
    const run = () =>
      fn({ p: bool(), x: f64() }, ({ p, x }) =>
        (cond as (...args: unknown[]) => never)(
          p,
          () => x,
          () => [x],
        ),
      )
    expect(run).toThrow(PullbackError)
    expect(run).toThrow(/cond: the branches differ: it is a tensor f64\[\]; expected an array of 1/)
  })
})

describe('loops', () => {
  it('name themselves in errors, and then and otherwise', () => {
    const loose = { cond, forLoop } as unknown as Record<string, (...args: unknown[]) => unknown>
    const one = constant([1, 2], { dtype: 'f64' })
    const few = constant(1, { dtype: 'f64' })
    expect(() =>
      loose.cond(
        gt(few, 0),
        () => one,
        () => few,
      ),
    ).toThrow('cond: otherwise gives f64[] and then f64[2]; expected one type from every branch')
    const counts = [3, constant(3, { dtype: 'i32' })]
    for (const count of counts) {
      expect(() => loose.forLoop(count, few, () => one)).toThrow(
        'forLoop: carry 0 starts as f64[] and the body gives f64[2]; expected the same type',
      )
    }
  })

  it('whileLoop repeats until the condition fails', () => {
    const f = fn({ x: f64(), n: i32() }, ({ x, n }) =>
      whileLoop(
        { i: mul(n, 0), x },
        ({ i }) => lt(i, n),
        (c) => ({ i: add(c.i, 1), x: mul(c.x, 2) }),
      ),
    )
    expect(numbers(f, { x: 3, n: 4 })).toEqual({ i: [4], x: [48] })
  })

  it('forLoop counts, to a number or to a tensor', () => {
    const fixed = fn({ x: f64() }, ({ x }) => forLoop(3, x, (_, y) => cos(y)))
    const given = fn({ x: f64(), n: i32() }, ({ x, n }) => forLoop(n, x, (_, y) => cos(y)))
    const expected = Math.cos(Math.cos(Math.cos(0.5)))
    expect(numbers(fixed, { x: 0.5 })).toEqual([expected])
    expect(numbers(given, { x: 0.5, n: 3 })).toEqual([expected])
  })

  it('scan carries a tree and stacks a tree', () => {
    const f = fn({ h: f64(2), w: f64(2, 2), xs: f64('t', 2) }, ({ h, w, xs }) => {
      const [last, ys] = scan({ h }, { x: xs }, (c, { x }) => {
        const next = tanh(add(matmul(c.h, w), x))
        return [{ h: next }, [next, sum(next)] as const]
      })
      return { last, ys }
    })
    const w = { shape: [2, 2], data: [0.5, -0.5, 0.25, 1] }
    const xs = { shape: [2, 2], data: [1, 2, 3, 4] }
    const step = ([a, b]: number[], [x, y]: number[]) => [
      Math.tanh(a * 0.5 + b * 0.25 + x),
      Math.tanh(a * -0.5 + b + y),
    ]
    const one = step([0.1, 0.2], [1, 2])
    const two = step(one, [3, 4])
    const result = numbers(f, { h: [0.1, 0.2], w, xs }) as { last: { h: number[] }; ys: number[][] }
    result.last.h.forEach((v, i) => {
      expect(v).toBeCloseTo(two[i], 12)
    })
    expect(result.ys[0].length).toBe(4)
    expect(result.ys[1][1]).toBeCloseTo(two[0] + two[1], 12)
  })

  it('scan without sequences runs a stated number of steps, and may stack nothing', () => {
    const f = fn({ x: f64() }, ({ x }) => {
      const [y, none] = scan(x, null, (c) => [mul(c, 2), null], { length: 5 })
      expect(none).toBe(null)
      return y
    })
    expect(numbers(f, { x: 1 })).toEqual([32])
  })

  it('map is a loop of vmap', () => {
    const f = fn({ xs: f64('n', 2) }, ({ xs }) => map(xs, (x) => sum(mul(x, x))))
    const g = vmap(fn({ xs: f64(2) }, ({ xs }) => sum(mul(xs, xs))))
    const xs = { shape: [2, 2], data: [1, 2, 3, 4] }
    expect(numbers(f, { xs })).toEqual([5, 25])
    expect(numbers(g, { xs })).toEqual([5, 25])
  })

  it('associativeScan gives all prefixes, of any length', () => {
    for (const n of [0, 1, 2, 3, 7, 8]) {
      const data = Array.from({ length: n }, (_, i) => i + 1)
      const sums = fn({ x: f64(n) }, ({ x }) => associativeScan(x, (a, b) => add(a, b)))
      expect(numbers(sums, { x: data })).toEqual(data.map((k) => (k * (k + 1)) / 2))
    }
    const products = fn({ x: f64('n', 2, 2) }, ({ x }) =>
      associativeScan(x, (a, b) => matmul(a, b)),
    )
    const shear = [1, 1, 0, 1]
    expect(
      numbers(products, { x: { shape: [3, 2, 2], data: [...shear, ...shear, ...shear] } }),
    ).toEqual([1, 1, 0, 1, 1, 2, 0, 1, 1, 3, 0, 1])
  })

  it('a carry that changes is refused', () => {
    const loop = forLoop as (...args: unknown[]) => never
    expect(() => fn({ x: f64() }, ({ x }) => loop(2, { x }, () => ({ y: x })))).toThrow(
      /the next carry: 'x' is missing/,
    )
  })

  it('differentiate, inside and out', () => {
    const power = fn({ x: f64() }, ({ x }) => forLoop(3, x, (_, y) => mul(y, x)))
    expect(numbers(grad(power, 'x'), { x: 2 })).toEqual([32])
    // A gradient inside a loop body, with a tensor of the enclosing function.
    const descent = fn({ x: f64(), a: f64() }, ({ x, a }) =>
      forLoop(2, x, (_, y) => {
        const loss = fn({ z: f64() }, ({ z }) => mul(a, mul(z, z)))
        return add(y, mul(grad(loss, 'z')({ z: y }), -0.25))
      }),
    )
    expect(numbers(descent, { x: 8, a: 1 })).toEqual([2])
    // d/da (1 − a/2)² · 8 at a = 1 is −8 · (1 − 1/2)
    expect(numbers(grad(descent, 'a'), { x: 8, a: 1 })).toEqual([-4])
  })
})
