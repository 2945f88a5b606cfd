/**
 * The checked mode: an index that leaves its array is an error, not clamped or dropped.
 *
 *   gather: index 12 is out of range; expected 0 to 9 of axis 0 of f32[10]
 *
 * The program has two further results, which say where that happened; they are read at each call.
 */
import { dimValue, fail, type NDArray, type Sizes } from '../lib/data/index.js'
import { watch } from '../lib/pass/index.js'
import { type Func, type Node, showType } from '../lib/term/index.js'
import type { BackendService, Executable, ResidentArray } from './backend.js'

export interface Checks {
  readonly func: Func
  /** The executable of `func` as one of the function that it was made from. */
  readonly over: (executable: Executable) => Executable
}

export function indexChecks(source: Func, backend: BackendService): Checks {
  if (!backend.capabilities.synchronous) {
    fail({
      code: 'backend',
      where: `'${source.name}'`,
      what: `the backend ${backend.name} cannot check indices`,
      expected: 'a backend whose calls are done when they return',
      fix: 'Check on wasm or reference',
    })
  }
  const { func, sites } = watch(source)
  const count = source.results.length
  const call: (executable: Executable) => Executable['call'] =
    (executable) =>
    (args, sizes): readonly ResidentArray[] => {
      const all = executable.call(args, sizes)
      const [site, index] = backend.readSync(all.slice(count)).map(scalarOf)
      for (const array of all.slice(count)) array.release()
      const results = all.slice(0, count)
      const node = sites[site - 1]
      if (node === undefined) return results
      for (const array of results) array.release()
      return outOfRange(node, index, sizes)
    }
  return { func, over: (executable) => ({ ...executable, func: source, call: call(executable) }) }
}

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
