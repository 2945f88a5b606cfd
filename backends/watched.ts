/**
 * The checked mode: an index that leaves its array is an error, not clamped or dropped.
 *
 *   gather: index 12 is out of range; expected 0 to 9 of axis 0 of f32[10]
 *
 * The program has two further results, which say where that happened; they are read at each call.
 * Where calls answer later, those that wait are checked; the others are refused.
 */
import * as Effect from 'effect/Effect'
import { dimValue, fail, type NDArray, type Sizes } from '../lib/data/index.js'
import { type Watched, watch } from '../lib/pass/index.js'
import { type Func, type Node, showType } from '../lib/term/index.js'
import {
  attempt,
  type BackendService,
  callAwaited,
  type Executable,
  type ResidentArray,
} from './backend.js'

/** The backend, with every function that it loads in the checked mode. */
export const checkedBackend = (backend: BackendService): BackendService => ({
  ...backend,
  load: (func, options) =>
    Effect.flatMap(
      attempt(() => watch(func)),
      (watched) =>
        Effect.map(backend.load(watched.func, options), (e) => over(func, watched, backend, e)),
    ),
})

/** The executable of the watched function as one of the function that it was made from. */
function over(
  source: Func,
  { sites }: Watched,
  backend: BackendService,
  executable: Executable,
): Executable {
  const count = source.results.length
  const settle = (
    all: readonly ResidentArray[],
    [site, index]: readonly number[],
    sizes: Sizes,
  ): readonly ResidentArray[] => {
    const node = sites[site - 1]
    const kept = node === undefined ? count : 0
    for (const array of all.slice(kept)) array.release()
    return node === undefined ? all.slice(0, count) : outOfRange(node, index, sizes)
  }
  const call: Executable['call'] = (args, sizes) => {
    if (!backend.capabilities.synchronous) return notAtOnce(source.name, backend.name)
    const all = executable.call(args, sizes)
    return settle(all, backend.readSync(all.slice(count)).map(scalarOf), sizes)
  }
  const callLater: NonNullable<Executable['callLater']> = (args, sizes) =>
    Effect.gen(function* () {
      const all = yield* callAwaited(executable, args, sizes)
      const release = Effect.sync(() => {
        for (const array of all) array.release()
      })
      const marks = yield* backend.read(all.slice(count)).pipe(Effect.onError(() => release))
      return yield* attempt(() => settle(all, marks.map(scalarOf), sizes))
    })
  return { ...executable, func: source, call, callLater }
}

/** Whether an index left its array is not known yet when such a call returns. */
const notAtOnce = (program: string, backend: string): never =>
  fail({
    code: 'backend',
    where: `'${program}'`,
    what: `the backend ${backend} cannot check indices in a call that does not wait`,
    expected: 'a call that is awaited, or a backend whose calls are done when they return',
    fix: 'Await the program itself rather than `resident`, or check on wasm, native or reference',
  })

const scalarOf = (array: NDArray): number => array.data[0]

function outOfRange(node: Node, index: number, sizes: Sizes): never {
  const [x] = node.args
  const axis = node.attrs.axis as number // of gather and scatter, which alone are watched
  const line = node.source?.line()
  const last = dimValue(x.shape[axis], sizes) - 1
  return fail({
    code: 'input',
    where: line === undefined ? node.op.name : `${node.op.name} at ${line}`,
    what: `index ${index} is out of range`,
    expected: `0 to ${last} of axis ${axis} of ${showType(x)}`,
  })
}
