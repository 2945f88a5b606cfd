/**
 * The handlers of this project, each with ways to ask it: what puts it under `handlerLaws`.
 *
 * A new handler is one more entry. Samplers draw other numbers in a loop than in its steps written
 * out (each step has a key of its own), so `loops` says false for them.
 */
import {
  accumulated,
  Check,
  collected,
  delivered,
  flatMap,
  functionalized,
  log,
  openChecks,
  type Program,
  Random,
  State,
  sampled,
  silenced,
  tap,
  tell,
  unchecked,
} from '../../effects/index.js'
import { constant, mul } from '../../lib/lang/index.js'
import type { Tensor } from '../../lib/types/tensor.js'
import type { HandlerSubject } from './handler.js'
import type { Request } from './trace.js'

type Any = Program<unknown, string>
/** Handlers are typed by the effects that they take out; here programs have any. */
type Untyped = (program: Any) => Any
const untyped = (handle: unknown): Untyped => handle as Untyped
const ask = (text: string, asked: (x: Tensor) => unknown): Request => ({
  text,
  ask: asked as Request['ask'], // what the vocabularies give are programs
})

const logs: readonly Request[] = [
  ask("log('seen', $)", (x) => log('seen', x)),
  ask("tap('kept', $)", (x) => tap('kept', x)),
]
const checks: readonly Request[] = [
  ask("Check.finite($, 'x')", (x) => Check.finite(x, 'x')),
  ask("Check.within($, -99, 99, 'x')", (x) => Check.within(x, -99, 99, 'x')),
]
/** One reference for the whole program, made where it is first asked for. */
const state: readonly Request[] = [
  ask('State: make a reference to $, add to it, read it', (x) =>
    flatMap(State.make(x), (ref) =>
      flatMap(State.at(ref as never, 1).add(2), () => State.get(ref)),
    ),
  ),
  ask('State: make, overwrite, read twice', (x) =>
    flatMap(State.make(x), (ref) =>
      flatMap(State.get(ref), (old) =>
        flatMap(State.set(ref, mul(old as never, 3) as never), () => State.get(ref)),
      ),
    ),
  ),
]
const told: readonly Request[] = [ask('tell($)', tell)]
const draws: readonly Request[] = [
  ask('Random.normal($, 1)', (x) => Random.normal(x as never, 1)),
  ask('Random.laplace($, 1)', (x) => Random.laplace(x as never, 1)),
]
const total = () => constant([0, 0, 0], { dtype: 'f64' })
const key = () => constant([3, 5], { dtype: 'u32' })
const own = ({ value }: { readonly value: unknown }): unknown => value

export const handlers: readonly HandlerSubject[] = [
  { name: 'silenced', handle: untyped(silenced), requests: logs },
  // Logs inside loops stay unhandled, by its word.
  { name: 'collected', handle: untyped(collected), requests: logs, value: own, loops: false },
  // Its events are kept by place, and a loop is one place.
  { name: 'delivered', handle: untyped(delivered), requests: logs, value: own, loops: false },
  { name: 'unchecked', handle: untyped(unchecked), requests: checks },
  {
    name: 'checks',
    handle: untyped((program: Any) => openChecks().first(program)),
    requests: checks,
    value: own,
  },
  { name: 'functionalized', handle: untyped(functionalized), requests: state },
  {
    name: 'accumulated',
    handle: untyped((program: Any) => accumulated(total(), program)),
    requests: told,
    value: own,
  },
  {
    name: 'sampled',
    handle: untyped((program: Any) => sampled(key(), program)),
    requests: draws,
    loops: false,
  },
]
