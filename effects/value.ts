/**
 * Value: the end of a program whose effects are all handled.
 */
import { settle } from '../lib/lang/scope.js'
import type { Program } from '../lib/types/program.js'
import type { Checked } from '../lib/types/tensor.js'
import type { EffectFault } from '../lib/types/verdict.js'

/** The value of a program without effects. An effect that is left is an error in words. */
export const value = <A, E extends string>(
  program: Checked<EffectFault<'value', Program<A, E>>, Program<A, E>>,
): A =>
  // A program that the check refuses does not get here from typed callers; `settle` refuses others.
  settle(program as Program<A, E>, 'value')
