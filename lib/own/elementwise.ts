/**
 * Elementwise operations on terms, and constants, as `pullback/ops` publishes them.
 */
import * as ops from '../ops/index.js'
import { given } from './given.js'
import {
  array,
  dtype,
  either,
  listOf,
  natural,
  naturals,
  number,
  one,
  operand,
  operands,
  optional,
  size,
  sizes,
  tensor,
  tensors,
  text,
  type,
  types,
} from './kinds.js'

export const {
  abs,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cbrt,
  ceil,
  cos,
  cosh,
  digamma,
  erf,
  erfInv,
  erfc,
  exp,
  expm1,
  floor,
  lgamma,
  log,
  log1p,
  logSigmoid,
  neg,
  not,
  reciprocal,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  silu,
  sin,
  sinc,
  sinh,
  softplus,
  sqrt,
  square,
  tan,
  tanh,
} = given(
  ops,
  [
    ...['abs', 'acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'cbrt', 'ceil', 'cos', 'cosh'],
    ...['digamma', 'erf', 'erfInv', 'erfc', 'exp', 'expm1', 'floor', 'lgamma', 'log'],
    ...['log1p', 'logSigmoid', 'neg', 'not', 'reciprocal', 'relu', 'round', 'rsqrt', 'sigmoid'],
    ...['sign', 'silu', 'sin', 'sinc', 'sinh', 'softplus', 'sqrt', 'square', 'tan', 'tanh'],
  ] as const,
  operand,
)

export const {
  add,
  and,
  atan2,
  div,
  eq,
  ge,
  gt,
  hypot,
  le,
  logaddexp,
  lt,
  max,
  min,
  mod,
  mul,
  ne,
  or,
  pow,
  rem,
  scale,
  shiftLeft,
  shiftRight,
  sub,
  xlogy,
  xor,
} = given(
  ops,
  [
    ...['add', 'and', 'atan2', 'div', 'eq', 'ge', 'gt', 'hypot', 'le', 'logaddexp', 'lt', 'max'],
    ...['min', 'mod', 'mul', 'ne', 'or', 'pow', 'rem', 'scale', 'shiftLeft', 'shiftRight', 'sub'],
    ...['xlogy', 'xor'],
  ] as const,
  operand,
  operand,
)

const { isFinite: isFiniteOf } = given(ops, ['isFinite'], operand)

export { isFiniteOf as isFinite }
export const { piecewise, stopGradient } = given(ops, ['piecewise', 'stopGradient'], tensor)
export const { straightThrough } = given(ops, ['straightThrough'], tensor, tensor)
export const { gelu } = given(ops, ['gelu'], operand, optional(one('none', 'tanh')))
export const { polygamma } = given(ops, ['polygamma'], natural, operand)
export const { clamp } = given(ops, ['clamp'], operand, operand, operand)
export const { where } = given(ops, ['where'], tensor, operand, operand)
export const { convert } = given(ops, ['convert'], tensor, dtype)
export const { clampTo } = given(ops, ['clampTo'], tensor, size)

export const { scalar } = given(ops, ['scalar'], number, dtype)
export const { full } = given(ops, ['full'], number, type)
export const { zeros, count } = given(ops, ['zeros', 'count'], type)
export const { iota } = given(ops, ['iota'], size, optional(dtype))
export const { sizeTerm } = given(ops, ['sizeTerm'], size, dtype)
export const { literal } = given(ops, ['literal'], number, dtype, text)
export const { constant } = given(
  ops,
  ['constant'],
  either(listOf(number), array),
  optional(naturals),
  optional(dtype),
)

export const { sameShape, broadcastShape } = given(
  ops,
  ['sameShape', 'broadcastShape'],
  sizes,
  sizes,
)
export const { unify } = given(ops, ['unify'], text, operands)
export const { broadcastAll } = given(ops, ['broadcastAll'], text, tensors)
export const { needFloat } = given(ops, ['needFloat'], text, types)
