/**
 * The backends that the command line knows by name, and the threads that they may run on.
 */
import * as Effect from 'effect/Effect'
import * as Layer from 'effect/Layer'
import { Backend } from '../backends/backend.js'
import { native } from '../backends/native/index.js'
import { reference } from '../backends/reference/index.js'
import { wasm } from '../backends/wasm/index.js'
import { checkedBackend } from '../backends/watched.js'
import { webgpu } from '../backends/webgpu/index.js'
import { fail, type PullbackError } from '../lib/data/index.js'

export interface Running {
  /** As many as the backend thinks right, where it is not said. */
  readonly threads: number | undefined
  /** Run every program on all threads, however small: to test, not to be fast. */
  readonly always?: boolean
  /** An index out of range is an error. */
  readonly checked?: boolean
}

type Open = (running: Running) => Layer.Layer<Backend, PullbackError>

const backends = {
  reference: ({ threads = 1 }) => (threads === 1 ? reference : oneThread('reference')),
  wasm: ({ threads = 1, always = false }) =>
    wasm({ threads, ...(always ? { leastGain: Number.NEGATIVE_INFINITY } : {}) }),
  webgpu: ({ threads = 1 }) => (threads === 1 ? webgpu() : oneThread('webgpu')),
  native: ({ threads, always = false }) =>
    native({
      ...(threads === undefined ? {} : { threads }),
      ...(always ? { leastGain: Number.NEGATIVE_INFINITY } : {}),
    }),
} as const satisfies Readonly<Record<string, Open>>

export type BackendName = keyof typeof backends

// The keys of a record are strings; its type says which.
export const backendNames = Object.keys(backends) as readonly BackendName[]

/** The backend of a name; opened with the effect that it is provided to. */
export const backendNamed = (name: BackendName, running: Running) => {
  const opened = Layer.suspend(() => backends[name](running))
  return running.checked === true ? checked.pipe(Layer.provide(opened)) : opened
}

const checked = Layer.effect(Backend, Effect.map(Backend, checkedBackend))

function oneThread(name: string): never {
  return fail({
    code: 'input',
    where: '--threads',
    what: `${name} runs on one thread`,
    fix: 'Leave --threads out, or choose --backend wasm',
  })
}
