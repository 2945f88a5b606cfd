import { describe, expect, it } from 'vitest'
import { testGpu } from '../backends/webgpu/gpu.fixture.js'
import { makeWebgpu } from '../backends/webgpu/index.js'
import { fuzzOn, samplesOn } from './device.js'

const gpu = await testGpu()
const slowly = { timeout: 120_000 }

describe.skipIf(gpu.absent)(`webgpu means what the reference does${gpu.why}`, () => {
  it.each(['f32', 'f16'] as const)('on the samples of every op in %s', slowly, async (float) => {
    const backend = await makeWebgpu()
    const { compared, open, faults } = await samplesOn(backend, { float })
    expect(faults).toEqual([])
    expect(compared).toBeGreaterThan(1000)
    expect(open).toBeLessThan(compared / 20)
    backend.close()
  })

  it('on random programs, their gradients and tangents', slowly, async () => {
    const backend = await makeWebgpu()
    const { compared, open, failure } = await fuzzOn(backend, { runs: 30, seed: 20 })
    expect(failure).toBeUndefined()
    expect(compared).toBeGreaterThan(500)
    expect(open).toBeLessThan(compared / 20)
    backend.close()
  })

  it.each([8, 4, 2])(
    'on programs of thirty inputs, where a shader binds %d arrays',
    slowly,
    async (storageBuffers) => {
      const backend = await makeWebgpu({ storageBuffers })
      const report = await fuzzOn(backend, { runs: 15, seed: storageBuffers, copies: 3 })
      expect(report.failure).toBeUndefined()
      expect([...report.skipped.keys()].filter((why) => why.includes('buffers'))).toEqual([])
      expect(report.compared).toBeGreaterThan(200)
      backend.close()
    },
  )
})
