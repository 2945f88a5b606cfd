/**
 * Special functions: the error functions and the gamma family. Every derivative of lgamma is an
 * op again: digamma, then polygamma of rising order.
 */
import { fail } from '../data/index.js'
import * as scalar from '../data/special/index.js'
import { type Attrs, apply1, type Op, type Term } from '../term/index.js'
import { mul, neg, scale } from './arithmetic.js'
import { needInteger } from './attributes.js'
import { along, elementwise, mapElements, unaryCall } from './elementwise.js'
import { exp } from './exponential.js'
import { type Operand, unify } from './operand.js'
import { square } from './power.js'
import type { Word } from './vocabulary.js'

export const erfOp: Op = elementwise('erf', {
  doc: '2/√π ∫₀ˣ exp(−t²) dt.',
  grade: 'smooth',
  takes: 'float',
  evaluate: scalar.erf,
  jvp: along((x, dx) => scale(dx, bell(x))),
  transpose: 'nonlinear',
  flops: 20,
  domain: [[-2.5, 2.5]],
})
export const erf = unaryCall(erfOp)

export const erfcOp: Op = elementwise('erfc', {
  doc: '1 − erf x, without cancellation for large x.',
  grade: 'smooth',
  takes: 'float',
  evaluate: scalar.erfc,
  jvp: along((x, dx) => neg(scale(dx, bell(x)))),
  transpose: 'nonlinear',
  flops: 25,
  domain: [[-2.5, 2.5]],
})
export const erfc = unaryCall(erfcOp)

export const erfInvOp: Op = elementwise('erfInv', {
  doc: 'The inverse of erf on (−1, 1); ±∞ at the ends, NaN outside.',
  grade: 'smooth',
  takes: 'float',
  evaluate: scalar.erfInv,
  jvp: along((_, dx, y) => scale(dx, mul(Math.sqrt(Math.PI) / 2, exp(square(y))))),
  transpose: 'nonlinear',
  flops: 25,
  domain: [[-0.85, 0.85]],
})
export const erfInv = unaryCall(erfInvOp)

export const lgammaOp: Op = elementwise('lgamma', {
  doc: 'log |Γ(x)|; ∞ at 0, −1, −2, …',
  grade: 'smooth',
  takes: 'float',
  evaluate: scalar.lgamma,
  jvp: along((x, dx) => scale(dx, digamma(x))),
  transpose: 'nonlinear',
  flops: 30,
  domain: [[0.4, 6]],
})
export const lgamma = unaryCall(lgammaOp)

export const digammaOp: Op = elementwise('digamma', {
  doc: 'The derivative of lgamma. At 0 it is −∞ or ∞ by the sign of the zero, at −1, −2, … NaN.',
  grade: 'smooth',
  takes: 'float',
  evaluate: scalar.digamma,
  jvp: along((x, dx) => scale(dx, polygamma(1, x))),
  transpose: 'nonlinear',
  flops: 30,
  domain: [[0.4, 6]],
})
export const digamma = unaryCall(digammaOp)

const polygammaRules: Op = elementwise('polygamma', {
  doc: 'The derivative of order n of digamma, n ≥ 1. At 0, −1, … it is ∞ for odd n; for even n NaN, and at 0 infinite against the sign of the zero.',
  grade: 'smooth',
  takes: 'float',
  evaluate: (x) => scalar.polygamma(1, x),
  jvp: ({ primals, tangents, attrs }) => [
    tangents[0] && scale(tangents[0], polygamma(orderOf(attrs) + 1, primals[0])),
  ],
  transpose: 'nonlinear',
  flops: 60,
  domain: [[0.4, 6]],
})

export const polygammaOp: Op = {
  ...polygammaRules,
  evaluate: (call) => {
    const n = orderOf(call.attrs)
    return mapElements(call, (x) => scalar.polygamma(n, x))
  },
  samples: polygammaRules.samples.map((sample, i) => ({ ...sample, attrs: { n: (i % 2) + 1 } })),
}

/** The derivative of order n of digamma; digamma itself for n = 0. Any shape, floating dtype. */
export function polygamma(n: number, x: Operand): Term {
  if (!Number.isInteger(n) || n < 0 || n > 170) {
    fail({
      code: 'attribute',
      where: 'polygamma',
      what: `order ${n}`,
      expected: 'a whole number from 0 to 170',
    })
  }
  return n === 0 ? digamma(x) : apply1(polygammaOp, unify('polygamma', [x]), { n })
}

const orderOf = (attrs: Attrs): number => needInteger('polygamma', attrs, 'n')

/** 2/√π exp(−x²) */
const bell = (x: Term): Term => mul(2 / Math.sqrt(Math.PI), exp(neg(square(x))))

export const specialOps: readonly Op[] = [erfOp, erfcOp, erfInvOp, lgammaOp, digammaOp, polygammaOp]

export const specialWords: Readonly<Record<string, Word>> = {
  erf: ([x]) => erf(x),
  erfc: ([x]) => erfc(x),
  erfInv: ([x]) => erfInv(x),
  lgamma: ([x]) => lgamma(x),
  digamma: ([x]) => digamma(x),
  polygamma: ([x], attrs) => polygamma(orderOf(attrs), x),
}
