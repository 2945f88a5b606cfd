/**
 * Adjoint: tidies up what differentiation leaves behind.
 *
 *   %0 = broadcastTo(ct) {shape: [5, 3]}        %0 = mul(ct, f32[3](...5))
 *   %1 = sum(%0) {axes: [0]}               →    return %0
 *   return %1
 *
 * Sums change their order (the table is rules/adjoint.ts); nothing else changes.
 */
import type { Pass } from './pass.js'
import { rewriteBy } from './rewrite.js'
import { adjointRules } from './rules/adjoint.js'

export const adjoint: Pass = {
  name: 'adjoint',
  sentence: 'Sums of broadcasts, transposes around contractions and padded cotangents vanish.',
  run: rewriteBy(adjointRules),
}
