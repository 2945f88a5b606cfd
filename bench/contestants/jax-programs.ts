/**
 * The workloads in jax-js, for Node and for a page.
 *
 * Its arrays are counted: a call consumes its arguments, and `ref` keeps one.
 */
import type { Inputs } from '../workload.js'
import { epsilon } from '../workloads/rows.js'
import { adamRate, rate, weightNames } from '../workloads/training.js'

/** What is used of the library. */
export interface Jax {
  readonly init: (device: string) => Promise<readonly string[]>
  readonly defaultDevice: (device: string) => void
  readonly jit: (f: Program) => Program
  readonly grad: (f: (given: Given, rest: Given) => Value) => (given: Given, rest: Given) => Given
  readonly blockUntilReady: (tree: unknown) => Promise<unknown>
  readonly lax: {
    readonly conv: (x: Value, k: Value, strides: number[], padding: string) => Value
  }
  readonly numpy: Numpy
  readonly nn: Readonly<
    Record<'relu' | 'sigmoid', (x: Value) => Value> &
      Record<'softmax' | 'logSoftmax', (x: Value, axis: number) => Value> & {
        gelu: (x: Value, options: { approximate: boolean }) => Value
      }
  >
}

interface Numpy {
  readonly array: (data: Float32Array, options: { shape: number[] }) => Value
  readonly astype: (x: Value, dtype: string) => Value
  readonly matmul: (a: Value, b: Value) => Value
  readonly tanh: (x: Value) => Value
  readonly sqrt: (x: Value) => Value
  readonly sum: (x: Value, axis?: number) => Value
  readonly mean: (x: Value, axis?: number, options?: { keepdims: boolean }) => Value
  readonly transpose: (x: Value, perm?: number[]) => Value
  readonly log: (x: number) => Value
}

export interface Value {
  readonly ref: Value
  readonly shape: readonly number[]
  readonly add: (y: Value | number) => Value
  readonly sub: (y: Value | number) => Value
  readonly mul: (y: Value | number) => Value
  readonly div: (y: Value | number) => Value
  readonly neg: () => Value
  readonly slice: (index: number) => Value
  readonly dispose: () => void
  readonly data: () => Promise<Float32Array>
}

export type Given = Readonly<Record<string, Value>>
export type Program = (given: Given) => readonly Value[]

/** Arrays by the names of the inputs. */
export const place = ({ numpy }: Jax, inputs: Inputs): Given =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      numpy.array(data, { shape: [...shape] }),
    ]),
  )

/** By kind of workload. */
export function programsOf(library: Jax): Readonly<Record<string, Program>> {
  const { numpy: np, nn, lax, grad } = library
  const attention = (q: Value, k: Value, v: Value) => {
    const width = q.shape[2] as number // three axes, as the workload has
    const scores = np.matmul(q, np.transpose(k, [0, 2, 1])).mul(1 / Math.sqrt(width))
    return np.matmul(nn.softmax(scores, -1), v)
  }
  const convolve = (x: Value, kernel: Value) => lax.conv(x, kernel, [1, 1], 'SAME')
  const dense = (x: Value, w: Value, b: Value) => np.matmul(x, w).add(b)
  const loss = (p: Given, { x, labels }: Given) => {
    const h1 = nn.relu(dense(x, p.w1, p.b1))
    const h2 = nn.relu(dense(h1, p.w2, p.b2))
    return np.mean(np.sum(labels.mul(nn.logSoftmax(dense(h2, p.w3, p.b3), -1)), 1)).neg()
  }
  const gradients = (given: Given) => {
    const params = under(given, 'params.')
    const kept = Object.entries(params).map(([name, value]) => [name, value.ref] as const)
    // What is passed is consumed, so only what the loss reads is.
    const { x, labels } = given
    return { params, slopes: grad(loss)(Object.fromEntries(kept), { x, labels }) }
  }
  return {
    matmul: ({ a, b }) => [np.matmul(a, b)],
    'matmul-at': ({ a, b }) => [np.matmul(np.transpose(a), b)],
    chain: ({ x }) => [nn.sigmoid(nn.relu(x).mul(2).add(1))],
    gelu: ({ x }) => [nn.gelu(x, { approximate: true })],
    softmax: ({ x }) => [nn.softmax(x, -1)],
    layernorm: ({ x, scale, shift }) => {
      const centred = x.ref.sub(np.mean(x, 1, { keepdims: true }))
      const variance = np.mean(centred.ref.mul(centred.ref), 1, { keepdims: true })
      return [
        centred
          .div(np.sqrt(variance.add(epsilon)))
          .mul(scale)
          .add(shift),
      ]
    },
    rowsum: ({ x }) => [np.sum(x, 1)],
    sum: ({ x }) => [np.sum(x)],
    tiny: ({ x }) => [x.mul(2).add(1)],
    conv: ({ x, kernel }) => [convolve(x, kernel)],
    'conv-grad': ({ x, kernel, ct }) => {
      const through = (p: Given, rest: Given) => np.sum(convolve(p.x, p.kernel).mul(rest.ct))
      const slopes = grad(through)({ x, kernel }, { ct })
      return [slopes.x, slopes.kernel]
    },
    'sgd-step': (given) => {
      const { params, slopes } = gradients(given)
      return weightNames.map((name) => params[name].sub(slopes[name].mul(rate)))
    },
    'adam-step': (given) => {
      const { params, slopes } = gradients(given)
      const mean = under(given, 'state.mean.')
      const square = under(given, 'state.meanSquare.')
      const [means, squares, moved]: [Value[], Value[], Value[]] = [[], [], []]
      const steps = (1 + 3) as number // the count that the workload starts from, and this step
      given['state.count'].dispose()
      for (const name of weightNames) {
        const g = slopes[name]
        const m = mean[name].mul(0.9).add(g.ref.mul(0.1))
        const v = square[name].mul(0.999).add(g.ref.mul(g).mul(0.001))
        const spread = np.sqrt(v.ref.div(1 - 0.999 ** steps)).add(1e-8)
        moved.push(
          params[name].sub(
            m.ref
              .div(1 - 0.9 ** steps)
              .div(spread)
              .mul(adamRate),
          ),
        )
        means.push(m)
        squares.push(v)
      }
      return [...moved, ...means, ...squares]
    },
    'rnn-scan': ({ w, h, xs }) => {
      // It has no scan: the steps are written out.
      const last = (p: Given, rest: Given) => {
        let state = rest.h
        for (let t = 0; t < (rest.xs.shape[0] as number); t++) {
          state = np.tanh(np.matmul(state, p.w.ref).add(rest.xs.ref.slice(t)))
        }
        p.w.dispose()
        rest.xs.dispose()
        return np.sum(state)
      }
      return [grad(last)({ w }, { h, xs }).w]
    },
    attention: ({ q, k, v }) => [attention(q, k, v)],
    'attention-grad': ({ q, k, v, ct }) => {
      const through = (p: Given, rest: Given) => np.sum(attention(p.q, p.k, p.v).mul(rest.ct))
      const slopes = grad(through)({ q, k, v }, { ct })
      return [slopes.q, slopes.k, slopes.v]
    },
  }
}

/** The inputs under a path, by the rest of it. */
const under = (given: Given, path: string): Given =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      name.startsWith(path) ? [[name.slice(path.length), value]] : [],
    ),
  )
