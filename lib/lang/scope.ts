/**
 * Scopes: control flow whose bodies are programs.
 *
 *   { carry, bodies, build }      build(carry, bodies without effects)  →  [carry, out]
 *
 * A scope is one request. A handler that threads a state through a program threads it through the
 * carry of its scopes; what nobody needs to handle any more is built when a value is asked for.
 */
import { type Dim, PullbackError } from '../data/index.js'
import type { Term } from '../term/index.js'
import type { Program } from '../types/program.js'
import { flatMap, later, pure, request, type Stepped, step } from './program.js'

/** A carry, and what a body or the whole gives besides it. */
export type Outcome = readonly [carry: unknown, out: unknown]

/** Control flow over a carry. */
export interface Scope {
  readonly carry: unknown
  readonly bodies: readonly ScopeBody[]
  /**
   * How often a body runs: so many times, or as the program decides; of branches, one runs once.
   */
  readonly times: Dim | 'branch' | 'unknown'
  /** The same written out, without control flow, where the count is a number. */
  readonly unrolled?: (carry: unknown, bodies: readonly ScopeBody[]) => Program<Outcome, string>
  /** Builds the control flow; `own` finds in a carry what the scope was made with. */
  readonly build: (
    carry: unknown,
    bodies: readonly ((carry: unknown, ...rest: readonly unknown[]) => Outcome)[],
    own: (carry: unknown) => unknown,
  ) => Outcome
}

export type ScopeBody = (carry: unknown, ...rest: readonly unknown[]) => Program<Outcome, string>

/** The name under which scopes are requested; no handler's. */
const scoped = '@scope'

/** The program that runs a scope and gives what it gives besides its carry. */
export const enter = (scope: Scope): Program<unknown, string> =>
  flatMap(request<Outcome, string>(scoped, scope), ([, out]) => pure(out))

/** The scope that a program stopped at, if it did. */
export const scopeAt = (at: Stepped<unknown, string>): Scope | null =>
  // Requests of this name are made by `enter` and `enterAgain` alone.
  at.tag === 'request' && at.effect === scoped ? (at.payload as Scope) : null

/** A rewritten scope, whose outcome is asked for whole. */
export const enterAgain = (scope: Scope): Program<Outcome, string> => request(scoped, scope)

/** An effect that a value was asked for in spite of. */
export class UnhandledEffect extends PullbackError {
  readonly effect: string

  constructor(effect: string, where: string) {
    super({ code: 'effect', what: `unhandled effect ${effect}`, fix: `Handle it before ${where}` })
    this.effect = effect
  }
}

/** The value of a program whose effects are all handled. */
export function settle<A>(program: Program<A, string>, where: string): A {
  let at = step(program)
  for (let scope = scopeAt(at); scope !== null; scope = scopeAt(at)) {
    at = step((at as Asking<A>).resume(built(scope, where))) // a scope is a request
  }
  if (at.tag === 'done') return at.value
  throw new UnhandledEffect(at.effect, where)
}

export type Asking<A> = Extract<Stepped<A, string>, { readonly tag: 'request' }>

/**
 * A program stopped at a request; where that is a scope, at the first effect that is left in it.
 */
export interface Stopped extends Asking<unknown> {
  readonly left: string
}

/** How far a program gets, scopes without effects being built, each once. */
export function stepThrough(
  program: Program<unknown, string>,
): Extract<Stepped<unknown, string>, { readonly tag: 'done' }> | Stopped {
  let at = step(program)
  while (at.tag === 'request') {
    const scope = scopeAt(at)
    if (scope === null) return { ...at, left: at.effect }
    const outcome = attempted(scope)
    if (typeof outcome === 'string') return { ...at, left: outcome }
    at = step(at.resume(outcome))
  }
  return at
}

/** The outcome of a scope, or the first effect in it that nobody has handled. */
function attempted(scope: Scope): Outcome | string {
  try {
    return built(scope, 'fn')
  } catch (error) {
    if (error instanceof UnhandledEffect) return error.effect
    throw error
  }
}

/** The outcome of a scope whose bodies have no effects left. */
export const built = (scope: Scope, where: string): Outcome =>
  scope.build(
    scope.carry,
    scope.bodies.map(
      (body) =>
        (carry, ...rest) =>
          settle(body(carry, ...rest), where),
    ),
    (carry) => carry,
  )

/** How a handler answers while it threads a state of tensors. */
export interface Threading<S> {
  readonly effect: string
  readonly answer: (state: S, payload: unknown) => { readonly state: S; readonly answer: unknown }
  /** The tensors of a state, to be carried through control flow, and the state of such tensors. */
  readonly tensors: (state: S) => readonly Term[]
  readonly restore: (state: S, tensors: readonly Term[]) => S
}

/** A value, and the state that a program left. */
export interface Threaded<A, S> {
  readonly value: A
  readonly state: S
}

/** Answers an effect while threading a state, through control flow too. */
export function thread<A, S>(
  program: Program<A, string>,
  state: S,
  by: Threading<S>,
): Program<Threaded<A, S>, string> {
  return later(() => {
    const at = step(program)
    if (at.tag === 'done') return pure({ value: at.value, state })
    if (at.effect === by.effect) {
      const next = by.answer(state, at.payload)
      return thread(at.resume(next.answer), next.state, by)
    }
    const scope = scopeAt(at)
    if (scope === null) {
      return flatMap(request<unknown, string>(at.effect, at.payload), (answer) =>
        thread(at.resume(answer), state, by),
      )
    }
    return flatMap(enterAgain(threadScope(scope, state, by)), ([carry, out]) => {
      const [own, tensors] = carry as Pair
      return thread(at.resume([own, out]), by.restore(state, tensors), by)
    })
  })
}

type Pair = readonly [own: unknown, tensors: readonly Term[]]

/** A scope whose carry holds the state too. */
export function threadScope<S>(scope: Scope, state: S, by: Threading<S>): Scope {
  // What a body adds to the state ends with it.
  const count = by.tensors(state).length
  return {
    ...scope,
    carry: [scope.carry, by.tensors(state)] satisfies Pair,
    bodies: scope.bodies.map((body) => (carry, ...rest) => {
      const [own, tensors] = carry as Pair // as made above
      const inside = thread(body(own, ...rest), by.restore(state, tensors), by)
      return flatMap(inside, ({ value: [next, out], state: after }) =>
        pure([[next, by.tensors(after).slice(0, count)], out] as Outcome),
      )
    }),
    build: (carry, bodies, own) => scope.build(carry, bodies, (whole) => (own(whole) as Pair)[0]),
  }
}
