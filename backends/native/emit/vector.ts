/**
 * Vector values: the lanes of an expression from a coordinate on as one C expression.
 *
 * All vectors of a loop have as many lanes, so f64 and f32 side by side are vectors of two sizes. A
 * bool is a mask in lanes of the loop's mask width; it changes width beside other dtypes.
 */
import { absurd } from '../../../lib/data/error.js'
import type { Expr, ScalarType } from '../../../lib/loop/index.js'
import { bitsOf, constantText, isFloating } from './ctype.js'
import { type Coordinates, type Emission, isVector, laneAt } from './emission.js'
import { loadText } from './gather.js'
import { levelHere, maskFor, maskType, splatText, vectorType } from './lane.js'
import { comparison, operators, scalarText, slotName, slotOf } from './scalar.js'

export function vectorText(e: Emission, x: Expr, at: Coordinates): string {
  if (!isVector(e, x)) return splatText(e, x.dtype, scalarText(e, x, at))
  const go = (child: Expr): string => vectorText(e, child, at)
  switch (x.tag) {
    case 'constant':
    case 'size':
      return splatText(e, x.dtype, scalarText(e, x, at))
    case 'variable':
      return variableText(e, x, at)
    case 'load':
      return loadText(e, x, at, vectorText)
    case 'unary':
      if (x.op === 'neg') return `(-${go(x.x)})`
      if (x.op === 'not') return `(~${go(x.x)})`
      return call(e, x.op, x.dtype, [go(x.x)])
    case 'binary':
      return binaryText(e, x, go)
    case 'compare':
      return compareText(e, x, go(x.x), go(x.y))
    case 'select':
      return selectText(e, x.dtype, go(x.condition), go(x.yes), go(x.no))
    case 'fma':
      return fmaVector(e, x.dtype, go(x.x), go(x.y), go(x.z))
    case 'convert':
      return convertText(e, x, go(x.x))
    case 'reinterpret':
      return `(${vectorType(e, x.dtype)})${go(x.x)}`
  }
  return absurd(x)
}

const call = (e: Emission, op: string, dtype: ScalarType, xs: readonly string[]): string =>
  `${e.prelude.operation(op, dtype, levelHere(e).lanes)}(${xs.join(', ')})`

function variableText(e: Emission, x: Expr & { tag: 'variable' }, at: Coordinates): string {
  const whole = e.wholes.get(x.name)
  if (whole === undefined) return slotName(e, slotOf(e, x.name), at)
  // The index of the vector loop: base + (lane, lane + 1, …)·step.
  const { lanes, step } = levelHere(e)
  const first = laneAt(e, at) * step
  const ramp = Array.from({ length: lanes }, (_, i) => first + i * step)
  const base = splatText(e, 'i32', `(int32_t)${whole}`)
  return `(${base} + (${vectorType(e, 'i32')}){${ramp.join(', ')}})`
}

export function selectText(
  e: Emission,
  dtype: ScalarType,
  condition: string,
  yes: string,
  no: string,
): string {
  const { lanes, maskBits } = levelHere(e)
  if (dtype === 'bool') {
    const whole = maskBits === 64 ? 'i64' : 'i32'
    return `${e.prelude.operation('select', whole, lanes)}(${condition}, ${yes}, ${no})`
  }
  const mask = maskFor(e, condition, maskBits, bitsOf(dtype))
  return call(e, 'select', dtype, [mask, yes, no])
}

function compareText(e: Emission, x: Expr & { tag: 'compare' }, a: string, b: string): string {
  const { maskBits, lanes } = levelHere(e)
  const { dtype } = x.x
  const operator = comparison[x.op]
  if (dtype === 'bool') {
    // false < true: as unsigned numbers, the masks are in that order too.
    if (x.op === 'eq' || x.op === 'ne') return `(${a} ${operator} ${b})`
    const one = splatText(e, maskBits === 64 ? 'i64' : 'i32', '1')
    return `((${a} & ${one}) ${operator} (${b} & ${one}))`
  }
  const result = `(${maskType(e, bitsOf(dtype))})(${a} ${operator} ${b})`
  e.prelude.vector(dtype, lanes)
  return maskFor(e, `(${result})`, bitsOf(dtype), maskBits)
}

function binaryText(e: Emission, x: Expr & { tag: 'binary' }, go: (child: Expr) => string): string {
  const bounded = boundedText(e, x, go)
  if (bounded !== undefined) return bounded
  return combineText(e, x.op, x.dtype, go(x.x), go(x.y))
}

/** An operation on two vectors of one dtype. */
export function combineText(
  e: Emission,
  op: string,
  dtype: ScalarType,
  a: string,
  b: string,
): string {
  if (op === 'mul' && isFloating(dtype)) return call(e, op, dtype, [a, b])
  const operator = operators[op]
  if (operator !== undefined) return `(${a} ${operator} ${b})`
  if (op === 'div' && isFloating(dtype)) return `(${a} / ${b})`
  return call(e, op, dtype, [a, b])
}

/**
 * min and max against a constant c in one comparison: `c > x ? c : x` is x where x is NaN, and
 * differs from max only at zeros of unlike sign; adding +0 mends max(−0, 0).
 */
function boundedText(
  e: Emission,
  x: Expr & { tag: 'binary' },
  go: (child: Expr) => string,
): string | undefined {
  if ((x.op !== 'min' && x.op !== 'max') || !isFloating(x.dtype)) return undefined
  const [bound, free] = x.x.tag === 'constant' ? [x.x, x.y] : [x.y, x.x]
  if (bound.tag !== 'constant' || Number.isNaN(bound.value)) return undefined
  const zero = bound.value === 0
  const negative = Object.is(bound.value, -0)
  if (zero && x.op === 'min' && negative) return undefined
  const value = e.writer.fresh('x')
  e.writer.line(`${vectorType(e, x.dtype)} ${value} = ${go(free)};`)
  const limit = splatText(e, x.dtype, constantText(x.dtype, bound.value))
  const mask = `${limit} ${x.op === 'max' ? '>' : '<'} ${value}`
  const text = call(e, 'select', x.dtype, [mask, limit, value])
  if (!zero || x.op === 'min' || negative) return text
  return `(${text} + ${splatText(e, x.dtype, constantText(x.dtype, 0))})`
}

export const fmaVector = (
  e: Emission,
  dtype: ScalarType,
  x: string,
  y: string,
  z: string,
): string => call(e, 'fma', dtype, [x, y, z])

function convertText(e: Emission, x: Expr & { tag: 'convert' }, value: string): string {
  const { maskBits } = levelHere(e)
  const [from, to] = [x.x.dtype, x.dtype]
  if (to === 'bool') {
    const mask = `(${value} != ${splatText(e, from, constantText(from, 0))})`
    return maskFor(e, mask, bitsOf(from), maskBits)
  }
  const type = vectorType(e, to)
  if (from === 'bool') {
    const bits = maskFor(e, value, maskBits, bitsOf(to))
    const one = splatText(e, to, constantText(to, 1))
    return `(${type})(${bits} & (${maskType(e, bitsOf(to))})${one})`
  }
  if (isFloating(from) && !isFloating(to)) return call(e, `from_${from}`, to, [value])
  if (!isFloating(to) && bitsOf(from) === bitsOf(to)) return `(${type})${value}`
  return `__builtin_convertvector(${value}, ${type})`
}
