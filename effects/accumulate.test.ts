import { describe, expect, it } from 'vitest'
import { run } from '../index.js'
import { numbers } from '../lib/lang/evaluate.fixture.js'
import { constant, f64, fn, grad, mul, sin, square, sum, u32 } from '../lib/lang/index.js'
import type { Tensor } from '../lib/types/tensor.js'
import { accumulated, Control, gen, Random, sampled, tell, value } from './index.js'

const zero = () => constant(0, { dtype: 'f64' })
const spec = { x: f64(3) }
type X = Tensor<[3], 'f64', 'x'>
const totalOf = (body: (x: X) => ReturnType<typeof gen<ReturnType<typeof tell>, null>>) =>
  fn(spec, ({ x }) => value(accumulated(zero(), body(x))).total)

describe('accumulation', () => {
  it('additions commute', () => {
    const one = totalOf((x) =>
      gen(function* () {
        yield* tell(sum(x))
        yield* tell(sum(sin(x)))
        return null
      }),
    )
    const other = totalOf((x) =>
      gen(function* () {
        yield* tell(sum(sin(x)))
        yield* tell(sum(x))
        return null
      }),
    )
    const at = { x: [0.5, 1, 2] }
    const [[a], [b]] = [one, other].map((f) => numbers(f, at) as number[])
    expect(a).toBeCloseTo(b, 14)
  })

  it('a loop adds at each step, and the gradient reaches all of them', () => {
    const f = fn(
      spec,
      ({ x }) =>
        value(
          accumulated(
            zero(),
            Control.scan(zero(), x, (c, row) =>
              gen(function* () {
                yield* tell(mul(square(row), 2))
                return [c, null] as const
              }),
            ),
          ),
        ).total,
    )
    expect(numbers(f, { x: [1, 2, 3] })).toEqual([28])
    expect(numbers(grad(f, 'x'), { x: [1, 2, 3] })).toEqual([4, 8, 12])
  })

  it('another type is refused in words', () => {
    const f = () =>
      totalOf((x) =>
        gen(function* () {
          yield* tell(x)
          return null
        }),
      )
    expect(f).toThrow('tell: f64[3] is told; expected f64[], as the total is')
  })
})

describe('on the default backend', () => {
  it('rejections in loops give the samples of the reference', async () => {
    const f = fn({ a: f64(8), key: u32(2) }, ({ a, key }) => sampled(key, Random.gamma(a, 1)))
    const a = [0.3, 1, 2, 5, 10, 20, 50, 100]
    const found = (await run(f, { a, key: [0, 4] })) as unknown as { data: ArrayLike<number> }
    const wanted = numbers(f, { a, key: [0, 4] }) as number[]
    Array.from(found.data).forEach((z, i) => {
      expect(Math.abs(z / wanted[i] - 1)).toBeLessThan(1e-12)
    })
  })
})
