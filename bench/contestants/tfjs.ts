/**
 * TensorFlow.js on its wasm backend.
 *
 * Its gradients are made at every call, as its users make them. Convolutions take images as
 * N H W C and kernels as H W I O: the same data is laid out so before any time counts.
 */
import type { HostData, Inputs } from '../workload.js'
import { epsilon } from '../workloads/rows.js'
import { adamRate, rate, weightNames } from '../workloads/training.js'
import { type Contestant, load } from './contestant.js'

interface Tf {
  readonly setBackend: (name: string) => Promise<boolean>
  readonly ready: () => Promise<void>
  readonly tidy: <A>(f: () => A) => A
  readonly dispose: (tensors: readonly Value[]) => void
  readonly tensor: (data: Float32Array, shape: number[]) => Value
  readonly matMul: (a: Value, b: Value, transposeA?: boolean, transposeB?: boolean) => Value
  readonly relu: (x: Value) => Value
  readonly sigmoid: (x: Value) => Value
  readonly tanh: (x: Value) => Value
  readonly softmax: (x: Value) => Value
  readonly logSoftmax: (x: Value) => Value
  readonly sum: (x: Value, axis?: number) => Value
  readonly mean: (x: Value) => Value
  readonly moments: (
    x: Value,
    axis: number,
    keepDims: boolean,
  ) => { readonly mean: Value; readonly variance: Value }
  readonly conv2d: (x: Value, kernel: Value, strides: number, padding: string) => Value
  readonly grads: (f: (...x: Value[]) => Value) => (x: readonly Value[]) => Value[]
}

interface Value {
  readonly shape: readonly number[]
  readonly add: (y: Value | number) => Value
  readonly sub: (y: Value | number) => Value
  readonly mul: (y: Value | number) => Value
  readonly div: (y: Value | number) => Value
  readonly sqrt: () => Value
  readonly square: () => Value
  readonly rsqrt: () => Value
  readonly neg: () => Value
  readonly gather: (index: number) => Value
  readonly reshape: (shape: readonly number[]) => Value
  readonly transpose: (perm: readonly number[]) => Value
  readonly data: () => Promise<Float32Array>
}

type Given = Readonly<Record<string, Value>>
type Program = (given: Given) => readonly Value[]

export async function tfjs(): Promise<Contestant | undefined> {
  const tf = await load<Tf>('@tensorflow/tfjs')
  const backend = await load<object>('@tensorflow/tfjs-backend-wasm')
  if (tf === undefined || backend === undefined) return undefined
  await tf.setBackend('wasm')
  await tf.ready()
  const programs = programsOf(tf)
  return {
    name: 'tfjs-wasm',
    prepare: async ({ kind }, inputs) => {
      const program = programs[kind]
      if (program === undefined) return { missing: 'not written' }
      const given = place(tf, kind, inputs)
      const run = () => tf.tidy(() => program(given))
      return {
        call: () => tf.dispose(run()),
        results: async () => {
          const results = run()
          const rowMajor = tf.tidy(() => results.map((x, i) => asGiven(kind, x, i)))
          return Promise.all(rowMajor.map((x) => x.data()))
        },
      }
    },
  }
}

const isConvolution = (kind: string): boolean => kind === 'conv' || kind === 'conv-grad'

const place = (tf: Tf, kind: string, inputs: Inputs): Given =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]: readonly [string, HostData]) => {
      const tensor = tf.tensor(data, [...shape])
      if (!isConvolution(kind)) return [name, tensor]
      return [name, tensor.transpose(name === 'kernel' ? [2, 3, 1, 0] : [0, 2, 3, 1])]
    }),
  )

/** Results of convolutions back in the order of axes that the others have. */
function asGiven(kind: string, x: Value, index: number): Value {
  if (!isConvolution(kind)) return x
  return x.transpose(index === 0 ? [0, 3, 1, 2] : [3, 2, 0, 1])
}

function programsOf(tf: Tf): Readonly<Record<string, Program>> {
  const attention = (q: Value, k: Value, v: Value) => {
    const width = q.shape[2] as number // three axes, as the workload has
    return tf.matMul(tf.softmax(tf.matMul(q, k, false, true).mul(1 / Math.sqrt(width))), v)
  }
  const dense = (x: Value, w: Value, b: Value) => tf.matMul(x, w).add(b)
  const slopes = (given: Given): { params: readonly Value[]; slopes: readonly Value[] } => {
    const params = weightNames.map((name) => given[`params.${name}`])
    const loss = (...[w1, b1, w2, b2, w3, b3]: Value[]) => {
      const h1 = tf.relu(dense(given.x, w1, b1))
      const h2 = tf.relu(dense(h1, w2, b2))
      return tf.mean(tf.sum(given.labels.mul(tf.logSoftmax(dense(h2, w3, b3))), 1)).neg()
    }
    return { params, slopes: tf.grads(loss)(params) }
  }
  return {
    matmul: ({ a, b }) => [tf.matMul(a, b)],
    'matmul-at': ({ a, b }) => [tf.matMul(a, b, true)],
    chain: ({ x }) => [tf.sigmoid(tf.relu(x).mul(2).add(1))],
    gelu: ({ x }) => {
      const inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))
      return [x.mul(0.5).mul(tf.tanh(inner).add(1))]
    },
    softmax: ({ x }) => [tf.softmax(x)],
    layernorm: ({ x, scale, shift }) => {
      const { mean, variance } = tf.moments(x, 1, true)
      return [x.sub(mean).mul(variance.add(epsilon).rsqrt()).mul(scale).add(shift)]
    },
    rowsum: ({ x }) => [tf.sum(x, 1)],
    sum: ({ x }) => [tf.sum(x)],
    tiny: ({ x }) => [x.mul(2).add(1)],
    conv: ({ x, kernel }) => [tf.conv2d(x, kernel, 1, 'same')],
    'conv-grad': ({ x, kernel, ct }) =>
      tf.grads((x, kernel) => tf.sum(tf.conv2d(x, kernel, 1, 'same').mul(ct)))([x, kernel]),
    'sgd-step': (given) => {
      const { params, slopes: g } = slopes(given)
      return params.map((p, i) => p.sub(g[i].mul(rate)))
    },
    'adam-step': (given) => {
      const { params, slopes: g } = slopes(given)
      const steps = 4 // the workload's count, and this step
      const means = weightNames.map((name, i) =>
        given[`state.mean.${name}`].mul(0.9).add(g[i].mul(0.1)),
      )
      const squares = weightNames.map((name, i) =>
        given[`state.meanSquare.${name}`].mul(0.999).add(g[i].square().mul(0.001)),
      )
      const moved = params.map((p, i) => {
        const spread = squares[i]
          .div(1 - 0.999 ** steps)
          .sqrt()
          .add(1e-8)
        return p.sub(
          means[i]
            .div(1 - 0.9 ** steps)
            .div(spread)
            .mul(adamRate),
        )
      })
      return [...moved, ...means, ...squares]
    },
    'rnn-scan': ({ w, h, xs }) =>
      tf.grads((w) => {
        // It has no scan: the steps are written out.
        let state = h.reshape([1, -1])
        for (let t = 0; t < xs.shape[0]; t++) {
          state = tf.tanh(tf.matMul(state, w).add(xs.gather(t)))
        }
        return tf.sum(state)
      })([w]),
    attention: ({ q, k, v }) => [attention(q, k, v)],
    'attention-grad': ({ q, k, v, ct }) =>
      tf.grads((q, k, v) => tf.sum(attention(q, k, v).mul(ct)))([q, k, v]),
  }
}
