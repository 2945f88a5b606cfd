/**
 * Exponentials and logarithms.
 */
import type { Op } from '../term/index.js'
import { add, reciprocal, scale } from './arithmetic.js'
import { along, binaryCall, elementwise, partials, unaryCall } from './elementwise.js'
import type { Word } from './vocabulary.js'

export const expOp: Op = elementwise('exp', {
  doc: 'eˣ.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.exp,
  jvp: along((_, dx, y) => scale(dx, y)),
  transpose: 'nonlinear',
  flops: 8,
  domain: [[-4, 4]],
})
export const exp = unaryCall(expOp)

export const expm1Op: Op = elementwise('expm1', {
  doc: 'eˣ − 1, accurate near 0.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.expm1,
  jvp: along((x, dx) => scale(dx, exp(x))),
  transpose: 'nonlinear',
  flops: 8,
  domain: [[-4, 4]],
})
export const expm1 = unaryCall(expm1Op)

export const logOp: Op = elementwise('log', {
  doc: 'The natural logarithm: −∞ at 0, NaN below.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.log,
  jvp: along((x, dx) => scale(dx, reciprocal(x))),
  transpose: 'nonlinear',
  flops: 8,
  domain: [[0.2, 5]],
})
export const log = unaryCall(logOp)

export const log1pOp: Op = elementwise('log1p', {
  doc: 'log(1 + x), accurate near 0: −∞ at −1, NaN below.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.log1p,
  jvp: along((x, dx) => scale(dx, reciprocal(add(x, 1)))),
  transpose: 'nonlinear',
  flops: 8,
  domain: [[-0.7, 3]],
})
export const log1p = unaryCall(log1pOp)

export const xlogyOp: Op = elementwise('xlogy', {
  doc: 'x log y, and 0 where x is 0 unless y is NaN.',
  grade: 'smooth',
  takes: 'float',
  evaluate: (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y)),
  jvp: partials(
    (a, b) => add(a, b),
    (dx, [, y]) => scale(dx, log(y)),
    (dy, [x, y]) => scale(dy, scale(x, reciprocal(y))),
  ),
  transpose: ({ cotangent, args, linear }) => [
    linear[0] ? scale(cotangent, log(args[1])) : null,
    null,
  ],
  flops: 9,
  domain: [
    [-3, 3],
    [0.2, 5],
  ],
})
export const xlogy = binaryCall(xlogyOp)

export const exponentialOps: readonly Op[] = [expOp, expm1Op, logOp, log1pOp, xlogyOp]

export const exponentialWords: Readonly<Record<string, Word>> = {
  exp: ([x]) => exp(x),
  expm1: ([x]) => expm1(x),
  log: ([x]) => log(x),
  log1p: ([x]) => log1p(x),
  xlogy: ([x, y]) => xlogy(x, y),
}
