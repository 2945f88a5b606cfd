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
 * What failed is a part of the result: the number of a check and the place of an element, led through
 * loops and branches. `first` reports the check that failed first; `all` each that failed, at its
 * first time; `unchecked` leaves all checks out.
 */
import { dimProduct, fail } from '../lib/data/index.js'
import { signed, tensorOf } from '../lib/lang/face.js'
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
  lt,
  not,
  reshape,
  scalar,
  stack,
  sum,
  where,
  zeros,
} from '../lib/ops/index.js'
import { captureSource, type Term } from '../lib/term/index.js'
import type { Program } from '../lib/types/program.js'
import type { Dim, Shape } from '../lib/types/shape.js'
import type { Tensor } from '../lib/types/tensor.js'
import { answered } from './answered.js'
import { type Asked, reportOf } from './checkReport.js'
import { type Siting, sited } from './sites.js'

const ask = (ok: Term, message: string, subject = ok): Program<void, 'Check'> =>
  request('Check', { ok, message, source: captureSource(), subject } satisfies Asked)

interface CheckVocabulary {
  /** Every element holds. */
  readonly that: (ok: Tensor<Shape, 'bool'>, message: string) => Program<void, 'Check'>
  /** No element is NaN or infinite. */
  readonly finite: (x: Tensor, what: string) => Program<void, 'Check'>
  /** Every element lies between two bounds, both allowed; NaN does not. */
  readonly within: (x: Tensor, low: number, high: number, what: string) => Program<void, 'Check'>
}

export const Check = signed<CheckVocabulary>({
  that: ask,
  finite: (x: Term, what: string) => ask(finite(x), `${String(what)} is not finite`, x),
  within: (x: Term, low: number, high: number, what: string) =>
    ask(and(ge(x, low), le(x, high)), `${String(what)} is outside [${low}, ${high}]`, x),
})

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

/** A value, and for each check whether and where it failed. */
export interface AllChecked<A> {
  readonly value: A
  readonly failures: Failure<Tensor<readonly [Dim], 'i32', never>>
}

export interface Checks {
  /** Makes the first failure a part of the value. */
  readonly first: <A, E extends string>(
    program: Program<A, E>,
  ) => Program<Checked<A>, Exclude<E, 'Check'>>
  /** Makes the first failure of each check a part of the value; effects in loops are handled before. */
  readonly all: <A, E extends string>(
    program: Program<A, E>,
  ) => Program<AllChecked<A>, Exclude<E, 'Check'>>
  /**
   * Throws what a run reported: for each check that failed the message, its line, the element, and
   * the op that made it, with its line.
   */
  readonly raise: (failure: Failure<ArrayLike<number> | number | HostNumbers>) => void
}

/** Numbers of a run, as arrays on the host hold them. */
interface HostNumbers {
  readonly data: ArrayLike<number>
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
          pure({ value, failure: numbered(state) }),
        )
      }) as Program<Checked<A>, Exclude<E, 'Check'>>, // Check is answered
    all: <A, E extends string>(program: Program<A, E>) =>
      flatMap(sited(program, noting), ({ value, sites }) => {
        const check = sites.map(({ payload, tensors: [element] }) =>
          where(lt(element, 0), 0, made.push(payload)),
        )
        const element = sites.map(({ tensors: [at] }) => at)
        const failures = numbered({ check: listed(check), element: listed(element) })
        return pure({ value, failures })
      }) as Program<AllChecked<A>, Exclude<E, 'Check'>>, // Check is answered
    raise: ({ check, element }) => {
      const elements = numbersOf(element)
      const told = numbersOf(check).flatMap((number, i) => {
        const asked = made[number - 1]
        return asked === undefined ? [] : [reportOf(asked, elements[i])]
      })
      if (told.length === 0) return
      const [{ where, what }] = told
      if (told.length === 1) fail({ code: 'effect', where, what })
      const each = told.map((t) => `${t.where}: ${t.what}`)
      fail({ code: 'effect', what: `${told.length} checks failed\n${each.join('\n')}` })
    },
  }
}

/** For each check, the first element that failed when it first did; −1 before. */
const noting: Siting<Asked> = {
  effect: 'Check',
  shared: [],
  open: () => [scalar(-1, 'i32')],
  meet: ({ ok }, [element]) => {
    const each = failing(ok)
    const fails = and(gt(sum(each), 0), lt(element, 0))
    return { tensors: [where(fails, argmax(each, 0), element)], shared: [] }
  },
}

/** Numbers of checks and elements, which are i32 of one shape. */
const numbered = <T extends Tensor>({ check, element }: Failure<Term>): Failure<T> => ({
  check: tensorOf(check),
  element: tensorOf(element),
})

/** Scalars as a vector; an empty one too. */
const listed = (terms: readonly Term[]): Term =>
  terms.length === 0 ? zeros({ dtype: 'i32', shape: [0] }) : stack(terms)

/** Leaves all checks out. */
export const unchecked = <A, E extends string>(
  program: Program<A, E>,
): Program<A, Exclude<E, 'Check'>> => answered(program, 'Check')

/** A failure after one more check: the earlier one stays. */
function after({ check, element }: Failure<Term>, ok: Term, id: number): Failure<Term> {
  const each = failing(ok)
  const fails = and(gt(sum(each), 0), eq(check, 0))
  return { check: where(fails, id, check), element: where(fails, argmax(each, 0), element) }
}

/** 1 where an element fails, and one more that never does, so that there is a first in any case. */
function failing(ok: Term): Term {
  const bad = convert(not(ok), 'i32')
  return concat([reshape(bad, [dimProduct(bad.shape)]), zeros({ dtype: 'i32', shape: [1] })], 0)
}

function numbersOf(x: ArrayLike<number> | number | HostNumbers): readonly number[] {
  if (typeof x === 'number') return [x]
  return Array.from('data' in x ? x.data : x)
}
