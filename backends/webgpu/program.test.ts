import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectedOf, type Steps, stepPrograms } from '../steps.fixture.js'
import { type Device, openDevice } from './device.js'
import { closed } from './fault.js'
import { testGpu } from './gpu.fixture.js'
import { loadOn } from './loaded.js'
import { upload } from './memory.js'
import { readParts } from './read.js'

const gpu = await testGpu()

describe.skipIf(gpu.absent)(`steps of a program on a device${gpu.why}`, () => {
  let device: Device
  beforeAll(async () => {
    device = await openDevice({})
  })
  afterAll(() => device.lose(closed()))

  async function same({ program, sizes, arrays, ...steps }: Steps): Promise<void> {
    const expected = expectedOf({ program, sizes, arrays, ...steps })
    const loaded = await loadOn(device, program)
    const before = device.pool.used()
    const held = program.buffers.flatMap(({ name, dtype, place }) =>
      place.tag === 'external' ? [upload(device, dtype, arrays()[name] ?? [])] : [],
    )
    const { a, out } = arrays()
    // Twice: recorded, then as it was kept.
    for (let time = 0; time < 2; time++) {
      device.gpu.queue.writeBuffer(held[0].buffer, 0, a as Float32Array<ArrayBuffer>)
      const { externals, checked } = await loaded.run(sizes, held)
      expect(await Promise.all(checked)).toEqual(checked.map(() => undefined))
      const parts = [
        { buffer: externals[2], from: 0, bytes: out.byteLength },
        { buffer: externals[3], from: 0, bytes: 4 },
      ]
      const words = await readParts(device, parts, [{ program: program.name, loops: [] }])
      const got = {
        out: new Float32Array(words, 0, out.length),
        steps: new Int32Array(words, out.byteLength, 1),
      }
      expect(got).toEqual(expected)
    }
    for (const each of held) device.pool.give(each)
    loaded.release()
    expect(device.pool.used()).toBeLessThanOrEqual(before)
  }

  it.each(stepPrograms())('$name', same)
})
