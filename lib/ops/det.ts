/**
 * The determinant without division, by matrix products alone, so that its derivatives are right
 * at singular matrices, to any order.
 *
 *   μ(X): X above its diagonal; on the diagonal −(the sum of X's diagonal below that row)
 *   X₁ = A,  Xₖ₊₁ = μ(Xₖ) · A,  det A = (−1)ⁿ⁻¹ Xₙ[0, 0]
 *
 * n − 1 products, O(n⁴); rounding grows with the products' size rather than with the condition.
 * Source: R. Bird, A simple division-free algorithm for computing determinants (2011).
 */
import { type Dim, fail } from '../data/index.js'
import { showType, type Term } from '../term/index.js'
import { neg, sub } from './arithmetic.js'
import { needTerm } from './attributes.js'
import { broadcastTo, reshape, sumAxes } from './broadcast.js'
import { eq, gt } from './compare.js'
import { iota } from './constant.js'
import { matmul } from './matmul.js'
import { full, needFloat } from './operand.js'
import { where } from './select.js'
import { slice } from './slice.js'
import type { Word } from './vocabulary.js'

/** The determinant of each matrix. [B…, n, n] → [B…]; n a number; 1 for n = 0. */
export function det(a: Term): Term {
  needFloat('det', [a])
  const n = a.shape.at(-1)
  if (typeof n !== 'number' || a.shape.at(-2) !== n) {
    return fail({
      code: 'shape',
      where: 'det',
      what: `the determinant of ${showType(a)}`,
      expected: 'square matrices [.., n, n] with n a number',
    })
  }
  const lead = a.shape.slice(0, -2)
  if (n === 0) return full(1, { dtype: a.dtype, shape: lead })
  let x = a
  for (let k = 1; k < n; k++) x = matmul(reduced(x, n), a)
  const first = reshape(corner(x), lead)
  return n % 2 === 1 ? first : sub(0, first)
}

/** μ: what is above the diagonal, and minus the sums of the diagonal below each row. */
function reduced(x: Term, n: number): Term {
  const row = broadcastTo(reshape(iota(n), [n, 1]), [n, n])
  const column = broadcastTo(iota(n), [n, n])
  const rank = x.shape.length
  const diagonal = sumAxes(where(eq(row, column), x, 0), [rank - 1])
  // below[i] = Σ diagonal[j], j > i
  const wide = broadcastTo(reshape(diagonal, [...x.shape.slice(0, -2), 1, n]), x.shape)
  const below = sumAxes(where(gt(column, row), wide, 0), [rank - 1])
  const across = broadcastTo(reshape(below, [...below.shape, 1]), x.shape)
  return where(gt(column, row), x, where(eq(row, column), neg(across), 0))
}

const corner = (x: Term): Term => {
  const limit = x.shape.map((d, i): Dim => (i < x.shape.length - 2 ? d : 1))
  return slice(
    x,
    limit.map(() => 0),
    limit,
  )
}

export const detWords: Readonly<Record<string, Word>> = {
  det: ([a]) => det(needTerm('det', a)),
}
