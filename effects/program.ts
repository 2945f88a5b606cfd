/**
 * Program: what one does with programs as a whole, and what becomes of their host effects.
 *
 *   const step = await compile(fn(spec, (inputs) => delivered(body(inputs))))
 *   Program.toEffect(step, inputs, { log: ({ label, values }) => Console.log(label, …) })
 *   Program.toStream(step, inputs)      →  a Stream of the events, in order
 *
 * The compiled program runs first, in one call; then its events are handed over, one after the
 * other. What the host effects may fail with, and need, is in the type of the whole.
 */
import * as Effect from 'effect/Effect'
import * as Stream from 'effect/Stream'
import { fail, PullbackError } from '../lib/data/index.js'
import { flatMap, gen, isProgram, later, pure, request } from '../lib/lang/program.js'
import type { Program as Code } from '../lib/types/program.js'
import { type Event, eventsOf, type HostEvents } from './events.js'

/** A computation of `A` that has effects `E` still to be handled. */
export type Program<A, E extends string = never> = Code<A, E>

/** What a compiled program of `delivered` gives. */
export interface Ran<A> {
  readonly value: A
  readonly events: HostEvents
}

/** A compiled program, or another way to run one. */
export type Step<I, A> = (inputs: I) => Promise<Ran<A>>

type Host<E, R> = (event: Event) => Effect.Effect<unknown, E, R>

/** What the host does with each kind of event; callbacks go by their names. */
export interface Hosts<E, R> {
  readonly log?: Host<E, R>
  readonly plot?: Host<E, R>
  readonly save?: Host<E, R>
  readonly call?: Readonly<Record<string, Host<E, R>>>
}

/** Runs a program and then its host effects, in order; an event without a host is an error. */
const toEffect = <I, A, E = never, R = never>(
  step: Step<I, A>,
  inputs: I,
  hosts: Hosts<E, R>,
): Effect.Effect<A, PullbackError | E, R> =>
  Effect.gen(function* () {
    const { value, events } = yield* running(step, inputs)
    const planned = yield* attempt(() =>
      eventsOf(events).map((event) => ({ event, host: hostOf(hosts, event) })),
    )
    for (const { event, host } of planned) yield* host(event)
    return value
  })

/** Runs a program and gives its events in order; its value is dropped. */
const toStream = <I, A>(step: Step<I, A>, inputs: I): Stream.Stream<Event, PullbackError> =>
  Stream.fromIterableEffect(
    Effect.flatMap(running(step, inputs), ({ events }) => attempt(() => eventsOf(events))),
  )

/** Programs as a whole: their making, and their host effects. */
export const Program = {
  pure,
  request,
  flatMap,
  later,
  gen,
  isProgram,
  toEffect,
  toStream,
}

const running = <I, A>(step: Step<I, A>, inputs: I): Effect.Effect<Ran<A>, PullbackError> =>
  Effect.flatten(
    Effect.promise(() =>
      step(inputs).then(
        (ran) => Effect.succeed(ran),
        (error: unknown) => refused(error),
      ),
    ),
  )

const attempt = <A>(make: () => A): Effect.Effect<A, PullbackError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(make())
    } catch (error) {
      return refused(error)
    }
  })

/** What was refused in words is the effect's failure; anything else is a defect. */
const refused = (error: unknown): Effect.Effect<never, PullbackError> =>
  error instanceof PullbackError ? Effect.fail(error) : Effect.die(error)

function hostOf<E, R>(hosts: Hosts<E, R>, { kind, label }: Event): Host<E, R> {
  const host = kind === 'call' ? hosts.call?.[label] : hosts[kind]
  return (
    host ??
    fail({
      code: 'effect',
      where: 'Program.toEffect',
      what: `the program asks for ${kind} '${label}', and no host is given for it`,
      fix:
        kind === 'call'
          ? `Write { call: { '${label}': (event) => … } }`
          : `Write { ${kind}: (event) => … }`,
    })
  )
}
