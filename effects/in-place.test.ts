/**
 * Updates of a state run in place: what the compiled loop stores grows with its updates alone.
 */
import { expect, it } from 'vitest'
import { compile } from '../index.js'
import { byteSize, dimProduct, dimValue } from '../lib/data/index.js'
import { closedOf, convert, f64, fn } from '../lib/lang/index.js'
import { compile as compiled } from '../lib/loop/compile.js'
import type { Program, Step } from '../lib/loop/program.js'
import { featuresOf } from '../lib/loop/schedule/features.js'
import { Control, functionalized, gen, State } from './index.js'

/** A loop of n updates of one element each. */
const filled = (n: number) =>
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
  )

/** Bytes that a program of known sizes writes, its loops over time included. */
function bytesWritten({ steps, kernels, buffers }: Program): number {
  const sizeOf = new Map(
    buffers.map((b) => [b.name, byteSize[b.dtype] * dimValue(dimProduct(b.shape), {})]),
  )
  const written = (step: Step): number => {
    switch (step.tag) {
      case 'run': {
        const kernel = kernels.find((k) => k.name === step.kernel)
        return kernel === undefined ? Number.NaN : featuresOf(kernel, {}).storedBytes
      }
      case 'copy':
        return sizeOf.get(step.to) ?? Number.NaN
      case 'for':
        return dimValue(step.below, {}) * all(step.body)
      case 'swap':
        return 0
      default:
        return Number.NaN // the loop is of known length, without branches
    }
  }
  const all = (list: readonly Step[]): number => list.reduce((sum, s) => sum + written(s), 0)
  return all(steps)
}

it('n updates of one element each write O(n) bytes, not O(n²)', () => {
  // The array once, and each update; a copy of the array for each update would be n times as much.
  for (const n of [500, 8_000]) {
    const bytes = bytesWritten(compiled(closedOf(filled(n), 'filled').func).program)
    expect(bytes).toBeGreaterThanOrEqual(8 * n)
    expect(bytes).toBeLessThan(5 * 8 * n)
  }
})

it('and write what they should', async () => {
  const n = 8_000
  const f = await compile(filled(n))
  const { data } = await f({ x: new Float64Array(n), c: 1 })
  expect(Array.from(data)).toEqual(Array.from({ length: n }, (_, i) => i))
  await f.release()
})
