import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as Effect from 'effect/Effect'
import { describe, expect, it } from 'vitest'
import { Backend } from '../../backends/backend.js'
import { testGpu } from '../../backends/webgpu/gpu.fixture.js'
import { makeWebgpu } from '../../backends/webgpu/index.js'
import { f32, fn, matmul, softmax, tanh } from '../../lib/index.js'
import { closureOf } from '../../lib/lang/index.js'
import { profileLines, sizesFrom } from './profile.js'

const gpu = await testGpu()

const layer = fn({ x: f32('batch', 5), w: f32(5, 'out') }, function layer({ x, w }) {
  return softmax(tanh(matmul(x, w)))
})
const { func } = closureOf(layer, 'layer')

interface Event {
  readonly name: string
  readonly ph: string
  readonly ts: number
  readonly dur: number
  readonly args: Readonly<Record<string, number>>
}

describe('the sizes of a profile', () => {
  const known = { batch: 2, out: 3 }

  it('are those that are given', () => {
    expect(sizesFrom('batch=128,out=10', known)).toEqual({ batch: 128, out: 10 })
    expect(sizesFrom('', known)).toEqual({})
  })

  it('have names of the function, and numbers', () => {
    expect(() => sizesFrom('n=3', known)).toThrow(
      "--size: there is no size 'n'; expected NAME=NUMBER, for any of: batch, out",
    )
    expect(() => sizesFrom('batch=many', known)).toThrow("'batch=many' gives no whole number")
  })
})

describe.skipIf(gpu.absent)(`a profile${gpu.why}`, () => {
  it('writes a trace: the call around its kernels, by name, one after another', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'profile-'))
    const backend = await makeWebgpu()
    try {
      const path = join(folder, 'trace.json')
      const profiling = Effect.gen(function* () {
        const executable = yield* backend.load(func)
        const { parts = [] } =
          executable.describe().stages.find(({ name }) => name === 'WGSL') ?? {}
        const lines = yield* profileLines(executable, func, { path, sizes: 'batch=300,out=40' })
        return { lines, kernels: parts.map(({ name }) => name) }
      })
      const { lines, kernels } = await Effect.runPromise(
        Effect.scoped(profiling).pipe(Effect.provideService(Backend, backend)),
      )
      const trace: unknown = JSON.parse(readFileSync(path, 'utf8'))
      const { traceEvents } = trace as { readonly traceEvents: readonly Event[] } // checked below
      const [call, ...events] = traceEvents
      expect(events.map(({ name }) => name)).toEqual(kernels)
      expect(call?.name).toBe('layer')
      expect(call?.args.dispatches).toBe(events.length)
      // The clock has steps: ends may be a rounding beyond one another.
      const end = (event: Event | undefined): number => (event?.ts ?? 0) + (event?.dur ?? 0) + 1e-6
      let before: Event | undefined
      for (const event of events) {
        expect(event.ph).toBe('X')
        expect(event.ts).toBeGreaterThanOrEqual(call?.ts ?? Number.NaN)
        expect(end(event)).toBeLessThanOrEqual(end(call) + 1e-6)
        if (before !== undefined) expect(end(before)).toBeLessThanOrEqual(event.ts + 2e-6)
        before = event
      }
      // x, w and the product, at the sizes that were given.
      expect(events[0]?.args.flops).toBeGreaterThanOrEqual(2 * 300 * 5 * 40)
      for (const name of kernels) expect(lines.join('\n')).toContain(name)
    } finally {
      backend.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
