/**
 * Checks: assertions on computed values, inside programs that are compiled.
 *
 *   const checks = openChecks()
 *   const f = fn({ x: f32(3) }, ({ x }) => checks.first(gen(function* () {
 *     yield* Check.finite(log(x), 'the logarithm')
 *     return sum(log(x))
 *   })))
 *   const { value, failure } = await run(f, { x })
 *   checks.raise(failure)
 *
 * What failed first is a part of the result: the number of a check and the place of an element, led
 * through loops and branches. `unchecked` leaves all checks out.
 */
import { dimProduct, fail } from '../lib/data/index.js'
import { flatMap, later, pure, request } from '../lib/lang/program.js'
import { type Threading, thread } from '../lib/lang/scope.js'
import {
  and,
  argmax,
  concat,
  convert,
  eq,
  isFinite as finite,
  ge,
  gt,
  le,
  not,
  reshape,
  scalar,
  sum,
  where,
  zeros,
} from '../lib/ops/index.js'
import { captureSource, type Source, type Term } from '../lib/term/index.js'
import type { Program } from '../lib/types/program.js'
import type { Shape } from '../lib/types/shape.js'
import type { Tensor } from '../lib/types/tensor.js'
import { answered } from './answered.js'

interface Asked {
  readonly ok: Term
  readonly message: string
  readonly source: Source
}

const ask = (ok: Term, message: string): Program<void, 'Check'> =>
  request('Check', { ok, message, source: captureSource() } satisfies Asked)

interface CheckVocabulary {
  /** Every element holds. */
  readonly that: (ok: Tensor<Shape, 'bool'>, message: string) => Program<void, 'Check'>
  /** No element is NaN or infinite. */
  readonly finite: (x: Tensor, what: string) => Program<void, 'Check'>
  /** Every element lies between two bounds, both allowed; NaN does not. */
  readonly within: (x: Tensor, low: number, high: number, what: string) => Program<void, 'Check'>
}

// At run time a tensor is a term.
export const Check = {
  that: ask,
  finite: (x: Term, what: string) => ask(finite(x), `${what} is not finite`),
  within: (x: Term, low: number, high: number, what: string) =>
    ask(and(ge(x, low), le(x, high)), `${what} is outside [${low}, ${high}]`),
} as unknown as CheckVocabulary

/** Which check failed first, counted from 1, and at which element; 0 where none did. */
export interface Failure<T = Tensor<[], 'i32', never>> {
  readonly check: T
  readonly element: T
}

/** A value, and what failed on the way to it. */
export interface Checked<A> {
  readonly value: A
  readonly failure: Failure
}

export interface Checks {
  /** Makes the first failure a part of the value. */
  readonly first: <A, E extends string>(
    program: Program<A, E>,
  ) => Program<Checked<A>, Exclude<E, 'Check'>>
  /** Throws what a run reported: the message, the element and the line of the check. */
  readonly raise: (failure: Failure<ArrayLike<number> | number>) => void
}

/** Checks of one program or several, with the messages that their numbers stand for. */
export function openChecks(): Checks {
  const made: Asked[] = []
  const checking: Threading<Failure<Term>> = {
    effect: 'Check',
    answer: (failure, payload) => {
      const asked = payload as Asked // requests of Check are made by `ask` alone
      return { state: after(failure, asked.ok, made.push(asked)), answer: undefined }
    },
    tensors: ({ check, element }) => [check, element],
    restore: (_, [check, element]) => ({ check, element }),
  }
  return {
    first: <A, E extends string>(program: Program<A, E>) =>
      later(() => {
        const none = { check: scalar(0, 'i32'), element: scalar(0, 'i32') }
        return flatMap(thread(program, none, checking), ({ value, state }) =>
          pure({ value, failure: state }),
        )
      }) as unknown as Program<Checked<A>, Exclude<E, 'Check'>>, // Check is answered
    raise: ({ check, element }) => {
      const asked = made[numberOf(check) - 1]
      if (asked === undefined) return
      const line = asked.source.line()
      fail({
        code: 'effect',
        where: line === undefined ? 'Check' : `Check at ${line}`,
        what: `${asked.message}, at element ${numberOf(element)}`,
      })
    },
  }
}

/** Leaves all checks out. */
export const unchecked = <A, E extends string>(
  program: Program<A, E>,
): Program<A, Exclude<E, 'Check'>> => answered(program, 'Check')

/** A failure after one more check: the earlier one stays. */
function after({ check, element }: Failure<Term>, ok: Term, id: number): Failure<Term> {
  const bad = convert(not(ok), 'i32')
  // One more element, which never fails, so that there is a first one in any case.
  const last = zeros({ dtype: 'i32', shape: [1] })
  const each = concat([reshape(bad, [dimProduct(bad.shape)]), last], 0)
  const fails = and(gt(sum(each), 0), eq(check, 0))
  return { check: where(fails, id, check), element: where(fails, argmax(each, 0), element) }
}

const numberOf = (x: ArrayLike<number> | number): number => (typeof x === 'number' ? x : x[0])
