/**
 * Programs: the free monad over effect requests. A value, or a request and what to do with its
 * answer.
 *
 *   gen(function* () { const z = yield* request('Random', …); return f(z) })
 *
 * Programs are data: handlers interpret them (`handle`), and none runs by itself. Running one is a
 * loop over a linked stack of continuations, so 10⁶ binds nest safely either way.
 */
import { fail } from '../data/index.js'
import type { EffectsOf, Gen, Program, Pure } from '../types/program.js'

/** A program at run time; `Program<A, E>` is its typed face. */
type Node =
  | { readonly tag: 'pure'; readonly value: unknown }
  | { readonly tag: 'request'; readonly effect: string; readonly payload: unknown }
  | { readonly tag: 'bind'; readonly first: Code; readonly next: Continuation }
  | { readonly tag: 'later'; readonly make: () => Code }
  | { readonly tag: 'resumed'; readonly answer: unknown; readonly stack: Stack }

type Continuation = (value: unknown) => Code

/** A class, because `yield*` asks for an iterator on a prototype. */
class Code {
  readonly node: Node

  constructor(node: Node) {
    this.node = node
  }

  *[Symbol.iterator](): Generator<Code, unknown, unknown> {
    return yield this
  }
}

/** Continuations, innermost first; a frame may stand for a whole stack. */
type Stack = Frame | null
interface Frame {
  readonly next: Continuation | { readonly stack: Frame }
  readonly rest: Stack
}

// Programs are made here alone, so a typed face always hides a Code; what flows through
// continuations has the types that the signatures of the functions below tie together.
const typed = <A, E extends string>(node: Node): Program<A, E> => new Code(node) as Program<A, E>
const codeOf = (program: unknown): Code =>
  isProgram(program)
    ? (program as Code)
    : fail({ code: 'effect', what: 'what was yielded is no program', fix: 'Write yield* log(…)' })

export const isProgram = (x: unknown): x is Program<unknown, string> => x instanceof Code

/** A program with no effect. */
export const pure: Pure = (value) => typed({ tag: 'pure', value })

/** One request: its answer is what the handler of the effect gives. */
export const request = <A, E extends string>(effect: E, payload: unknown): Program<A, E> =>
  typed({ tag: 'request', effect, payload })

/** The program, then the one that its value gives. */
export const flatMap = <A, E extends string, B, F extends string>(
  program: Program<A, E>,
  next: (value: A) => Program<B, F>,
): Program<B, E | F> =>
  typed({ tag: 'bind', first: codeOf(program), next: (value) => codeOf(next(value as A)) })

/** A program that is made when it is needed. */
export const later = <A, E extends string>(make: () => Program<A, E>): Program<A, E> =>
  typed({ tag: 'later', make: () => codeOf(make()) })

/**
 * A program in generator notation. A generator runs once; where a handler resumes it again, the
 * body is run anew up to that place, on the answers it had.
 */
export const gen: Gen = <Y, A>(body: () => Generator<Y, A, never>): Program<A, EffectsOf<Y>> =>
  later(() => advance(body, body(), null, undefined))

/** The answers a generator was given, latest first; null where it has only been started. */
type Answers = { readonly latest: unknown; readonly before: Answers } | null

/** Runs a generator on an answer, up to its next program. */
function advance<Y, A>(
  body: () => Generator<Y, A, never>,
  running: Generator<Y, A, never>,
  given: Answers,
  answer: unknown,
): Program<A, EffectsOf<Y>> {
  const { done, value } = running.next(answer as never) // the answers that its programs gave
  if (done) return pure(value as A)
  let current: Generator<Y, A, never> | null = running
  return typed({
    tag: 'bind',
    first: codeOf(value),
    next: (next) => {
      const here = current ?? replayed(body, given)
      current = null
      return codeOf(advance(body, here, { latest: next, before: given }, next))
    },
  })
}

/** A new run of the body, up to where it was with the answers given. */
function replayed<Y, A>(
  body: () => Generator<Y, A, never>,
  given: Answers,
): Generator<Y, A, never> {
  const answers: unknown[] = []
  for (let at = given; at !== null; at = at.before) answers.push(at.latest)
  const running = body()
  running.next()
  for (const answer of answers.reverse()) running.next(answer as never)
  return running
}

/** How far a program gets by itself: to its value, or to a request. */
export type Stepped<A, E extends string> =
  | { readonly tag: 'done'; readonly value: A }
  | {
      readonly tag: 'request'
      readonly effect: E
      readonly payload: unknown
      readonly resume: (answer: unknown) => Program<A, E>
    }

/** Runs a program up to its value or its next request. */
export function step<A, E extends string>(program: Program<A, E>): Stepped<A, E> {
  let code = codeOf(program)
  let stack: Stack = null
  for (;;) {
    const { node } = code
    switch (node.tag) {
      case 'bind':
        stack = { next: node.next, rest: stack }
        code = node.first
        break
      case 'later':
        code = node.make()
        break
      case 'request': {
        const below = stack
        const resume = (answer: unknown) => typed<A, E>({ tag: 'resumed', answer, stack: below })
        return { tag: 'request', effect: node.effect as E, payload: node.payload, resume }
      }
      case 'pure':
      case 'resumed': {
        if (node.tag === 'resumed' && node.stack !== null) {
          stack = { next: { stack: node.stack }, rest: stack }
        }
        const value = node.tag === 'pure' ? node.value : node.answer
        const top = pop(stack)
        if (top === null) return { tag: 'done', value: value as A }
        stack = top.rest
        code = top.next(value)
        break
      }
    }
  }
}

/** The innermost continuation, and the stack below it. */
function pop(stack: Stack): { readonly next: Continuation; readonly rest: Stack } | null {
  let top = stack
  while (top !== null && typeof top.next !== 'function') {
    const inner: Frame = top.next.stack
    const below: Stack = top.rest
    const rest: Stack = inner.rest === null ? below : { next: { stack: inner.rest }, rest: below }
    top = { next: inner.next, rest }
  }
  return top === null ? null : { next: top.next as Continuation, rest: top.rest }
}

/** How one effect is interpreted. */
export interface Handler<A, B, F extends string> {
  /** What becomes of the program's value. */
  readonly done: (value: A) => Program<B, F>
  /** What becomes of a request: usually `resume(answer)`. */
  readonly request: (payload: unknown, resume: (answer: unknown) => Program<B, F>) => Program<B, F>
}

/** Takes an effect out of a program; the requests of others pass on. */
export const handle = <A, E extends string, H extends E, B, F extends string>(
  program: Program<A, E>,
  effect: H,
  handler: Handler<A, B, F>,
): Program<B, Exclude<E, H> | F> =>
  later(() => {
    const stepped = step(program)
    if (stepped.tag === 'done') return handler.done(stepped.value)
    const again = (answer: unknown) => handle(stepped.resume(answer), effect, handler)
    // A resumed program may request what the handler's own answer may: both are in the result.
    if (stepped.effect === effect) {
      return handler.request(stepped.payload, again as (answer: unknown) => Program<B, F>)
    }
    return flatMap(
      request<unknown, Exclude<E, H>>(stepped.effect as Exclude<E, H>, stepped.payload),
      again,
    )
  })
