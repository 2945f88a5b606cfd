import type { Kind2, URIS2 } from 'fp-ts/HKT.js'
import type { Category2 } from 'fp-ts/lib/Category.js'
import { describe, expect, it } from 'vitest'
import { composeOf, fanoutOf, firstOf, parallelOf, secondOf } from './arrow.js'
import { arrow, Category } from './category.js'
import { numbers } from './evaluate.fixture.js'
import { add, compose, exp, f64, fanout, first, fn, id, jvp, mul, sin, sum } from './index.js'

const f = fn({ x: f64('n') }, ({ x }) => ({ y: sin(x), s: sum(x) }), { name: 'f' })
const g = fn({ y: f64('n'), s: f64() }, ({ y, s }) => ({ z: mul(y, s) }), { name: 'g' })
const h = fn({ z: f64('n') }, ({ z }) => ({ out: sum(exp(z)) }), { name: 'h' })
const at = { x: [0.3, -0.5] }
const flat = (tree: unknown): readonly number[] =>
  typeof tree === 'number' ? [tree] : Object.values(tree as object).flatMap(flat)

describe('functions are a category', () => {
  it('composition runs one after the other', () => {
    const [a, b] = at.x
    const s = a + b
    expect(numbers(compose(f, g), at)).toEqual({ z: [Math.sin(a) * s, Math.sin(b) * s] })
  })

  it('composition is associative', () => {
    expect(numbers(composeOf(composeOf(f, g), h), at)).toEqual(
      numbers(composeOf(f, composeOf(g, h)), at),
    )
  })

  it('id is neutral on both sides', () => {
    const before = id({ x: f64('n') })
    const after = id({ y: f64('n'), s: f64() })
    expect(numbers(compose(before, f), at)).toEqual(numbers(f, at))
    expect(numbers(compose(f, after), at)).toEqual(numbers(f, at))
  })

  it('as fp-ts has it', () => {
    // Code for any category: it knows nothing of functions here.
    const thrice =
      <F extends URIS2>(c: Category2<F>) =>
      <A>(a: Kind2<F, A, A>): Kind2<F, A, A> =>
        c.compose(a, c.compose(a, c.compose(a, c.id<A>())))
    const double = fn({ x: f64(2) }, ({ x }) => ({ x: add(x, x) }))
    expect(numbers(thrice(Category)(arrow(double)).run, { x: [1, 2] })).toEqual({ x: [8, 16] })
    const one = arrow(f)
    expect(Category.compose(Category.id(), one).run).toBe(one.run)
    expect(Category.compose(one, Category.id()).run).toBe(one.run)
    expect(Category.compose(Category.id(), Category.id()).run).toBe(null)
  })

  it('a result that is no input of the next is refused', () => {
    expect(() => composeOf(f, h)).toThrow(/'h': 'z' is missing/)
  })
})

describe('products', () => {
  const x = { x: [1, 2] }
  it('fanout runs both on the same inputs', () => {
    const k = fn({ x: f64('n'), c: f64() }, ({ x, c }) => add(x, c))
    expect(numbers(fanout(f, k), { x: [0, 0], c: 5 })).toEqual({
      first: { y: [0, 0], s: [0] },
      second: [5, 5],
    })
    const other = fn({ x: f64('n', 2) }, ({ x }) => x)
    expect(() => fanoutOf(f, other)).toThrow(/'x' is f64\[n\] in one function and f64\[n, 2\]/)
  })

  it('parallel is first, then second', () => {
    const both = numbers(parallelOf(h, h), { first: { z: [0] }, second: { z: [0] } })
    expect(both).toEqual({ first: { out: [1] }, second: { out: [1] } })
    const steps = composeOf(firstOf(h, { z: f64('m') }), secondOf(h, { out: f64() }))
    expect(numbers(steps, { first: { z: [0] }, second: { z: [0] } })).toEqual(both)
  })

  it('first leaves the other side as it is', () => {
    expect(numbers(first(h, { k: f64(2) }), { first: { z: [0] }, second: { k: x.x } })).toEqual({
      first: { out: [1] },
      second: { k: [1, 2] },
    })
  })
})

describe('differentiation is a functor', () => {
  it('D (g ∘ f) = D g ∘ D f', () => {
    const dx = [1, -2]
    const whole = numbers(jvp(compose(f, g), 'x'), { primals: at, tangents: { x: dx } })
    const [y, dy] = numbers(jvp(f, 'x'), { primals: at, tangents: { x: dx } }) as {
      y: number[]
      s: number[]
    }[]
    const point = ({ y: v, s }: { y: number[]; s: number[] }) => ({ y: v, s: s[0] })
    const parts = numbers(jvp(g, ['y', 's']), { primals: point(y), tangents: point(dy) })
    flat(whole).forEach((v, i) => {
      expect(v).toBeCloseTo(flat(parts)[i], 13)
    })
  })

  it('D id = id', () => {
    const result = numbers(jvp(id({ x: f64('n') }), 'x'), { primals: at, tangents: { x: [1, 2] } })
    expect(result).toEqual([{ x: at.x }, { x: [1, 2] }])
  })
})
