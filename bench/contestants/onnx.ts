/**
 * onnxruntime on the CPU, through `onnxruntime-node`. It runs models forward only.
 */
import type { HostData, Inputs } from '../workload.js'
import { epsilon } from '../workloads/rows.js'
import { type Contestant, load } from './contestant.js'
import { encodeModel, type Model, type ModelConstant, type ModelNode } from './model.js'

interface Ort {
  readonly Tensor: new (dtype: 'float32', data: Float32Array, shape: readonly number[]) => Tensor
  readonly InferenceSession: {
    readonly create: (model: Uint8Array, options: object) => Promise<Session>
  }
}

interface Tensor {
  readonly data: Float32Array
}

interface Session {
  readonly run: (feeds: Readonly<Record<string, Tensor>>) => Promise<Record<string, Tensor>>
}

export async function onnx(threads: number): Promise<Contestant | undefined> {
  const ort = await load<Ort>('onnxruntime-node')
  if (ort === undefined) return undefined
  return {
    name: 'onnxruntime-node',
    prepare: async ({ kind }, inputs) => {
      const graph = graphs[kind]
      if (graph === undefined) return { missing: gradients.has(kind) ? 'no gradient' : 'no scan' }
      const options = { intraOpNumThreads: threads, interOpNumThreads: 1 }
      const session = await ort.InferenceSession.create(
        encodeModel(modelOf(graph, inputs)),
        options,
      )
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, data }]: readonly [string, HostData]) => [
          name,
          new ort.Tensor('float32', data, shape),
        ]),
      )
      return {
        call: async () => {
          await session.run(feeds)
        },
        results: async () => [(await session.run(feeds)).y.data],
      }
    },
  }
}

const gradients = new Set(['conv-grad', 'attention-grad', 'sgd-step', 'adam-step'])

interface Graph {
  readonly nodes: readonly ModelNode[]
  readonly constants?: Readonly<Record<string, ModelConstant>>
}

const modelOf = (graph: Graph, inputs: Inputs): Model => ({
  ...graph,
  inputs: Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape])),
  outputs: ['y'],
})

const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: ModelNode['attributes'] = {},
): ModelNode => ({ op, inputs, outputs: [output], attributes })

/** One graph a kind of workload; each gives `y`. */
const graphs: Readonly<Record<string, Graph>> = {
  matmul: { nodes: [node('MatMul', ['a', 'b'], 'y')] },
  'matmul-at': { nodes: [node('Gemm', ['a', 'b'], 'y', { transA: { integer: 1 } })] },
  chain: {
    nodes: [
      node('Relu', ['x'], 'r'),
      node('Mul', ['r', 'two'], 'm'),
      node('Add', ['m', 'one'], 's'),
      node('Sigmoid', ['s'], 'y'),
    ],
    constants: { two: { float: 2 }, one: { float: 1 } },
  },
  gelu: { nodes: [node('Gelu', ['x'], 'y', { approximate: { text: 'tanh' } })] },
  softmax: { nodes: [node('Softmax', ['x'], 'y', { axis: { integer: -1 } })] },
  layernorm: {
    nodes: [
      node('LayerNormalization', ['x', 'scale', 'shift'], 'y', { epsilon: { float: epsilon } }),
    ],
  },
  rowsum: {
    nodes: [node('ReduceSum', ['x', 'axes'], 'y', { keepdims: { integer: 0 } })],
    constants: { axes: { integers: [1] } },
  },
  sum: { nodes: [node('ReduceSum', ['x'], 'y', { keepdims: { integer: 0 } })] },
  tiny: {
    nodes: [node('Mul', ['x', 'two'], 'm'), node('Add', ['m', 'one'], 'y')],
    constants: { two: { float: 2 }, one: { float: 1 } },
  },
  conv: { nodes: [node('Conv', ['x', 'kernel'], 'y', { pads: { integers: [1, 1, 1, 1] } })] },
  attention: {
    nodes: [
      node('Transpose', ['k'], 'kt', { perm: { integers: [0, 2, 1] } }),
      node('MatMul', ['q', 'kt'], 'raw'),
      node('Mul', ['raw', 'narrow'], 'scores'),
      node('Softmax', ['scores'], 'weights', { axis: { integer: -1 } }),
      node('MatMul', ['weights', 'v'], 'y'),
    ],
    constants: { narrow: { float: 1 / 8 } },
  },
}
