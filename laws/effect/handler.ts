/**
 * The kit for handlers: what holds of any interpretation of an effect.
 *
 *   for (const law of handlerLaws({ name: 'silenced', handle: silenced, requests: […] })) …
 *
 * A handler is a map of monads that others can be composed with: it keeps values and the order of
 * binds, leaves the requests of others to them, keeps nothing between runs, and can be resumed more
 * than once (Plotkin and Pretnar 2013; Bauer and Pretnar 2015). Programs are compared by what they
 * compute, to the last bit, and by their gradients.
 */

import fc from 'fast-check'
import { flatMap, type Handler, handle, type Program, pure } from '../../effects/index.js'
import { type Closure, closeBody, closureOf } from '../../lib/lang/index.js'
import { add, mul } from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import { arrays } from '../arbitraries.js'
import { pointLaws } from '../derivative/laws.js'
import { pointOf } from '../derivative/point.js'
import { needsMembers } from '../given.js'
import { type Law, law } from '../law.js'
import { alike, bits, evaluate } from './same.js'
import { generated, inOrder, nested, type Request, type Step, type Trace, traces } from './trace.js'

export interface HandlerSubject {
  readonly name: string
  /** Takes its effect out of a program; what it gives is a tree of tensors. */
  readonly handle: (program: Program<unknown, string>) => Program<unknown, string>
  /** Ways to ask, of a tensor f64[3]. */
  readonly requests: readonly Request[]
  /** The program's own value in what `handle` gives. Default: all of it. */
  readonly value?: (handled: never) => unknown
  /** Whether loops mean what they do written out. Default: true; a sampler draws other numbers. */
  readonly loops?: boolean
  /** Whether a request may be answered twice. Default: true. */
  readonly resumable?: boolean
}

const spec = { dtype: 'f64' as const, shape: [3] }
type Pool = readonly Term[]
type Body = (pool: Pool) => Program<unknown, string>

export function handlerLaws(subject: HandlerSubject): readonly Law[] {
  const members = { name: 'string', handle: 'function', requests: 'list' } as const
  needsMembers('handlerLaws', subject, members, 'a handler, its name and its requests')
  const { name, handle: run, requests, value = (x: never) => x, loops = true } = subject
  const { resumable = true } = subject
  const plain = traces(requests)
  const same = (
    what: string,
    source: string,
    over: fc.Arbitrary<Trace>,
    sides: (steps: readonly Step[]) => readonly [Body, Body],
  ): Law =>
    law(`${name}: ${what}`, source, points(over), ({ trace, inputs }) => {
      const [left, right] = sides(trace.steps).map((body) => closed(body))
      return alike(left, right, inputs)
    })
  const both =
    (body: Body): Body =>
    (pool) =>
      other(run(body(pool)))
  const split = (steps: readonly Step[]) => {
    const half = Math.floor(steps.length / 2)
    return [steps.slice(0, half), steps.slice(half)] as const
  }
  const list =
    (steps: readonly Step[]): Body =>
    (pool) =>
      inOrder(steps, pool, requests, false)
  return [
    same('a value is handled to itself', 'h (pure a) = a', plain, () => [
      (pool) => flatMap(run(pure(pool)), (handled) => pure(value(handled as never))),
      (pool) => pure(pool),
    ]),
    same('binding a value is applying', 'h (pure a >>= k) = h (k a)', plain, (steps) => [
      both((pool) => flatMap(pure(pool), (at) => inOrder(steps, at, requests, false))),
      both(list(steps)),
    ]),
    same('binding to pure changes nothing', 'h (m >>= pure) = h m', plain, (steps) => [
      both((pool) => flatMap(list(steps)(pool), pure)),
      both(list(steps)),
    ]),
    same('binds associate', 'h ((m >>= k) >>= l) = h (m >>= (a ⇒ k a >>= l))', plain, (steps) => {
      const [first, second] = split(steps)
      const after = (at: Pool) => inOrder(second, at, requests, false)
      return [
        both((pool) => flatMap(inOrder(first, pool, requests, false), after)),
        both((pool) => nested([...first, ...second], pool, requests)),
      ]
    }),
    same('a generator is its binds', 'gen (m; k) = m >>= k', plain, (steps) => [
      both((pool) => generated(steps, pool, requests)),
      both(list(steps)),
    ]),
    same(
      'it commutes with handlers of other effects',
      'h ∘ g = g ∘ h where neither asks for the other',
      plain,
      (steps) => [(pool) => run(other(list(steps)(pool))), (pool) => other(run(list(steps)(pool)))],
    ),
    law(
      `${name}: it keeps nothing between runs`,
      'a program is a value: run twice, it means the same',
      points(plain),
      ({ trace, inputs }) => {
        let first: unknown
        const twice: Body = (pool) => {
          const program = other(run(generated(trace.steps, pool, requests)))
          return flatMap(program, (one) => {
            first = one
            return flatMap(program, (two) => pure({ first, two }))
          })
        }
        const closure = closed(twice)
        const found = evaluate(closure, inputs)
        const half = found.length / 2
        return bits(found.slice(half), found.slice(0, half), 'the second run')
      },
    ),
    ...(resumable
      ? [
          same(
            'a continuation may be resumed twice',
            'each resumption goes on from the state at its request',
            traces(requests, { twice: true }),
            (steps) => [
              (pool) => forked(other(run(list(steps)(pool)))),
              (pool) => unforked(steps, (way) => other(run(inOrder(way, pool, requests, false)))),
            ],
          ),
        ]
      : []),
    ...(loops
      ? [
          same(
            'a loop is its steps written out',
            'handlers thread their state through carries',
            traces(requests, { loops: true }),
            (steps) => [both(list(steps)), both((pool) => inOrder(steps, pool, requests, true))],
          ),
        ]
      : []),
    ...[pointLaws.adjoint, pointLaws.orders, pointLaws.map, pointLaws.batched].map((each) =>
      law(
        `${name}: of what is handled, ${each.name}`,
        each.source,
        points(traces(requests, { loops })),
        ({ trace, inputs, seed }) => {
          const { func } = closed(both(list(trace.steps)))
          return each.check(pointOf(func, inputs, { seed }))
        },
      ),
    ),
  ]
}

/** Traces with inputs to compare them at. */
const points = (over: fc.Arbitrary<Trace>) =>
  fc
    .record({
      trace: over,
      inputs: fc.tuple(arrays('f64', [3], {}, 0), arrays('f64', [3], {}, 1)),
      seed: fc.nat(),
    })
    .map((p) => ({
      ...p,
      toString: () => `${p.trace}\nx = [${p.inputs[0].data}]\ny = [${p.inputs[1].data}]`,
    }))

const closed = (body: Body): Closure =>
  closureOf(
    // The inputs are those of the specification below.
    closeBody({ x: spec, y: spec }, (given: { x: Term; y: Term }) => body([given.x, given.y]), {
      name: 'handled',
      lines: false,
    }),
    'handlerLaws',
  )

/** Answers `Other` with a number that depends on what was asked. */
function other(program: Program<unknown, string>): Program<unknown, string> {
  const answering: Handler<unknown, unknown, string> = {
    done: pure,
    request: (payload, resume) => resume(mul(payload as Term, 0.5)), // asked of terms
  }
  return handle(program, 'Other', answering)
}

/** Answers each `Twice` both ways; the leaves of both results, side by side. */
function forked(program: Program<unknown, string>): Program<unknown, string> {
  return handle<unknown, string, 'Twice', unknown, string>(program, 'Twice', {
    done: pure,
    request: (payload, resume) => {
      const x = payload as Term // asked of terms
      return flatMap(resume(add(x, 1)), (one) =>
        flatMap(resume(add(x, 2)), (two) => pure([one, two])),
      )
    },
  })
}

/** The same with each way run from the start. */
function unforked(
  steps: readonly Step[],
  run: (steps: readonly Step[]) => Program<unknown, string>,
): Program<unknown, string> {
  const ways = steps.filter((s) => s.tag === 'twice').length
  const from = (taken: readonly number[]): Program<unknown, string> => {
    if (taken.length === ways) return answeredAs(run(steps), taken)
    return flatMap(from([...taken, 1]), (one) =>
      flatMap(from([...taken, 2]), (two) => pure([one, two])),
    )
  }
  return from([])
}

type Answered = (ways: readonly number[]) => Program<unknown, string>

/** Answers the requests of `Twice` in order, the n-th in the n-th way. */
const answeredAs = (
  program: Program<unknown, string>,
  ways: readonly number[],
): Program<unknown, string> => {
  const waiting = handle<unknown, string, 'Twice', Answered, string>(program, 'Twice', {
    done: (value) => pure(() => pure(value)),
    request: (payload, resume) =>
      pure(
        ([way, ...rest]: readonly number[]) =>
          flatMap(resume(add(payload as Term, way)), (next) => next(rest)), // asked of terms
      ),
  })
  return flatMap(waiting, (next) => next(ways))
}
