/**
 * Sampled: random programs run forward, each request answered by a sample.
 *
 *   sampled(key, gen(function* () { const z = yield* Random.normal(mu, sd); return sum(z) }))
 *
 * The key is split at each request, one part for the sample and one for the rest, so that what
 * follows never changes a sample. Pathwise samples carry derivatives; all others are constants.
 */
import { isFloat } from '../../lib/data/index.js'
import { flatMap, later, pure } from '../../lib/lang/program.js'
import { type Threading, thread } from '../../lib/lang/scope.js'
import { stopGradient } from '../../lib/ops/index.js'
import { captureSource, type Term } from '../../lib/term/index.js'
import type { Program } from '../../lib/types/program.js'
import type { Checked, Tensor } from '../../lib/types/tensor.js'
import { answered } from '../answered.js'
import { type Draw, sampleOf } from './draw.js'
import { type KeyFault, keyOf, useKey } from './key.js'
import { splitKey } from './split.js'

/** Answers the requests of Random by samples from the key. */
export function sampled<K extends Tensor, A, E extends string>(
  key: Checked<KeyFault<K>, K>,
  program: Program<A, E>,
): Program<A, Exclude<E, 'Random'>> {
  const term = keyOf('sampled', key)
  const use = { user: {}, source: captureSource() }
  return later(() => {
    useKey(term, use)
    return flatMap(thread(program, term, sampling), ({ value }) => pure(value)) as Program<
      A,
      Exclude<E, 'Random'>
    >
  })
}

/** The key as the state of a program: at each draw it gives a part of itself away. */
export const threading = (sampleFor: (own: Term, draw: Draw) => Term): Threading<Term> => ({
  effect: 'Random',
  answer: (key, payload) => {
    const [state, own] = splitKey(key, 2)
    return { state, answer: sampleFor(own, payload as Draw) } // as `drawn` makes them
  },
  tensors: (key) => [key],
  restore: (_, [key]) => key,
})

const sampling = threading((own, draw) => {
  const sample = sampleOf(own, draw)
  return draw.by === 'pathwise' ? sample : constantly(sample)
})

/** The sample, a constant to every derivative. */
export const constantly = (sample: Term): Term =>
  isFloat(sample.dtype) ? stopGradient(sample) : sample

/** Accepts that the derivatives of relaxed samples are biased. */
export const biased = <A, E extends string>(
  program: Program<A, E | 'Biased'>,
): Program<A, Exclude<E, 'Biased'>> => answered(program, 'Biased')
