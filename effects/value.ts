/**
 * Value: the end of a program whose effects are all handled.
 */
import { settle } from '../lib/lang/program.js'
import type { Program } from '../lib/types/program.js'

/** The program, or the sentence that says which effect is left. */
type Handled<A, E extends string> = [E] extends [never]
  ? Program<A, E>
  : `✗ unhandled effect ${E}: handle it before value`

/** The value of a program without effects. An effect that is left is an error in words. */
export const value = <A, E extends string>(program: Handled<A, E> & Program<A, E>): A =>
  settle<A>(program, 'value')
