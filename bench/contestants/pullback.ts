/**
 * The language itself, compiled, on arrays that stay on the backend.
 */
import {
  type BackendService,
  compile,
  isResident,
  makeReference,
  type ResidentArray,
} from '../../backends/index.js'
import { makeNative } from '../../backends/native/index.js'
import { makeWasm } from '../../backends/wasm/index.js'
import type { Inputs, Workload } from '../workload.js'
import type { Contestant, Prepared, Settings } from './contestant.js'

export async function pullback({ backend, threads, scale }: Settings): Promise<Contestant> {
  const opened = await open(backend, threads)
  await opened.ready?.()
  return {
    name: 'pullback',
    prepare: (workload, inputs) => prepare(opened, workload, scale, inputs),
  }
}

interface Opened {
  readonly backend: BackendService
  readonly usedBytes?: (() => number) | undefined
  /** Workers are up before the first call is timed. */
  readonly ready?: () => Promise<void>
}

export const backendNames = ['wasm', 'native', 'reference'] as const

async function open(name: string, threads: number): Promise<Opened> {
  if (name === 'reference') {
    if (threads > 1) throw new Error(`'${name}' runs on one thread, not ${threads}`)
    return { backend: makeReference() }
  }
  if (name === 'native') {
    const backend = await makeNative({ threads })
    return { backend, usedBytes: backend.usedBytes }
  }
  if (name !== 'wasm') {
    throw new Error(`there is no backend '${name}': ${backendNames.join(', ')}`)
  }
  const backend = makeWasm({ threads })
  return { backend, usedBytes: backend.usedBytes, ready: backend.ready }
}

async function prepare(
  { backend, usedBytes }: Opened,
  workload: Workload,
  scale: Settings['scale'],
  inputs: Inputs,
): Promise<Prepared> {
  const began = performance.now()
  const program = await compile(workload.make(scale).program, { backend })
  const compileMs = performance.now() - began
  const given = nest(
    Object.entries(inputs).map(([path, { shape, data }]) => [
      path,
      backend.place({ dtype: 'f32', shape, data }),
    ]),
  )
  const call = () => program.resident(given)
  let peakBytes: number | undefined
  return {
    call: () => release(residentsIn(call())),
    results: async () => {
      const results = residentsIn(call())
      peakBytes ??= usedBytes?.()
      const arrays = backend.readSync(results).map(({ data }) => Float32Array.from(data))
      release(results)
      return arrays
    },
    facts: () => ({ compileMs, peakBytes, kernels: kernelsIn(program.describe().stages) }),
  }
}

/** Kernels by the backend's own account of its program. */
function kernelsIn(stages: readonly { readonly name: string; readonly text: string }[]) {
  const text = stages.find(({ name }) => name === 'kernels')?.text
  const count = text?.match(/^(\d+) kernels/)?.[1]
  return count === undefined ? undefined : Number(count)
}

export function release(arrays: readonly ResidentArray[]): void {
  for (const array of arrays) array.release()
}

/** The leaves of a result, in order. */
export function residentsIn(tree: unknown): readonly ResidentArray[] {
  if (typeof tree !== 'object' || tree === null) return []
  return isResident(tree) ? [tree] : Object.values(tree).flatMap(residentsIn)
}

/** Leaves at their paths: `state.count` within the record `state`. */
export function nest(leaves: readonly (readonly [path: string, leaf: ResidentArray])[]): object {
  const root: Record<string, unknown> = {}
  for (const [path, leaf] of leaves) {
    const steps = path.split('.')
    const name = steps.pop() as string // splitting gives one part at least
    const within = steps.reduce((record, step) => {
      record[step] ??= {}
      return record[step] as Record<string, unknown> // made above, or for an earlier path
    }, root)
    within[name] = leaf
  }
  return root
}
