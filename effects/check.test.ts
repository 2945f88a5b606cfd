import { describe, expect, it } from 'vitest'
import { run } from '../index.js'
import { numbers } from '../lib/lang/evaluate.fixture.js'
import { add, constant, f64, fn, grad, log, lt, sum } from '../lib/lang/index.js'
import type { Tensor } from '../lib/types/tensor.js'
import { Check, Control, gen, openChecks, unchecked } from './index.js'

type X = Tensor<[3], 'f64', 'x'>
const spec = { x: f64(3) }

const body = (x: X) =>
  gen(function* () {
    yield* Check.within(x, -5, 5, 'x')
    yield* Check.finite(log(x), 'its logarithm')
    const [total] = yield* Control.scan(constant(0, { dtype: 'f64' }), x, (c, row) =>
      gen(function* () {
        const next = add(c, row)
        yield* Check.that(lt(next, 5), 'the sum grows past 5')
        return [next, null] as const
      }),
    )
    return total
  })

interface Found {
  readonly value: readonly number[]
  readonly failure: { readonly check: readonly number[]; readonly element: readonly number[] }
}

describe('checks', () => {
  const checks = openChecks()
  const f = fn(spec, ({ x }) => checks.first(body(x)))
  const raising = (x: readonly number[]) => () => checks.raise((numbers(f, { x }) as Found).failure)

  it('say nothing where all holds', () => {
    expect((numbers(f, { x: [1, 2, 1] }) as Found).value).toEqual([4])
    expect(raising([1, 2, 1])).not.toThrow()
  })

  it('report what failed first, its element and its line', () => {
    const line = String.raw`Check at .*check\.test\.ts:\d+:\d+: `
    expect(raising([1, 2, 9])).toThrow(
      new RegExp(String.raw`${line}x is outside \[-5, 5\], at element 2 of the input 'x'`),
    )
    expect(raising([1, 0, 0])).toThrow(
      new RegExp(
        `${line}its logarithm is not finite, at element 1 of what log gives at .*check.test.ts:[0-9]+`,
      ),
    )
    expect(raising([Number.NaN, 1, 1])).toThrow('x is outside')
  })

  it('reach into loops', () => {
    expect(raising([2, 2, 2])).toThrow('the sum grows past 5, in what lt gives at')
  })

  it('report all that failed, each at its first time, on the default backend too', async () => {
    const every = openChecks()
    const g = fn(spec, ({ x }) => every.all(body(x)))
    const { value, failures } = await run(g, { x: [9, -1, 2] })
    expect(value.toNested()).toBe(10)
    expect(() => every.raise(failures)).toThrow(
      /^3 checks failed\nCheck at .*: x is outside \[-5, 5\], at element 0 .*\n.*its logarithm is not finite, at element 1 .*\n.*the sum grows past 5/,
    )
    const one = (await run(g, { x: [4, 1, 2] })).failures
    expect(() => every.raise(one)).toThrow(/^Check at .*: the sum grows past 5/)
    const none = (await run(g, { x: [1, 1, 1] })).failures
    expect(() => every.raise(none)).not.toThrow()
  })

  it('name the index of an element of a matrix', async () => {
    const h = fn({ m: f64(2, 3) }, ({ m }) =>
      checks.first(
        gen(function* () {
          yield* Check.finite(m, 'm')
          return sum(m)
        }),
      ),
    )
    const { failure } = await run(h, {
      m: [
        [1, 2, 3],
        [4, Number.NaN, 6],
      ],
    })
    expect(() => checks.raise(failure)).toThrow(
      "m is not finite, at element [1, 1] of the input 'm'",
    )
  })

  it('may be left out', () => {
    const g = fn(spec, ({ x }) => unchecked(body(x)))
    expect(numbers(g, { x: [9, 9, 9] })).toEqual([27])
    expect(numbers(grad(g, 'x'), { x: [9, 9, 9] })).toEqual([1, 1, 1])
  })

  it('may be empty', () => {
    const empty = openChecks()
    const h = fn({ x: f64('n') }, ({ x }) =>
      empty.first(
        gen(function* () {
          yield* Check.finite(x, 'x')
          return sum(x)
        }),
      ),
    )
    expect((numbers(h, { x: [] }) as Found).failure.check).toEqual([0])
  })
})
