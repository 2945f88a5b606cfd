/**
 * An op of one's own: squareplus, (x + √(x² + 4)) / 2, a record with every rule.
 *
 * The rules are written with the combinators of the language. `opLaws` holds each of them to its
 * law at the samples that the record names. Nothing is imported but published entries.
 */
import {
  add,
  apply1,
  dimMul,
  dimProduct,
  div,
  emptyArray,
  mul,
  type Op,
  scale,
  sqrt,
  square,
  unaryOperation,
} from 'pullback/ops'

export const squareplusOp = {
  name: 'squareplus',
  doc: '(x + √(x² + 4)) / 2, elementwise: a smooth relu. Derivative: (1 + x / √(x² + 4)) / 2.',
  grade: 'smooth',
  type: ([x]) => [x],
  evaluate: ({ args: [x], types: [type] }) => {
    const out = emptyArray(type.dtype, type.shape)
    x.data.forEach((v, i) => {
      out.data[i] = (v + Math.sqrt(v * v + 4)) / 2
    })
    return [out]
  },
  jvp: ({ primals: [x], tangents: [dx] }) => [
    dx === null ? null : scale(dx, mul(add(1, div(x, sqrt(add(square(x), 4)))), 0.5)),
  ],
  transpose: 'nonlinear',
  batch: ({ node, args }) => [apply1(node.op, args)],
  cost: ({ results: [y] }) => ({ flops: dimMul(5, dimProduct(y.shape)) }),
  samples: [
    { args: [{ kind: 'float', shape: [] }] },
    { args: [{ kind: 'float', shape: [2, 3], range: [-5, 5] }] },
    { args: [{ kind: 'float', shape: [2, 0] }] },
  ],
} as const satisfies Op

/** Tensors of any shape and floating dtype; smooth, so `grad` and `hessian` take it. */
export const squareplus = unaryOperation(squareplusOp)
