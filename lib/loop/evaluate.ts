/**
 * What each operation of the loop language means on one value: the definition that emitters meet.
 *
 * Values are numbers, bigints for i64 and 0 or 1 for bool. Every operation is total: integers wrap,
 * x / 0 = x rem 0 = 0 on integers, conversions to integers saturate and take NaN to 0.
 */
import { absurd } from '../data/error.js'
import type { BinaryOp, CompareOp, Expr, ScalarType, UnaryOp } from './expression.js'
import type { Combine } from './statement.js'

export type Value = number | bigint

/** The value as stored in the dtype: rounded or wrapped. */
export function wrap(dtype: ScalarType, x: Value): Value {
  switch (dtype) {
    case 'f32':
      return Math.fround(Number(x))
    case 'f64':
      return Number(x)
    case 'i32':
      return Number(x) | 0
    case 'u32':
      return Number(x) >>> 0
    case 'bool':
      return Number(x) !== 0 ? 1 : 0
    case 'i64':
      return BigInt.asIntN(64, BigInt(x))
  }
  return absurd(dtype)
}

export function evaluateUnary(op: UnaryOp, dtype: ScalarType, value: Value): Value {
  if (typeof value === 'bigint') return wrap(dtype, op === 'not' ? ~value : -value)
  const x = value
  switch (op) {
    case 'neg':
      return wrap(dtype, -x)
    case 'abs':
      return wrap(dtype, Math.abs(x))
    case 'sqrt':
      return wrap(dtype, Math.sqrt(x))
    case 'floor':
      return Math.floor(x)
    case 'ceil':
      return Math.ceil(x)
    case 'trunc':
      return Math.trunc(x)
    case 'nearest':
      return nearestEven(x)
    case 'not':
      return dtype === 'bool' ? 1 - x : wrap(dtype, ~x)
  }
  return absurd(op)
}

/** Halves to even; the sign of zero is kept. */
export function nearestEven(x: number): number {
  const below = Math.floor(x)
  const rest = x - below
  if (!(rest >= 0)) return x // NaN and infinities
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0)
  const result = up ? below + 1 : below
  return result === 0 && (x < 0 || Object.is(x, -0)) ? -0 : result
}

export function evaluateBinary(op: BinaryOp, dtype: ScalarType, x: Value, y: Value): Value {
  if (typeof x === 'bigint' && typeof y === 'bigint') {
    return BigInt.asIntN(64, wide(op, x, y))
  }
  const [a, b] = [Number(x), Number(y)]
  const floating = dtype === 'f32' || dtype === 'f64'
  switch (op) {
    case 'add':
      return wrap(dtype, a + b)
    case 'sub':
      return wrap(dtype, a - b)
    case 'mul':
      return floating ? wrap(dtype, a * b) : wrap(dtype, Math.imul(a, b))
    case 'div':
      return floating ? wrap(dtype, a / b) : wrap(dtype, b === 0 ? 0 : Math.trunc(a / b))
    case 'rem':
      return wrap(dtype, b === 0 ? 0 : a % b)
    case 'min':
      return Math.min(a, b)
    case 'max':
      return Math.max(a, b)
    case 'copysign':
      return (b < 0 || Object.is(b, -0) ? -1 : 1) * Math.abs(a)
    case 'and':
      return wrap(dtype, a & b)
    case 'or':
      return wrap(dtype, a | b)
    case 'xor':
      return wrap(dtype, a ^ b)
    case 'shl':
      return wrap(dtype, a << b)
    case 'shr':
      return dtype === 'u32' ? a >>> b : a >> b
  }
  return absurd(op)
}

function wide(op: BinaryOp, x: bigint, y: bigint): bigint {
  const operations: Readonly<Partial<Record<BinaryOp, bigint>>> = {
    add: x + y,
    sub: x - y,
    mul: x * y,
    and: x & y,
    or: x | y,
    xor: x ^ y,
    shl: x << BigInt.asUintN(6, y),
    shr: x >> BigInt.asUintN(6, y),
  }
  return operations[op] ?? 0n
}

export function evaluateCompare(op: CompareOp, x: Value, y: Value): number {
  const holds: Readonly<Record<CompareOp, boolean>> = {
    eq: x === y,
    ne: x !== y,
    lt: x < y,
    le: x <= y,
    gt: x > y,
    ge: x >= y,
  }
  return holds[op] ? 1 : 0
}

/** x·y + z with two roundings; targets may round once. */
export const evaluateFma = (dtype: ScalarType, x: Value, y: Value, z: Value): Value =>
  evaluateBinary('add', dtype, evaluateBinary('mul', dtype, x, y), z)

export function convertValue(from: ScalarType, to: ScalarType, x: Value): Value {
  const whole = to === 'i32' || to === 'u32'
  if (!whole || (from !== 'f32' && from !== 'f64')) {
    return wrap(to, typeof x === 'bigint' ? BigInt.asIntN(32, x) : x)
  }
  const [low, high] = to === 'i32' ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1]
  const value = Math.trunc(Number(x))
  return Number.isNaN(value) ? 0 : Math.min(Math.max(value, low), high) + 0
}

/** The same bits as another dtype of the same width. */
export function reinterpretBits(to: ScalarType, from: ScalarType, x: Value): Value {
  const view = new DataView(new ArrayBuffer(8))
  if (from === 'f32') view.setFloat32(0, Number(x))
  else if (from === 'f64') view.setFloat64(0, Number(x))
  else if (from === 'i64') view.setBigInt64(0, BigInt(x))
  else view.setInt32(0, Number(x))
  if (to === 'f32') return view.getFloat32(0)
  if (to === 'f64') return view.getFloat64(0)
  if (to === 'i64') return view.getBigInt64(0)
  return to === 'u32' ? view.getUint32(0) : view.getInt32(0)
}

export function combineValues(combine: Combine, dtype: ScalarType, x: Value, y: Value): Value {
  return evaluateBinary(combine, dtype, x, y)
}

/** Reads what an expression needs from outside. */
export interface Scope {
  readonly size: (dim: number | string) => number
  readonly variable: (name: string) => Value
  readonly load: (buffer: string, at: readonly number[]) => number
}

export function evaluateExpr(e: Expr, scope: Scope): Value {
  const go = (x: Expr): Value => evaluateExpr(x, scope)
  switch (e.tag) {
    case 'constant':
      return e.value
    case 'size':
      return scope.size(e.dim)
    case 'variable':
      return scope.variable(e.name)
    case 'load':
      return scope.load(
        e.buffer,
        e.at.map((index) => Number(go(index))),
      )
    case 'unary':
      return evaluateUnary(e.op, e.dtype, go(e.x))
    case 'binary':
      return evaluateBinary(e.op, e.dtype, go(e.x), go(e.y))
    case 'compare':
      return evaluateCompare(e.op, go(e.x), go(e.y))
    case 'select': {
      const [condition, yes, no] = [go(e.condition), go(e.yes), go(e.no)]
      return condition !== 0 ? yes : no
    }
    case 'fma':
      return evaluateFma(e.dtype, go(e.x), go(e.y), go(e.z))
    case 'convert':
      return convertValue(e.x.dtype, e.dtype, go(e.x))
    case 'reinterpret':
      return reinterpretBits(e.dtype, e.x.dtype, go(e.x))
  }
  return absurd(e)
}
