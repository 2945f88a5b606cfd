import { describe, expect, it } from 'vitest'
import { compile, f32, fn, sum } from '../../index.js'
import {
  applySchedule,
  chooseSchedule,
  totalKernel,
  wasmHardware,
} from '../../lib/loop/schedule/index.js'
import { runWasm } from './run-kernel.js'

const count = 20_000_000

describe('a sum of 2·10⁷ f32', () => {
  const source = totalKernel(count)
  const kernel = applySchedule(source, chooseSchedule(source, wasmHardware))
  const total = (x: Float32Array): number => {
    const y = new Float32Array(1)
    runWasm(kernel, {}, { x, y })
    return y[0] ?? Number.NaN
  }

  it('of ones is exact, so that their mean is 1', () => {
    expect(total(new Float32Array(count).fill(1)) / count).toBe(1)
  })

  it('of other numbers is right to 10⁻⁶', () => {
    const x = new Float32Array(count)
    let exact = 0
    for (let i = 0; i < count; i++) {
      x[i] = (i * 0.6180339887498949) % 1
      exact += x[i] ?? 0
    }
    expect(Math.abs(total(x) - exact) / exact).toBeLessThan(1e-6)
  })
})

describe('a sum of many terms over some axes', () => {
  /** Roundings of half an ulp in turn: blocks of 256, of those, of those, and lanes that meet. */
  const roundings = (terms: number): number => 256 * Math.ceil(Math.log(terms) / Math.log(256)) + 32

  it.each([
    { shape: [3000, 4, 28, 28], axes: [0, 2, 3], name: 'all but the channels' },
    { shape: [1000, 32, 32, 8], axes: [0, 1, 2], name: 'all but channels that come last' },
    { shape: [500, 500, 80], axes: [0, 1], name: 'two axes above columns' },
    { shape: [1_000_000, 4], axes: [0], name: 'long columns' },
    { shape: [2, 1_000_000], axes: [1], name: 'long rows' },
    { shape: [1000, 100, 30], axes: [0, 1, 2], name: 'everything' },
  ])('is near the exact one: $name', async ({ shape, axes }) => {
    const count = shape.reduce((n, size) => n * size, 1)
    const terms = axes.reduce((n, axis) => n * (shape[axis] ?? 1), 1)
    const x = { shape, data: new Float32Array(count).fill(0.1) }
    const exact = terms * Math.fround(0.1)
    for (const dims of [shape, ['a', ...shape.slice(1)]]) {
      const f = fn({ x: f32(...dims) }, ({ x }) => sum(x, { axes }))
      await using program = await compile(f)
      const [first = Number.NaN] = program.sync({ x }).data
      expect(Math.abs(Number(first) / exact - 1)).toBeLessThan(roundings(terms) * 2 ** -24)
    }
  })
})
