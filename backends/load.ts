/**
 * Loading a function: its program on a backend, and the way of inputs in and results out.
 *
 *   inputs → arrays, checked → sizes bound → call → resident results in the function's form
 */
import * as Effect from 'effect/Effect'
import type * as Scope from 'effect/Scope'
import { type DType, fail, type PullbackError } from '../lib/data/index.js'
import { type Closure, unflatten } from '../lib/lang/index.js'
import type { Func } from '../lib/term/index.js'
import {
  attempt,
  Backend,
  type BackendService,
  callAwaited,
  type Executable,
  type ResidentArray,
} from './backend.js'
import { inputReader } from './inputs.js'
import { sizesOf } from './sizes.js'
import { checkedBackend } from './watched.js'

export interface Loaded {
  readonly backend: BackendService
  readonly executable: Executable
  /** Starts the program; the results stay on the device, in the order of the function's leaves. */
  readonly start: (inputs: unknown) => readonly ResidentArray[]
  /** The same for those who wait: it does not hold up JavaScript where the backend can help it. */
  readonly startLater: (inputs: unknown) => Effect.Effect<readonly ResidentArray[], PullbackError>
  /** Leaves put into the form that the function returned. */
  readonly form: (leaves: readonly unknown[]) => unknown
}

export interface LoadChoices {
  /** Inputs by path, or records of them. */
  readonly donate?: readonly string[]
  /** Whether an index out of range is an error. */
  readonly checked?: boolean
}

/** Loads a function for as long as the scope. */
export const load = (
  closure: Closure,
  { donate = [], checked = false }: LoadChoices = {},
): Effect.Effect<Loaded, PullbackError, Backend | Scope.Scope> =>
  Effect.gen(function* () {
    const backend = yield* Backend
    const { func, paths, output, name } = closure
    const donated = yield* attempt(() => {
      checkDTypes(backend, func)
      return donations(closure, donate)
    })
    const loader = checked ? checkedBackend(backend) : backend
    const executable = yield* loader.load(func, { donate: donated })
    const parameters = func.params.map(({ dtype, shape }, i) => ({ dtype, shape, path: paths[i] }))
    const read = inputReader(closure)
    const bind = sizesOf(`'${name}'`, parameters)
    return {
      backend,
      executable,
      start: (inputs) => {
        const args = read(inputs)
        return executable.call(args, bind(args))
      },
      startLater: (inputs) =>
        Effect.flatten(
          attempt(() => {
            const args = read(inputs)
            return callAwaited(executable, args, bind(args))
          }),
        ),
      form: (leaves) => unflatten(output, leaves),
    }
  })

function checkDTypes({ name, capabilities }: BackendService, func: Func): void {
  const missing = (dtype: DType) => !capabilities.dtypes.includes(dtype)
  for (const { outs, source, op } of [...func.params.map((p) => p.node), ...func.nodes]) {
    const out = outs.find(({ dtype }) => missing(dtype))
    if (out === undefined) continue
    fail({
      code: 'backend',
      where: source?.line() ?? `'${op.name}'`,
      what: `the backend ${name} has no ${out.dtype}`,
      expected: capabilities.dtypes.join(', '),
      fix: `Convert to one of them, or run on another backend`,
    })
  }
}

function donations({ paths, name }: Closure, donate: readonly string[]): readonly number[] {
  return donate.flatMap((wanted) => {
    const found = paths.flatMap((path, i) =>
      path === wanted || path.startsWith(`${wanted}.`) ? [i] : [],
    )
    if (found.length > 0) return found
    return fail({
      code: 'input',
      where: `'${name}'`,
      what: `there is no input '${wanted}' to donate`,
      expected: `among ${paths.map((path) => `'${path}'`).join(', ')}`,
    })
  })
}
