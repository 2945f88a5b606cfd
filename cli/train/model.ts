/**
 * The classifier: 784 → 128 → 10, and one step of training it, written in the language.
 *
 *   step:  params, velocity, a batch  →  params, velocity, the loss, how many were right
 */

import type { Draw } from '../../laws/draw.js'
import { argmax, f32, fn, grad, i32, relu } from '../../lib/index.js'
import { countCorrect, dense, softmaxCrossEntropy } from '../../lib/nn/index.js'
import { momentum } from '../../lib/optim/index.js'
import { classes, pixels } from './digits.js'

export const hidden = 128

const params = {
  w1: f32(pixels, hidden),
  b1: f32(hidden),
  w2: f32(hidden, classes),
  b2: f32(classes),
}
const images = f32('batch', pixels)
const labels = i32('batch')

/** The logits of the ten digits. [batch, 784] → [batch, 10]. */
export const predict = fn({ params, images }, function predict({ params, images }) {
  const h = relu(dense({ x: images, w: params.w1, b: params.b1 }))
  return dense({ x: h, w: params.w2, b: params.b2 })
})

export const loss = fn({ params, images, labels }, function loss({ params, images, labels }) {
  return softmaxCrossEntropy({ logits: predict({ params, images }), labels })
})

/** One step of momentum. Values and gradients share one forward pass. */
export const step = fn(
  { params, velocity: params, images, labels, rate: f32() },
  function step({ params, velocity, images, labels, rate }) {
    const gradients = grad(loss, 'params')({ params, images, labels })
    return {
      ...momentum(params, gradients, velocity, { rate }),
      loss: loss({ params, images, labels }),
      correct: countCorrect({ logits: predict({ params, images }), labels }),
    }
  },
)

/** The digit with the largest logit. [batch, 784] → i32[batch]. */
export const classify = fn({ params, images }, function classify({ params, images }) {
  return argmax(predict({ params, images }), { axis: 1 })
})

/** Weights from N(0, 2/inputs) (He et al., 2015), biases and velocity zero. */
export function initialParams(draw: Draw) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
  const filled = (shape: readonly number[], value: () => number) => ({
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value),
    shape,
  })
  const tree = (value: (inputs: number) => () => number) => ({
    w1: filled(params.w1.shape, value(pixels)),
    b1: filled(params.b1.shape, zero),
    w2: filled(params.w2.shape, value(hidden)),
    b2: filled(params.b2.shape, zero),
  })
  return {
    params: tree((inputs) => () => normal() * Math.sqrt(2 / inputs)),
    velocity: tree(() => zero),
  }
}

const zero = () => 0
