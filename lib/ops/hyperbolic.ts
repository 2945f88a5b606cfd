/**
 * Hyperbolic functions and their inverses.
 */
import type { Op } from '../term/index.js'
import { add, mul, reciprocal, scale, sub } from './arithmetic.js'
import { along, elementwise, unaryCall } from './elementwise.js'
import { hypot, rsqrt, square } from './power.js'
import type { Word } from './vocabulary.js'

export const sinhOp: Op = elementwise('sinh', {
  doc: '(eˣ − e⁻ˣ)/2.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.sinh,
  jvp: along((x, dx) => scale(dx, cosh(x))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-3, 3]],
})
export const sinh = unaryCall(sinhOp)

export const coshOp: Op = elementwise('cosh', {
  doc: '(eˣ + e⁻ˣ)/2.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.cosh,
  jvp: along((x, dx) => scale(dx, sinh(x))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-3, 3]],
})
export const cosh = unaryCall(coshOp)

export const tanhOp: Op = elementwise('tanh', {
  doc: 'sinh x / cosh x. Its derivative is 1 − y².',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.tanh,
  jvp: along((_, dx, y) => scale(dx, sub(1, square(y)))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-4, 4]],
})
export const tanh = unaryCall(tanhOp)

export const asinhOp: Op = elementwise('asinh', {
  doc: 'The inverse of sinh.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.asinh,
  jvp: along((x, dx) => scale(dx, reciprocal(hypot(x, 1)))),
  transpose: 'nonlinear',
  flops: 12,
  domain: [[-4, 4]],
})
export const asinh = unaryCall(asinhOp)

export const acoshOp: Op = elementwise('acosh', {
  doc: 'The inverse of cosh on x ≥ 1; NaN below.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.acosh,
  jvp: along((x, dx) => scale(dx, mul(rsqrt(sub(x, 1)), rsqrt(add(x, 1))))),
  transpose: 'nonlinear',
  flops: 12,
  domain: [[1.3, 5]],
})
export const acosh = unaryCall(acoshOp)

export const atanhOp: Op = elementwise('atanh', {
  doc: 'The inverse of tanh on (−1, 1); ±∞ at the ends, NaN outside.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.atanh,
  jvp: along((x, dx) => scale(dx, reciprocal(mul(sub(1, x), add(1, x))))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-0.7, 0.7]],
})
export const atanh = unaryCall(atanhOp)

export const hyperbolicOps: readonly Op[] = [sinhOp, coshOp, tanhOp, asinhOp, acoshOp, atanhOp]

export const hyperbolicWords: Readonly<Record<string, Word>> = {
  sinh: ([x]) => sinh(x),
  cosh: ([x]) => cosh(x),
  tanh: ([x]) => tanh(x),
  asinh: ([x]) => asinh(x),
  acosh: ([x]) => acosh(x),
  atanh: ([x]) => atanh(x),
}
