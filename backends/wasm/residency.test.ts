import * as Effect from 'effect/Effect'
import { describe, expect, it } from 'vitest'
import { arrayFrom, type NDArray, sizeOf } from '../../lib/data/index.js'
import { f32, fn, grad, matmul, mean, mul, square, sub, tanh } from '../../lib/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { closureOf } from '../../lib/lang/index.js'
import { matmul as product, tanh as tanhOf } from '../../lib/ops/index.js'
import { closeStrict, type Func, parameter, type Term } from '../../lib/term/index.js'
import type { Executable, LoadOptions } from '../backend.js'
import { makeWasm, type WasmBackend } from './index.js'

/** Loads a program, hands it to `use`, and lets it go. */
function loaded<A>(
  func: Func,
  options: LoadOptions,
  use: (program: Executable, backend: WasmBackend) => A,
): A {
  const backend = makeWasm()
  const using = Effect.gen(function* () {
    const program = yield* backend.load(func, options)
    return use(program, backend)
  })
  return Effect.runSync(Effect.scoped(using))
}

const filled = (shape: readonly number[]): NDArray =>
  arrayFrom(
    'f32',
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + shape.length)),
  )

const inputs = { w: f32(8, 8), x: f32('batch', 8), y: f32('batch', 8) }
const loss = fn(inputs, ({ w, x, y }) => mean(square(sub(tanh(matmul(x, w)), y))))
const step = fn(inputs, ({ w, x, y }) => sub(w, mul(grad(loss, 'w')({ w, x, y }), 0.1)))
const stepFunc = closureOf(step, 'test').func

const argumentsAt = (batch: number): readonly NDArray[] =>
  [
    [8, 8],
    [batch, 8],
    [batch, 8],
  ].map(filled)

/** What the allocator may add to a region: rounding, and slack behind it. */
const overhead = 128

describe('memory', () => {
  it.each([1, 64, 1000])('used by a call at batch %d is what was stated', (batch) => {
    loaded(stepFunc, {}, (program, backend) => {
      const sizes = { batch }
      const stated = program.describe(sizes).peakBytes ?? 0
      const args = argumentsAt(batch).map(backend.place)
      const results = program.call(args, sizes)
      const used = backend.usedBytes()
      expect(used).toBeGreaterThanOrEqual(stated)
      // Arguments and results, the constants, and the arena with its table.
      expect(used - stated).toBeLessThanOrEqual(overhead * (args.length + results.length + 2))
    })
  })

  it('of a chain of 400 products is that of a chain of 10', () => {
    const chain = (length: number): number => {
      const binder = { name: 'chain' }
      const [x, w] = ['x', 'w'].map((name) =>
        parameter(binder, name, { dtype: 'f32', shape: [128, 128] }),
      )
      let y: Term = x
      for (let i = 0; i < length; i++) y = tanhOf(product(y, w))
      const func = closeStrict('chain', [x, w], [y])
      return loaded(func, {}, (program, backend) => {
        const args = func.params.map((p) => backend.place(filled(p.shape.map(Number))))
        program.call(args, {})
        return backend.usedBytes()
      })
    }
    const [short, long] = [chain(10), chain(400)]
    // The table has a word for each buffer.
    expect(long - short).toBeLessThan(128 * 128 * 4)
  })

  it('of a donated argument is that of the result', () => {
    const use = (options: LoadOptions) =>
      loaded(stepFunc, options, (program, backend) => {
        const stated = program.describe({ batch: 64 }).peakBytes ?? 0
        const args = argumentsAt(64).map(backend.place)
        const [result] = program.call(args, { batch: 64 })
        const used = backend.usedBytes()
        expect(used).toBeGreaterThanOrEqual(stated)
        expect(used - stated).toBeLessThanOrEqual(overhead * (args.length + 3))
        return { stated, result: backend.readSync([result])[0] }
      })
    const [kept, donated] = [use({}), use({ donate: [0] })]
    expect(kept.stated - donated.stated).toBe(8 * 8 * 4)
    expect(donated.result).toEqual(kept.result)
  })

  it('does not grow over 10,000 steps that feed their results back', () => {
    loaded(stepFunc, { donate: [0] }, (program, backend) => {
      const [w, ...batch] = argumentsAt(4).map(backend.place)
      let weights = w
      const seen = new Set<number>()
      for (let i = 0; i < 10_000; i++) {
        ;[weights] = program.call([weights, ...batch], { batch: 4 })
        seen.add(backend.usedBytes())
      }
      expect(seen.size).toBe(1)
      const [last] = backend.readSync([weights])
      expect(last.data.every(Number.isFinite)).toBe(true)
    })
  })
})

it('one compile serves every batch', () => {
  loaded(stepFunc, {}, (program, backend) => {
    for (const batch of [3, 1, 40, 3, 0]) {
      const args = argumentsAt(batch)
      const results = program.call(args, { batch })
      const [expected] = interpreters.evaluate(stepFunc, args, { batch })
      const [actual] = backend.readSync(results)
      expected.data.forEach((v, i) => {
        if (Number.isNaN(v)) expect(actual.data[i]).toBeNaN()
        else expect(Math.abs(actual.data[i] - v)).toBeLessThan(1e-5)
      })
    }
    expect(program.describe().compilations).toHaveLength(1)
  })
})
