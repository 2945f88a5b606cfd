/**
 * Elementwise chains, and what works along rows.
 */
import {
  add,
  f32,
  fn,
  gelu,
  mean,
  mul,
  relu,
  rsqrt,
  sigmoid,
  softmax,
  sub,
  sum,
  variance,
} from '../../index.js'
import { drawnLate, filled, type HostData, roundings, type Scale, workload } from '../workload.js'

type Matrix = Readonly<Record<Scale, readonly [number, number]>>

const matrices: Matrix = { full: [4096, 4096], tiny: [5, 7] }
const rows: Matrix = { full: [4096, 1024], tiny: [5, 7] }

/** Elementary functions are within 2 ulp, and a few operations follow. */
const elementary = roundings(16)

export const epsilon = 1e-5

export const rowwise = [
  workload('chain', 'chain', matrices, ([m, n]) => ({
    program: fn({ x: f32(m, n) }, ({ x }) => sigmoid(add(mul(relu(x), 2), 1))),
    inputs: filled({ x: [m, n] }),
    tolerance: elementary,
  })),
  workload('gelu', 'gelu', matrices, ([m, n]) => ({
    program: fn({ x: f32(m, n) }, ({ x }) => gelu(x, {})),
    inputs: filled({ x: [m, n] }, 4),
    tolerance: elementary,
  })),
  workload('softmax', 'softmax', rows, ([m, n]) => ({
    program: fn({ x: f32(m, n) }, ({ x }) => softmax(x)),
    inputs: filled({ x: [m, n] }, 4),
    tolerance: elementary + roundings(n),
  })),
  workload('layernorm', 'layernorm', rows, ([m, n]) => ({
    program: fn({ x: f32(m, n), scale: f32(n), shift: f32(n) }, ({ x, scale, shift }) => {
      const along = { axes: [1], keepDims: true } as const
      const centred = sub(x, mean(x, along))
      const narrow = rsqrt(add(variance(x, along), epsilon))
      return add(mul(mul(centred, narrow), scale), shift)
    }),
    inputs: filled({ x: [m, n], scale: [n], shift: [n] }),
    tolerance: roundings(n),
  })),
  workload('rowsum', 'rowsum', rows, ([m, n]) => ({
    program: fn({ x: f32(m, n) }, ({ x }) => sum(x, { axes: [1] })),
    inputs: filled({ x: [m, n] }),
    tolerance: roundings(n),
  })),
  workload('sum-2e7', 'sum', { full: 2e7, tiny: 33 }, (n) => {
    const x = positive(filled({ x: [n] }).x)
    return {
      program: fn({ x: f32(n) }, ({ x }) => sum(x)),
      inputs: { x },
      // Libraries that add one by one are off by the square root of as many roundings.
      tolerance: roundings(Math.sqrt(n)),
      exact: { value: () => x.data.reduce((total, v) => total + v, 0), tolerance: 1e-6 },
    }
  }),
  workload('tiny', 'tiny', { full: 16, tiny: 16 }, (n) => ({
    program: fn({ x: f32(n) }, ({ x }) => add(mul(x, 2), 1)),
    inputs: filled({ x: [n] }),
    tolerance: roundings(2),
  })),
]

/** Between 0 and 1, so that a sum's relative error means something. */
const positive = (x: HostData): HostData => drawnLate(x.shape, () => x.data.map(Math.abs))
