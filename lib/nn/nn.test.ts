import { expect, it } from 'vitest'
import { arrayFrom } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import { closureOf, grad } from '../lang/index.js'
import { countCorrect, dense, softmaxCrossEntropy } from './index.js'

/** The first result at the given arrays, `[dtype, shape, values]` each. */
const at = (
  f: unknown,
  sizes: Readonly<Record<string, number>>,
  ...args: readonly (readonly ['f32' | 'i32', readonly number[], readonly number[]])[]
) => {
  const arrays = args.map(([dtype, shape, values]) => arrayFrom(dtype, shape, values))
  return Array.from(interpreters.evaluate(closureOf(f, 'test').func, arrays, sizes)[0].data)
}

it('dense maps each row', () => {
  const x = ['f32', [2, 2], [1, 2, 3, 4]] as const
  const w = ['f32', [2, 1], [10, 1]] as const
  expect(at(dense, { batch: 2, in: 2, out: 1 }, x, w, ['f32', [1], [0.5]])).toEqual([12.5, 34.5])
})

const logits = ['f32', [2, 3], [0, 0, 0, 100, 0, 0]] as const
const labels = ['i32', [2], [2, 0]] as const
const sizes = { batch: 2, classes: 3 }

it('the cross entropy of even odds is the log of how many there are, of certainty 0', () => {
  const [loss] = at(softmaxCrossEntropy, sizes, logits, labels)
  expect(loss).toBeCloseTo(Math.log(3) / 2, 6)
})

it('its gradient is (softmax − one hot) / batch', () => {
  const gradient = at(grad(softmaxCrossEntropy, 'logits'), sizes, logits, labels)
  const third = 1 / 3 / 2
  const expected = [third, third, third - 0.5, 0, 0, 0]
  gradient.forEach((g, i) => {
    expect(g).toBeCloseTo(expected[i], 6)
  })
})

it('counts the rows whose largest logit is at the label', () => {
  expect(at(countCorrect, sizes, logits, labels)).toEqual([1])
})
