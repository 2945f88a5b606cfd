/**
 * Wrong handlers and a wrong monad: each breaks one law of its kit.
 */
import { flatMap, handle, later, log, type Program, pure, tell } from '../../effects/index.js'
import { thread } from '../../lib/lang/scope.js'
import { add, mul, zeros } from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import type { Tensor } from '../../lib/types/tensor.js'
import type { HandlerSubject } from '../effect/handler.js'
import { instance, type ProgramMonad } from '../effect/monad.js'
import type { Request } from '../effect/trace.js'

type Any = Program<unknown, string>

const logs: readonly Request[] = [{ text: "log('x', $)", ask: (x: Tensor) => log('x', x) }]
const tells: readonly Request[] = [{ text: 'tell($)', ask: tell }]
const own = ({ value }: { readonly value: unknown }): unknown => value

/** Adds up what is told, in a variable: `weigh` says how much each counts. */
const summing = (program: Any, weigh: (x: Term) => Term): Any =>
  later(() => {
    let total: Term | undefined
    return handle<unknown, string, 'Accumulate', unknown, string>(program, 'Accumulate', {
      done: (value) => pure({ value, total: total === undefined ? [] : [total] }),
      request: (payload, resume) => {
        const x = weigh(payload as Term) // told are tensors
        total = total === undefined ? x : add(total, x)
        return resume(undefined)
      },
    })
  })

const all = (program: Any, answer: (payload: unknown) => unknown): Any =>
  ['IO', 'Other'].reduce<Any>(
    (left, effect) =>
      handle<unknown, string, string, unknown, string>(left, effect, {
        done: pure,
        request: (payload, resume) => resume(answer(payload)),
      }),
    program,
  )

function counting(): HandlerSubject {
  let count = 0
  return {
    name: 'a count kept between runs',
    handle: (program) =>
      summing(program, (x) => {
        count++
        return mul(x, count)
      }),
    requests: tells,
    value: own,
    loops: false,
    resumable: false,
  }
}

export const wrongHandlers: readonly HandlerSubject[] = [
  {
    name: 'a log shared by all resumptions',
    handle: (program) => summing(program, (x) => x),
    requests: tells,
    value: own,
    loops: false,
  },
  {
    name: 'the requests of others answered too',
    handle: (program) => all(program, (payload) => (payload instanceof Object ? payload : 0)),
    requests: logs,
    loops: false,
    resumable: false,
  },
  {
    name: 'the value doubled',
    handle: (program) =>
      handle<unknown, string, 'IO', unknown, string>(program, 'IO', {
        done: (value) => pure((value as readonly Term[]).map((x) => mul(x, 2))), // a list of terms
        request: (_, resume) => resume(undefined),
      }),
    requests: logs,
    loops: false,
  },
  {
    name: 'a state that loops forget',
    handle: (program) =>
      flatMap(
        thread(program, null as Term | null, {
          effect: 'Accumulate',
          answer: (total, payload) => {
            const x = payload as Term // told are tensors
            return { state: total === null ? x : add(total, x), answer: undefined }
          },
          tensors: () => [],
          restore: (total) => total,
        }),
        ({ value, state }) => pure({ value, total: state === null ? [] : [zeros(state)] }),
      ),
    requests: tells,
    value: own,
  },
  counting(),
]

/** Monads that are none. */
export const wrongMonads: readonly (readonly [string, ProgramMonad])[] = [
  ['what follows is left out', { ...instance, chain: (program) => program }],
  [
    'map runs the program twice',
    { ...instance, map: (m, f) => instance.chain(m, () => instance.map(m, f)) },
  ],
  [
    'ap runs the argument first',
    {
      ...instance,
      ap: (f, m) => instance.chain(m, (a) => instance.map(f, (g: (a: never) => unknown) => g(a))),
    },
  ],
]
