/**
 * Sums and shares in log space: sigmoid, softplus, logSigmoid, logaddexp. Values never overflow
 * before their results do, and the derivatives are sigmoids, which never do.
 */
import type { Op, Term } from '../term/index.js'
import { add, mul, neg, scale, sub } from './arithmetic.js'
import { eq, isFinite as finite } from './compare.js'
import { along, binaryCall, elementwise, partials, unaryCall } from './elementwise.js'
import { and, not } from './logic.js'
import { where } from './select.js'
import type { Word } from './vocabulary.js'

export const sigmoidOp: Op = elementwise('sigmoid', {
  doc: '1/(1 + e⁻ˣ).',
  grade: 'smooth',
  takes: 'float',
  evaluate: (x) => {
    const e = Math.exp(-Math.abs(x))
    return x < 0 ? e / (1 + e) : 1 / (1 + e)
  },
  jvp: along((_, dx, y) => scale(dx, mul(y, sub(1, y)))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-6, 6]],
})
export const sigmoid = unaryCall(sigmoidOp)

export const softplusOp: Op = elementwise('softplus', {
  doc: 'log(1 + eˣ): x for large x, eˣ for very negative x.',
  grade: 'smooth',
  takes: 'float',
  evaluate: (x) => softplusOf(x),
  jvp: along((x, dx) => scale(dx, sigmoid(x))),
  transpose: 'nonlinear',
  flops: 18,
  domain: [[-6, 6]],
})
export const softplus = unaryCall(softplusOp)

export const logSigmoidOp: Op = elementwise('logSigmoid', {
  doc: 'log sigmoid x = −softplus(−x).',
  grade: 'smooth',
  takes: 'float',
  evaluate: (x) => -softplusOf(-x),
  jvp: along((x, dx) => scale(dx, sigmoid(neg(x)))),
  transpose: 'nonlinear',
  flops: 18,
  domain: [[-6, 6]],
})
export const logSigmoid = unaryCall(logSigmoidOp)

export const logaddexpOp: Op = elementwise('logaddexp', {
  doc: 'log(eˣ + eʸ); −∞ is neutral. Its derivatives are the shares of the two terms in the sum, ½ each where both are the same infinity.',
  grade: 'smooth',
  takes: 'float',
  evaluate: (x, y) =>
    x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y))),
  jvp: partials(
    (a, b) => add(a, b),
    (dx, [x, y]) => scale(dx, sigmoid(difference(x, y))),
    (dy, [x, y]) => scale(dy, sigmoid(difference(y, x))),
  ),
  transpose: 'nonlinear',
  flops: 18,
  domain: [
    [-4, 4],
    [-4, 4],
  ],
})
export const logaddexp = binaryCall(logaddexpOp)

const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/** x − y, but 0 where both are the same infinity. */
const difference = (x: Term, y: Term): Term => where(and(eq(x, y), not(finite(x))), 0, sub(x, y))

export const logisticOps: readonly Op[] = [sigmoidOp, softplusOp, logSigmoidOp, logaddexpOp]

export const logisticWords: Readonly<Record<string, Word>> = {
  sigmoid: ([x]) => sigmoid(x),
  softplus: ([x]) => softplus(x),
  logSigmoid: ([x]) => logSigmoid(x),
  logaddexp: ([x, y]) => logaddexp(x, y),
}
