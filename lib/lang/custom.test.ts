import { describe, expect, it } from 'vitest'
import { customVjpOf } from './custom.js'
import { numbers } from './evaluate.fixture.js'
import {
  add,
  checkpoint,
  cos,
  customBatching,
  customJvp,
  customTranspose,
  customVjp,
  exp,
  f64,
  fn,
  grad,
  i32,
  jvp,
  linearTranspose,
  matmul,
  mul,
  piecewise,
  reshape,
  round,
  sin,
  stopGradient,
  straightThrough,
  sum,
  transpose,
  vmap,
} from './index.js'

describe('customJvp', () => {
  const f = customJvp(
    fn({ x: f64('n'), s: f64(), k: i32() }, ({ x, s }) => mul(sin(x), s)),
    (primals, tangents) => mul(mul(cos(primals.x), 100), mul(tangents.x, primals.s)),
  )

  it('uses the rule, forward and backward, at sizes of the call', () => {
    const g = fn({ x: f64(2), s: f64() }, ({ x, s }) => sum(f({ x, s, k: 1 })))
    expect(numbers(g, { x: [0, 0], s: 2 })).toEqual([0])
    expect(numbers(grad(g, 'x'), { x: [0, 0], s: 2 })).toEqual([200, 200])
    const [, tangent] = numbers(jvp(f, 'x'), {
      primals: { x: [0, 0], s: 2, k: 1 },
      tangents: { x: [1, 10] },
    }) as number[][]
    expect(tangent).toEqual([200, 2000])
  })
})

describe('customVjp', () => {
  const clipped = customVjp(
    fn({ x: f64('n') }, ({ x }) => mul(x, 1)),
    ({ x }) => [mul(x, 1), { seven: add(mul(sum(x), 0), 7) }],
    ({ seven }, cotangent) => ({ x: mul(cotangent, seven) }),
  )

  it('uses the backward rule', () => {
    const g = fn({ x: f64(3) }, ({ x }) => sum(mul(clipped({ x }), x)))
    expect(numbers(grad(g, 'x'), { x: [1, 2, 3] })).toEqual([8, 16, 24])
  })

  it('refuses cotangents that do not fit, in words', () => {
    const f = fn({ x: f64(3) }, ({ x }) => x)
    expect(() =>
      customVjpOf(
        f,
        (point) => [(point as { x: unknown }).x, []],
        () => ({ y: 1 }),
      ),
    ).toThrow(/the cotangents: 'x' is missing/)
    expect(() =>
      customVjpOf(
        f,
        (point) => (point as { x: unknown }).x,
        () => ({}),
      ),
    ).toThrow(/\[result, residuals\]/)
  })
})

describe('customTranspose', () => {
  it('is used by transposition and by reverse mode', () => {
    const f = customTranspose(
      fn({ a: f64('m', 'n'), x: f64('n') }, ({ a, x }) => matmul(a, x)),
      'x',
      ({ a }, cotangent) => mul(matmul(transpose(a), cotangent), 10),
    )
    const a = { shape: [2, 2], data: [1, 2, 3, 4] }
    expect(numbers(linearTranspose(f, 'x'), { primals: { a }, cotangent: [1, 1] })).toEqual([
      40, 60,
    ])
    const g = fn({ a: f64(2, 2), x: f64(2) }, ({ a, x }) => sum(f({ a, x })))
    expect(numbers(grad(g, 'x'), { a, x: [0, 0] })).toEqual([40, 60])
  })
})

describe('customBatching', () => {
  const f = customBatching(
    fn({ x: f64('n'), w: f64('n') }, ({ x, w }) => sum(mul(x, w))),
    ({ x, w }) => sum(mul(mul(x, w), 1000), { axes: 1 }),
  )

  it('uses the rule under vmap alone', () => {
    const x = { shape: [2, 2], data: [1, 2, 3, 4] }
    expect(numbers(f, { x: [1, 2], w: [1, 1] })).toEqual([3])
    expect(numbers(vmap(f, { inAxes: { w: null } }), { x, w: [1, 1] })).toEqual([3000, 7000])
  })

  it('rules that write their sizes are replaced with them', () => {
    const g = customBatching(
      fn({ x: f64('n') }, ({ x }) => reshape(x, ['n', 1])),
      ({ x }) => {
        const column = reshape(x, ['batch', 'n', 1])
        return mul(column, 10)
      },
    )
    const h = fn({ x: f64(3) }, ({ x }) => g({ x }))
    const x = { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }
    expect(numbers(vmap(h), { x })).toEqual([10, 20, 30, 40, 50, 60])
  })
})

describe('checkpoint, stopGradient, straightThrough, piecewise', () => {
  it('checkpoint changes no value and no derivative', () => {
    const f = fn({ x: f64('n') }, ({ x }) => sum(exp(sin(x))))
    const x = [0.1, 0.2, 0.3]
    expect(numbers(checkpoint(f), { x })).toEqual(numbers(f, { x }))
    expect(numbers(grad(checkpoint(f), 'x'), { x })).toEqual(numbers(grad(f, 'x'), { x }))
  })

  it('stopGradient is a constant to derivatives', () => {
    const f = fn({ x: f64() }, ({ x }) => mul(x, stopGradient({ a: x }).a))
    expect(numbers(grad(f, 'x'), { x: 3 })).toEqual([3])
  })

  it('straightThrough has the value of one and the derivative of the other', () => {
    const f = fn({ x: f64() }, ({ x }) => mul(straightThrough(round(x), x), 10))
    expect(numbers(f, { x: 2.6 })).toEqual([30])
    expect(numbers(grad(f, 'x'), { x: 2.6 })).toEqual([10])
  })

  it('piecewise is the value itself', () => {
    const f = fn({ x: f64() }, ({ x }) => piecewise(mul(x, x)))
    expect(numbers(grad(f, 'x'), { x: 3 })).toEqual([6])
  })
})
