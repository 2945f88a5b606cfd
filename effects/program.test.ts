import * as Effect from 'effect/Effect'
import * as Exit from 'effect/Exit'
import * as Stream from 'effect/Stream'
import { describe, expect, it } from 'vitest'
import { compile } from '../index.js'
import type { PullbackError } from '../lib/data/index.js'
import { evaluated } from '../lib/lang/evaluate.fixture.js'
import { add, f64, fn, mul, square, vmap } from '../lib/lang/index.js'
import { delivered, type Event, eventsOf, gen, type HostEvents, IO, log, Program } from './index.js'

describe('host effects', () => {
  class DiskFull extends Error {
    readonly _tag = 'DiskFull'
  }
  const spec = { x: f64() }
  const step = compile(
    fn(spec, ({ x }) =>
      delivered(
        gen(function* () {
          yield* log('x', x)
          yield* IO.save('square', square(x))
          yield* IO.call('tell', add(x, 1))
          return mul(x, 3)
        }),
      ),
    ),
  )

  it('run in order, after the program, and the value is that of the program', async () => {
    const heard: string[] = []
    const host = (event: Event) =>
      Effect.sync(() => {
        heard.push(`${event.kind} ${event.label} ${event.values[0].toNested()}`)
      })
    const hosts = { log: host, save: host, call: { tell: host } }
    const value = await Effect.runPromise(Program.toEffect(await step, { x: 2 }, hosts))
    expect(value.toNested()).toBe(6)
    expect(heard).toEqual(['log x 2', 'save square 4', 'call tell 3'])
  })

  it('fail with errors of their own types, and nothing runs after', async () => {
    let told = 0
    const running: Effect.Effect<unknown, PullbackError | DiskFull> = Program.toEffect(
      await step,
      { x: 2 },
      {
        log: () => Effect.void,
        save: () => Effect.fail(new DiskFull()),
        call: { tell: () => Effect.sync(() => told++) },
      },
    )
    const saved = await Effect.runPromise(
      running.pipe(Effect.catchTag('DiskFull', () => Effect.succeed('no room'))),
    )
    expect(saved).toBe('no room')
    expect(told).toBe(0)
  })

  it('that are missing are an error in words, before any of them runs', async () => {
    let logged = 0
    const hosts = { log: () => Effect.sync(() => logged++) }
    const exit = await Effect.runPromiseExit(Program.toEffect(await step, { x: 2 }, hosts))
    expect(Exit.isFailure(exit) && String(exit.cause)).toContain(
      "the program asks for save 'square', and no host is given for it",
    )
    expect(logged).toBe(0)
  })

  it('do not run where the program is refused', async () => {
    const wrong = { x: [1, 2] } as never
    const exit = await Effect.runPromiseExit(Program.toEffect(await step, wrong, {}))
    expect(Exit.isFailure(exit) && String(exit.cause)).toContain("'x'")
  })

  it('a stream gives the events of one run, and of many in a row', async () => {
    const program = await step
    const runs = Stream.fromIterable([1, 2]).pipe(
      Stream.flatMap((x) => Program.toStream(program, { x })),
    )
    const events = await Effect.runPromise(Stream.runCollect(runs))
    expect(events.map((e) => `${e.label} ${e.values[0].toNested()}`)).toEqual([
      'x 1',
      'square 1',
      'tell 2',
      'x 2',
      'square 4',
      'tell 3',
    ])
  })

  it('of a batch of runs have no one order, which is said in words', () => {
    const f = fn(spec, ({ x }) =>
      delivered(
        gen(function* () {
          yield* log('x', x)
          return x
        }),
      ),
    )
    const { events } = evaluated(vmap(f), { x: [1, 2] }) as { readonly events: HostEvents }
    expect(() => eventsOf(events)).toThrow(
      "'0 log x' is no place of a program that was run by itself",
    )
  })
})
