/**
 * Transformations composed, in both orders, inside bodies and over captured tensors: each against
 * another way to the same numbers.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numbers } from './evaluate.fixture.js'
import {
  add,
  checkpoint,
  cond,
  exp,
  f64,
  fn,
  forLoop,
  grad,
  gt,
  hessian,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  mul,
  neg,
  scan,
  sin,
  sub,
  sum,
  tanh,
  vjp,
  vmap,
} from './index.js'

const flat = (tree: unknown): readonly number[] =>
  typeof tree === 'number' ? [tree] : Object.values(tree as object).flatMap(flat)

const same = (actual: unknown, expected: unknown): void => {
  const [x, y] = [flat(actual), flat(expected)]
  expect(x.length).toBe(y.length)
  x.forEach((v, i) => {
    expect(Math.abs(v - y[i])).toBeLessThanOrEqual(1e-11 * (1 + Math.abs(y[i])))
  })
}

const vector = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 })

const f = fn({ x: f64('n'), w: f64('n') }, ({ x, w }) => sum(mul(tanh(mul(x, w)), exp(neg(x)))))

describe('the ways to a second derivative agree', () => {
  it('forward over reverse, reverse over forward, reverse over reverse, forward over forward', () => {
    fc.assert(
      fc.property(vector, vector, (x, w) => {
        const expected = numbers(jacfwd(jacfwd(f, 'x'), 'x'), { x, w })
        same(numbers(hessian(f, 'x'), { x, w }), expected)
        same(numbers(jacrev(jacfwd(f, 'x'), 'x'), { x, w }), expected)
        same(numbers(jacrev(grad(f, 'x'), 'x'), { x, w }), expected)
      }),
      { numRuns: 10 },
    )
  })
})

describe('batches and derivatives commute', () => {
  const rows = { shape: [2, 3], data: [0.1, 0.2, 0.3, -0.4, 0.5, -0.6] }
  const w = [1, -1, 0.5]

  it('the gradient of a batch is the batch of gradients', () => {
    const many = vmap(f, { inAxes: { w: null } })
    const total = fn({ x: f64('batch', 'n'), w: f64('n') }, ({ x, w }) => sum(many({ x, w })))
    same(
      numbers(grad(total, 'x'), { x: rows, w }),
      numbers(vmap(grad(f, 'x'), { inAxes: { w: null } }), { x: rows, w }),
    )
  })

  it('a batch of Jacobians, and of loops and branches', () => {
    const g = fn({ x: f64(3) }, ({ x }) => {
      const [last] = scan(sum(x), x, (c, row) => [sin(add(c, row)), null])
      return cond(
        gt(last, 0),
        () => forLoop(2, last, (_, y) => mul(y, y)),
        () => neg(last),
      )
    })
    const each = [rows.data.slice(0, 3), rows.data.slice(3)]
    same(
      numbers(vmap(g), { x: rows }),
      each.map((x) => numbers(g, { x })),
    )
    const slope = grad(g, 'x', { almostEverywhere: true })
    same(
      numbers(vmap(slope), { x: rows }),
      each.map((x) => numbers(slope, { x })),
    )
  })
})

describe('inside a body, over its tensors', () => {
  it('every transformation of a function that captures', () => {
    const outer = fn({ x: f64(2), s: f64() }, ({ x, s }) => {
      const inner = fn({ y: f64(2) }, ({ y }) => mul(mul(y, y), s))
      const total = fn({ y: f64(2) }, ({ y }) => sum(mul(inner({ y }), x)))
      const [value, tangent] = jvp(inner, 'y')({ primals: { y: x }, tangents: { y: x } })
      const [, cotangent] = vjp(inner, 'y')({ primals: { y: x }, cotangent: x })
      const [, push] = linearize(inner, 'y')({ y: x })
      return {
        value,
        tangent,
        cotangent,
        pushed: push({ y: x }),
        gradient: grad(total, 'y')({ y: x }),
        jacobian: jacrev(inner, 'y')({ y: x }),
        batch: vmap(inner)({ y: jacfwd(inner, 'y')({ y: x }) }),
        again: checkpoint(inner)({ y: x }),
      }
    })
    const [a, b, s] = [2, 3, 10]
    expect(numbers(outer, { x: [a, b], s })).toEqual({
      value: [s * a * a, s * b * b],
      tangent: [2 * s * a * a, 2 * s * b * b],
      cotangent: [2 * s * a * a, 2 * s * b * b],
      pushed: [2 * s * a * a, 2 * s * b * b],
      gradient: [2 * s * a * a, 2 * s * b * b],
      jacobian: [2 * s * a, 0, 0, 2 * s * b],
      batch: [s * (2 * s * a) ** 2, 0, 0, s * (2 * s * b) ** 2],
      again: [s * a * a, s * b * b],
    })
  })

  it('perturbations of three levels stay apart', () => {
    // d/dx of x·(d/dy of y·(d/dz of x·y·z at z = y) at y = x): x·(3·x·y²→3x³) → 3x³·… = 2·3·x² … by
    // hand: d/dz (x y z) = x y; y·(x y) = x y², d/dy at y = x is 2x²; x·2x² = 2x³, d/dx = 6x².
    const f = fn({ x: f64() }, ({ x }) => {
      const g = fn({ y: f64() }, ({ y }) => {
        const h = fn({ z: f64() }, ({ z }) => mul(mul(x, y), z))
        return mul(y, grad(h, 'z')({ z: y }))
      })
      return mul(x, grad(g, 'y')({ y: x }))
    })
    expect(numbers(grad(f, 'x'), { x: 3 })).toEqual([54])
  })

  it('a gradient step inside a loop is differentiated through', () => {
    const tuned = fn({ rate: f64() }, ({ rate }) => {
      const loss = fn({ p: f64() }, ({ p }) => mul(sub(p, 3), sub(p, 3)))
      return loss({
        p: forLoop(3, mul(rate, 0), (_, p) => sub(p, mul(rate, grad(loss, 'p')({ p })))),
      })
    })
    // p − 3 shrinks by (1 − 2r) a step: 9 (1 − 2r)⁶, whose derivative is −108 (1 − 2r)⁵.
    same(numbers(tuned, { rate: 0.1 }), [9 * 0.8 ** 6])
    same(numbers(grad(tuned, 'rate'), { rate: 0.1 }), [-108 * 0.8 ** 5])
  })
})
