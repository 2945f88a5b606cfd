import { describe, expect, it } from 'vitest'
import { add, bool, constant, f32, fn, mul, reshape, scan, sum, where } from '../../lib/index.js'
import { makeReference, makeWasm } from '../index.js'
import { run } from '../run.js'

describe('addresses', () => {
  it('of rows from the last to the first stay in memory, wherever the array lies', async () => {
    // With nothing before the arrays, an address less its constant part would be negative.
    const [n, m] = [8, 64]
    const spec = { x: f32(n, m, 2), y: f32(n, m), keep: bool(n, m), z: f32(m) }
    const f = fn(spec, ({ x, y, keep, z }) => {
      const start = constant([0, 0])
      const rows = [x, y, keep] as const
      const [last] = scan(
        start,
        rows,
        (total, [xs, ys, kept]) => {
          const row = reshape(mul(ys, where(kept, z, 0)), [m, 1])
          return [add(total, sum(mul(xs, row), { axes: 0 })), null]
        },
        { reverse: true },
      )
      return last
    })
    const filled = (count: number) => Float32Array.from({ length: count }, (_, i) => (i % 7) - 3)
    const inputs = {
      x: { data: filled(n * m * 2), shape: [n, m, 2] },
      y: { data: filled(n * m), shape: [n, m] },
      keep: { data: Uint8Array.from(filled(n * m), (v) => Number(v > 0)), shape: [n, m] },
      z: filled(m),
    }
    const [found, wanted] = await Promise.all(
      [makeWasm(), makeReference()].map((backend) => run(f, inputs, { backend })),
    )
    expect(found).toEqual(wanted)
  })
})
