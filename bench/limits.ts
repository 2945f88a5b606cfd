/**
 * What hand-written WebAssembly reached for a workload, in f32: the aim of the generated kernels.
 *
 * Measured on a 2-core Xeon with AVX-512, Node 20.20: see README. On another kind of machine the
 * figures say how far that machine is from this one.
 */

/** GFLOP/s of a square product by its size, with multiply-adds that round once; 1 and 2 threads. */
const products: Readonly<Record<string, readonly [number, number]>> = {
  'matmul-256': flops(256, [47, 98]),
  'matmul-512': flops(512, [46, 95]),
  'matmul-1024': flops(1024, [45, 98]),
  'matmul-2048': flops(2048, [49, 92]),
}

/** Milliseconds with one thread and with two. */
const limits: Readonly<Record<string, readonly [number, number]>> = {
  ...products,
  chain: [18.8, 9.8],
  gelu: [19.5, 9.5],
  rowsum: [0.59, 0.3],
  softmax: [4.9, 2.3],
  layernorm: [1.85, 0.96],
  conv: [190, 91],
}

export const limitMs = (workload: string, threads: number): number | null =>
  limits[workload]?.[threads - 1] ?? null

function flops(n: number, rates: readonly [number, number]): readonly [number, number] {
  const giga = (2 * n ** 3) / 1e6
  return [giga / rates[0], giga / rates[1]]
}
