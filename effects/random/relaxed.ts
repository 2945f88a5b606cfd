/**
 * Relaxations: smooth stand-ins for categorical samples. Their derivatives are biased.
 *
 *   gumbelSoftmax              softmax((logits + gumbel) / τ)
 *   straightThroughCategorical the corner nearest to that, with its derivative
 *
 * Source: Jang, Gu, Poole, "Categorical reparameterization with Gumbel-softmax" (2017).
 */
import {
  add,
  argmax,
  broadcastTo,
  convert,
  div,
  eq,
  iota,
  reshape,
  softmax,
  straightThrough,
} from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import type { Family } from './family.js'
import { gumbelNoise } from './noise.js'

/** Logits along the last axis, and a temperature. */
export const gumbelSoftmax: Family = {
  name: 'gumbelSoftmax',
  sample: (key, [logits, temperature]) =>
    softmax(div(add(logits, gumbelNoise(key, logits)), temperature), -1),
}

/** The same, moved to its corner. */
export const straightThroughCategorical: Family = {
  name: 'straightThroughCategorical',
  sample: (key, parameters, type) => {
    const soft = gumbelSoftmax.sample(key, parameters, type)
    return straightThrough(corner(soft), soft)
  },
}

/** 1 at the largest entry of the last axis, the first of them, 0 elsewhere. */
function corner(x: Term): Term {
  const index = argmax(x, -1)
  const each = broadcastTo(reshape(index, [...index.shape, 1]), x.shape)
  const places = broadcastTo(iota(x.shape[x.shape.length - 1], index.dtype), x.shape)
  return convert(eq(each, places), x.dtype)
}
