/**
 * The interpreters of closed functions, tied together: each may call the others on bodies.
 */
import type { Interpreters } from '../term/index.js'
import { batch } from './batch.js'
import { cost } from './cost.js'
import { evaluate } from './evaluate.js'
import { jvp } from './jvp.js'
import { split } from './split.js'
import { transpose } from './transpose.js'

export const interpreters: Interpreters = {
  evaluate: (func, args, sizes) => evaluate(func, args, sizes, interpreters),
  jvp: (func, active) => jvp(func, active, interpreters),
  split: (func, known) => split(func, known, interpreters),
  transpose: (func, linear, cts) => transpose(func, linear, cts, interpreters),
  batch: (func, batched, size) => batch(func, batched, size, interpreters),
  cost: (func) => cost(func, interpreters),
}

export { evaluateNode, mapDims, resolveAttrs } from './evaluate.js'
export { type Linearized, linearize, type Vjp, vjp } from './reverse.js'
export { sink } from './sink.js'
