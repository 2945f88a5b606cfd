/**
 * Threaded: the handler of an effect of one's own.
 *
 *   const counted = <A, E extends string>(program: Program<A, E>) =>
 *     threaded(program, 'Count', { n: constant(0) }, (by: Tensor, { n }) => ({
 *       answer: n, state: { n: add(n, by) },
 *     }))
 *
 * A state of tensors goes from request to request, in the carries of loops and through branches
 * too. The requests of other effects pass on to their handlers.
 */

import { flatten, flattenAs, termKind, unflatten } from '../lib/lang/index.js'
import { flatMap, later, pure } from '../lib/lang/program.js'
import { thread } from '../lib/lang/scope.js'
import type { Program } from '../lib/types/program.js'
import type { Tensor } from '../lib/types/tensor.js'
import type { Tree } from '../lib/types/tree.js'

/**
 * The answer to a request, and the state after it: a tree like the one before, which is checked.
 */
export interface Reply {
  readonly answer: unknown
  readonly state: unknown
}

/** A value, and the state that the program left. */
export interface ThreadedValue<A, S> {
  readonly value: A
  readonly state: S
}

/** A state as it is threaded: its grades are settled when the program is built. */
export type Settled<S> =
  S extends Tensor<infer A, infer D>
    ? Tensor<A, D, string>
    : { readonly [K in keyof S]: Settled<S[K]> }

type Threaded = <A, E extends string, H extends string, const S extends Tree, P>(
  program: Program<A, E>,
  effect: H,
  from: S,
  answer: (payload: P, state: Settled<S>) => Reply,
) => Program<ThreadedValue<A, Settled<S>>, Exclude<E, H>>

/** The same for what has types at run time alone: a state is a tree like the first one. */
const threadTree = (
  program: Program<unknown, string>,
  effect: string,
  from: unknown,
  answer: (payload: unknown, state: unknown) => Reply,
): Program<ThreadedValue<unknown, unknown>, string> =>
  later(() => {
    const { leaves, structure } = flatten(from, termKind, `the state of ${effect}`)
    const handled = thread(program, leaves, {
      effect,
      answer: (terms, payload) => {
        const { answer: given, state } = answer(payload, unflatten(structure, terms))
        const next = flattenAs(structure, state, termKind, `the next state of ${effect}`)
        return { state: next, answer: given }
      },
      tensors: (terms) => terms,
      restore: (_, terms) => terms,
    })
    return flatMap(handled, ({ value, state }) =>
      pure({ value, state: unflatten(structure, state) }),
    )
  })

/** Answers the requests of an effect, threading a state of tensors; `P` is what they ask with. */
// The author of an effect makes its requests, and so knows P; the state keeps the form of `from`,
// and its types are checked where loops carry it.
export const threaded = threadTree as Threaded
