/**
 * Native code, through the system's C compiler: in Node, where a compiler and koffi are there.
 */
import * as Effect from 'effect/Effect'
import * as Layer from 'effect/Layer'
import { PullbackError } from '../../lib/data/index.js'
import { Backend } from '../backend.js'
import { makeNative } from './backend.js'
import type { NativeOptions } from './host.js'

export { makeNative, type NativeBackend } from './backend.js'
export type { NativeOptions } from './host.js'

/** A native backend of its own; what it holds is let go when the scope closes. */
export const native = (options?: NativeOptions): Layer.Layer<Backend, PullbackError> =>
  Layer.effect(
    Backend,
    Effect.acquireRelease(opened(options), (backend) => Effect.sync(backend.close)),
  )

const opened = (options?: NativeOptions) =>
  Effect.tryPromise({
    try: () => makeNative(options),
    catch: (cause) => cause,
  }).pipe(
    Effect.catch((cause) =>
      cause instanceof PullbackError ? Effect.fail(cause) : Effect.die(cause),
    ),
  )
