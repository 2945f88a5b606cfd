/**
 * Stabilise: formulas that lose digits become forms of the same function that do not.
 *
 *   %0 = exp(x)                          %0 = softplus(x)
 *   %1 = add(%0, f32[3](...1))     →     return %0
 *   %2 = log(%1)
 *   return %2
 *
 * Results come nearer to the exact ones: the third of the changes of value that the optimiser may
 * make. The table is rules/stability.ts.
 */
import type { Pass } from './pass.js'
import { rewriteBy } from './rewrite.js'
import { stabilityRules } from './rules/stability.js'

export const stabilise: Pass = {
  name: 'stabilise',
  sentence: 'Formulas that lose digits become forms that do not.',
  run: rewriteBy(stabilityRules),
}
