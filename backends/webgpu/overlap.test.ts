/** What a device is asked for, and in which order: nothing waits that need not. */
import * as Effect from 'effect/Effect'
import { describe, expect, it } from 'vitest'
import { arrayFrom } from '../../lib/data/index.js'
import { add, f32, fn, i32, lt, matmul, mul, tanh, whileLoop } from '../../lib/index.js'
import { closureOf } from '../../lib/lang/index.js'
import { run } from '../run.js'
import { testGpu, watchedGpu } from './gpu.fixture.js'
import { makeWebgpu } from './index.js'

const gpu = await testGpu()

describe.skipIf(gpu.absent)(`a device${gpu.why}`, () => {
  it('is asked for all that the adapter offers', async () => {
    const { gpu: watched, devices, adapters, asked } = await watchedGpu()
    const backend = await makeWebgpu({ gpu: watched })
    const [offered] = adapters
    const [descriptor] = asked
    const limits = Object.entries(descriptor?.requiredLimits ?? {})
    expect(limits.length).toBeGreaterThan(8)
    for (const [name, value] of limits) {
      const limit = name as 'maxBufferSize' // as the others are: numbers
      expect([name, value]).toEqual([name, offered?.limits[limit]])
      expect([name, devices[0]?.limits[limit]]).toEqual([name, value])
    }
    const features = (['shader-f16', 'subgroups', 'timestamp-query'] as const).filter((f) =>
      offered?.features.has(f),
    )
    expect(descriptor?.requiredFeatures).toEqual(features)
    backend.close()
  })

  it('takes uploads and calls while something is read', async () => {
    const { gpu: watched, devices } = await watchedGpu()
    const backend = await makeWebgpu({ gpu: watched })
    const { func } = closureOf(
      fn({ x: f32('n') }, ({ x }) => mul(tanh(x), 2)),
      'twice',
    )
    const events: string[] = []
    const { queue } = devices[0] as GPUDevice // opened above
    watchCalls(queue, events)
    const x = arrayFrom('f32', [3], [0, 1, -1])
    const called = Effect.flatMap(backend.load(func), (program) =>
      Effect.promise(async () => {
        const first = program.call([x], { n: 3 })
        const reading = Effect.runPromise(backend.read(first)).then(() => events.push('read'))
        const second = program.call([x], { n: 3 })
        await reading
        // The first call's sizes too; the second call is on its way before the first one's answer.
        const firstCall = ['upload', 'upload', 'submit']
        expect(events).toEqual([...firstCall, 'submit', 'upload', 'submit', 'read'])
        await Effect.runPromise(backend.read(second))
      }),
    )
    await Effect.runPromise(Effect.scoped(called))
    backend.close()
  })

  it('decides about many steps of a loop before it is asked how many there were', async () => {
    const { gpu: watched, devices } = await watchedGpu()
    const backend = await makeWebgpu({ gpu: watched })
    const events: string[] = []
    const { queue } = devices[0] as GPUDevice // opened above
    watchCalls(queue, events)
    const powers = fn({ i: i32(), w: f32(64, 64) }, ({ i, w }) =>
      whileLoop(
        { i, y: w },
        (c) => lt(c.i, 60),
        (c) => ({ i: add(c.i, 1), y: tanh(matmul(c.y, w)) }),
      ),
    )
    const w = { data: new Float32Array(64 * 64), shape: [64, 64] }
    expect((await run(powers, { i: 0, w }, { backend })).i.data[0]).toBe(60)
    // 4, 8, 16, 32 and 64 steps at a time, each with one question; what follows, and the results.
    expect(events.filter((event) => event === 'submit').length).toBeLessThanOrEqual(12)
    backend.close()
  })
})

/** Writes down what a queue is given. */
function watchCalls(queue: GPUQueue, events: string[]): void {
  const { submit, writeBuffer } = queue
  queue.submit = (list) => {
    events.push('submit')
    return submit.call(queue, list)
  }
  queue.writeBuffer = ((...given: Parameters<GPUQueue['writeBuffer']>) => {
    if (given[2].byteLength >= 12) events.push('upload')
    return writeBuffer.apply(queue, given)
  }) as GPUQueue['writeBuffer'] // its overloads differ in what may hold bytes
}
