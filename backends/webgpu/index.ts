/**
 * WebGPU, in browsers and, through the npm package `webgpu`, in Node.
 */
import * as Effect from 'effect/Effect'
import * as Layer from 'effect/Layer'
import type { PullbackError } from '../../lib/data/index.js'
import { Backend } from '../backend.js'
import { makeWebgpu, type WebgpuOptions } from './backend.js'
import { promised } from './promised.js'

export { makeWebgpu, type WebgpuBackend, type WebgpuOptions } from './backend.js'

/** A webgpu backend of its own; its device is given back when the scope closes. */
export const webgpu = (options?: WebgpuOptions): Layer.Layer<Backend, PullbackError> =>
  Layer.effect(
    Backend,
    Effect.acquireRelease(
      promised(() => makeWebgpu(options)),
      (backend) => Effect.sync(backend.close),
    ),
  )
