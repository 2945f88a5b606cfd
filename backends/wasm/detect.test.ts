import { setFlagsFromString } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { interpretKernel } from '../../lib/loop/index.js'
import {
  applySchedule,
  chooseSchedule,
  matmulKernel,
  wasmHardware,
} from '../../lib/loop/schedule/index.js'
import { hasRelaxedSimd, hasSimd } from './detect.js'
import { compileProgram } from './module.js'
import { programOf, runWasm } from './run-kernel.js'
import { showFunction } from './text.js'

describe('what the engine can do', () => {
  it('has vectors', () => {
    expect(hasSimd()).toBe(true)
  })

  it('can be asked for relaxed multiply-adds, which then give the same within rounding', () => {
    setFlagsFromString('--experimental-wasm-relaxed-simd')
    expect(hasRelaxedSimd()).toBe(true)
    const [m, k, n] = [9, 50, 21]
    const source = matmulKernel(m, k, n)
    const kernel = applySchedule(source, chooseSchedule(source, wasmHardware))
    const wave = (length: number): Float32Array =>
      Float32Array.from({ length }, (_, i) => Math.sin(i))
    const arrays = () => ({ a: wave(m * k), b: wave(k * n), c: new Float32Array(m * n) })
    const [exact, relaxed] = [arrays(), arrays()]
    interpretKernel(source, { sizes: {}, buffers: exact })
    runWasm(kernel, {}, relaxed, { relaxed: true })
    // Each of k products and sums rounds by at most half an ulp of a partial sum below k.
    const bound = k * k * 2 ** -24
    exact.c.forEach((value, i) => {
      expect(Math.abs(value - (relaxed.c[i] ?? Number.NaN))).toBeLessThan(bound)
    })
  })

  it('shows a kernel as text', () => {
    const memory = { minimum: 1, maximum: 1, shared: false }
    const source = matmulKernel(8, 8, 8)
    const kernel = applySchedule(source, chooseSchedule(source, wasmHardware))
    const [body] = compileProgram(programOf(kernel), { relaxed: true, memory }).module.functions
    expect(body && showFunction(body)).toContain('f32x4.relaxed_madd')
  })
})
