/** Every module that the emitter writes is one that Dawn accepts: compiled on its null device. */
import { describe, expect, it } from 'vitest'
import { sin } from '../../../lib/loop/elementary/trigonometric.js'
import {
  type Expr,
  input,
  type Kernel,
  kernel,
  load,
  mul,
  output,
  parallel,
  store,
} from '../../../lib/loop/index.js'
import {
  chainKernel,
  convKernel,
  matmulKernel,
  rowsKernel,
  scheduleKernel,
  shareKernel,
  sumsKernel,
  totalKernel,
  transposeKernel,
} from '../../../lib/loop/schedule/index.js'
import { nullDevice } from './device.fixture.js'
import {
  defaultLimits,
  emitKernel,
  type GpuDispatch,
  type GpuLimits,
  gpuHardware,
  workgroupsOf,
} from './index.js'

const dawn = await nullDevice()

const kernels: readonly Kernel[] = [
  matmulKernel('M', 'K', 'N'),
  matmulKernel(64, 32, 96),
  convKernel('B', 3, 8, 8, 4),
  rowsKernel('M', 'N'),
  shareKernel(8, 1024),
  sumsKernel('M', 'N', 0),
  sumsKernel('M', 'N', 1),
  totalKernel('N'),
  chainKernel('M', 'N'),
  transposeKernel('M', 'N'),
]

const mainOf = (k: Kernel, limits: GpuLimits = defaultLimits): string => {
  const scheduled = scheduleKernel(k, gpuHardware(limits)).kernel
  const texts = emitKernel(scheduled, limits).dispatches.map(({ wgsl }) => wgsl)
  return texts.join('\n')
}

const count = (text: string, part: string): number => text.split(part).length - 1

describe('the text', () => {
  it('of elements: neighbours side by side, all loads before the stores', () => {
    const text = mainOf(chainKernel(1024, 1024))
    expect(text).toContain('@workgroup_size(256)')
    const lines = text.split('\n').map((line) => line.trim())
    const lastLoad = lines.findLastIndex((line) => /^let .*b_x\[/.test(line))
    const firstStore = lines.findIndex((line) => line.startsWith('b_y['))
    expect(text).toContain('var<storage, read> b_x: array<vec4<f32>>;')
    expect(lines.filter((line) => line.startsWith('b_y[')).length).toBe(2)
    expect(lastLoad).toBeLessThan(firstStore)
  })

  it('of a sine: the long reduction in a branch for each element that needs it', () => {
    const of = (at: (x: Expr) => Expr): Kernel =>
      kernel('turn', {
        buffers: [input('x', 'f32', [1 << 20]), output('y', 'f32', [1 << 20])],
        body: [parallel('i', 1 << 20, (i) => [store('y', [i], at(load('x', 'f32', [i])))])],
      })
    const text = mainOf(of(sin))
    const branches = text.split('\n').filter((line) => /^ *if \(v_t\d+/.test(line))
    expect(branches).toHaveLength(8)
    expect(text).toContain('var<storage, read_write> b_y: array<vec4<f32>>;')
    expect(mainOf(of((x) => mul(x, 2)))).not.toContain('if (v_t')
  })

  it('of a row: a tree in workgroup memory, read alike by all', () => {
    const text = mainOf(rowsKernel(512, 8192))
    expect(text).toContain('var<workgroup> tree_f32: array<f32, 256>;')
    expect(text).toContain('workgroupUniformLoad(&tree_f32[0])')
  })

  it('of a row made of vectors: reads and writes of four, what is kept in registers', () => {
    const text = mainOf(shareKernel(512, 8192))
    expect(text).toContain('var<storage, read> b_x: array<vec4<f32>>;')
    expect(text).toContain('var<storage, read_write> b_y: array<vec4<f32>>;')
    expect(text).toContain('var b_p_row: array<f32, 32>;')
    expect(count(text, 'b_x[')).toBe(8)
    expect(count(text, 'b_y[')).toBe(8)
    expect(mainOf(shareKernel(512, 8190))).not.toContain('vec4')
  })

  it('of a row in subgroups: sums of subgroups in workgroup memory, two barriers each', () => {
    const text = mainOf(rowsKernel(512, 8192), { ...defaultLimits, subgroupSize: 32 })
    const sums = count(text, '[lane / size] =')
    expect(sums).toBeGreaterThan(0)
    expect(text).toContain('enable subgroups;')
    expect(text).toContain('var<workgroup> tree_f32_0: array<f32, 64>;')
    expect(count(text, 'workgroupUniformLoad')).toBe(0)
    expect(count(text, 'workgroupBarrier();')).toBe(2 * sums)
    expect(count(text, 'subgroupShuffleXor')).toBe(2 * sums)
  })

  it('of a row where a workgroup may be less than a subgroup: a tree', () => {
    const text = mainOf(rowsKernel(512, 64), { ...defaultLimits, subgroupSize: 128 })
    expect(text).toContain('var<workgroup> tree_f32: array<f32, 64>;')
    expect(text).not.toContain('enable subgroups;')
  })

  it('of a product: tiles in workgroup memory, sums in registers', () => {
    const text = mainOf(matmulKernel(4096, 4096, 4096))
    expect(text).toContain('var<workgroup> b_s_left: array<vec4<f32>, 256>;')
    expect(text).toContain('var<workgroup> b_s_right: array<vec4<f32>, 256>;')
    expect(text).toContain('var<storage, read> b_a: array<vec4<f32>>;')
    expect(text).toContain('var b_s_sums: array<f32, 64>;')
    expect(text.match(/fma\(b_s_a\[/g)).toHaveLength(4 * 64)
  })

  it('of a total: runs by workgroups, then their sums by one', () => {
    const k = scheduleKernel(totalKernel(20_000_000), gpuHardware(defaultLimits)).kernel
    const { dispatches } = emitKernel(k, defaultLimits)
    expect(dispatches.map(({ groups }) => groups[0])).toEqual([expect.any(Number), 1])
  })

  it('counts workgroups beyond a limit in y and z', () => {
    const [dispatch] = emitKernel(chainKernel('M', 'N'), defaultLimits).dispatches
    const [x, y, z] = workgroupsOf(
      dispatch as GpuDispatch,
      { M: 2 ** 14, N: 2 ** 15 },
      defaultLimits,
    )
    expect(x).toBeLessThanOrEqual(65535)
    expect(x * y * z * 256).toBeGreaterThanOrEqual(2 ** 29)
  })
})

describe('a kernel without a schedule', () => {
  for (const k of kernels) {
    it(`compiles: ${k.name} ${k.buffers.map((b) => `[${b.shape}]`).join(' ')}`, async () => {
      expect(await dawn.check(emitKernel(k, dawn.limits))).toEqual([])
    })
  }
})
