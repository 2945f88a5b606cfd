/**
 * Activations: relu, and the words silu and gelu.
 */
import { fail } from '../data/index.js'
import type { Op, Term } from '../term/index.js'
import { add, mul } from './arithmetic.js'
import { needText } from './attributes.js'
import { gt } from './compare.js'
import { along, elementwise, unaryCall } from './elementwise.js'
import { sigmoid } from './logistic.js'
import { type Operand, unify } from './operand.js'
import { square } from './power.js'
import { where } from './select.js'
import { erfc } from './special.js'
import type { Word } from './vocabulary.js'

export const reluOp: Op = elementwise('relu', {
  doc: 'x where x > 0, else 0; NaN stays. Its derivative at 0 is 0.',
  grade: 'kink',
  takes: 'number',
  evaluate: (x) => Math.max(x, 0),
  jvp: along((x, dx) => where(gt(x, 0), dx, 0)),
  transpose: 'nonlinear',
  flops: 1,
  domain: [[-3, 3]],
})
export const relu = unaryCall(reluOp)

/** x·sigmoid(x). */
export function silu(x: Operand): Term {
  const [t] = unify('silu', [x])
  return mul(t, sigmoid(t))
}

export type GeluForm = 'tanh' | 'none'

/**
 * x·Φ(x), Φ the normal distribution function; by default its approximation
 * ½x(1 + tanh u), u = √(2/π)(x + 0.044715x³). ½(1 + tanh u) is sigmoid 2u, which keeps its
 * relative accuracy where 1 + tanh u would cancel.
 * Hendrycks & Gimpel, 2016.
 */
export function gelu(x: Operand, approximate: GeluForm = 'tanh'): Term {
  const [t] = unify('gelu', [x])
  if (approximate === 'none') return mul(t, mul(0.5, erfc(mul(t, -Math.SQRT1_2))))
  const twiceU = mul(2 * Math.sqrt(2 / Math.PI), mul(t, add(1, mul(0.044715, square(t)))))
  return mul(t, sigmoid(twiceU))
}

export const activationOps: readonly Op[] = [reluOp]

export const activationWords: Readonly<Record<string, Word>> = {
  relu: ([x]) => relu(x),
  silu: ([x]) => silu(x),
  gelu: ([x], attrs) => gelu(x, geluForm(needText('gelu', attrs, 'approximate', 'tanh'))),
}

function geluForm(text: string): GeluForm {
  if (text === 'tanh' || text === 'none') return text
  return fail({
    code: 'attribute',
    where: 'gelu',
    what: `attribute 'approximate' is '${text}'`,
    expected: "'tanh' or 'none'",
  })
}
