import * as Effect from 'effect/Effect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrayFrom, type DType, type NDArray, PullbackError, sizeOf } from '../../lib/data/index.js'
import {
  bool,
  f32,
  fn,
  grad,
  i32,
  matmul,
  mean,
  mul,
  not,
  softmax,
  square,
  sub,
  tanh,
} from '../../lib/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { closureOf } from '../../lib/lang/index.js'
import { usualLeast } from '../../lib/loop/schedule/index.js'
import type { Func } from '../../lib/term/index.js'
import type { Executable, LoadOptions } from '../backend.js'
import { compile, run } from '../run.js'
import type { Choices } from './device.js'
import { testGpu } from './gpu.fixture.js'
import { makeWebgpu, type WebgpuBackend } from './index.js'

const gpu = await testGpu()

const filled = (shape: readonly number[], dtype: DType = 'f32'): NDArray =>
  arrayFrom(
    dtype,
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
  ].map((shape) => filled(shape))

describe.skipIf(gpu.absent)(`the webgpu backend${gpu.why}`, () => {
  let backend: WebgpuBackend
  beforeAll(async () => {
    backend = await makeWebgpu()
  })
  afterAll(() => backend.close())

  /** Loads a program, hands it to `use`, and lets it go. */
  const loaded = <A>(
    func: Func,
    options: LoadOptions,
    use: (program: Executable) => Promise<A>,
  ): Promise<A> =>
    Effect.runPromise(
      Effect.scoped(
        Effect.flatMap(backend.load(func, options), (program) =>
          Effect.promise(() => use(program)),
        ),
      ),
    )
  const read = (list: Parameters<typeof backend.read>[0]) => Effect.runPromise(backend.read(list))

  it('serves every size with one compilation, an empty one too', async () => {
    await loaded(stepFunc, {}, async (program) => {
      for (const batch of [3, 1, 40, 3, 0]) {
        const args = argumentsAt(batch)
        const [actual] = await read(program.call(args, { batch }))
        const [expected] = interpreters.evaluate(stepFunc, args, { batch })
        expected.data.forEach((v, i) => {
          if (Number.isNaN(v)) expect(actual.data[i]).toBeNaN()
          else expect(Math.abs(actual.data[i] - v)).toBeLessThan(1e-5)
        })
      }
      expect(program.describe().compilations).toHaveLength(1)
    })
  })

  it('starts calls in order and reads many results in one transfer', async () => {
    await loaded(stepFunc, {}, async (program) => {
      const batches = [1, 5, 2, 5]
      const results = batches.flatMap((batch) => program.call(argumentsAt(batch), { batch }))
      const together = await read(results)
      const apart = await Promise.all(results.map((r) => read([r])))
      expect(together).toEqual(apart.flat())
      batches.forEach((batch, i) => {
        const [expected] = interpreters.evaluate(stepFunc, argumentsAt(batch), { batch })
        const far = expected.data.map((v, k) => Math.abs(v - together[i].data[k]))
        expect(Math.max(...far)).toBeLessThan(1e-5)
      })
    })
  })

  it('takes as much memory as it said, and no more over a hundred steps', async () => {
    // One of its own, where no garbage of other tests is collected meanwhile.
    const own = await makeWebgpu()
    const reading = (list: Parameters<typeof own.read>[0]) => Effect.runPromise(own.read(list))
    const using = async (program: Executable): Promise<void> => {
      const stated = program.describe({ batch: 4 }).peakBytes
      const [w, ...batch] = argumentsAt(4).map(own.place)
      let weights = w
      const seen = new Set<number>()
      for (let i = 0; i < 100; i++) {
        const old = weights
        ;[weights] = program.call([weights, ...batch], { batch: 4 })
        expect(old.live).toBe(false)
        seen.add(own.usedBytes())
        if (i % 10 === 0) await reading([weights])
      }
      expect(seen.size).toBe(1)
      const [used] = seen
      // The donated array is back already; the peak has both.
      expect(stated).toBe(used + 256)
      const [last] = await reading([weights])
      expect(last.data.every(Number.isFinite)).toBe(true)
      for (const array of [weights, ...batch]) array.release()
    }
    const program = Effect.flatMap(own.load(stepFunc, { donate: [0] }), (loadedOne) =>
      Effect.promise(() => using(loadedOne)),
    )
    await Effect.runPromise(Effect.scoped(program))
    expect(own.usedBytes()).toBe(0)
    own.close()
  })

  it('compiles by the policies that it is given, and divides from where it is told', async () => {
    const { func } = closureOf(
      fn({ x: f32(4, 64) }, ({ x }) => softmax(x)),
      'rows',
    )
    const x = filled([4, 64])
    const made = async (choices: Choices): Promise<string> => {
      const own = await makeWebgpu({ choices })
      const use = Effect.flatMap(own.load(func), (program) =>
        Effect.map(own.read(program.call([x], {})), ([y]) => {
          const [expected] = interpreters.evaluate(func, [x], {})
          const far = expected.data.map((v, k) => Math.abs(v - y.data[k]))
          expect(Math.max(...far)).toBeLessThan(1e-6)
          return program.describe().stages.find(({ name }) => name === 'schedules')?.text ?? ''
        }),
      )
      const text = await Effect.runPromise(Effect.scoped(use))
      own.close()
      return text
    }
    expect(await made({})).toContain('over invocations')
    expect(await made({ least: { ...usualLeast, row: 65 } })).not.toContain('over invocations')
    expect(await made({ schedule: () => undefined })).not.toContain('over invocations')
  })

  it('keeps bools, whole numbers and empty arrays as they are', async () => {
    const f = fn({ b: bool(3), n: i32(2), e: f32(0, 4) }, ({ b, n, e }) => ({
      not: not(b),
      b,
      n,
      e: tanh(e),
    }))
    const given = {
      b: { data: Uint8Array.of(1, 0, 1), shape: [3] },
      n: Int32Array.of(-(2 ** 31), 7),
      e: { data: new Float32Array(0), shape: [0, 4] },
    }
    const { not: other, b, n, e } = await run(f, given, { backend })
    expect([...other.data, ...b.data]).toEqual([0, 1, 0, 1, 0, 1])
    expect(b.data).toBeInstanceOf(Uint8Array)
    expect([...n.data]).toEqual([-(2 ** 31), 7])
    expect([e.shape, e.data.length]).toEqual([[0, 4], 0])
  })

  it('leaves arguments and earlier results alone', async () => {
    await using program = await compile(step, { backend })
    const [w, x, y] = argumentsAt(2).map(backend.place)
    const first = program.resident({ w, x, y })
    const second = program.resident({ w: first, x, y })
    const once = await program.read(first)
    const twice = await program.read({ first, second })
    expect(twice.first.data).toEqual(once.data)
    expect(twice.second.data).not.toEqual(once.data)
    expect(first.live).toBe(true)
  })

  it('times the dispatches of a call, with what each moves', async () => {
    await loaded(stepFunc, {}, async ({ profile }) => {
      const times = await Effect.runPromise(
        profile?.(argumentsAt(4), { batch: 4 }) ?? Effect.succeed([]),
      )
      expect(times.length).toBeGreaterThan(0)
      for (const [i, { from, to, bytes }] of times.entries()) {
        expect(to).toBeGreaterThanOrEqual(from)
        expect(from).toBeGreaterThanOrEqual(times[i - 1]?.from ?? 0)
        expect(bytes).toBeGreaterThan(0)
      }
      expect(times.reduce((sum, { flops }) => sum + flops, 0)).toBeGreaterThan(4 * 8 * 8)
    })
  })

  it('refuses to read at once, and reads of what is gone or of others', async () => {
    const array = backend.place(filled([4]))
    expect(() => backend.readSync([array])).toThrow(PullbackError)
    array.release()
    await expect(read([array])).rejects.toThrow('released or donated')
    const other = await makeWebgpu()
    const strange = other.place(filled([4]))
    await expect(read([strange])).rejects.toThrow('belongs to another backend')
    other.close()
    await expect(Effect.runPromise(other.read([strange]))).rejects.toThrow('released')
  })
})
