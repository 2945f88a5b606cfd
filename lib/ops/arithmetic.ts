/**
 * Arithmetic: the ops that derivative rules are written with.
 *
 * `scale` is multiplication inside derivatives: where either factor is 0 the product is 0, even if
 * the other is infinite or NaN. Linear maps send zero to zero, so a dead path stays dead. Where
 * both are finite it is `mul` to the bit, so that a compiler may use the one for the other.
 */
import { arrayFrom, type DType, isFloat, roundTo } from '../data/index.js'
import { apply1, type Op, type Term } from '../term/index.js'
import { needDType, needTerm } from './attributes.js'
import {
  along,
  back,
  binaryCall,
  type ElementwiseRule,
  elementwise,
  partials,
  unaryCall,
} from './elementwise.js'
import { count } from './operand.js'
import type { Word } from './vocabulary.js'

const real: readonly [number, number] = [-3, 3]

export const negOp: Op = elementwise('neg', {
  doc: '−x.',
  grade: 'smooth',
  takes: 'number',
  evaluate: (x) => -x,
  jvp: along((_, dx) => neg(dx)),
  transpose: back((ct) => neg(ct)),
  flops: 1,
  domain: [real],
})
export const neg = unaryCall(negOp)

export const addOp: Op = elementwise('add', {
  doc: 'x + y.',
  grade: 'smooth',
  takes: 'number',
  evaluate: (x, y) => x + y,
  jvp: partials(
    (a, b) => add(a, b),
    (dx) => dx,
    (dy) => dy,
  ),
  transpose: back((ct) => ct),
  flops: 1,
  domain: [real, real],
})
export const add = binaryCall(addOp)

export const subOp: Op = elementwise('sub', {
  doc: 'x − y.',
  grade: 'smooth',
  takes: 'number',
  evaluate: (x, y) => x - y,
  jvp: partials(
    (a, b) => add(a, b),
    (dx) => dx,
    (dy) => neg(dy),
  ),
  transpose: ({ cotangent, linear }) => {
    const ct = cotangent
    return [linear[0] ? ct : null, linear[1] ? neg(ct) : null]
  },
  flops: 1,
  domain: [real, real],
})
export const sub = binaryCall(subOp)

/** The derivatives of x · y, whatever 0 · ∞ is. */
const productRules: Pick<ElementwiseRule, 'jvp' | 'transpose'> = {
  jvp: partials(
    (a, b) => add(a, b),
    (dx, [, y]) => scale(dx, y),
    (dy, [x]) => scale(dy, x),
  ),
  transpose: ({ cotangent, args, linear }) => {
    const ct = cotangent
    return [linear[0] ? scale(ct, args[1]) : null, linear[1] ? scale(ct, args[0]) : null]
  },
}

export const mulOp: Op = elementwise('mul', {
  doc: 'x · y. IEEE: 0 · ∞ is NaN; its derivatives scale by `scale`.',
  grade: 'smooth',
  takes: 'number',
  evaluate: (x, y) => x * y,
  evaluateInteger: Math.imul,
  ...productRules,
  flops: 1,
  domain: [real, real],
})
export const mul = binaryCall(mulOp)

export const scaleOp: Op = elementwise('scale', {
  doc: 'x · y, but 0 where 0 meets ±∞ or NaN: how derivatives multiply. With finite factors it is mul, signs of zero included.',
  grade: 'smooth',
  takes: 'float',
  evaluate: (x, y) => {
    const product = x * y
    return Number.isNaN(product) && (x === 0 || y === 0) ? 0 : product
  },
  ...productRules,
  flops: 1,
  domain: [real, real],
})
export const scale = binaryCall(scaleOp)

export const reciprocalOp: Op = elementwise('reciprocal', {
  doc: '1/x.',
  grade: 'smooth',
  takes: 'float',
  evaluate: (x) => 1 / x,
  jvp: along((_, dx, y) => neg(scale(dx, mul(y, y)))),
  transpose: 'nonlinear',
  flops: 1,
  domain: [[0.3, 3]],
})
export const reciprocal = unaryCall(reciprocalOp)

export const divOp: Op = elementwise('div', {
  doc: 'x / y; integers truncate toward zero, and x / 0 is 0 for them.',
  grade: 'smooth',
  takes: 'number',
  evaluate: (x, y) => x / y,
  evaluateInteger: (x, y) => (y === 0 ? 0 : Math.trunc(x / y)),
  jvp: partials(
    (a, b) => add(a, b),
    (dx, [, y]) => scale(dx, reciprocal(y)),
    (dy, [, y], out) => neg(scale(dy, mul(out, reciprocal(y)))),
  ),
  transpose: back((ct, [, y]) => scale(ct, reciprocal(y))),
  flops: 1,
  domain: [real, [0.3, 3]],
})
export const div = binaryCall(divOp)

export const convertOp: Op = {
  name: 'convert',
  doc: 'The same numbers in another dtype: floats to integers truncate and saturate, NaN gives 0; integers to integers wrap; anything but 0 is true.',
  grade: 'smooth',
  type: ([x], attrs) => [{ dtype: attrs.dtype as DType, shape: x.shape }],
  evaluate: ({ args, types }) => {
    const x = args[0]
    const type = types[0]
    const round = isFloat(x.dtype) ? truncate : roundTo
    return [arrayFrom(type.dtype, type.shape, x.data, (v) => round(type.dtype, v))]
  },
  jvp: ({ node, tangents, attrs }) => {
    const to = attrs.dtype as DType
    const smooth = isFloat(to) && isFloat(node.args[0].dtype)
    return [smooth && tangents[0] ? convert(tangents[0], to) : null]
  },
  transpose: ({ cotangent, args }) => [convert(cotangent, args[0].dtype)],
  batch: ({ args, attrs }) => [convert(args[0], attrs.dtype as DType)],
  cost: ({ results }) => ({ flops: count(results[0]) }),
  samples: [
    { args: [{ kind: 'float', shape: [2, 3] }], attrs: { dtype: 'f32' } },
    { args: [{ kind: 'float', shape: [3], range: [-5, 5] }], attrs: { dtype: 'i32' } },
    { args: [{ kind: 'int', shape: [3], range: [-5, 5] }], attrs: { dtype: 'u32' } },
    { args: [{ kind: 'bool', shape: [3] }], attrs: { dtype: 'f64' } },
  ],
}

/** x in another dtype; x itself where it has it. */
export const convert = (x: Term, dtype: DType): Term =>
  x.dtype === dtype ? x : apply1(convertOp, [x], { dtype })

function truncate(dtype: DType, x: number): number {
  if (dtype === 'i32') return Math.min(Math.max(Math.trunc(x) || 0, -(2 ** 31)), 2 ** 31 - 1)
  if (dtype === 'u32') return Math.min(Math.max(Math.trunc(x) || 0, 0), 2 ** 32 - 1)
  return dtype === 'bool' ? Number(x !== 0) : roundTo(dtype, x)
}

/** x with no derivative: a value that differentiation does not see through. */
export const stopGradientOp: Op = {
  name: 'stopGradient',
  doc: 'x, as a constant to differentiation.',
  grade: 'cut',
  type: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  evaluate: ({ args }) => args,
  jvp: 'zero',
  transpose: 'nonlinear',
  batch: ({ args }) => [stopGradient(args[0])],
  cost: () => ({ flops: 0 }),
  samples: [{ args: [{ kind: 'float', shape: [3] }] }],
}
export const stopGradient = (x: Term): Term => apply1(stopGradientOp, [x])

export const arithmeticOps: readonly Op[] = [
  negOp,
  addOp,
  subOp,
  mulOp,
  scaleOp,
  reciprocalOp,
  divOp,
  convertOp,
  stopGradientOp,
]

export const arithmeticWords: Readonly<Record<string, Word>> = {
  neg: ([x]) => neg(x),
  add: ([x, y]) => add(x, y),
  sub: ([x, y]) => sub(x, y),
  mul: ([x, y]) => mul(x, y),
  reciprocal: ([x]) => reciprocal(x),
  div: ([x, y]) => div(x, y),
  convert: ([x], attrs) => convert(needTerm('convert', x), needDType('convert', attrs)),
  stopGradient: ([x]) => stopGradient(needTerm('stopGradient', x)),
}
