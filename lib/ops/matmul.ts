/**
 * matmul: NumPy's product of matrices, as a word on dot.
 */
import { type Dim, fail } from '../data/index.js'
import { showType, type Term } from '../term/index.js'
import { needTerm } from './attributes.js'
import { range } from './axes.js'
import { broadcastTo, reshape } from './broadcast.js'
import { dot } from './dot.js'
import { broadcastShape } from './operand.js'
import { moveAxis } from './transpose.js'
import type { Word } from './vocabulary.js'

/**
 * The matrix product. [B…, m, k] · [B…, k, n] → [B…, m, n]; leading axes broadcast; a vector is a
 * row on the left, a column on the right, and its axis vanishes. NumPy's rules.
 */
export function matmul(a: Term, b: Term): Term {
  const depth = a.shape.at(-1)
  const rows = b.shape.at(b.shape.length === 1 ? 0 : -2)
  if (depth === undefined || depth !== rows || a.dtype !== b.dtype) return misfit(a, b)
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  if (lead === undefined) return misfit(a, b)
  const none: readonly number[] = []
  const axisA = a.shape.length - 1
  const axisB = Math.max(b.shape.length - 2, 0)
  if (b.shape.length <= 2) {
    const axes = { lhsBatch: none, rhsBatch: none, lhsContract: [axisA], rhsContract: [axisB] }
    return dot(a, b, axes)
  }
  if (a.shape.length <= 2) {
    // The rows of a come first; they belong before b's columns.
    const axes = { lhsBatch: none, rhsBatch: none, lhsContract: [axisA], rhsContract: [axisB] }
    const product = dot(a, b, axes)
    return a.shape.length === 1 ? product : moveAxis(product, 0, -2)
  }
  const n = lead.length
  const batch = range(0, n)
  const wide = (x: Term): Term => {
    const shape: readonly Dim[] = [...lead, ...x.shape.slice(-2)]
    const ones = range(0, shape.length - x.shape.length).map(() => 1)
    return broadcastTo(reshape(x, [...ones, ...x.shape]), shape)
  }
  const axes = { lhsBatch: batch, rhsBatch: batch, lhsContract: [n + 1], rhsContract: [n] }
  return dot(wide(a), wide(b), axes)
}

function misfit(a: Term, b: Term): never {
  return fail({
    code: a.dtype === b.dtype ? 'shape' : 'dtype',
    where: 'matmul',
    what: `cannot multiply ${showType(a)} by ${showType(b)}`,
    expected: '[…, m, k] by […, k, n] of one dtype, leading axes broadcasting',
  })
}

export const matmulWords: Readonly<Record<string, Word>> = {
  matmul: ([a, b]) => matmul(needTerm('matmul', a), needTerm('matmul', b)),
}
