import { describe, expect, it } from 'vitest'
import { run } from '../../index.js'
import { numbers } from '../../lib/lang/evaluate.fixture.js'
import {
  add,
  constant,
  f64,
  fn,
  grad,
  mul,
  sin,
  sqrt,
  square,
  sum,
  tanh,
} from '../../lib/lang/index.js'
import { Control, gen, inspected, inspectGradient, uninspected } from '../index.js'

const spec = { x: f64(3), w: f64(3) }

describe('the cotangents that flow through a value', () => {
  const loss = fn(spec, function* ({ x, w }) {
    const a = yield* inspectGradient(mul(x, w), 'product')
    const b = yield* inspectGradient(sin(a), 'sine')
    return sum(mul(b, 3))
  })
  const at = { x: [1, 2, 3], w: [0.5, -1, 2] }

  it('are measured beside value and gradient, on the default backend too', async () => {
    const f = inspected(loss, 'w')
    const found = await run(f, at)
    const plain = fn(spec, ({ x, w }) => uninspected(loss({ x, w })))
    const gradient = numbers(grad(plain, 'w'), at) as number[]
    expect(Array.from(found.gradient.data)).toEqual(gradient.map((g) => expect.closeTo(g, 12)))
    expect(found.value.toNested()).toBeCloseTo((numbers(plain, at) as number[])[0], 12)
    const { sine, product } = found.cotangents
    expect(sine.l1.toNested()).toBeCloseTo(9, 12)
    expect(sine.l2.toNested()).toBeCloseTo(3 * Math.sqrt(3), 12)
    expect(sine.elements.toNested()).toBe(3)
    const flowing = at.x.map((x, i) => 3 * Math.cos(x * at.w[i]))
    expect(product.l2.toNested()).toBeCloseTo(Math.hypot(...flowing), 12)
  })

  it('of all steps of a loop add up', () => {
    const looped = fn({ x: f64(3) }, function* ({ x }) {
      const [last] = yield* Control.scan(constant(0, { dtype: 'f64' }), x, (c, row) =>
        gen(function* () {
          const y = yield* inspectGradient(square(row), 'square')
          return [add(c, mul(y, 2)), null] as const
        }),
      )
      return last
    })
    const { cotangents } = numbers(inspected(looped, 'x'), { x: [1, 2, 3] }) as Numbers
    expect(cotangents.square).toEqual({
      l1: [6],
      l2: [Math.sqrt(12)],
      elements: [3],
      notFinite: [0],
    })
  })

  it('say how many elements are not finite', () => {
    const f = fn({ x: f64(3) }, function* ({ x }) {
      const y = yield* inspectGradient(mul(x, 1), 'in')
      return sum(sqrt(y))
    })
    const { cotangents } = numbers(inspected(f, 'x'), { x: [1, 0, 4] }) as Numbers
    expect(cotangents.in.notFinite).toEqual([1])
  })

  it('are zero where no derivative flows', () => {
    const f = fn({ x: f64(3) }, function* ({ x }) {
      yield* inspectGradient(tanh(x), 'aside')
      return sum(x)
    })
    const { cotangents } = numbers(inspected(f, 'x'), { x: [1, 0, 4] }) as Numbers
    expect(cotangents.aside).toEqual({ l1: [0], l2: [0], elements: [0], notFinite: [0] })
  })

  it('of a function without inspections are refused in words', () => {
    const untyped = inspected as (f: unknown, wrt: unknown) => unknown
    expect(() =>
      untyped(
        fn({ x: f64() }, ({ x }) => x),
        'x',
      ),
    ).toThrow('nothing is inspected')
  })
})

interface Numbers {
  readonly cotangents: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>
}
