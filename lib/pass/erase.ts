/**
 * Erase: what only differentiation and batching read goes.
 *
 *   %0 = stopGradient(x)                %0 = exp(x)
 *   %1 = exp(%0)                   →    return %0
 *   return %1
 *
 * For a program that will be run and not transformed any more: custom rules too give way to the
 * function that they are rules of. Checkpoints stay: their bodies are computed twice on purpose.
 */
import {
  customBatchingOp,
  customJvpOp,
  customVjpOp,
  linearCallOp,
  piecewiseOp,
  stopGradientOp,
} from '../ops/index.js'
import { type Func, inline, type Op } from '../term/index.js'
import type { Pass } from './pass.js'
import { type Rule, rewriteBy, rule } from './rewrite.js'

/** The function that an op with rules of its own evaluates, by its attribute. */
const unwrap = (op: Op, key: string): Rule =>
  rule(
    `${op.name}(f)(x) → f(x)`,
    [op],
    ({ args, attrs }) => inline(attrs[key] as Func, args), // by the op's type rule
  )

export const eraseRules: readonly Rule[] = [
  rule('stopGradient(x) → x', [stopGradientOp], ({ args: [x] }) => x),
  rule('piecewise(x) → x', [piecewiseOp], ({ args: [x] }) => x),
  unwrap(customJvpOp, 'primal'),
  unwrap(customVjpOp, 'primal'),
  unwrap(linearCallOp, 'forward'),
  unwrap(customBatchingOp, 'body'),
]

export const erase: Pass = {
  name: 'erase',
  sentence: 'What only differentiation and batching read goes.',
  exact: true,
  late: true,
  run: rewriteBy(eraseRules),
}
