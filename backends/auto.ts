/**
 * Auto: the first backend of a list that works here, and wasm where none does.
 *
 *   run(f, inputs, { backend: auto() })                        native code, else wasm
 *   run(f, inputs, { backend: auto({ prefer: ['webgpu'] }) })  the GPU, else wasm
 *
 * What is passed over is said, with the reason, since it may be a driver that one meant to have.
 */
import * as Effect from 'effect/Effect'
import * as Layer from 'effect/Layer'
import { fail, PullbackError } from '../lib/data/index.js'
import { called, listOf, needOptions, type Options, oneOf, whole } from '../lib/lang/options.js'
import { Backend, type BackendService } from './backend.js'
import { makeWasm } from './wasm/index.js'

export interface AutoOptions {
  /** What to try, in order, before wasm; native code unless said. */
  readonly prefer?: readonly ('native' | 'webgpu')[]
  /** Threads of a call, where the backend has them; as many as it takes by itself unless said. */
  readonly threads?: number
  /** Hears a sentence for each that is not there; a warning on the console unless said. */
  readonly say?: (sentence: string) => void
}

const autoOptions: Options<AutoOptions> = {
  prefer: listOf(oneOf('native', 'webgpu')),
  threads: whole(1),
  say: called,
}

export interface AutoBackend extends BackendService {
  /** Ends the life of every array that the backend holds. */
  readonly close: () => void
}

/** Loaded when tried: native code asks for Node's modules, which browsers have not. */
const makers: Readonly<
  Record<'native' | 'webgpu', (options: { readonly threads?: number }) => Promise<AutoBackend>>
> = {
  native: async (options) => (await nativeModule()).makeNative(options),
  webgpu: async () => (await import('./webgpu/index.js')).makeWebgpu(),
}

/** Named by a variable, so that no bundler packs it for browsers. */
function nativeModule(): Promise<typeof import('./native/index.js')> {
  if (typeof process === 'undefined' || process.versions?.node === undefined) {
    return fail({
      code: 'backend',
      where: 'the native backend',
      what: 'there is no C compiler in a browser',
    })
  }
  const path = './native/index.js'
  return import(/* @vite-ignore */ path)
}

export async function makeAuto(given: AutoOptions = {}): Promise<AutoBackend> {
  needOptions('makeAuto', 0, autoOptions, given)
  const { prefer = ['native'], say = console.warn, threads } = given
  const options = threads === undefined ? {} : { threads }
  for (const name of prefer) {
    try {
      return await makers[name](options)
    } catch (error) {
      if (!(error instanceof PullbackError)) throw error
      const next = prefer[prefer.indexOf(name) + 1] ?? 'wasm'
      say(`pullback runs on ${next} instead of ${name}. ${error.message}`)
    }
  }
  return makeWasm(options)
}

/** Such a backend of its own; what it holds is let go when the scope closes. */
export const auto = (options?: AutoOptions): Layer.Layer<Backend> =>
  Layer.effect(
    Backend,
    Effect.acquireRelease(
      Effect.promise(() => makeAuto(options)),
      (backend) => Effect.sync(backend.close),
    ),
  )
