/**
 * Erase: what only differentiation reads goes.
 *
 *   %0 = stopGradient(x)                %0 = exp(x)
 *   %1 = exp(%0)                   →    return %0
 *   return %1
 *
 * For a program that will be run, not differentiated any more. Checkpoints stay: their bodies are
 * computed twice on purpose.
 */
import { stopGradientOp } from '../ops/index.js'
import type { Pass } from './pass.js'
import { rewriteBy, rule } from './rewrite.js'

export const eraseRules = [
  rule('stopGradient(x) → x', [stopGradientOp], ({ args: [x] }) => x),
] as const

export const erase: Pass = {
  name: 'erase',
  sentence: 'What only differentiation reads goes.',
  run: rewriteBy(eraseRules),
}
