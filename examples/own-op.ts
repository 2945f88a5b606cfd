/**
 * An op of one's own: softsign, x / (1 + |x|), a record with every rule.
 *
 * The rules are written with the combinators of the language. `opLaws` holds each of them to its
 * law at the samples that the record names.
 */
import { dimMul, dimProduct, emptyArray } from '../lib/data/index.js'
import { abs, add, div, scale, square } from '../lib/ops/index.js'
import { apply1, type Op, type Term } from '../lib/term/index.js'

export const softsignOp: Op = {
  name: 'softsign',
  doc: 'x / (1 + |x|), elementwise: like tanh, with slower tails. Derivative: 1 / (1 + |x|)².',
  grade: 'smooth',
  type: ([x]) => [x],
  evaluate: ({ args: [x], types: [type] }) => {
    const out = emptyArray(type.dtype, type.shape)
    for (let i = 0; i < out.data.length; i++) out.data[i] = x.data[i] / (1 + Math.abs(x.data[i]))
    return [out]
  },
  jvp: ({ primals: [x], tangents: [dx] }) => [
    dx === null ? null : scale(dx, div(1, square(add(1, abs(x))))),
  ],
  transpose: 'nonlinear',
  batch: ({ args: [x] }) => [softsign(x)],
  cost: ({ results: [y] }) => ({ flops: dimMul(3, dimProduct(y.shape)) }),
  samples: [
    { args: [{ kind: 'float', shape: [] }] },
    { args: [{ kind: 'float', shape: [2, 3], range: [-5, 5] }] },
    { args: [{ kind: 'float', shape: [2, 0] }] },
  ],
}

export const softsign = (x: Term): Term => apply1(softsignOp, [x])
