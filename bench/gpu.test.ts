/**
 * What the bench of a GPU asks of a device at full size, told without one: every shader compiles on
 * Dawn's null device, and workgroups and buffers keep within what every GPU offers.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nullDevice } from '../backends/webgpu/emit/device.fixture.js'
import {
  emitKernel,
  type GpuLimits,
  gpuHardware,
  workgroupsOf,
} from '../backends/webgpu/emit/index.js'
import { testGpu } from '../backends/webgpu/gpu.fixture.js'
import { arrayBytes } from '../backends/webgpu/memory.js'
import { dimProduct, dimValue } from '../lib/data/index.js'
import { closureOf } from '../lib/lang/index.js'
import { type CompileOptions, compile } from '../lib/loop/compile.js'
import { packGpuBench } from './gpu/pack.js'
import { gpuWorkloads } from './gpu/workloads.js'

const gpu = await testGpu()

const dawn = await nullDevice()

const shortOfMemory = /^The total use of workgroup storage \((1[6-9]|[234]\d)\d{3} bytes\)/

/** What a binding may hold on GPUs of today, and the most that one program here may take. */
const largest = 2 ** 30

describe('each workload at full size', () => {
  const all = gpuWorkloads.map((each) => ({ name: each.workload.name, ...each }))
  it.each(all)('$name has kernels that a GPU takes', async ({ workload }) => {
    const { func } = closureOf(workload.make('full').program, workload.name)
    const large: GpuLimits = {
      ...dawn.limits,
      workgroupInvocations: 1024,
      workgroupSizeX: 1024,
      workgroupBytes: 49152,
    }
    for (const limits of [dawn.limits, large]) {
      const { program } = compile(func, { hardware: gpuHardware(limits) })
      for (const b of program.buffers) {
        expect(arrayBytes(b.dtype, dimValue(dimProduct(b.shape), {}), limits)).toBeLessThanOrEqual(
          largest,
        )
      }
      for (const kernel of program.kernels) {
        const emitted = emitKernel(kernel, limits)
        // The null device has the least workgroup memory: more than that is no fault of a shader.
        const faults = await dawn.check(emitted)
        expect(faults.filter((why) => limits !== large || !shortOfMemory.test(why))).toEqual([])
        for (const dispatch of emitted.dispatches) {
          expect(Math.max(...workgroupsOf(dispatch, {}, limits))).toBeLessThanOrEqual(65535)
          for (const { dtype, shape } of dispatch.scratch) {
            const bytes = arrayBytes(dtype, dimValue(dimProduct(shape), {}), limits)
            expect(bytes).toBeLessThanOrEqual(2 ** 28)
          }
        }
      }
    }
  })
})

describe('each workload at full size and tiny', () => {
  const all = gpuWorkloads.map((each) => ({ name: each.workload.name, ...each }))
  it.each(all)('$name has as many kernels as on a processor', ({ workload }) => {
    for (const scale of ['full', 'tiny'] as const) {
      const { func } = closureOf(workload.make(scale).program, workload.name)
      const count = (options: CompileOptions): number =>
        compile(func, options).program.kernels.length
      expect(count({ hardware: gpuHardware(dawn.limits) })).toBe(count({}))
    }
  })
})

describe.skipIf(gpu.absent)(`the packed bench${gpu.why}`, () => {
  it('runs by itself, far from this project', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gpu-bench-'))
    try {
      await packGpuBench(folder)
      const options = { cwd: folder, encoding: 'utf8' } as const
      const said = execFileSync(
        process.execPath,
        ['gpu.js', '--tiny', '--only', 'sum', '--jax', '0'],
        options,
      )
      const lines = said.trim().split('\n')
      expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
        { name: 'sum-8192', check: 'right', difference: expect.any(Number) },
        expect.objectContaining({ name: 'device', note: 'tiny sizes: times mean nothing' }),
        expect.objectContaining({ name: 'sum-8192', ms: expect.any(Number), kernels: 1 }),
      ])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
