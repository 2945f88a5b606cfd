/**
 * Effect traces: random programs that ask, compute and ask again.
 *
 *   x₂ = sin x₁ · ask 0 of x₂ · x₃ = other(x₂) · loop 2 { ask 1 of x₃ } · return (x₂, x₃)
 *
 * A trace is data; it becomes a program in several ways that must mean the same (binds to the left,
 * to the right, a generator; loops as loops or written out), and prints as TypeScript. `Other` is
 * an effect that no handler under test knows; `Twice` is answered twice.
 */
import fc from 'fast-check'
import { Control, flatMap, gen, type Program, pure, request } from '../../effects/index.js'
import { tensorOf, termOf } from '../../lib/lang/face.js'
import { add, mul, sin, tanh } from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import type { Tensor } from '../../lib/types/tensor.js'

/** A way to ask, from a tensor at hand; an answer that is a tensor joins those at hand. */
export interface Request {
  /** As in the printed program. */
  readonly text: string
  readonly ask: (x: Tensor) => Program<unknown, string>
}

export type Step =
  | { readonly tag: 'compute'; readonly word: 'sin' | 'tanh' | 'add' | 'mul'; readonly at: number }
  | { readonly tag: 'ask'; readonly which: number; readonly at: number }
  | { readonly tag: 'other'; readonly at: number }
  | { readonly tag: 'twice'; readonly at: number }
  | { readonly tag: 'loop'; readonly times: number; readonly body: readonly Step[] }

export interface Trace {
  readonly steps: readonly Step[]
  readonly toString: () => string
}

export interface TraceOptions {
  readonly loops?: boolean
  readonly twice?: boolean
}

/** Traces over so many ways to ask. */
export function traces(
  requests: readonly Request[],
  { loops = false, twice = false }: TraceOptions = {},
): fc.Arbitrary<Trace> {
  const at = fc.nat(7)
  const compute = fc.record({
    tag: fc.constant('compute' as const),
    word: fc.constantFrom('sin' as const, 'tanh' as const, 'add' as const, 'mul' as const),
    at,
  })
  const ask = fc.record({
    tag: fc.constant('ask' as const),
    which: fc.nat(requests.length - 1),
    at,
  })
  const other = fc.record({ tag: fc.constant('other' as const), at })
  const both = fc.record({ tag: fc.constant('twice' as const), at })
  const inside = fc.oneof(compute, ask)
  const loop = fc.record({
    tag: fc.constant('loop' as const),
    times: fc.integer({ min: 1, max: 3 }),
    body: fc.array(inside, { minLength: 1, maxLength: 3 }),
  })
  const more: fc.Arbitrary<Step>[] = [...(loops ? [loop] : []), ...(twice ? [both] : [])]
  return fc
    .array(fc.oneof(compute, ask, ask, other, ...more), { minLength: 1, maxLength: 6 })
    .map((steps) => ({ steps, toString: () => paste(steps, requests) }))
}

type Pool = readonly Term[]
const picked = (pool: Pool, at: number): Term => pool[at % pool.length]

function computed(pool: Pool, { word, at }: Extract<Step, { tag: 'compute' }>): Term {
  const [x, y] = [picked(pool, at), picked(pool, at + 1)]
  switch (word) {
    case 'sin':
      return sin(x)
    case 'tanh':
      return tanh(x)
    case 'add':
      return add(x, y)
    case 'mul':
      return mul(x, y)
  }
}

/** Makes one step; gives the terms at hand after it. */
export function stepOf(
  step: Step,
  pool: Pool,
  requests: readonly Request[],
  unrolled: boolean,
): Program<Pool, string> {
  switch (step.tag) {
    case 'compute':
      return pure([...pool, computed(pool, step)])
    case 'ask':
      return flatMap(requests[step.which].ask(tensorOf(picked(pool, step.at))), (answer) =>
        pure(sameTypeAs(pool[0], answer) ? [...pool, answer] : pool),
      )
    case 'other':
    case 'twice': {
      const effect = step.tag === 'other' ? 'Other' : 'Twice'
      return flatMap(request<Term, string>(effect, picked(pool, step.at)), (answer) =>
        pure([...pool, answer]),
      )
    }
    case 'loop':
      return unrolled ? repeated(step, pool, requests) : looped(step, pool, requests)
  }
}

/** The newest term goes from step to step, and joins those at hand after the last. */
const looped = (
  { times, body }: Extract<Step, { tag: 'loop' }>,
  pool: Pool,
  requests: readonly Request[],
): Program<Pool, string> => {
  const init = tensorOf(pool[pool.length - 1])
  const step = (_: unknown, carry: Tensor) =>
    flatMap(inOrder(body, [...pool, termOf('loop', carry)], requests, true), (after) =>
      pure(tensorOf(after[after.length - 1])),
    )
  // The carry keeps its type: what is computed from tensors of one type is of that type here.
  const run = Control.forLoop as unknown as (
    count: number,
    init: Tensor,
    body: typeof step,
  ) => Program<Term, string>
  return flatMap(run(times, init, step), (last) => pure([...pool, last]))
}

function repeated(
  { times, body }: Extract<Step, { tag: 'loop' }>,
  pool: Pool,
  requests: readonly Request[],
): Program<Pool, string> {
  const from = (n: number, carry: Term): Program<Term, string> =>
    n === times
      ? pure(carry)
      : flatMap(inOrder(body, [...pool, carry], requests, true), (after) =>
          from(n + 1, after[after.length - 1]),
        )
  return flatMap(from(0, pool[pool.length - 1]), (last) => pure([...pool, last]))
}

const sameTypeAs = (like: Term, x: unknown): x is Term =>
  typeof x === 'object' &&
  x !== null &&
  'dtype' in x &&
  'shape' in x &&
  x.dtype === like.dtype &&
  String(x.shape) === String(like.shape)

/** ((m >>= a) >>= b) >>= c */
export const inOrder = (
  steps: readonly Step[],
  pool: Pool,
  requests: readonly Request[],
  unrolled: boolean,
): Program<Pool, string> =>
  steps.reduce<Program<Pool, string>>(
    (before, step) => flatMap(before, (at) => stepOf(step, at, requests, unrolled)),
    pure(pool),
  )

/** m >>= (x ⇒ a >>= (y ⇒ b >>= c)) */
export function nested(
  steps: readonly Step[],
  pool: Pool,
  requests: readonly Request[],
): Program<Pool, string> {
  const [first, ...rest] = steps
  if (first === undefined) return pure(pool)
  return flatMap(stepOf(first, pool, requests, false), (at) => nested(rest, at, requests))
}

/** A generator that yields each step. */
export const generated = (
  steps: readonly Step[],
  pool: Pool,
  requests: readonly Request[],
): Program<Pool, string> =>
  gen(function* () {
    let at = pool
    for (const step of steps) at = yield* stepOf(step, at, requests, false)
    return at
  })

function paste(steps: readonly Step[], requests: readonly Request[]): string {
  const x = (at: number) => `at[${at} % at.length]`
  const line = (step: Step, indent: string): string => {
    switch (step.tag) {
      case 'compute': {
        const { word, at } = step
        const second = word === 'add' || word === 'mul' ? `, ${x(at + 1)}` : ''
        return `${indent}at.push(${word}(${x(at)}${second}))`
      }
      case 'ask':
        return `${indent}yield* ${requests[step.which].text.replaceAll('$', x(step.at))}`
      case 'other':
        return `${indent}at.push(yield* request('Other', ${x(step.at)}))`
      case 'twice':
        return `${indent}at.push(yield* request('Twice', ${x(step.at)}))`
      case 'loop': {
        const body = step.body.map((inner) => line(inner, `${indent}  `)).join('\n')
        return `${indent}forLoop ${step.times} times {\n${body}\n${indent}}`
      }
    }
  }
  return `\ngen(function* () {\n${steps.map((s) => line(s, '  ')).join('\n')}\n})\n`
}
