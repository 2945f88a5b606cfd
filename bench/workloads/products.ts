/**
 * Products of matrices: square, thin, odd, many small ones, and one of a transposed operand.
 */
import { f32, fn, matmul, transpose } from '../../index.js'
import { filled, roundings, workload } from '../workload.js'

interface Product {
  readonly m: number
  readonly k: number
  readonly n: number
}

const product = (name: string, full: Product, tiny: Product) =>
  workload(name, 'matmul', { full, tiny }, ({ m, k, n }) => ({
    program: fn({ a: f32(m, k), b: f32(k, n) }, ({ a, b }) => matmul(a, b)),
    inputs: filled({ a: [m, k], b: [k, n] }),
    tolerance: roundings(k),
  }))

const square = (n: number) => product(`matmul-${n}`, { m: n, k: n, n }, { m: 9, k: 7, n: 8 })

export const products = [
  square(256),
  square(512),
  square(1024),
  square(2048),
  product('matvec-4096', { m: 1, k: 4096, n: 4096 }, { m: 1, k: 9, n: 7 }),
  product('matmul-odd', { m: 127, k: 257, n: 513 }, { m: 5, k: 3, n: 7 }),
  workload(
    'matmul-batch',
    'matmul',
    { full: { batch: 64, n: 64 }, tiny: { batch: 2, n: 5 } },
    ({ batch, n }) => ({
      program: fn({ a: f32(batch, n, n), b: f32(batch, n, n) }, ({ a, b }) => matmul(a, b)),
      inputs: filled({ a: [batch, n, n], b: [batch, n, n] }),
      tolerance: roundings(n),
    }),
  ),
  workload('matmul-at', 'matmul-at', { full: 512, tiny: 6 }, (n) => ({
    program: fn({ a: f32(n, n), b: f32(n, n) }, ({ a, b }) => matmul(transpose(a), b)),
    inputs: filled({ a: [n, n], b: [n, n] }),
    tolerance: roundings(n),
  })),
]
