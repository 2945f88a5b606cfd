/**
 * What a GPU is measured on, at sizes that keep one busy, with the bytes and operations of each.
 */
import {
  add,
  convert,
  f16,
  f32,
  fn,
  matmul,
  mean,
  mul,
  rsqrt,
  softmax,
  sub,
  sum,
  transpose,
  variance,
} from '../../index.js'
import { filled, roundings, type Workload, workload } from '../workload.js'
import { convolutions } from '../workloads/conv.js'
import { epsilon, rowwise } from '../workloads/rows.js'
import { steps } from '../workloads/training.js'

export interface GpuWorkload {
  readonly workload: Workload
  /** Of the inputs: f32 unless said. */
  readonly float?: 'f16'
  /** What one call at full size must move and compute: what its time is held against. */
  readonly bytes?: number
  readonly flops?: number
}

type Matrix = readonly [number, number]

const wide: { readonly full: Matrix; readonly tiny: Matrix } = { full: [8192, 8192], tiny: [5, 7] }
const area = 8192 * 8192
const chainArea = 4096 * 4096

const find = (list: readonly Workload[], name: string): Workload => {
  const found = list.find((w) => w.name === name)
  if (found === undefined) throw new Error(`no workload '${name}'`)
  return found
}

/** Fewer rows than a GPU has multiprocessors. */
const long: { readonly full: Matrix; readonly tiny: Matrix } = {
  full: [4, 4_000_000],
  tiny: [2, 9],
}
const longArea = 4 * 4_000_000

const softmaxOf = (name: string, sizes: typeof wide): Workload =>
  workload(name, 'softmax', sizes, ([m, n]) => ({
    program: fn({ x: f32(m, n) }, ({ x }) => softmax(x)),
    inputs: filled({ x: [m, n] }, 4),
    tolerance: roundings(16 + n),
  }))

const longSums = workload('rowsum-4', 'rowsum', long, ([m, n]) => ({
  program: fn({ x: f32(m, n) }, ({ x }) => sum(x, { axes: [1] })),
  inputs: filled({ x: [m, n] }),
  tolerance: roundings(n),
}))

const layernormRows = workload('layernorm-8192', 'layernorm', wide, ([m, n]) => ({
  program: fn({ x: f32(m, n), scale: f32(n), shift: f32(n) }, ({ x, scale, shift }) => {
    const along = { axes: [1], keepDims: true } as const
    const narrow = rsqrt(add(variance(x, along), epsilon))
    return add(mul(mul(sub(x, mean(x, along)), narrow), scale), shift)
  }),
  inputs: filled({ x: [m, n], scale: [n], shift: [n] }),
  tolerance: roundings(n),
}))

const total = workload('sum-8192', 'sum', wide, ([m, n]) => ({
  program: fn({ x: f32(m, n) }, ({ x }) => sum(x)),
  inputs: filled({ x: [m, n] }),
  tolerance: roundings(m * n),
}))

const product = (n: number): GpuWorkload => ({
  workload: workload(`matmul-${n}`, 'matmul', { full: n, tiny: 7 }, (size) => ({
    program: fn({ a: f32(size, size), b: f32(size, size) }, ({ a, b }) => matmul(a, b)),
    inputs: filled({ a: [size, size], b: [size, size] }),
    tolerance: roundings(size),
  })),
  flops: 2 * n ** 3,
})

/** The product in half precision, of arguments that are rounded to it first. */
const halves = (n: number): GpuWorkload => ({
  workload: workload(`matmul-f16-${n}`, 'matmul', { full: n, tiny: 7 }, (size) => ({
    program: fn({ a: f16(size, size), b: f16(size, size) }, ({ a, b }) =>
      convert(matmul(a, b), 'f32'),
    ),
    inputs: filled({ a: [size, size], b: [size, size] }),
    tolerance: 2 ** -10,
  })),
  float: 'f16',
  flops: 2 * n ** 3,
})

type Heads = readonly [count: number, length: number, width: number]
const heads: { readonly full: Heads; readonly tiny: Heads } = {
  full: [8 * 16, 1024, 64],
  tiny: [2, 5, 3],
}

const attention = workload('attention-8x16x1024x64', 'attention', heads, (shape) => ({
  program: fn({ q: f32(...shape), k: f32(...shape), v: f32(...shape) }, ({ q, k, v }) =>
    matmul(softmax(mul(matmul(q, transpose(k, [0, 2, 1])), 1 / Math.sqrt(shape[2]))), v),
  ),
  inputs: filled({ q: shape, k: shape, v: shape }),
  tolerance: roundings(shape[1] + shape[2]),
}))

export const gpuWorkloads: readonly GpuWorkload[] = [
  { workload: find(rowwise, 'chain'), bytes: 8 * chainArea },
  { workload: find(rowwise, 'gelu'), bytes: 8 * chainArea },
  { workload: softmaxOf('softmax-8192', wide), bytes: 8 * area },
  { workload: layernormRows, bytes: 8 * area },
  { workload: total, bytes: 4 * area },
  { workload: softmaxOf('softmax-4', long), bytes: 8 * longArea },
  { workload: longSums, bytes: 4 * longArea },
  ...[1024, 2048, 4096, 8192].flatMap((n) => [product(n), halves(n)]),
  { workload: attention, flops: 4 * 128 * 1024 ** 2 * 64 },
  { workload: find(convolutions, 'conv'), flops: 2 * 32 * 64 * 64 * 9 * 56 * 56 },
  { workload: find(steps, 'sgd-step') },
  { workload: find(rowwise, 'tiny') },
]
