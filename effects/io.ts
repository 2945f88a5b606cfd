/**
 * Logging: tensors put out beside the result, under a label.
 *
 *   gen(function* () { const h = yield* tap('hidden', tanh(x)); return sum(h) })
 *
 * `silenced` drops what is logged; `collected` makes it a part of the value, so that a function
 * returns it. Terms stay pure: a log is a request until then, and never an op.
 */
import { flatMap, handle, later, pure, request } from '../lib/lang/program.js'
import type { Program } from '../lib/types/program.js'
import type { Tensor } from '../lib/types/tensor.js'
import { answered } from './answered.js'

/** What one log asks for. */
interface Entry {
  readonly label: string
  readonly tensor: Tensor
}

/** Puts a tensor out under a label. */
export const log = (label: string, tensor: Tensor): Program<void, 'IO'> =>
  request('IO', { label, tensor } satisfies Entry)

/** Puts a tensor out under a label and gives it back. */
export const tap = <X extends Tensor>(label: string, tensor: X): Program<X, 'IO'> =>
  flatMap(log(label, tensor), () => pure(tensor))

/** Drops what is logged, in loops and branches too. */
export const silenced = <A, E extends string>(
  program: Program<A, E | 'IO'>,
): Program<A, Exclude<E, 'IO'>> => answered(program, 'IO')

/** A value and what was logged on the way to it, by label, each in the order of logging. */
export interface Logged<A> {
  readonly value: A
  readonly logged: Readonly<Record<string, readonly Tensor[]>>
}

/** Makes what is logged a part of the value. Logs inside loops and branches stay unhandled. */
export const collected = <A, E extends string>(
  program: Program<A, E | 'IO'>,
): Program<Logged<A>, Exclude<E, 'IO'>> =>
  later(() => {
    const logged: Record<string, Tensor[]> = {}
    return handle<A, E | 'IO', 'IO', Logged<A>, never>(program, 'IO', {
      done: (value) => pure({ value, logged }),
      request: (payload, resume) => {
        const { label, tensor } = payload as Entry // requests of 'IO' are made by log alone
        logged[label] = [...(logged[label] ?? []), tensor]
        return resume(undefined)
      },
    })
  }) as Program<Logged<A>, Exclude<E, 'IO'>> // Exclude distributes over E | 'IO'
