/**
 * Simplify: algebra that changes no value, NaN, ±∞ and the sign of zero included.
 *
 *   %0 = neg(x)                       %0 = square(x)
 *   %1 = neg(%0)                      return %0
 *   %2 = pow(%1, f32[3](...2))   →
 *   return %2
 *
 * The tables are in rules/: each line a pattern and its consequence. They run until none applies;
 * why that ends is said in each. Terms used elsewhere stay: `drop` is closing the function.
 */
import type { Pass } from './pass.js'
import { type Rule, rewriteBy } from './rewrite.js'
import { arithmeticRules } from './rules/arithmetic.js'
import { choiceRules } from './rules/choice.js'
import { indexingRules } from './rules/indexing.js'
import { movementRules } from './rules/movement.js'

export const simplifyRules: readonly Rule[] = [
  ...arithmeticRules,
  ...choiceRules,
  ...movementRules,
  ...indexingRules,
]

export const simplify: Pass = {
  name: 'simplify',
  sentence: 'Algebra that changes no value.',
  run: rewriteBy(simplifyRules),
}
