/**
 * The laws of monads (Wadler 1992), of the instance that `pullback/effects` publishes or of another
 * with the same operations.
 *
 *   for (const law of monadLaws()) test(law.name, () => hold(law))
 *
 * Two programs are the same if a handler sees the same requests in the same order from both, and the
 * same value.
 */

import fc from 'fast-check'
import { collected, type Program, Monad as published, tap } from '../../effects/index.js'
import { type Closure, closeBody, closureOf } from '../../lib/lang/index.js'
import type { Term } from '../../lib/term/index.js'
import type { Tensor } from '../../lib/types/tensor.js'
import { arrays } from '../arbitraries.js'
import { needsMembers } from '../given.js'
import { type Law, law } from '../law.js'
import { alike } from './same.js'
import { inOrder, type Request, type Step, type Trace, traces } from './trace.js'

type Any = Program<unknown, string>
type Pool = readonly Term[]

/** The operations of a monad of programs. */
export interface ProgramMonad {
  readonly of: (value: unknown) => Any
  readonly map: (program: Any, f: (value: never) => unknown) => Any
  readonly ap: (functions: Any, program: Any) => Any
  readonly chain: (program: Any, next: (value: never) => Any) => Any
}

const requests: readonly Request[] = [
  { text: "tap('a', $)", ask: (x: Tensor) => tap('a', x) },
  { text: "tap('b', $)", ask: (x: Tensor) => tap('b', x) },
]

// The published instance is typed for fp-ts; here programs have any value and any effect.
export const instance = published as unknown as ProgramMonad

export function monadLaws(monad: ProgramMonad = instance): readonly Law[] {
  const members = { of: 'function', map: 'function', ap: 'function', chain: 'function' } as const
  needsMembers('monadLaws', monad, members, 'a monad of programs')
  const { of, map, ap, chain } = monad
  const run = (steps: readonly Step[]) => (pool: Pool) => inOrder(steps, pool, requests, false)
  const same = (
    name: string,
    source: string,
    sides: (m: (p: Pool) => Any, k: (p: Pool) => Any, l: (p: Pool) => Any) => readonly Side[],
  ): Law =>
    law(`programs are a monad: ${name}`, source, points, ({ traces: [m, k, l], inputs }) => {
      const [left, right] = sides(run(m.steps), run(k.steps), run(l.steps)).map(closed)
      return alike(left, right, inputs)
    })
  const rotate = (pool: Pool): Pool => [...pool.slice(1), pool[0]]
  const double = (pool: Pool): Pool => [...pool, ...pool]
  return [
    same('left identity', 'chain (of a) k = k a', (_, k) => [(p) => chain(of(p), k), k]),
    same('right identity', 'chain m of = m', (m) => [(p) => chain(m(p), of), m]),
    same('associativity', 'chain (chain m k) l = chain m (a ⇒ chain (k a) l)', (m, k, l) => [
      (p) => chain(chain(m(p), k), l),
      (p) => chain(m(p), (a: Pool) => chain(k(a), l)),
    ]),
    same('map is chain of of', 'map m f = chain m (of ∘ f)', (m) => [
      (p) => map(m(p), rotate),
      (p) => chain(m(p), (a: Pool) => of(rotate(a))),
    ]),
    same('map keeps identity', 'map m id = m', (m) => [(p) => map(m(p), (a) => a), m]),
    same('map keeps composition', 'map (map m f) g = map m (g ∘ f)', (m) => [
      (p) => map(map(m(p), rotate), double),
      (p) => map(m(p), (a: Pool) => double(rotate(a))),
    ]),
    same('ap is chain of map', 'ap f m = chain f (g ⇒ map m g)', (m, k) => {
      const functions = (p: Pool) => map(k(p), (at: Pool) => (a: Pool) => [...at, ...a])
      return [
        (p) => ap(functions(p), m(p)),
        (p) => chain(functions(p), (g: (a: Pool) => Pool) => map(m(p), g)),
      ]
    }),
  ]
}

type Side = (pool: Pool) => Any

const points = fc
  .record({
    traces: fc.tuple(traces(requests), traces(requests), traces(requests)),
    inputs: fc.tuple(arrays('f64', [3], {}, 0), arrays('f64', [3], {}, 1)),
  })
  .map((p) => ({
    ...p,
    // Requests of others are not answered here.
    traces: p.traces.map((t): Trace => ({ ...t, steps: t.steps.filter((s) => s.tag !== 'other') })),
    toString: () => p.traces.map(String).join('then'),
  }))

const spec = { dtype: 'f64' as const, shape: [3] }

const closed = (side: Side): Closure => {
  const body = (given: { x: Term; y: Term }) => collected(side([given.x, given.y]))
  return closureOf(closeBody({ x: spec, y: spec }, body, { name: 'monad', lines: false }), 'monad')
}
