/**
 * Sequences: a recurrent network scanned over them, and attention within them, with gradients.
 */
import {
  add,
  f32,
  fn,
  grad,
  matmul,
  mul,
  scan,
  softmax,
  sum,
  tanh,
  transpose,
} from '../../index.js'
import { filled, roundings, type Scale, type Workload, workload } from '../workload.js'

const long = { full: { steps: 800, width: 64 }, tiny: { steps: 5, width: 3 } }
type Heads = readonly [count: number, length: number, width: number]

const heads: Readonly<Record<Scale, Heads>> = { full: [8, 256, 64], tiny: [2, 5, 3] }

/** h ← tanh(h·w + x) over the rows; the gradient of Σ h in w. */
const recurrent = (name: string, measure: Workload['measure']) =>
  workload(
    name,
    'rnn-scan',
    long,
    ({ steps, width }) => {
      const last = fn(
        { w: f32(width, width), h: f32(width), xs: f32(steps, width) },
        ({ w, h, xs }) => sum(scan(h, xs, (h, x) => [tanh(add(matmul(h, w), x)), x])[0]),
      )
      return {
        program: grad(last, 'w'),
        inputs: {
          ...filled({ w: [width, width] }, 0.5 / Math.sqrt(width)),
          ...filled({ h: [width], xs: [steps, width] }),
        },
        tolerance: roundings(steps + width),
      }
    },
    measure,
  )

function attentionOf([count, length, width]: Heads) {
  const rows = f32(count, length, width)
  return fn({ q: rows, k: rows, v: rows }, ({ q, k, v }) => {
    const scores = mul(matmul(q, transpose(k, [0, 2, 1])), 1 / Math.sqrt(width))
    return matmul(softmax(scores), v)
  })
}

export const sequences = [
  recurrent('rnn-scan', 'steady'),
  recurrent('rnn-scan-first', 'first'),
  workload('attention', 'attention', heads, (shape) => ({
    program: attentionOf(shape),
    inputs: filled({ q: shape, k: shape, v: shape }),
    tolerance: roundings(shape[1] + shape[2]),
  })),
  workload('attention-grad', 'attention-grad', heads, (shape) => {
    const rows = f32(...shape)
    const attention = attentionOf(shape)
    const through = fn({ q: rows, k: rows, v: rows, ct: rows }, ({ q, k, v, ct }) =>
      sum(mul(attention({ q, k, v }), ct)),
    )
    return {
      program: grad(through, ['q', 'k', 'v']),
      inputs: filled({ q: shape, k: shape, v: shape, ct: shape }),
      tolerance: roundings(2 * (shape[1] + shape[2])),
    }
  }),
]
