/**
 * Everything of this project that is under laws, by its declaration alone: what CI runs a little
 * and `npm run laws` in depth.
 *
 * Ops come from the vocabulary, passes from the pipelines, handlers from their list, backends from
 * theirs; `inventory.test.ts` fails where one is forgotten.
 */
import type { BackendService } from '../backends/backend.js'
import { makeReference } from '../backends/index.js'
import { makeNative } from '../backends/native/index.js'
import { makeWasm } from '../backends/wasm/index.js'
import { makeWebgpu } from '../backends/webgpu/index.js'
import { PullbackError } from '../lib/data/index.js'
import { ops } from '../lib/ops/index.js'
import { beforeDerivatives, type Pass, standard } from '../lib/pass/index.js'
import { categoryLaws } from './arrow/category.js'
import { functorLaws } from './arrow/derivative.js'
import { backendLaws } from './backend.js'
import { handlerLaws } from './effect/handler.js'
import { handlers } from './effect/handlers.js'
import { monadLaws } from './effect/monad.js'
import type { AnyLaw } from './law.js'
import { opLaws } from './op.js'
import { passLaws } from './pass.js'
import { pipelineLaws } from './pipeline.js'
import { programLaws } from './program.js'

export interface Group {
  readonly name: string
  /** Hands the laws over while what they are of is open; gives why it is not here, if it is not. */
  readonly put: (
    use: (laws: readonly AnyLaw[]) => void | Promise<void>,
  ) => Promise<string | undefined>
}

type Closable = BackendService & { readonly close?: () => void }

/** Every backend of the package. */
export const backendsHere = {
  reference: async () => makeReference(),
  wasm: async () => makeWasm(),
  native: () => makeNative(),
  webgpu: () => makeWebgpu(),
} as const satisfies Readonly<Record<string, () => Promise<Closable>>>

export type BackendHere = keyof typeof backendsHere

// The keys of a record are strings; its type says which.
export const backendNames = Object.keys(backendsHere) as readonly BackendHere[]

export interface OpenBackend {
  readonly backend: BackendService
  readonly close: () => void
}

/**
 * A backend, or why this machine has none: no C compiler, no adapter. With REQUIRE_WEBGPU=1 in the
 * environment a missing adapter is an error.
 */
export async function openBackend(name: BackendHere): Promise<OpenBackend | string> {
  try {
    const backend: Closable = await backendsHere[name]()
    return { backend, close: backend.close ?? (() => {}) }
  } catch (error) {
    const needed = name === 'webgpu' && process.env.REQUIRE_WEBGPU === '1'
    if (!(error instanceof PullbackError) || needed) throw error
    return error.detail.what
  }
}

/** Each pass of the pipelines once. */
export const passes: readonly Pass[] = [...new Set([...beforeDerivatives, ...standard])]

export const group = (name: string, laws: () => readonly AnyLaw[]): Group => ({
  name,
  put: async (use) => {
    await use(laws())
    return undefined
  },
})

const backendGroup = (name: BackendHere): Group => ({
  name: `backend ${name}`,
  put: async (use) => {
    const opened = await openBackend(name)
    if (typeof opened === 'string') return opened
    await use(backendLaws(opened.backend))
    opened.close()
    return undefined
  },
})

export const inventory: readonly Group[] = [
  ...ops.map((op) => group(`op ${op.name}`, () => opLaws(op))),
  group('programs', () => programLaws()),
  group('arrows', () => categoryLaws()),
  group('differentiation', () => functorLaws()),
  group('the monad of programs', () => monadLaws()),
  ...handlers.map((h) => group(`handler ${h.name}`, () => handlerLaws(h))),
  ...passes.map((pass) => group(`pass ${pass.name}`, () => passLaws(pass))),
  group('the pipeline', () => pipelineLaws()),
  ...backendNames.map(backendGroup),
]
