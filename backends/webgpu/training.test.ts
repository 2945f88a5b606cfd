import { describe, expect, it } from 'vitest'
import { f32, fn, grad, matmul, mean, mul, square, sub, tanh } from '../../lib/index.js'
import type { BackendService } from '../backend.js'
import { compile } from '../run.js'
import { makeWasm } from '../wasm/index.js'
import { testGpu } from './gpu.fixture.js'
import { makeWebgpu } from './index.js'

const gpu = await testGpu()

const inputs = { w: f32(8, 8), x: f32(16, 8), y: f32(16, 8) }
const loss = fn(inputs, ({ w, x, y }) => mean(square(sub(tanh(matmul(x, w)), y))))
const step = fn(inputs, ({ w, x, y }) => ({
  w: sub(w, mul(grad(loss, 'w')({ w, x, y }), 0.5)),
  loss: loss({ w, x, y }),
}))

const rows = (n: number, pace: number) => ({
  dtype: 'f32' as const,
  shape: [n, 8],
  data: Float32Array.from({ length: 8 * n }, (_, i) => 0.7 * Math.sin(i * pace)),
})

/** The last loss of a thousand steps, and the bytes in use after each. */
async function trained(backend: BackendService & { readonly usedBytes: () => number }) {
  const program = await compile(step, { backend, donate: ['w'] })
  const [x, y] = [backend.place(rows(16, 2.1)), backend.place(rows(16, 0.7))]
  const used = new Set<number>()
  let w = backend.place(rows(8, 1.3))
  let last = Number.NaN
  for (let i = 1; i <= 1000; i++) {
    const made = program.resident({ w, x, y })
    w = made.w
    if (i % 100 === 0) last = (await program.read(made.loss)).data[0]
    made.loss.release()
    used.add(backend.usedBytes())
  }
  await program.release()
  return { last, used }
}

describe.skipIf(gpu.absent)(`training on a device${gpu.why}`, () => {
  it('reaches the loss that wasm reaches in a thousand steps, in steady memory', async () => {
    const backend = await makeWebgpu()
    const { last, used } = await trained(backend)
    const wanted = await trained(makeWasm())
    // A thousand steps that each round a few times, on a loss of 0.24.
    expect(Math.abs(last - wanted.last)).toBeLessThan(1000 * 2 ** -23)
    expect(used.size).toBe(1)
    backend.close()
  })
})
