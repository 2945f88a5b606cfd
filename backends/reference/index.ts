/**
 * The reference backend: the meaning of the language, by each op's own evaluation.
 *
 * One thread, one array at a time, no compiler: it is what every other backend is compared with.
 * It runs every dtype. Arrays are never written once made, so a donated input only ends its life.
 */
import * as Effect from 'effect/Effect'
import * as Layer from 'effect/Layer'
import { dtypes, fail, type NDArray } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import type { Func } from '../../lib/term/index.js'
import {
  attempt,
  Backend,
  type BackendService,
  type Executable,
  isResident,
  type LoadOptions,
  type ResidentArray,
  type Value,
} from '../backend.js'

/** A backend of its own; what it holds is let go when the scope closes. */
export const reference: Layer.Layer<Backend> = Layer.effect(
  Backend,
  Effect.acquireRelease(
    Effect.sync(() => makeReference()),
    (backend) => Effect.sync(backend.close),
  ),
)

export interface ReferenceBackend extends BackendService {
  /** Ends the life of every array that the backend holds. */
  readonly close: () => void
}

export function makeReference(): ReferenceBackend {
  let open = true
  const store = new WeakMap<ResidentArray, NDArray>()
  const keep = (array: NDArray): ResidentArray => {
    let held = true
    const release = () => {
      held = false
      store.delete(resident)
    }
    const resident: ResidentArray = {
      tag: 'resident',
      dtype: array.dtype,
      shape: array.shape,
      get live() {
        return held && open
      },
      release,
      [Symbol.dispose]: release,
    }
    store.set(resident, array)
    return resident
  }
  const contents = (array: ResidentArray): NDArray => {
    if (!array.live) fail(deadArray)
    return store.get(array) ?? fail(strangeArray)
  }
  const value = (argument: Value): NDArray =>
    isResident(argument) ? contents(argument) : copy(argument)
  const load = (func: Func, options: LoadOptions = {}): Executable => ({
    func,
    call: (args, sizes) => {
      const results = interpreters.evaluate(func, args.map(value), sizes)
      for (const index of options.donate ?? []) {
        const argument = args[index]
        if (isResident(argument)) argument.release()
      }
      return results.map(keep)
    },
    describe: () => ({ stages: [], peakBytes: undefined, compilations: ['loaded'] }),
  })
  const readSync = (arrays: readonly ResidentArray[]) => arrays.map((a) => copy(contents(a)))
  return {
    name: 'reference',
    capabilities: { dtypes, synchronous: true },
    load: (func, options) => Effect.sync(() => load(func, options)),
    place: (array) => keep(copy(array)),
    read: (arrays) => attempt(() => readSync(arrays)),
    readSync,
    close: () => {
      open = false
    },
  }
}

const copy = (array: NDArray): NDArray => ({ ...array, data: array.data.slice() })

const deadArray = {
  code: 'backend',
  where: 'reference',
  what: 'the array was released or donated',
  expected: 'a live one',
  fix: 'Read it before releasing it, or do not donate it',
} as const

const strangeArray = {
  code: 'backend',
  where: 'reference',
  what: 'the array belongs to another backend',
  fix: 'Read it there and pass the copy',
} as const
