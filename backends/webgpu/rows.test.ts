/** Few long rows on a device: divided among workgroups, and the same every time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrayFrom, type NDArray } from '../../lib/data/index.js'
import {
  add,
  argmax,
  argmin,
  f32,
  fn,
  grad,
  mean,
  mul,
  reduceMax,
  rsqrt,
  softmax,
  sub,
  sum,
  variance,
} from '../../lib/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { closureOf } from '../../lib/lang/index.js'
import { compile } from '../../lib/loop/compile.js'
import { usualLeast } from '../../lib/loop/schedule/index.js'
import { defaultLimits, emitKernel, gpuHardware } from './emit/index.js'
import { resultsOn, testGpu } from './gpu.fixture.js'
import { makeWebgpu, type WebgpuBackend } from './index.js'

const gpu = await testGpu()

const along = { axes: [1], keepDims: true } as const

/** Each of a matrix; lengths are no multiples of the runs, nor all of four. */
const functions = [
  ['sum', (m: number, n: number) => fn({ x: f32(m, n) }, ({ x }) => sum(x, { axes: [1] }))],
  ['mean', (m: number, n: number) => fn({ x: f32(m, n) }, ({ x }) => mean(x, { axes: [1] }))],
  [
    'greatest',
    (m: number, n: number) => fn({ x: f32(m, n) }, ({ x }) => reduceMax(x, { axes: [1] })),
  ],
  ['softmax', (m: number, n: number) => fn({ x: f32(m, n) }, ({ x }) => softmax(x))],
  [
    'layer norm',
    (m: number, n: number) =>
      fn({ x: f32(m, n) }, ({ x }) => {
        const narrow = rsqrt(add(variance(x, along), 1e-5))
        return mul(sub(x, mean(x, along)), narrow)
      }),
  ],
  [
    'the gradient of softmax',
    (m: number, n: number) =>
      grad(
        fn({ x: f32(m, n) }, ({ x }) => sum(mul(softmax(x), x))),
        'x',
      ),
  ],
  [
    'the places of extremes',
    (m: number, n: number) =>
      fn({ x: f32(m, n) }, ({ x }) => [argmax(x, { axis: 1 }), argmin(x, { axis: 1 })]),
  ],
] as const

/** Whole numbers in no order, over 64: few equal, all of about one size. */
const matrix = (m: number, n: number): NDArray =>
  arrayFrom(
    'f32',
    [m, n],
    Array.from({ length: m * n }, (_, i) => (((i * 7919 + 13) % 104729) % 257) / 64),
  )

/** Workgroups of each dispatch of a function, compiled for any device. */
function groupsOf(f: ReturnType<(typeof functions)[number][1]>, name: string): readonly number[] {
  const { program } = compile(closureOf(f, name).func, { hardware: gpuHardware(defaultLimits) })
  return program.kernels.flatMap((k) =>
    emitKernel(k, defaultLimits).dispatches.map(({ groups }) => Number(groups[0])),
  )
}

describe('few long rows', () => {
  it('have enough workgroups for a device, and no more dispatches than loops and a last one', () => {
    for (const [name, make] of functions) {
      const groups = groupsOf(make(2, 10_000_000), name)
      expect(Math.max(...groups), name).toBeGreaterThan(500)
      // The last ones join the sums of some hundreds of runs.
      const narrow = groups.filter((n) => n < 96)
      expect(narrow.length, `${name}: ${groups}`).toBeLessThanOrEqual(2)
    }
  })

  it('are as many kernels as on a processor', () => {
    for (const [name, make] of functions) {
      const { func } = closureOf(make(2, 10_000_000), name)
      const here = compile(func, { hardware: gpuHardware(defaultLimits) }).program.kernels.length
      expect(here, name).toBe(compile(func).program.kernels.length)
    }
  })
})

describe.skipIf(gpu.absent)(`few long rows on a device${gpu.why}`, () => {
  let backend: WebgpuBackend
  beforeAll(async () => {
    const least = { ...usualLeast, divided: 256, terms: 256, run: 256 }
    backend = await makeWebgpu({ choices: { least } })
  })
  afterAll(() => backend.close())

  it.each(functions)('%s is that of the reference, twice', async (name, make) => {
    for (const [m, n] of [
      [1, 5003],
      [3, 2048],
    ] as const) {
      const { func } = closureOf(make(m, n), name)
      const args = [matrix(m, n)]
      const [got, again] = [
        await resultsOn(backend, func, args, {}),
        await resultsOn(backend, func, args, {}),
      ]
      expect(again).toEqual(got)
      const expected = interpreters.evaluate(func, args, {})
      for (const [i, { data }] of expected.entries()) {
        const right = Array.from(data, Number)
        const most = Math.max(...right.map(Math.abs))
        // Trees of some hundreds of terms, and some roundings of what is made of them.
        const tolerance = data instanceof Int32Array ? 0 : 64 * 2 ** -24 * most
        const off = Math.max(...right.map((x, k) => Math.abs(x - Number(got[i].data[k]))))
        expect(off, `${name} [${m}, ${n}]`).toBeLessThanOrEqual(tolerance)
      }
    }
  })
})
