/**
 * The backends that the command line knows by name.
 */
import type * as Layer from 'effect/Layer'
import type { Backend } from '../backends/backend.js'
import { native } from '../backends/native/index.js'
import { reference } from '../backends/reference/index.js'
import { wasm } from '../backends/wasm/index.js'
import { webgpu } from '../backends/webgpu/index.js'
import type { PullbackError } from '../lib/data/index.js'

export const backends = {
  reference,
  wasm: wasm(),
  webgpu: webgpu(),
  native: native(),
} as const satisfies Readonly<Record<string, Layer.Layer<Backend, PullbackError>>>

export type BackendName = keyof typeof backends

// The keys of a record are strings; its type says which.
export const backendNames = Object.keys(backends) as readonly BackendName[]
