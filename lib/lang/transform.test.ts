import { describe, expect, it } from 'vitest'
import { PullbackError } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import type { Dim } from '../types/shape.js'
import type { Tensor } from '../types/tensor.js'
import { closureOf } from './closure.js'
import { numbers } from './evaluate.fixture.js'
import { closeBody } from './fn.js'
import {
  add,
  convert,
  exp,
  f32,
  f64,
  floor,
  fn,
  grad,
  i32,
  matmul,
  mul,
  neg,
  sin,
  sub,
  sum,
  tanh,
} from './index.js'
import { hessianOf, jacfwdOf, jacrevOf } from './jacobian.js'
import { linearTransposeOf } from './linearTranspose.js'
import { gradOf, hvpOf, jvpOf, linearizeOf, valueAndGradOf, vjpOf } from './transform.js'
import { vmapOf } from './vmap.js'

/** All numbers of a tree, in order. */
const flat = (tree: unknown): readonly number[] =>
  typeof tree === 'number' ? [tree] : Object.values(tree as object).flatMap(flat)

const near = (actual: unknown, expected: unknown): void => {
  const [x, y] = [flat(actual), flat(expected)]
  expect(x.length).toBe(y.length)
  x.forEach((v, i) => {
    expect(v).toBeCloseTo(y[i], 9)
  })
}

const errorOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof PullbackError) return error.message
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('grad', () => {
  const loss = fn({ w: f64(2), x: f64('n', 2), p: { b: f64(), c: [f64()] } }, ({ w, x, p }) =>
    sum(mul(add(matmul(x, w), p.b), p.c[0])),
  )
  const at = { w: [1, 2], x: { shape: [2, 2], data: [1, 2, 3, 4] }, p: { b: 1, c: [2] } }

  it('comes back in the shape of the input', () => {
    expect(numbers(grad(loss, 'w'), at)).toEqual([8, 12])
    expect(numbers(grad(loss, 'p'), at)).toEqual({ b: [4], c: [[18]] })
    expect(numbers(grad(loss, ['p', 'w']), at)).toEqual({ p: { b: [4], c: [[18]] }, w: [8, 12] })
  })

  it('with the value beside it', () => {
    expect(numbers(valueAndGradOf(loss, 'w'), at)).toEqual([[36], [8, 12]])
  })

  it('nests to any order', () => {
    const f = fn({ x: f64() }, ({ x }) => sin(mul(x, x)))
    const third = grad(grad(grad(f, 'x'), 'x'), 'x')
    const x = 0.7
    const expected = -8 * x ** 3 * Math.cos(x * x) - 12 * x * Math.sin(x * x)
    near(numbers(third, { x }), [expected])
  })

  it('differentiates inside bodies, with tensors of the enclosing function', () => {
    // d/dx (x · d/dy (x + y)) = 1: the classic case of perturbation confusion.
    const f = fn({ x: f64() }, ({ x }) => {
      const inner = fn({ y: f64() }, ({ y }) => add(x, y))
      return mul(x, grad(inner, 'y')({ y: x }))
    })
    expect(numbers(grad(f, 'x'), { x: 3 })).toEqual([1])
    // d/dx (d/dy x·y²) at y = x is 4x.
    const g = fn({ x: f64() }, ({ x }) => {
      const inner = fn({ y: f64() }, ({ y }) => mul(x, mul(y, y)))
      return grad(inner, 'y')({ y: x })
    })
    expect(numbers(grad(g, 'x'), { x: 3 })).toEqual([12])
  })

  it('refuses what has no gradient, in words', () => {
    const untyped = gradOf as (...args: unknown[]) => unknown
    const f = fn({ x: f64(3), y: f64(), i: i32() }, ({ x }) => tanh(x))
    expect(errorOf(() => untyped(f, 'x'))).toBe(
      "grad: 'fn': needs a scalar result, got [3]. Reduce it, with sum or mean, or use jacrev",
    )
    const g = fn({ x: f64(3), y: f64(), i: i32() }, ({ x, y }) => ({ a: sum(x), b: y }))
    expect(errorOf(() => untyped(g, 'x'))).toContain('needs one scalar result, got a record')
    const h = fn({ x: f64(3), y: f64(), i: i32() }, ({ x, i }) =>
      mul(sum(floor(x)), convert(i, 'f64')),
    )
    expect(errorOf(() => untyped(h, 'y'))).toContain("the result does not depend on 'y'")
    expect(errorOf(() => untyped(h, 'i'))).toContain(
      "'i' is i32: a derivative needs a floating input",
    )
    expect(errorOf(() => untyped(h, 'x'))).toContain(
      "the gradient in 'x' is zero everywhere: it reaches the result only through floor",
    )
    expect(errorOf(() => untyped(h, 'z'))).toContain(
      "'fn' has no input 'z'; expected one of 'x', 'y', 'i'",
    )
    expect(errorOf(() => untyped(() => 0, 'x'))).toContain(
      'a function is not a function made by fn',
    )
    expect(
      numbers(untyped(h, ['x'], { almostEverywhere: true }), { x: [1, 2, 3], y: 0, i: 1 }),
    ).toEqual({ x: [0, 0, 0] })
  })
})

describe('jvp, vjp, linearize', () => {
  const f = fn({ x: f64(2), w: f64(2, 2) }, ({ x, w }) => ({
    y: tanh(matmul(w, x)),
    n: sum(mul(x, x)),
  }))
  const w = { shape: [2, 2], data: [1, 2, 3, 4] }
  const x = [0.1, -0.2]

  it('jvp is the directional derivative', () => {
    const e = 1e-6
    const at = (t: number) => numbers(f, { x: x.map((v, i) => v + t * [1, 2][i]), w })
    const [value, tangent] = numbers(jvpOf(f, 'x'), {
      primals: { x, w },
      tangents: { x: [1, 2] },
    }) as unknown[]
    near(value, at(0))
    const difference = flat(at(e)).map((v, i) => (v - flat(at(-e))[i]) / (2 * e))
    flat(tangent).forEach((t, i) => {
      expect(t).toBeCloseTo(difference[i], 7)
    })
  })

  it('vjp is the adjoint of jvp', () => {
    const dx = [0.3, -0.7]
    const cotangent = { y: [1.5, -2], n: 0.5 }
    const [, dy] = numbers(jvpOf(f, 'x'), { primals: { x, w }, tangents: { x: dx } }) as unknown[]
    const [, ct] = numbers(vjpOf(f, 'x'), { primals: { x, w }, cotangent }) as unknown[]
    const dot = (a: unknown, b: unknown) => flat(a).reduce((s, v, i) => s + v * flat(b)[i], 0)
    expect(dot(ct, dx)).toBeCloseTo(dot(cotangent, dy), 12)
  })

  it('linearize gives the value and the same tangent', () => {
    const g = fn({ x: f64(2), w: f64(2, 2), dx: f64(2), dw: f64(2, 2) }, ({ x, w, dx, dw }) => {
      const [y, df] = linearizeOf(f, ['x', 'w'])({ x, w })
      return [y, df({ w: dw, x: dx })] as never
    })
    const dx = [0.3, -0.7]
    const dw = { shape: [2, 2], data: [1, 0, -1, 2] }
    near(
      numbers(g, { x, w, dx, dw }),
      numbers(jvpOf(f, ['x', 'w']), { primals: { x, w }, tangents: { x: dx, w: dw } }),
    )
  })
})

describe('linearTranspose', () => {
  const f = fn({ a: f64('m', 'n'), x: f64('n') }, ({ a, x }) => matmul(a, x))
  it('is the adjoint', () => {
    const a = { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }
    expect(numbers(linearTransposeOf(f, 'x'), { primals: { a }, cotangent: [1, 10] })).toEqual([
      41, 52, 63,
    ])
  })

  it('refuses what is not linear', () => {
    const g = fn({ x: f64(3) }, ({ x }) => mul(x, x))
    expect(errorOf(() => linearTransposeOf(g, 'x'))).toContain("'fn' is not linear in 'x'")
  })
})

describe('Jacobians', () => {
  const f = fn({ x: f64('n'), s: f64() }, ({ x, s }) => mul(exp(neg(x)), mul(s, s)))
  const at = { x: [0, 1], s: 2 }
  const e = Math.exp(-1)

  it('forward and backward agree, with named sizes', () => {
    near(numbers(jacfwdOf(f, 'x'), at), [-4, 0, 0, -4 * e])
    near(numbers(jacrevOf(f, 'x'), at), [-4, 0, 0, -4 * e])
    near(numbers(jacrevOf(f, ['s', 'x']), at), { s: [4, 4 * e], x: [-4, 0, 0, -4 * e] })
    near(numbers(jacfwdOf(f, ['s', 'x']), at), { s: [4, 4 * e], x: [-4, 0, 0, -4 * e] })
  })

  it('the Hessian is symmetric and hvp multiplies by it', () => {
    const g = fn({ x: f64('n'), s: f64() }, ({ x, s }) => mul(s, sum(mul(x, sin(x)))))
    const point = { x: [0.3, 0.5], s: 2 }
    const second = (x: number) => 2 * (2 * Math.cos(x) - x * Math.sin(x))
    near(numbers(hessianOf(g, 'x'), point), [second(0.3), 0, 0, second(0.5)])
    near(numbers(hvpOf(g, 'x'), { primals: point, tangents: { x: [1, 2] } }), [
      second(0.3),
      2 * second(0.5),
    ])
    const h = numbers(hessianOf(g, ['x', 's']), point) as Record<string, Record<string, number[]>>
    near(h.x.s, h.s.x)
  })
})

describe('vmap', () => {
  const f = fn({ x: f64('n'), w: f64('n') }, ({ x, w }) => ({ dot: sum(mul(x, w)), w }))
  it('equals a loop', () => {
    const x = { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }
    const many = vmapOf(f, { inAxes: { w: null } })
    expect(numbers(many, { x, w: [1, 10, 100] })).toEqual({
      dot: [321, 654],
      w: [1, 10, 100, 1, 10, 100],
    })
    const second = vmapOf(f, { inAxes: { x: 1, w: null }, size: 3 })
    expect(numbers(second, { x, w: [1, 10] })).toMatchObject({ dot: [41, 52, 63] })
  })

  it('nests, and commutes with grad', () => {
    const g = fn({ x: f64('n') }, ({ x }) => sum(mul(x, mul(x, x))))
    const x = { shape: [2, 2], data: [1, 2, 3, 4] }
    expect(numbers(vmapOf(gradOf(g, 'x')), { x })).toEqual([3, 12, 27, 48])
    const twice = vmapOf(vmapOf(g))
    expect(closureOf(twice, 'test').func.results[0].shape).toEqual(['batch_', 'batch'])
  })

  it('refuses what does not fit', () => {
    expect(errorOf(() => vmapOf(f, { size: 'n' }))).toContain("'n' is already a size of 'fn'")
    expect(errorOf(() => vmapOf(f, { inAxes: { z: 0 } }))).toContain("'fn' has no input 'z'")
    expect(errorOf(() => vmapOf(f, { inAxes: { x: null, w: null } }))).toContain(
      'no input is mapped',
    )
    expect(errorOf(() => vmapOf(f, { inAxes: 5 }))).toContain("axis 5 of 'x', which has 2 axes")
  })
})

describe('cost', () => {
  const flops = (f: unknown) => Number(interpreters.cost(closureOf(f, 'cost').func).flops)
  const layers = ['a', 'b', 'c', 'd'] as const
  const network = (widths: readonly number[]) => {
    const weights = layers.map((name, i) => [name, f32(widths[i], widths[i + 1])])
    const inputs = { x: f32(32, widths[0]), ...Object.fromEntries(weights) }
    return closeBody(inputs, (p: Record<string, Tensor<readonly Dim[], 'f32'>>) => {
      const out = layers.reduce((h, name) => tanh(matmul(h, p[name])), p.x)
      return sum(mul(out, out))
    })
  }

  it('the gradient of a 4-layer tanh network costs at most 2.5 times its flops', () => {
    // In the weights, 3 − (the first layer's share) at best: no cotangent goes into the data.
    const digits = network([784, 128, 64, 32, 10])
    expect(flops(gradOf(digits, [...layers])) / flops(digits)).toBeLessThanOrEqual(2.5)
    const square = network([64, 64, 64, 64, 64])
    expect(flops(gradOf(square, 'x')) / flops(square)).toBeLessThanOrEqual(2.5)
    expect(flops(gradOf(square, 'a')) / flops(square)).toBeLessThanOrEqual(2.5)
  })
})

describe('size', () => {
  it('a program of 10,000 terms holds each of them once', () => {
    const f = fn({ x: f64() }, ({ x }) => {
      let y: typeof x = x
      for (let i = 0; i < 5_000; i++) y = add(mul(y, x), y)
      return y
    })
    expect(closureOf(f, 'test').func.nodes.length).toBe(10_000)
  })
})

describe('depth', () => {
  it('10⁵ chained ops differentiate without overflow', () => {
    const deep = fn({ x: f64() }, ({ x }) => {
      let y: typeof x = x
      for (let i = 0; i < 50_000; i++) y = sub(mul(y, 1), 0)
      return y
    })
    expect(numbers(grad(deep, 'x'), { x: 3 })).toEqual([1])
  }, 60_000)
})
