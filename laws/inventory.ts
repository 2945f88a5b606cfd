/**
 * Everything of this project that is under laws, by its declaration alone: what CI runs a little and
 * `npm run laws` in depth.
 *
 * Ops come from the vocabulary, passes from the pipelines, handlers from their list. A new backend
 * is one more line of `backendsHere`.
 */
import type { BackendService } from '../backends/backend.js'
import { makeReference } from '../backends/index.js'
import { makeWasm } from '../backends/wasm/index.js'
import { ops } from '../lib/ops/index.js'
import { beforeDerivatives, type Pass, standard } from '../lib/pass/index.js'
import { categoryLaws } from './arrow/category.js'
import { functorLaws } from './arrow/derivative.js'
import { backendLaws } from './backend.js'
import { handlerLaws } from './effect/handler.js'
import { handlers } from './effect/handlers.js'
import { monadLaws } from './effect/monad.js'
import type { Law } from './law.js'
import { opLaws } from './op.js'
import { passLaws } from './pass.js'
import { pipelineLaws } from './pipeline.js'
import { programLaws } from './program.js'

export interface Group {
  readonly name: string
  readonly laws: () => readonly Law[]
}

/** Backends that answer at once on any machine. */
export const backendsHere: readonly (() => BackendService)[] = [makeReference, makeWasm]

/** Each pass of the pipelines once. */
export const passes: readonly Pass[] = [...new Set([...beforeDerivatives, ...standard])]

export const inventory: readonly Group[] = [
  ...ops.map((op) => ({ name: `op ${op.name}`, laws: () => opLaws(op) })),
  { name: 'programs', laws: () => programLaws() },
  { name: 'arrows', laws: () => categoryLaws() },
  { name: 'differentiation', laws: () => functorLaws() },
  { name: 'the monad of programs', laws: () => monadLaws() },
  ...handlers.map((h) => ({ name: `handler ${h.name}`, laws: () => handlerLaws(h) })),
  ...passes.map((pass) => ({ name: `pass ${pass.name}`, laws: () => passLaws(pass) })),
  { name: 'the pipeline', laws: () => pipelineLaws() },
  ...backendsHere.map((make) => ({
    name: `backend ${make().name}`,
    laws: () => backendLaws(make()),
  })),
]
