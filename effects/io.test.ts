import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { run } from '../index.js'
import { handlerLaws, hold } from '../laws/index.js'
import { arrayFrom } from '../lib/data/index.js'
import { interpreters } from '../lib/interpret/index.js'
import { evaluated, numbers } from '../lib/lang/evaluate.fixture.js'
import {
  add,
  closedOf,
  constant,
  f64,
  fn,
  grad,
  gt,
  lt,
  mul,
  sin,
  square,
  sum,
  u32,
  unflatten,
} from '../lib/lang/index.js'
import { optimise, standard } from '../lib/pass/index.js'
import type { Func } from '../lib/term/index.js'
import type { Tensor } from '../lib/types/tensor.js'
import {
  Control,
  delivered,
  type Event,
  eventsOf,
  gen,
  type HostEvents,
  IO,
  log,
  Random,
  sampled,
} from './index.js'
import { type Script, scripts, talk, told } from './talkative.fixture.js'

const heard = (events: readonly Event[]) =>
  events.map(({ label, values }) => [label, values[0].data[0]])

const talking = (script: Script) =>
  fn({ x: f64() }, ({ x }) => delivered(talk(script, x), { atMost: 200 }))

/** What a function puts out at x, by the reference, after `change` of its program. */
function heardAfter(f: unknown, change: (func: Func) => Func, x: number) {
  const { func, output } = closedOf(f, 'test')
  const results = interpreters.evaluate(change(func), [arrayFrom('f64', [], [x])], {})
  const { events } = unflatten(output, results) as { readonly events: HostEvents }
  return heard(eventsOf(events))
}

const x = fc.constantFrom(-2, 0.5, 1, 3)

describe('what is put out arrives in the order of the program', () => {
  it('from straight lines, loops and branches in each other', () => {
    fc.assert(
      fc.property(scripts, x, (script, at) => {
        expect(heardAfter(talking(script), (f) => f, at)).toEqual(told(script, at))
      }),
      { numRuns: 60, seed: 1 },
    )
  })

  it.each([...new Map(standard.map((pass) => [pass.name, pass])).values()])(
    'after the pass $name',
    (pass) => {
      fc.assert(
        fc.property(scripts, x, (script, at) => {
          expect(heardAfter(talking(script), pass.run, at)).toEqual(told(script, at))
        }),
        { numRuns: 12, seed: 2 },
      )
    },
  )

  it('after all passes', () => {
    fc.assert(
      fc.property(scripts, x, (script, at) => {
        const all = (f: Func) => optimise(f, standard, { verify: true })
        expect(heardAfter(talking(script), all, at)).toEqual(told(script, at))
      }),
      { numRuns: 20, seed: 3 },
    )
  })

  it('on the default backend', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, x, async (script, at) => {
        const { events } = await run(talking(script), { x: at })
        expect(heard(eventsOf(events))).toEqual(told(script, at))
      }),
      { numRuns: 12, seed: 4 },
    )
  })
})

describe('delivery', () => {
  it('of several tensors, of every dtype, and of curves of a named size', async () => {
    const f = fn({ x: f64('n') }, ({ x }) =>
      delivered(
        gen(function* () {
          yield* IO.call('pair', x, gt(x, 1))
          yield* IO.plot('curve', square(x))
          const [last] = yield* Control.scan(constant(0, { dtype: 'f64' }), x, (c, row) =>
            gen(function* () {
              const next = add(c, row)
              yield* IO.save('sum', next)
              return [next, null] as const
            }),
          )
          return last
        }),
      ),
    )
    const { value, events } = await run(f, { x: [1, 2, 4] })
    expect(value.toNested()).toBe(7)
    const found = eventsOf(events).map((e) => [e.kind, e.label, e.values.map((v) => v.toNested())])
    expect(found).toEqual([
      [
        'call',
        'pair',
        [
          [1, 2, 4],
          [0, 1, 1],
        ],
      ],
      ['plot', 'curve', [[1, 4, 16]]],
      ['save', 'sum', [1]],
      ['save', 'sum', [3]],
      ['save', 'sum', [7]],
    ])
    const none = await run(f, { x: [] })
    expect(eventsOf(none.events).map((e) => e.kind)).toEqual(['call', 'plot'])
  })

  it('keeps the latest rows of a loop of unknown length, and numbers say what is missing', () => {
    const f = fn({ n: f64() }, ({ n }) =>
      delivered(
        Control.whileLoop(
          constant(0, { dtype: 'f64' }),
          (i) => lt(i, n),
          (i) =>
            gen(function* () {
              yield* log('i', i)
              return add(i, 1)
            }),
        ),
        { atMost: 3 },
      ),
    )
    const { events } = evaluated(f, { n: 7 }) as { readonly events: HostEvents }
    expect(eventsOf(events).map((e) => [e.order, e.values[0].data[0]])).toEqual([
      [4, 4],
      [5, 5],
      [6, 6],
    ])
  })

  it('lies outside derivatives: the gradient is that of the silent program', () => {
    const loud = fn({ x: f64(3) }, ({ x }) => {
      const program = gen(function* () {
        yield* log('x', x)
        const [c] = yield* Control.scan(constant(0, { dtype: 'f64' }), x, (c, row) =>
          gen(function* () {
            const next = add(c, mul(sin(row), row))
            yield* log('c', next)
            return [next, null] as const
          }),
        )
        return c
      })
      return delivered(program)
    })
    const value = fn({ x: f64(3) }, ({ x }) => loud({ x }).value)
    const quiet = fn({ x: f64(3) }, ({ x }) => sum(mul(sin(x), x)))
    const at = { x: [0.5, 1, 2] }
    const [found, wanted] = [grad(value, 'x'), grad(quiet, 'x')].map((g) => numbers(g, at))
    ;(found as number[]).forEach((d, i) => {
      expect(d).toBeCloseTo((wanted as number[])[i], 14)
    })
  })

  it('asks for the handlers of other effects inside', () => {
    const noisy = (z: Tensor<[], 'f64'>) =>
      Control.forLoop(2, z, (_, c) =>
        gen(function* () {
          const next = yield* Random.normal(c, 1)
          yield* log('c', next)
          return next
        }),
      )
    const spec = { x: f64(), key: u32(2) }
    const outside = () => fn(spec, ({ x, key }) => sampled(key, delivered(noisy(x))))
    expect(outside).toThrow(
      'IO is handled while a loop or branch still has the effect Random. Handle Random first, inside',
    )
    const inside = fn(spec, ({ x, key }) => delivered(sampled(key, noisy(x))))
    const { events } = evaluated(inside, { x: 0, key: [0, 1] }) as { readonly events: HostEvents }
    expect(eventsOf(events).length).toBe(2)
  })
})

describe('delivered is a handler', () => {
  const laws = handlerLaws({
    name: 'delivered',
    handle: (program) => delivered(program),
    requests: [
      { text: "log('x', x)", ask: (x) => log('x', x) },
      { text: "call('f', x, x)", ask: (x) => IO.call('f', x, x) },
    ],
    value: (handled: { readonly value: unknown }) => handled.value,
    // Of a loop there is one array of rows, of its steps written out there are several.
    loops: false,
  })
  for (const law of laws) it(law.name, () => hold(law, { runs: 6, seed: 5 }))
})
