/**
 * Answered: an effect whose requests need no answer but that they were heard.
 */
import { flatMap, pure } from '../lib/lang/program.js'
import { thread } from '../lib/lang/scope.js'
import type { Program } from '../lib/types/program.js'

/** Answers every request of an effect with nothing, in loops and branches too. */
export const answered = <A, E extends string, H extends string>(
  program: Program<A, E>,
  effect: H,
): Program<A, Exclude<E, H>> =>
  flatMap(
    thread(program, null, {
      effect,
      answer: (state) => ({ state, answer: undefined }),
      tensors: () => [],
      restore: (state) => state,
    }),
    ({ value }) => pure(value),
  ) as Program<A, Exclude<E, H>> // the requests of H are answered, and there are no others
