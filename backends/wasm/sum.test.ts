import { describe, expect, it } from 'vitest'
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
