/**
 * One step of training a classifier 784-512-256-10 on a batch of 128: SGD and Adam.
 *
 * Labels are one-hot rows, so that every library computes the same.
 */
import { f32, fn, grad, logSoftmax, mean, mul, neg, relu, sum } from '../../index.js'
import { dense } from '../../lib/nn/index.js'
import { adam, sgd } from '../../lib/optim/index.js'
import {
  drawnLate,
  filled,
  type HostData,
  type Inputs,
  random,
  roundings,
  workload,
} from '../workload.js'

interface Net {
  readonly batch: number
  readonly widths: readonly [number, number, number, number]
}

const sizes = {
  full: { batch: 128, widths: [784, 512, 256, 10] },
  tiny: { batch: 4, widths: [6, 5, 4, 3] },
} as const satisfies Record<string, Net>

export const rate = 0.1
export const adamRate = 1e-3
export const weightNames = ['w1', 'b1', 'w2', 'b2', 'w3', 'b3'] as const

function specsOf({ batch, widths: [i, h, j, o] }: Net) {
  const params = {
    w1: f32(i, h),
    b1: f32(h),
    w2: f32(h, j),
    b2: f32(j),
    w3: f32(j, o),
    b3: f32(o),
  }
  return { params, batch: { x: f32(batch, i), labels: f32(batch, o) } }
}

function lossOf(net: Net) {
  const { params, batch } = specsOf(net)
  return fn({ ...params, ...batch }, ({ w1, b1, w2, b2, w3, b3, x, labels }) => {
    const h1 = relu(dense({ x, w: w1, b: b1 }))
    const h2 = relu(dense({ x: h1, w: w2, b: b2 }))
    const logits = dense({ x: h2, w: w3, b: b3 })
    return neg(mean(sum(mul(labels, logSoftmax(logits)), { axes: [1] })))
  })
}

function weights({ widths: [i, h, j, o] }: Net, prefix: string): Inputs {
  const shapes = { w1: [i, h], b1: [h], w2: [h, j], b2: [j], w3: [j, o], b3: [o] }
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      `${prefix}${name}`,
      random(`${prefix}${name}`, shape, 1 / Math.sqrt(shape[0])),
    ]),
  )
}

function batchOf({ batch, widths: [i, , , o] }: Net): Inputs {
  const labels = new Float32Array(batch * o)
  for (let row = 0; row < batch; row++) labels[row * o + ((row * 7) % o)] = 1
  return { ...filled({ x: [batch, i] }), labels: { shape: [batch, o], data: labels } }
}

const squared = (x: HostData): HostData => drawnLate(x.shape, () => x.data.map((v) => v * v))

export const steps = [
  workload('sgd-step', 'sgd-step', sizes, (net: Net) => {
    const specs = specsOf(net)
    const slope = grad(lossOf(net), weightNames)
    return {
      program: fn({ params: specs.params, ...specs.batch }, ({ params, x, labels }) =>
        sgd(params, slope({ ...params, x, labels }), { rate }),
      ),
      inputs: { ...weights(net, 'params.'), ...batchOf(net) },
      tolerance: roundings(net.widths[0]),
    }
  }),
  workload('adam-step', 'adam-step', sizes, (net: Net) => {
    const { params, batch } = specsOf(net)
    const slope = grad(lossOf(net), weightNames)
    const state = { mean: params, meanSquare: params, count: f32() }
    const made = fn({ params, state, ...batch }, ({ params, state, x, labels }) => {
      const next = adam(params, slope({ x, labels, ...params }), state, { rate: adamRate })
      return { params: next.params, mean: next.state.mean, meanSquare: next.state.meanSquare }
    })
    const squares = Object.entries(weights(net, 'state.meanSquare.'))
    return {
      program: made,
      inputs: {
        ...weights(net, 'params.'),
        ...weights(net, 'state.mean.'),
        ...Object.fromEntries(squares.map(([name, array]) => [name, squared(array)])),
        'state.count': { shape: [], data: Float32Array.of(3) },
        ...batchOf(net),
      },
      tolerance: roundings(net.widths[0]),
    }
  }),
]
