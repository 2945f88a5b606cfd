/**
 * Losses of classifiers, and how many they get right.
 */
import {
  argmax,
  convert,
  eq,
  f32,
  fn,
  i32,
  logSoftmax,
  mean,
  neg,
  reshape,
  sum,
  takeAlongAxis,
} from '../lang/index.js'

/**
 * −log of the probability that softmax gives the label, averaged over the batch, in nats.
 * [batch, classes], labels [batch] in 0 … classes−1 → [].
 */
export const softmaxCrossEntropy = /*#__PURE__*/ fn(
  { logits: f32('batch', 'classes'), labels: i32('batch') },
  function softmaxCrossEntropy({ logits, labels }) {
    const column = reshape(labels, ['batch', 1])
    return neg(mean(takeAlongAxis(logSoftmax(logits, { axis: 1 }), column, { axis: 1 })))
  },
)

/** How many rows have their largest logit at the label. [batch, classes], [batch] → f32[]. */
export const countCorrect = /*#__PURE__*/ fn(
  { logits: f32('batch', 'classes'), labels: i32('batch') },
  function countCorrect({ logits, labels }) {
    return sum(convert(eq(argmax(logits, { axis: 1 }), labels), 'f32'))
  },
)
