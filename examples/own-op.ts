/**
 * An op of one's own: softsign, x / (1 + |x|), a record with every rule.
 *
 * The rules are written with the combinators of the language. `opLaws` holds each of them to its
 * law at the samples that the record names. Nothing is imported but published entries.
 */
import {
  abs,
  add,
  apply1,
  dimMul,
  dimProduct,
  div,
  emptyArray,
  type Op,
  scale,
  square,
  unaryOperation,
} from 'pullback/ops'

export const softsignOp = {
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
  batch: ({ node, args }) => [apply1(node.op, args)],
  cost: ({ results: [y] }) => ({ flops: dimMul(3, dimProduct(y.shape)) }),
  samples: [
    { args: [{ kind: 'float', shape: [] }] },
    { args: [{ kind: 'float', shape: [2, 3], range: [-5, 5] }] },
    { args: [{ kind: 'float', shape: [2, 0] }] },
  ],
} as const satisfies Op

/** Tensors of any shape and floating dtype; smooth, so `grad` and `hessian` take it. */
export const softsign = unaryOperation(softsignOp)
