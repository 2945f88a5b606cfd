/**
 * The ratios that each workload is to reach over the peers: their median divided by ours.
 */

type Ratios = Readonly<Record<string, number>>

const ratios = (jax: number, tfjs: number, onnx?: number): Ratios => ({
  'jax-js': jax,
  'tfjs-wasm': tfjs,
  ...(onnx === undefined ? {} : { 'onnxruntime-node': onnx }),
})

const squares = [ratios(1.5, 1.4, 0.33), ratios(3.5, 3, 0.36)] as const
const others = ratios(2, 1.5, 0.5)
const steps = [ratios(1.6, 10), ratios(2.8, 18)] as const

/** By workload; where it depends on them, for one thread and for two. */
const targets: Readonly<Record<string, Ratios | readonly [Ratios, Ratios]>> = {
  'matmul-256': squares,
  'matmul-512': squares,
  'matmul-1024': squares,
  'matmul-2048': squares,
  'matvec-4096': others,
  'matmul-odd': others,
  'matmul-batch': others,
  'matmul-at': others,
  chain: { ...ratios(9, 3, 3), jax: 2.5 },
  gelu: { ...ratios(11, 15, 2.4), jax: 2.5 },
  softmax: { ...ratios(7, 1, 1), jax: 0.8 },
  layernorm: { ...ratios(6, 6, 4), jax: 1.3 },
  rowsum: ratios(1, 3.5, 1),
  conv: ratios(15, 1.2, 0.27),
  'conv-grad': ratios(15, 1.2),
  'sgd-step': steps,
  'rnn-scan': { 'jax-js': 5 },
  'rnn-scan-first': { 'jax-js': 50, jax: 4 },
  attention: ratios(5, 3, 1),
  'attention-grad': ratios(5, 3),
  tiny: { ...ratios(5, 5), jax: 3 },
  'sum-2e7': ratios(1, 3, 1),
}

/** The same over each peer that compiles. */
const compiled = (least: number): Ratios => ({ jax: least, 'torch-compile': least })
const nativeSquares = { openblas: 0.9, 'onnxruntime-node': 1.2, 'jax-js': 5, ...compiled(1) }
const nativeProducts = { 'onnxruntime-node': 1.2, ...compiled(1) }

/** The native backend's, on any count of threads. */
const nativeTargets: typeof targets = {
  'matmul-256': nativeSquares,
  'matmul-512': nativeSquares,
  'matmul-1024': nativeSquares,
  'matmul-2048': nativeSquares,
  'matvec-4096': nativeProducts,
  'matmul-odd': nativeProducts,
  'matmul-batch': nativeProducts,
  'matmul-at': nativeProducts,
  chain: { 'onnxruntime-node': 5, ...compiled(2.5) },
  gelu: { 'onnxruntime-node': 4, ...compiled(4) },
  softmax: { 'onnxruntime-node': 2, ...compiled(1.2) },
  layernorm: { 'onnxruntime-node': 5, ...compiled(1.5) },
  rowsum: { 'onnxruntime-node': 1, ...compiled(1.2) },
  conv: { 'onnxruntime-node': 0.9, ...compiled(1) },
  'sgd-step': { 'jax-js': 5, ...compiled(1.5) },
  'rnn-scan': { jax: 1 },
  attention: { 'onnxruntime-node': 1.5 },
  'attention-grad': { 'jax-js': 20 },
}

/** What was run: on which backend, on how many threads. */
export interface Setting {
  readonly backend: string
  readonly threads: number
}

/** The least ratio over a peer, where there is one. */
export function target(
  workload: string,
  peer: string,
  { backend, threads }: Setting,
): number | undefined {
  const wanted = (backend === 'native' ? nativeTargets : targets)[workload]
  if (wanted === undefined) return undefined
  return (isPair(wanted) ? wanted[threads > 1 ? 1 : 0] : wanted)[peer]
}

const isPair = (x: Ratios | readonly [Ratios, Ratios]): x is readonly [Ratios, Ratios] =>
  Array.isArray(x)
