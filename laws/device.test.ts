/**
 * The backend that opens devices, under the kit of all backends; and where a shader binds few
 * arrays.
 */
import { describe, it } from 'vitest'
import { testGpu } from '../backends/webgpu/gpu.fixture.js'
import { makeWebgpu } from '../backends/webgpu/index.js'
import { underBackendLaws } from './backend.fixture.js'
import { backendLaws } from './backend.js'
import { hold } from './law.js'

await underBackendLaws('webgpu', 3)

const gpu = await testGpu()

describe.skipIf(gpu.absent)(`programs of thirty inputs${gpu.why}`, () => {
  it.each([8, 4, 2])('where a shader binds %d arrays', { timeout: 120_000 }, async (arrays) => {
    const backend = await makeWebgpu({ storageBuffers: arrays })
    const laws = backendLaws(backend, { of: [], copies: 3, total: true })
    for (const law of laws.filter((l) => l.name.includes('every kind'))) {
      await hold(law, { runs: 15, seed: arrays })
    }
    backend.close()
  })
})
