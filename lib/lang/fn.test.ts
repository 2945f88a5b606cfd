import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { arrayFrom, PullbackError, type Sizes } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import type { Dim } from '../types/shape.js'
import type { Tensor } from '../types/tensor.js'
import { closeBody as fn } from './fn.js'
import { add, broadcastTo, closedOf, closureOf, iota, mul, reshape, sum } from './index.js'
import { specOf } from './spec.js'

const f64 = specOf('f64')
const i32 = specOf('i32')

/** What untyped bodies receive: nothing is known of shapes. */
type Any = Tensor<readonly Dim[], 'f64'>
type Terms = Readonly<Record<string, Any>>

function evaluate(f: unknown, args: readonly (readonly [number[], number[]])[], sizes: Sizes = {}) {
  const { func } = closedOf(f, 'test')
  const arrays = args.map(([shape, data]) => arrayFrom('f64', shape, data))
  return interpreters.evaluate(func, arrays, sizes).map((a) => [...a.data])
}

const message = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof PullbackError) return error.message
    throw error
  }
  throw new Error('nothing was thrown')
}

const outer = fn({ x: f64('b'), y: f64('i') }, function outer({ x, y }: Terms) {
  return mul(reshape(x, ['b', 1]), reshape(y, [1, 'i']))
})

describe('fn', () => {
  it('closes a body over nested inputs, in the order written', () => {
    const f = fn(
      { x: f64(2), p: { w: f64(2), c: [f64()] } },
      ({ x, p }: { x: Any; p: unknown }) => {
        const { w, c } = p as { w: Any; c: readonly [Any] }
        return { first: add(x, w), rest: [c[0]] }
      },
    )
    const closure = closureOf(f, 'test')
    expect(closure.paths).toEqual(['x', 'p.w', 'p.c.0'])
    expect(closure.captures).toEqual([])
    const r = evaluate(f, [
      [[2], [1, 2]],
      [[2], [10, 20]],
      [[], [7]],
    ])
    expect(r).toEqual([[11, 22], [7]])
    expect(f.result).toMatchObject({ first: { shape: [2] }, rest: [{ shape: [] }] })
  })

  it('refuses results that are not tensors', () => {
    expect(message(() => fn({ x: f64() }, () => ({ y: 3 }), { name: 'f' }))).toBe(
      "the result of 'f': 'y' is 3; expected a tensor, or such in arrays and records",
    )
    expect(message(() => fn({ x: f64() }, async ({ x }) => x, { name: 'f' }))).toBe(
      "the result of 'f': it is a promise; expected a tensor, or such in arrays and records",
    )
  })

  it('refuses sizes that are neither names nor whole numbers', () => {
    expect(message(() => f64(2.5))).toContain('2.5 is not a size')
    expect(message(() => f64('a b'))).toContain('"a b" is not a size')
  })
})

describe('application', () => {
  it('replaces named sizes by the sizes of the arguments', () => {
    const f = fn({ x: f64(3), y: f64('n') }, ({ x, y }: Terms) => outer({ x, y }))
    expect(closureOf(f, 'test').func.results[0].shape).toEqual([3, 'n'])
    const sizes = { n: 2 }
    expect(
      evaluate(
        f,
        [
          [[3], [1, 2, 3]],
          [[2], [10, 20]],
        ],
        sizes,
      ),
    ).toEqual([[10, 20, 20, 40, 30, 60]])
  })

  it('keeps the names of the caller apart from those of the callee', () => {
    // The callee's b is the caller's i, and the other way round.
    const f = fn({ u: f64('i'), v: f64('b') }, ({ u, v }: Terms) => outer({ x: u, y: v }))
    expect(closureOf(f, 'test').func.results[0].shape).toEqual(['i', 'b'])
  })

  it('replaces names in attributes', () => {
    const ramp = fn({ x: f64('n') }, ({ x }: Terms) => add(x, iota({ length: 'n', dtype: 'f64' })))
    const f = fn({ x: f64(3) }, ({ x }: Terms) => ramp({ x }))
    expect(evaluate(f, [[[3], [1, 1, 1]]])).toEqual([[1, 2, 3]])
  })

  it('takes numbers for scalar inputs', () => {
    const scaled = fn({ x: f64('n'), s: f64() }, ({ x, s }: Terms) => mul(x, s))
    const f = fn({ x: f64(2) }, ({ x }: Terms) => scaled({ x, s: 3 }))
    expect(evaluate(f, [[[2], [1, 2]]])).toEqual([[3, 6]])
  })

  it('names the argument at fault', () => {
    const same = fn({ x: f64('b', 'i'), w: f64('i', 4) }, ({ x }: Terms) => x, { name: 'dense' })
    const inside = (body: (t: Terms) => unknown) => () =>
      fn({ x: f64(2, 784), w: f64(700, 4), k: i32(784, 4), v: f64(784, 5) }, body as never)
    expect(message(inside(({ x, w }) => same({ x, w })))).toMatch(
      /^'dense': 'i' is both 784 and 700 in 'w'/,
    )
    expect(message(inside(({ x, k }) => same({ x, w: k })))).toMatch(/'w' is f64, got i32/)
    expect(message(inside(({ x, v }) => same({ x, w: v })))).toMatch(
      /'w' needs \[784, 4\], got \[784, 5\]/,
    )
    expect(message(inside(({ x }) => same({ x, w: 1 })))).toMatch(/'w' needs f64\[i, 4\]/)
    expect(message(inside(({ x }) => same({ x })))).toMatch(/'w' is missing/)
    expect(message(inside(({ x, w }) => same({ x, w, z: w })))).toMatch(/there is no 'z'/)
  })
})

describe('closure conversion', () => {
  it('takes tensors of the enclosing function as captures', () => {
    let inner: unknown
    const f = fn({ x: f64('n'), s: f64() }, ({ x, s }: Terms) => {
      const scaled = fn({ y: f64('n') }, ({ y }: Terms) => mul(add(y, x), s))
      inner = scaled
      return scaled({ y: add(x, x) })
    })
    expect(closureOf(inner, 'test').captures.length).toBe(2)
    expect(message(() => closedOf(inner, 'run'))).toContain("it uses a tensor of 'fn'")
    expect(
      evaluate(
        f,
        [
          [[2], [1, 2]],
          [[], [10]],
        ],
        { n: 2 },
      ),
    ).toEqual([[30, 60]])
  })

  it('binds a name that a captured tensor has to the size it has there', () => {
    const use = (size: number) =>
      fn({ x: f64('n'), z: f64(size) }, ({ x, z }: Terms) => {
        const shifted = fn({ y: f64('n') }, ({ y }: Terms) => add(y, x), { name: 'shifted' })
        return shifted({ y: z })
      })
    expect(message(() => use(5))).toContain("'n' is both 5 and n")
  })

  it('what only its own sizes shape stays inside, though computed from outer tensors', () => {
    const f = fn({ s: f64(), x: f64(2) }, ({ s, x }: Terms) => {
      const inner = fn({ y: f64('k') }, ({ y }: Terms) => {
        const ramp = mul(iota({ length: 'k', dtype: 'f64' }), s)
        return add(add(y, broadcastTo(s, ['k'])), sum(ramp))
      })
      return inner({ y: x })
    })
    expect(
      evaluate(f, [
        [[], [10]],
        [[2], [1, 2]],
      ]),
    ).toEqual([[21, 22]])
  })

  it('a body that hides its names still unifies them', () => {
    const total = fn({ y: f64('m', 'k') }, ({ y }: Terms) => sum(y, { axes: 0 }))
    const f = fn({ x: f64('k') }, ({ x }: Terms) => total({ y: broadcastTo(x, [4, 'k']) }))
    expect(closureOf(f, 'test').func.results[0].shape).toEqual(['k'])
  })
})

describe('a tensor has no value while the program is built', () => {
  const x = closureOf(outer, 'test').func.params[0]
  const value: { [Symbol.toPrimitive](hint: string): unknown } = x
  it('operators throw with the fix', () => {
    const fix = /has no value while the program is being built.*where or cond/
    expect(() => Number(value) > 0).toThrow(fix)
    expect(() => (value as unknown as number) > 0).toThrow(fix)
    expect(() => (value as unknown as number) + 1).toThrow(fix)
    // biome-ignore lint/suspicious/noDoubleEquals: that == throws is the point
    expect(() => (value as unknown) == 1).toThrow(fix)
    expect(() => JSON.stringify({ x })).toThrow(fix)
  })

  it('text and console show its type', () => {
    expect(`${x}`).toBe('f64[b]')
    expect(inspect({ x })).toBe('{ x: f64[b] }')
    expect(inspect(outer)).toBe('outer { x: f64[b], y: f64[i] } → f64[b, i]')
    expect(`${outer}`).toBe('outer { x: f64[b], y: f64[i] } → f64[b, i]')
  })
})
