/** Half precision: stored as f16, computed as f32, and refused where a device has none. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { f16, fn, matmul, mul, softmax, tanh } from '../../../index.js'
import { arrayFrom, roundToHalf } from '../../../lib/data/index.js'
import { interpreters } from '../../../lib/interpret/index.js'
import { closureOf } from '../../../lib/lang/index.js'
import { compile } from '../../../lib/loop/compile.js'
import { interpretProgram } from '../../../lib/loop/index.js'
import { openDevice, type TestDevice } from './device.fixture.js'
import { defaultLimits, emitKernel, gpuHardware } from './index.js'

let dawn: TestDevice
beforeAll(async () => {
  const device = await openDevice(['backend=null'])
  if (device === undefined) throw new Error('Dawn has no null device')
  dawn = device
})
afterAll(() => dawn.device.destroy())

const layer = fn({ x: f16('n', 96), w: f16(96, 128) }, ({ x, w }) =>
  mul(softmax(tanh(matmul(x, w))), 2),
)
const { func } = closureOf(layer, 'layer')

it('compiles on Dawn, with f16 arrays and f32 sums', async () => {
  const { program } = compile(func, { hardware: gpuHardware(dawn.limits) })
  for (const kernel of program.kernels) {
    const emitted = emitKernel(kernel, dawn.limits)
    expect(await dawn.check(emitted)).toEqual([])
    for (const { wgsl } of emitted.dispatches) {
      expect(wgsl).toContain('enable f16;')
      expect(wgsl).toContain('array<f16>')
    }
  }
})

it('rounds what is stored, as close to the meaning as a half can be', () => {
  const sizes = { n: 3 }
  const numbers = (count: number) =>
    Array.from({ length: count }, (_, i) => roundToHalf(Math.sin(i) / 4))
  const args = [
    arrayFrom('f16', [3, 96], numbers(288)),
    arrayFrom('f16', [96, 128], numbers(12288)),
  ]
  const { program } = compile(func)
  const result = new Float32Array(3 * 128)
  const buffers = { p0: args[0]?.data ?? result, p1: args[1]?.data ?? result, r0: result }
  interpretProgram(program, sizes, buffers)
  const [expected] = interpreters.evaluate(func, args, sizes)
  for (const [i, x] of result.entries()) {
    expect(roundToHalf(x)).toBe(x)
    // The reference rounds every step to half precision: some steps of a few ulp each.
    expect(Math.abs(x - (expected?.data[i] ?? Number.NaN))).toBeLessThan(
      16 * 2 ** -11 * Math.abs(x),
    )
  }
})

it('is refused, by name, where the device has no f16', () => {
  const { program } = compile(func, { hardware: gpuHardware(defaultLimits) })
  const [kernel] = program.kernels
  expect(() => kernel && emitKernel(kernel, defaultLimits)).toThrow('shader-f16')
})
