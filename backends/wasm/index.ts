/**
 * WebAssembly, in Node and in browsers: the default backend.
 */
import * as Effect from 'effect/Effect'
import * as Layer from 'effect/Layer'
import type { PullbackError } from '../../lib/data/index.js'
import { attempt, Backend } from '../backend.js'
import { makeWasm, type WasmOptions } from './backend.js'

export { makeWasm, type WasmBackend, type WasmOptions } from './backend.js'

/**
 * A wasm backend of its own, once its workers are up; what it holds is let go when the scope
 * closes.
 */
export const wasm = (options?: WasmOptions): Layer.Layer<Backend, PullbackError> =>
  Layer.effect(
    Backend,
    Effect.acquireRelease(
      attempt(() => makeWasm(options)),
      (backend) => Effect.sync(backend.close),
    ).pipe(
      // Without workers the layer opens at once, for those who run effects synchronously.
      Effect.tap((backend) =>
        (options?.threads ?? 1) > 1 ? Effect.promise(backend.ready) : Effect.void,
      ),
    ),
  )
