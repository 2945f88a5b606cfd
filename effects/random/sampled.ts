/**
 * Sampled: random programs run forward, each request answered by a sample.
 *
 *   sampled(key, gen(function* () { const z = yield* Random.normal(mu, sd); return sum(z) }))
 *
 * The key is split at each request, one part for the sample and one for the rest, so that what
 * follows never changes a sample. Pathwise samples carry derivatives; all others are constants.
 */
import { isFloat } from '../../lib/data/index.js'
import { flatMap, handle, later, pure, request, step } from '../../lib/lang/program.js'
import { stopGradient } from '../../lib/ops/index.js'
import { captureSource, type Term } from '../../lib/term/index.js'
import type { Program } from '../../lib/types/program.js'
import type { Checked, Tensor } from '../../lib/types/tensor.js'
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
    return answered(program, term)
  })
}

function answered<A, E extends string>(
  program: Program<A, E>,
  key: Term,
): Program<A, Exclude<E, 'Random'>> {
  return later(() => {
    const at = step(program)
    if (at.tag === 'done') return pure(at.value)
    if (at.effect !== 'Random') {
      // Not Random, as asked above.
      const other = request<unknown, Exclude<E, 'Random'>>(
        at.effect as Exclude<E, 'Random'>,
        at.payload,
      )
      return flatMap(other, (answer) => answered(at.resume(answer), key))
    }
    const [next, own] = splitKey(key, 2)
    const draw = at.payload as Draw // requests of Random are made by `drawn` alone
    const sample = sampleOf(own, draw)
    return answered(at.resume(draw.by === 'pathwise' ? sample : constantly(sample)), next)
  })
}

/** The sample, a constant to every derivative. */
export const constantly = (sample: Term): Term =>
  isFloat(sample.dtype) ? stopGradient(sample) : sample

/** Accepts that the derivatives of relaxed samples are biased. */
export const biased = <A, E extends string>(
  program: Program<A, E | 'Biased'>,
): Program<A, Exclude<E, 'Biased'>> =>
  handle<A, E | 'Biased', 'Biased', A, never>(program, 'Biased', {
    done: pure,
    request: (_, resume) => resume(undefined),
  }) as Program<A, Exclude<E, 'Biased'>> // Exclude distributes over E | 'Biased'
