/**
 * Elementwise ops as expressions of the loop language: arithmetic here, the elementary functions
 * from `elementary/`.
 *
 *   scale x y    →    select(x · y is NaN and (x = 0 or y = 0), 0, x · y)
 */
import type { DType } from '../../data/index.js'
import type { Node } from '../../term/index.js'
import { elementaryRules } from '../elementary/index.js'
import {
  abs,
  add,
  and,
  ceil,
  compare,
  constant,
  convert,
  div,
  type Expr,
  eq,
  floor,
  gt,
  lt,
  max,
  min,
  mul,
  ne,
  nearest,
  neg,
  not,
  or,
  reinterpret,
  type ScalarType,
  select,
  shl,
  shr,
  sqrt,
  sub,
  xor,
} from '../expression.js'

export type ScalarRule = (args: readonly Expr[], node: Node) => Expr

export const zero = (dtype: ScalarType): Expr => constant(dtype, 0)
export const one = (dtype: ScalarType): Expr => constant(dtype, 1)

const isReal = (x: Expr): boolean => x.dtype === 'f32' || x.dtype === 'f64'

const sign = (x: Expr): Expr =>
  select(ne(x, x), x, select(gt(x, 0), one(x.dtype), select(lt(x, 0), constant(x.dtype, -1), x)))

/** Product in derivatives: 0 · ∞ and 0 · NaN are 0. */
function scale(x: Expr, y: Expr): Expr {
  const product = mul(x, y)
  const dead = and(ne(product, product), or(eq(x, 0), eq(y, 0)))
  return select(dead, zero(x.dtype), product)
}

/** A shift below 32, as an unsigned number. */
const inWord = (y: Expr): Expr => lt(reinterpret('u32', y), 32)

export const scalarRules: Readonly<Record<string, ScalarRule>> = {
  ...elementaryRules,
  neg: ([x]) => neg(x),
  abs: ([x]) => (x.dtype === 'u32' ? x : abs(x)),
  sign: ([x]) => sign(x),
  sqrt: ([x]) => sqrt(x),
  rsqrt: ([x]) => div(one(x.dtype), sqrt(x)),
  square: ([x]) => mul(x, x),
  reciprocal: ([x]) => div(one(x.dtype), x),
  floor: ([x]) => floor(x),
  ceil: ([x]) => ceil(x),
  round: ([x]) => nearest(x),
  relu: ([x]) => max(x, 0),
  isFinite: ([x]) => (isReal(x) ? lt(abs(x), Number.POSITIVE_INFINITY) : eq(x, x)),
  not: ([x]) => not(x),
  stopGradient: ([x]) => x,
  piecewise: ([x]) => x,
  store: ([x]) => x,
  add: ([x, y]) => add(x, y),
  sub: ([x, y]) => sub(x, y),
  mul: ([x, y]) => mul(x, y),
  div: ([x, y]) => div(x, y),
  scale: ([x, y]) => scale(x, y),
  max: ([x, y]) => max(x, y),
  min: ([x, y]) => min(x, y),
  and: ([x, y]) => and(x, y),
  or: ([x, y]) => or(x, y),
  xor: ([x, y]) => xor(x, y),
  shiftLeft: ([x, y]) => select(inWord(y), shl(x, y), zero(x.dtype)),
  shiftRight: ([x, y]) => select(inWord(y), shr(x, y), shr(shr(x, 31), x.dtype === 'u32' ? 1 : 0)),
  eq: ([x, y]) => compare('eq', x, y),
  ne: ([x, y]) => compare('ne', x, y),
  lt: ([x, y]) => compare('lt', x, y),
  le: ([x, y]) => compare('le', x, y),
  gt: ([x, y]) => compare('gt', x, y),
  ge: ([x, y]) => compare('ge', x, y),
  select: ([c, a, b]) => select(c, a, b),
  convert: ([x], node) => convert(storageOf(node.outs[0].dtype), x),
}

/**
 * What an element is in an expression: half precision is computed as f32, and rounded in memory.
 */
export const storageOf = (dtype: DType): Exclude<DType, 'f16'> => (dtype === 'f16' ? 'f32' : dtype)
