/**
 * The operations by name, each with its signature: what the language layer implements.
 *
 * Names and attributes are those of the conformance cases. The word after the name says how a path
 * passes (grade.ts), the last one which dtypes the operation takes (dtype.ts).
 */
import type { Along, ArgReduction, Argsort, TopK } from './along.js'
import type { Einsum, Matmul } from './contraction.js'
import type { Constant, Iota } from './creation.js'
import type {
  Binary,
  Clamp,
  Comparison,
  Convert,
  Gelu,
  Predicate,
  Unary,
  Where,
} from './elementwise.js'
import type { OneHot, Scatter, Take, TakeAlongAxis } from './gather.js'
import type { Concat, Stack } from './join.js'
import type { BroadcastTo, Reverse, Transpose } from './layout.js'
import type { Reduction } from './reduction.js'
import type { Reshape } from './reshape.js'
import type { DynamicSlice, DynamicUpdateSlice, Pad, Slice } from './slice.js'
import type { Conv, Pool } from './window.js'

/** One operand, elementwise. */
export interface UnaryVocabulary {
  readonly neg: Unary<'neg', 'smooth', 'number'>
  readonly abs: Unary<'abs', 'kink', 'number'>
  readonly sign: Unary<'sign', 'cut', 'number'>
  readonly exp: Unary<'exp', 'smooth', 'float'>
  readonly expm1: Unary<'expm1', 'smooth', 'float'>
  readonly log: Unary<'log', 'smooth', 'float'>
  readonly log1p: Unary<'log1p', 'smooth', 'float'>
  readonly sqrt: Unary<'sqrt', 'smooth', 'float'>
  readonly rsqrt: Unary<'rsqrt', 'smooth', 'float'>
  readonly cbrt: Unary<'cbrt', 'smooth', 'float'>
  readonly sin: Unary<'sin', 'smooth', 'float'>
  readonly cos: Unary<'cos', 'smooth', 'float'>
  readonly tan: Unary<'tan', 'smooth', 'float'>
  readonly asin: Unary<'asin', 'smooth', 'float'>
  readonly acos: Unary<'acos', 'smooth', 'float'>
  readonly atan: Unary<'atan', 'smooth', 'float'>
  readonly sinh: Unary<'sinh', 'smooth', 'float'>
  readonly cosh: Unary<'cosh', 'smooth', 'float'>
  readonly tanh: Unary<'tanh', 'smooth', 'float'>
  readonly asinh: Unary<'asinh', 'smooth', 'float'>
  readonly acosh: Unary<'acosh', 'smooth', 'float'>
  readonly atanh: Unary<'atanh', 'smooth', 'float'>
  readonly sigmoid: Unary<'sigmoid', 'smooth', 'float'>
  readonly logSigmoid: Unary<'logSigmoid', 'smooth', 'float'>
  readonly softplus: Unary<'softplus', 'smooth', 'float'>
  readonly erf: Unary<'erf', 'smooth', 'float'>
  readonly erfc: Unary<'erfc', 'smooth', 'float'>
  readonly erfInv: Unary<'erfInv', 'smooth', 'float'>
  readonly lgamma: Unary<'lgamma', 'smooth', 'float'>
  readonly digamma: Unary<'digamma', 'smooth', 'float'>
  readonly floor: Unary<'floor', 'cut', 'float'>
  readonly ceil: Unary<'ceil', 'cut', 'float'>
  readonly round: Unary<'round', 'cut', 'float'>
  readonly relu: Unary<'relu', 'kink', 'number'>
  readonly silu: Unary<'silu', 'smooth', 'float'>
  readonly square: Unary<'square', 'smooth', 'number'>
  readonly reciprocal: Unary<'reciprocal', 'smooth', 'float'>
  readonly sinc: Unary<'sinc', 'smooth', 'float'>
  readonly isFinite: Predicate<'isFinite', 'float'>
  readonly not: Predicate<'not', 'bool'>
  readonly gelu: Gelu
  readonly clamp: Clamp
  readonly convert: Convert
}

/** Two or three operands, elementwise, broadcasting. */
export interface BinaryVocabulary {
  readonly add: Binary<'add', 'smooth', 'number'>
  readonly sub: Binary<'sub', 'smooth', 'number'>
  readonly mul: Binary<'mul', 'smooth', 'number'>
  readonly div: Binary<'div', 'smooth', 'number'>
  readonly pow: Binary<'pow', 'smooth', 'number'>
  readonly max: Binary<'max', 'kink', 'number'>
  readonly min: Binary<'min', 'kink', 'number'>
  readonly atan2: Binary<'atan2', 'smooth', 'float'>
  readonly rem: Binary<'rem', 'jump', 'number'>
  readonly mod: Binary<'mod', 'jump', 'number'>
  readonly hypot: Binary<'hypot', 'kink', 'float'>
  readonly logaddexp: Binary<'logaddexp', 'smooth', 'float'>
  readonly xlogy: Binary<'xlogy', 'smooth', 'float'>
  readonly eq: Comparison<'eq', 'any'>
  readonly ne: Comparison<'ne', 'any'>
  readonly lt: Comparison<'lt', 'number'>
  readonly le: Comparison<'le', 'number'>
  readonly gt: Comparison<'gt', 'number'>
  readonly ge: Comparison<'ge', 'number'>
  readonly and: Binary<'and', 'cut', 'logical'>
  readonly or: Binary<'or', 'cut', 'logical'>
  readonly xor: Binary<'xor', 'cut', 'logical'>
  readonly where: Where
}

/** Creation, shape and indexing. */
export interface ShapeVocabulary {
  readonly constant: Constant
  readonly iota: Iota
  readonly reshape: Reshape
  readonly transpose: Transpose
  readonly broadcastTo: BroadcastTo
  readonly slice: Slice
  readonly pad: Pad
  readonly concat: Concat
  readonly stack: Stack
  readonly reverse: Reverse
  readonly take: Take
  readonly takeAlongAxis: TakeAlongAxis
  readonly scatterAdd: Scatter<'scatterAdd'>
  readonly scatterSet: Scatter<'scatterSet'>
  readonly dynamicSlice: DynamicSlice
  readonly dynamicUpdateSlice: DynamicUpdateSlice
  readonly oneHot: OneHot
}

/** Reductions, orders and contractions. */
export interface ReductionVocabulary {
  readonly sum: Reduction<'sum', 'smooth', 'number'>
  readonly mean: Reduction<'mean', 'smooth', 'float'>
  readonly prod: Reduction<'prod', 'smooth', 'number'>
  readonly reduceMax: Reduction<'reduceMax', 'kink', 'number'>
  readonly reduceMin: Reduction<'reduceMin', 'kink', 'number'>
  readonly variance: Reduction<'variance', 'smooth', 'float'>
  readonly std: Reduction<'std', 'kink', 'float'>
  readonly logsumexp: Reduction<'logsumexp', 'smooth', 'float'>
  readonly norm: Reduction<'norm', 'kink', 'float'>
  readonly argmax: ArgReduction<'argmax'>
  readonly argmin: ArgReduction<'argmin'>
  readonly cumsum: Along<'cumsum', 'smooth', 'number'>
  readonly cumprod: Along<'cumprod', 'smooth', 'number'>
  readonly cummax: Along<'cummax', 'kink', 'number'>
  readonly softmax: Along<'softmax', 'smooth', 'float'>
  readonly logSoftmax: Along<'logSoftmax', 'smooth', 'float'>
  readonly sort: Along<'sort', 'kink', 'number'>
  readonly argsort: Argsort
  readonly topK: TopK
  readonly matmul: Matmul
  readonly einsum: Einsum
  readonly conv: Conv
  readonly maxPool: Pool<'maxPool', 'kink'>
  readonly avgPool: Pool<'avgPool', 'smooth'>
}

/** Every operation. */
export interface Operations
  extends UnaryVocabulary,
    BinaryVocabulary,
    ShapeVocabulary,
    ReductionVocabulary {}
