import { describe, expect, it } from 'vitest'
import { compile } from '../index.js'
import { convert, f64, fn } from '../lib/lang/index.js'
import { Control, functionalized, gen, State } from './index.js'

/** A compiled loop of n updates of one element each. */
const filled = (n: number) =>
  compile(
    fn({ x: f64(n), c: f64() }, ({ x, c }) =>
      functionalized(
        gen(function* () {
          const r = yield* State.make(x)
          yield* Control.forLoop(n, c, (i, last) =>
            gen(function* () {
              yield* State.at(r, i).set(convert(i, 'f64'))
              return last
            }),
          )
          return yield* State.get(r)
        }),
      ),
    ),
  )

async function best(n: number): Promise<number> {
  const f = await filled(n)
  const inputs = { x: new Float64Array(n), c: 1 }
  const { data } = f.sync(inputs) as unknown as { readonly data: Float64Array }
  expect([data[0], data[n >> 1], data[n - 1]]).toEqual([0, n >> 1, n - 1])
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    f.sync(inputs)
    return performance.now() - start
  })
  await f.release()
  return Math.min(...times)
}

describe('updates in place', () => {
  it('n updates of one element each cost O(n), not O(n²)', async () => {
    // Sixteen times as many: 16 where linear, 256 where each update copies the array.
    const [few, many] = [await best(8_000), await best(128_000)]
    expect(many / few).toBeLessThan(64)
  })
})
