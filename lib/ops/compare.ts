/**
 * Comparisons: two arguments of one dtype to a bool. IEEE: every comparison with NaN is false but
 * `ne`, which is true. No derivative passes.
 */
import type { Op } from '../term/index.js'
import { binaryCall, elementwise, unaryCall } from './elementwise.js'
import type { Word } from './vocabulary.js'

const nearby: readonly [number, number] = [-2, 2]

const comparison = (name: string, doc: string, evaluate: (x: number, y: number) => number): Op =>
  elementwise(name, {
    doc: `${doc} As IEEE: with NaN ${name === 'ne' ? 'true' : 'false'}, and −0 equals 0.`,
    grade: 'cut',
    takes: 'any',
    gives: 'bool',
    evaluate,
    jvp: 'zero',
    transpose: 'nonlinear',
    flops: 1,
    domain: [nearby, nearby],
  })

export const eqOp: Op = comparison('eq', 'x = y.', (x, y) => Number(x === y))
export const neOp: Op = comparison('ne', 'x ≠ y.', (x, y) => Number(x !== y))
export const ltOp: Op = comparison('lt', 'x < y.', (x, y) => Number(x < y))
export const leOp: Op = comparison('le', 'x ≤ y.', (x, y) => Number(x <= y))
export const gtOp: Op = comparison('gt', 'x > y.', (x, y) => Number(x > y))
export const geOp: Op = comparison('ge', 'x ≥ y.', (x, y) => Number(x >= y))

export const eq = binaryCall(eqOp)
export const ne = binaryCall(neOp)
export const lt = binaryCall(ltOp)
export const le = binaryCall(leOp)
export const gt = binaryCall(gtOp)
export const ge = binaryCall(geOp)

export const isFiniteOp: Op = elementwise('isFinite', {
  doc: 'Neither NaN nor ±∞; true for every integer.',
  grade: 'cut',
  takes: 'number',
  gives: 'bool',
  evaluate: (x) => Number(Number.isFinite(x)),
  jvp: 'zero',
  transpose: 'nonlinear',
  flops: 1,
  domain: [nearby],
})
const finite = unaryCall(isFiniteOp)

export { finite as isFinite }

export const compareOps: readonly Op[] = [eqOp, neOp, ltOp, leOp, gtOp, geOp, isFiniteOp]

export const compareWords: Readonly<Record<string, Word>> = {
  eq: ([x, y]) => eq(x, y),
  ne: ([x, y]) => ne(x, y),
  lt: ([x, y]) => lt(x, y),
  le: ([x, y]) => le(x, y),
  gt: ([x, y]) => gt(x, y),
  ge: ([x, y]) => ge(x, y),
  isFinite: ([x]) => finite(x),
}
