import { setTimeout } from 'node:timers/promises'
import * as Effect from 'effect/Effect'
import { afterAll, describe, expect, it } from 'vitest'
import { add, f32, fn, forLoop, matmul, mul } from '../../index.js'
import { agreesOnSamples } from '../../lib/ops/samples.fixture.js'
import { compile } from '../index.js'
import { makeNative, type NativeBackend } from './index.js'
import { compiler } from './run.fixture.js'

const opened: NativeBackend[] = []
const open = async (options: Parameters<typeof makeNative>[0] = {}): Promise<NativeBackend> => {
  const backend = await makeNative(options)
  opened.push(backend)
  return backend
}
afterAll(() => {
  for (const backend of opened) backend.close()
})

describe.skipIf(compiler.absent)(`native${compiler.why}`, () => {
  let backend: Promise<NativeBackend> | undefined
  const shared = (): Promise<NativeBackend> => {
    backend ??= open({ threads: 1 })
    return backend
  }

  it('reads typed arrays where they are and leaves them alone', async () => {
    const f = fn({ x: f32('n') }, ({ x }) => mul(x, 2))
    const program = await compile(f, { backend: await shared() })
    const x = Float32Array.from([1, 2, 3])
    expect([...program.sync({ x }).data]).toEqual([2, 4, 6])
    expect([...x]).toEqual([1, 2, 3])
    expect([...program.sync({ x: x.subarray(1) }).data]).toEqual([4, 6])
    expect([...program.sync({ x: new Float32Array() }).data]).toEqual([])
  })

  it('keeps results as arguments of further calls, and gives all memory back', async () => {
    const own = await open({ threads: 1 })
    const f = fn({ x: f32('n') }, ({ x }) => add(x, 1))
    const program = await compile(f, { backend: own })
    let x = program.resident({ x: new Float32Array(1000) })
    for (let i = 0; i < 10; i++) {
      const next = program.resident({ x })
      x.release()
      x = next
    }
    expect(program.readSync(x).data[999]).toBe(11)
    x.release()
    await program.release()
    expect(own.usedBytes()).toBe(0)
  })

  it('does not hold up JavaScript while a long call computes', async () => {
    const size = 64
    const f = fn({ x: f32(size, size), w: f32(size, size) }, ({ x, w }) =>
      forLoop(40_000, x, (_, y) => matmul(y, w)),
    )
    const program = await compile(f, { backend: await shared() })
    const x = new Float32Array(size * size).fill(0.5)
    const w = new Float32Array(size * size).map((_, i) => (i % (size + 1) === 0 ? 1 : 0))
    const inputs = { x: { data: x, shape: [size, size] }, w: { data: w, shape: [size, size] } }
    let turns = 0
    const turn = (): void => {
      turns++
      timer = setImmediate(turn)
    }
    let timer = setImmediate(turn)
    const later = program(inputs)
    // What is written to an argument from here on is not part of the call.
    x.fill(7)
    const result = await later
    clearImmediate(timer)
    expect(turns).toBeGreaterThan(3)
    expect(new Set(result.data)).toEqual(new Set([0.5]))
  })

  it('finishes a call whose program and arguments are let go meanwhile', async () => {
    const own = await open({ threads: 1 })
    const size = 64
    const f = fn({ x: f32(size, size) }, ({ x }) => forLoop(2000, x, (_, y) => matmul(y, x)))
    const program = await compile(f, { backend: own })
    const x = own.place({
      dtype: 'f32',
      shape: [size, size],
      data: new Float32Array(size * size).map((_, i) => (i % (size + 1) === 0 ? 1 : 0)),
    })
    const later = program({ x })
    x.release()
    await program.release()
    expect((await later).data[size + 1]).toBe(1)
    expect(own.usedBytes()).toBe(0)
  })

  it('says what it takes where a dtype, a count of threads or a compiler is none of its', async () => {
    await expect(makeNative({ threads: 0 })).rejects.toThrow('a whole number from 1 to 64')
    await expect(makeNative({ compiler: 'no-such-cc' })).rejects.toThrow(
      "there is no C compiler 'no-such-cc'",
    )
  })

  it('computes the same on one thread and several', async () => {
    const f = fn({ a: f32(70, 90), b: f32(90, 130) }, ({ a, b }) => matmul(a, b))
    const inputs = {
      a: { data: new Float32Array(6300).map((_, i) => (i % 13) - 6), shape: [70, 90] },
      b: { data: new Float32Array(11700).map((_, i) => (i % 7) - 3), shape: [90, 130] },
    }
    const [one, three] = await Promise.all(
      [1, 3].map(async (threads) => {
        const own = await open({ threads, leastGain: Number.NEGATIVE_INFINITY })
        return (await compile(f, { backend: own })).sync(inputs).data
      }),
    )
    expect(three).toEqual(one)
  })

  it('computes the same while its threads look on and after they fell asleep', async () => {
    const own = await open({ threads: 3, leastGain: Number.NEGATIVE_INFINITY })
    const f = fn({ x: f32(99, 99) }, ({ x }) => forLoop(3, x, (_, y) => matmul(y, x)))
    const program = await compile(f, { backend: own })
    const x = { data: Float32Array.from({ length: 9801 }, (_, i) => Math.sin(i)), shape: [99, 99] }
    const first = program.sync({ x }).data
    for (const pause of [0, 20, 0, 0, 20]) {
      if (pause > 0) await setTimeout(pause)
      expect(program.sync({ x }).data).toEqual(first)
      expect((await program({ x })).data).toEqual(first)
    }
  })
})

if (!compiler.absent) {
  const backend = await open({ threads: 1 })
  agreesOnSamples('C means what the op evaluates to', (func, args) => {
    const results = Effect.gen(function* () {
      const program = yield* backend.load(func)
      return yield* backend.read(program.call(args, {}))
    })
    return Effect.runSync(Effect.scoped(results)).map((r) => r.data)
  })
}
