/**
 * IO: tensors put out beside the result.
 *
 *   const h = yield* tap('hidden', tanh(x))      yield* IO.plot('loss', l)
 *   yield* IO.save('weights', w)                 yield* IO.call('checkpoint', w, step)
 *
 * Terms stay pure: putting out is a request, never an op, and no derivative goes through it.
 * `silenced` drops what is put out, `collected` makes it a part of the value, by label, and
 * `delivered` (delivered.ts) an ordered list of events, from loops and branches too.
 */
import { flatMap, handle, later, pure, request } from '../lib/lang/program.js'
import type { Program } from '../lib/types/program.js'
import type { Tensor } from '../lib/types/tensor.js'
import { answered } from './answered.js'

/** What is to be done with what is put out: which host effect receives it. */
export type Kind = 'log' | 'plot' | 'save' | 'call'

/** What one request asks for. */
export interface Entry {
  readonly kind: Kind
  readonly label: string
  readonly tensors: readonly Tensor[]
}

const put =
  (kind: Kind) =>
  (label: string, ...tensors: readonly Tensor[]): Program<void, 'IO'> =>
    request('IO', { kind, label, tensors } satisfies Entry)

/** Puts a tensor out under a label. */
export const log: (label: string, tensor: Tensor) => Program<void, 'IO'> = put('log')

/** Puts a tensor out under a label and gives it back. */
export const tap = <X extends Tensor>(label: string, tensor: X): Program<X, 'IO'> =>
  flatMap(log(label, tensor), () => pure(tensor))

interface IOVocabulary {
  /** For people to read. */
  readonly log: (label: string, tensor: Tensor) => Program<void, 'IO'>
  /** The same, and the tensor is given back. */
  readonly tap: typeof tap
  /** A point or a curve of a figure of that name. */
  readonly plot: (figure: string, tensor: Tensor) => Program<void, 'IO'>
  /** To be kept under a name. */
  readonly save: (name: string, tensor: Tensor) => Program<void, 'IO'>
  /** Arguments of a host callback of that name, which gives nothing back. */
  readonly call: (callback: string, ...tensors: readonly Tensor[]) => Program<void, 'IO'>
}

export const IO: IOVocabulary = {
  log,
  tap,
  plot: put('plot'),
  save: put('save'),
  call: put('call'),
}

/** Drops what is put out, in loops and branches too. */
export const silenced = <A, E extends string>(
  program: Program<A, E | 'IO'>,
): Program<A, Exclude<E, 'IO'>> => answered(program, 'IO')

/** A value and what was put out on the way to it, by label, each in the order of putting out. */
export interface Logged<A> {
  readonly value: A
  readonly logged: Readonly<Record<string, readonly Tensor[]>>
}

/** Makes what is put out a part of the value. What loops and branches put out stays unhandled. */
export const collected = <A, E extends string>(
  program: Program<A, E | 'IO'>,
): Program<Logged<A>, Exclude<E, 'IO'>> =>
  later(() => {
    type Log = Logged<A>['logged']
    // The log so far is passed on, so that a program resumed twice has two logs.
    type After = (logged: Log) => Program<Logged<A>, never>
    const waiting = handle<A, E | 'IO', 'IO', After, never>(program, 'IO', {
      done: (value) => pure((logged: Log) => pure({ value, logged })),
      request: (payload, resume) => {
        const { label, tensors } = payload as Entry // requests of 'IO' are made by `put` alone
        return pure((logged: Log) => {
          const list = [...(logged[label] ?? []), ...tensors]
          return flatMap(resume(undefined), (next) => next({ ...logged, [label]: list }))
        })
      },
    })
    return flatMap(waiting, (next) => next({}))
  }) as Program<Logged<A>, Exclude<E, 'IO'>> // Exclude distributes over E | 'IO'
