/**
 * A convolution of 3 × 3, and its gradients in image and kernel.
 */
import { conv, f32, fn, grad, mul, sum } from '../../index.js'
import { filled, roundings, workload } from '../workload.js'

interface Sizes {
  readonly batch: number
  readonly channels: number
  readonly side: number
}

const sizes = {
  full: { batch: 32, channels: 64, side: 56 },
  tiny: { batch: 2, channels: 3, side: 5 },
}

const shapesOf = ({ batch, channels, side }: Sizes) =>
  ({
    x: [batch, channels, side, side],
    kernel: [channels, channels, 3, 3],
  }) as const

export const convolutions = [
  workload('conv', 'conv', sizes, (p) => {
    const { x, kernel } = shapesOf(p)
    return {
      program: fn({ x: f32(...x), kernel: f32(...kernel) }, ({ x, kernel }) =>
        conv(x, kernel, { padding: 'same' }),
      ),
      inputs: filled({ x, kernel }),
      tolerance: roundings(9 * p.channels),
    }
  }),
  workload('conv-grad', 'conv-grad', sizes, (p) => {
    const { x, kernel } = shapesOf(p)
    const inputs = { x: f32(...x), kernel: f32(...kernel), ct: f32(...x) }
    const through = fn(inputs, ({ x, kernel, ct }) =>
      sum(mul(conv(x, kernel, { padding: 'same' }), ct)),
    )
    return {
      program: grad(through, ['x', 'kernel']),
      inputs: filled({ x, kernel, ct: x }),
      tolerance: roundings(p.batch * p.side * p.side),
    }
  }),
]
