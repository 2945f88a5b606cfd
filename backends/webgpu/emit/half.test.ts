/** Half precision: computed as f32, rounded when stored: in two bytes, or in four without f16. */
import { describe, expect, it } from 'vitest'
import {
  add,
  f16,
  fn,
  forLoop,
  grad,
  matmul,
  mean,
  mul,
  softmax,
  square,
  tanh,
} from '../../../index.js'
import { arrayFrom, roundToHalf, type TypedArray } from '../../../lib/data/index.js'
import { interpreters } from '../../../lib/interpret/index.js'
import { closureOf } from '../../../lib/lang/index.js'
import { compile } from '../../../lib/loop/compile.js'
import {
  input,
  interpretProgram,
  kernel,
  load,
  output,
  parallel,
  store,
} from '../../../lib/loop/index.js'
import { resultsOn, testGpu } from '../gpu.fixture.js'
import { makeWebgpu } from '../index.js'
import { nullDevice, openDevice } from './device.fixture.js'
import { emitKernel, type GpuFeature, gpuHardware } from './index.js'

const gpu = await testGpu()

const dawn = await nullDevice()

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

it('takes a word an element where the device has no f16', async () => {
  const plain = { ...dawn.limits, features: new Set<GpuFeature>() }
  const { program } = compile(func, { hardware: gpuHardware(plain) })
  for (const kernel of program.kernels) {
    const emitted = emitKernel(kernel, plain)
    expect(await dawn.check(emitted)).toEqual([])
    for (const { wgsl } of emitted.dispatches) expect(wgsl).not.toContain('f16')
  }
})

describe.skipIf(gpu.absent)(`half precision on a device${gpu.why}`, () => {
  it('is rounded when stored, to nearest, ties to even, beyond the largest to infinity', async () => {
    const device = await openDevice([])
    if (device === undefined) throw new Error('the adapter is gone')
    const k = kernel('round', {
      buffers: [input('x', 'f32', ['n']), output('y', 'f16', ['n'])],
      body: [parallel('i', 'n', (i) => [store('y', [i], load('x', 'f32', [i]))])],
    })
    const x = Float32Array.from([...awkward, ...awkward.map((v) => -v)])
    const y = new Float32Array(x.length)
    await device.run(k, emitKernel(k, device.limits), { n: x.length }, { x, y })
    expect([...y]).toEqual([...x].map(roundToHalf))
    device.device.destroy()
  })

  it('is an array, a result, a state of a loop, a gradient', async () => {
    const backend = await makeWebgpu()
    const step = grad(loss, ['w', 'v'])
    for (const [f, inputs] of [
      [layer, { x: nested(3, 96), w: nested(96, 128) }],
      [decay, { x: nested(5, 7) }],
      [step, { x: nested(4, 6), w: nested(6, 5), v: nested(5, 3) }],
    ] as const) {
      const closed = closureOf(f, 'halves').func
      const sizes = { n: inputs.x.length }
      const args = Object.values(inputs).map((rows) =>
        arrayFrom('f16', [rows.length, rows[0]?.length ?? 0], rows.flat()),
      )
      const got = await resultsOn(backend, closed, args, sizes)
      const { program } = compile(closed)
      const held: Record<string, TypedArray> = {}
      const externals = program.buffers.filter(({ place }) => place.tag === 'external')
      externals.forEach((b, i) => {
        held[b.name] = args[i]?.data.slice() ?? new Float32Array(got[i - args.length].data.length)
      })
      const expected = interpretProgram(program, sizes, held)
      got.forEach(({ dtype, data }, i) => {
        expect(dtype).toBe('f16')
        const wanted = expected[externals[args.length + i]?.name ?? ''] ?? []
        data.forEach((value, at) => {
          expect(roundToHalf(value)).toBe(value)
          // Sums in another order: what is stored on the way may round to the other neighbour.
          const allowed = 8 * 2 ** -11 * Math.abs(wanted[at] ?? 0) + 2 ** -14
          expect(Math.abs(value - (wanted[at] ?? Number.NaN))).toBeLessThanOrEqual(allowed)
        })
      })
    }
    backend.close()
  })
})

/** Both sides of every threshold: ties, subnormal halves, the largest, what is beyond. */
const awkward: readonly number[] = [
  ...[0, 1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 0.1, 1000.7],
  ...[65504, 65519.99, 65520, 1e6, Number.POSITIVE_INFINITY, Number.NaN],
  ...[
    2 ** -14,
    2 ** -14 - 2 ** -26,
    2 ** -24,
    2 ** -25,
    1.01 * 2 ** -25,
    3 * 2 ** -25,
    5e-6,
    1e-30,
  ],
]

const nested = (rows: number, columns: number): readonly (readonly number[])[] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => roundToHalf(Math.sin(i * columns + j) / 4)),
  )

const decay = fn({ x: f16('n', 7) }, ({ x }) => forLoop(4, x, (_, y) => add(mul(y, 0.5), tanh(y))))

const loss = fn({ x: f16('n', 6), w: f16(6, 5), v: f16(5, 3) }, ({ x, w, v }) =>
  mean(square(matmul(tanh(matmul(x, w)), v))),
)
