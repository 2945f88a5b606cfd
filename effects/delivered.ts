/**
 * Delivered: what a program puts out, as arrays beside its value, in the order of putting out.
 *
 *   fn(spec, ({ x }) => delivered(program))   →   { value, events }
 *   eventsOf(result.events)                   →   [{ order, kind, label, values }, …]     (events.ts)
 *
 * Each place in the program has an array of rows, and beside it their numbers in one count that
 * goes through loops and branches. So the order is a part of the values, which no pass changes.
 * Where a loop's length is the program's to decide, the latest `atMost` rows of a place are kept.
 * Other effects in loops and branches are handled before: their handlers go inside.
 */
import { type Dim, isFloat } from '../lib/data/index.js'
import { tensorOf, termOf } from '../lib/lang/face.js'
import { need } from '../lib/lang/index.js'
import { type Options, whole } from '../lib/lang/options.js'
import { flatMap, pure } from '../lib/lang/program.js'
import {
  add,
  dynamicUpdateSlice,
  full,
  rem,
  reshape,
  scalar,
  stopGradient,
  zeros,
} from '../lib/ops/index.js'
import type { Term } from '../lib/term/index.js'
import type { Program } from '../lib/types/program.js'
import type { Tensor } from '../lib/types/tensor.js'
import type { Entry } from './io.js'
import { type Site, type Siting, sited } from './sites.js'

/** What was put out, by place: the number, the kind and the label of each are its name. */
export interface Events {
  readonly [place: string]: {
    /** The numbers of the rows among all that was put out; −1 where a row was not used. */
    readonly order: Order
    /** The tensors of one request, each with the rows on a new first axis. */
    readonly rows: readonly Tensor[]
  }
}

type Order = Tensor<readonly [Dim], 'i32', never>

export interface Delivered<A> {
  readonly value: A
  readonly events: Events
}

export interface DeliveryOptions {
  /** Rows kept of each place in a loop of unknown length, the latest ones; 1024 without it. */
  readonly atMost?: number
}

const deliveryOptions: Options<DeliveryOptions> = { atMost: whole(1) }

/** Makes what is put out a part of the value, in order; in loops and branches too. */
export const delivered = <A, E extends string>(
  program: Program<A, E>,
  options: DeliveryOptions = {},
): Program<Delivered<A>, Exclude<E, 'IO'>> => {
  need('delivered', 1, deliveryOptions, options)
  const { atMost = 1024 } = options
  return flatMap(sited(program, writing(atMost)), ({ value, sites }) =>
    pure({ value, events: Object.fromEntries(sites.map(named)) }),
  ) as Program<Delivered<A>, Exclude<E, 'IO'>> // the requests of IO are answered
}

/** A site's tensors: how often it was met, the numbers of its rows, the rows. */
const writing = (atMost: number): Siting<Entry> => ({
  effect: 'IO',
  shared: [scalar(0, 'i32')],
  open: ({ tensors }, times) => {
    const count = times === 0 ? 1 : (times ?? atMost) // a body that never runs is built all the same
    const rows = termsOf(tensors).map(({ dtype, shape }) =>
      zeros({ dtype, shape: [count, ...shape] }),
    )
    return [scalar(0, 'i32'), full(-1, { dtype: 'i32', shape: [count] }), ...rows]
  },
  meet: ({ tensors }, [met, order, ...rows], [clock]) => {
    const [count] = order.shape
    const at = count === atMost ? rem(met, atMost) : met
    const write = (into: Term, row: Term): Term =>
      dynamicUpdateSlice(into, reshape(row, [1, ...row.shape]), [at, ...row.shape.map(() => 0)])
    const written = termsOf(tensors).map((x, i) =>
      write(rows[i], isFloat(x.dtype) ? stopGradient(x) : x),
    )
    return { tensors: [add(met, 1), write(order, clock), ...written], shared: [add(clock, 1)] }
  },
})

const termsOf = (tensors: readonly Tensor[]): readonly Term[] =>
  tensors.map((x) => termOf('delivered', x))

const named = ({ payload, tensors }: Site<Entry>, i: number): [string, Events[string]] => {
  const [, order, ...rows] = tensors
  const site = { order: tensorOf<Order>(order), rows: rows.map((row) => tensorOf(row)) }
  return [`${i} ${payload.kind} ${payload.label}`, site]
}
