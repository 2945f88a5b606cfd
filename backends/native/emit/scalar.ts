/**
 * Scalar values: one value of an expression, at given coordinates, as a C expression.
 *
 * Also the way out for vectors: what has no vector form is computed lane by lane here.
 */
import { absurd, fail } from '../../../lib/data/error.js'
import { type Combine, type Expr, ofDim, type ScalarType } from '../../../lib/loop/index.js'
import { accessIndex, layoutOf, polynomialText, positionAt, wholeText } from './access.js'
import { constantText, floatSuffix, isFloating, scalarType } from './ctype.js'
import {
  atLane,
  type Coordinates,
  type Emission,
  laneAt,
  lanesHere,
  type Slot,
  suffixOf,
} from './emission.js'

export function scalarText(e: Emission, x: Expr, at: Coordinates): string {
  const go = (child: Expr): string => scalarText(e, child, at)
  switch (x.tag) {
    case 'constant':
      return constantText(x.dtype, x.value)
    case 'size':
      return `(int32_t)(${polynomialText(ofDim(x.dim), (name) => wholeText(e.wholes, name))})`
    case 'variable':
      return variableText(e, x, at)
    case 'load':
      return `${layoutOf(e, x.buffer).pointer}[${indexText(e, x.buffer, x.at, at)}]`
    case 'unary':
      return unaryText(e, x.op, x.dtype, go(x.x))
    case 'binary':
      return binaryText(e, x, go(x.x), go(x.y))
    case 'compare':
      return `(${go(x.x)} ${comparison[x.op]} ${go(x.y)})`
    case 'select':
      return `(${go(x.condition)} ? ${go(x.yes)} : ${go(x.no)})`
    case 'fma':
      return fmaText(e, x.dtype, go(x.x), go(x.y), go(x.z))
    case 'convert':
      return conversionText(e, x.x.dtype, x.dtype, go(x.x))
    case 'reinterpret':
      return `${e.prelude.operation(`bits_${x.x.dtype}`, x.dtype)}(${go(x.x)})`
  }
  return absurd(x)
}

export const comparison = {
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
} as const

/** Operators that mean the same in C, where integers wrap. */
export const operators: Readonly<Partial<Record<string, string>>> = {
  add: '+',
  sub: '-',
  mul: '*',
  and: '&',
  or: '|',
  xor: '^',
}

function variableText(e: Emission, x: Expr & { tag: 'variable' }, at: Coordinates): string {
  const whole = e.wholes.get(x.name)
  if (whole === undefined) return slotText(e, slotOf(e, x.name), at)
  return `(int32_t)${shifted(e, x.name, whole, at)}`
}

/** A loop index at its coordinate. */
function shifted(e: Emission, name: string, whole: string, at: Coordinates): string {
  const i = e.levels.findIndex((level) => level.index === name)
  const shift = i < 0 ? 0 : (at[i] ?? 0) * (e.levels[i]?.step ?? 1)
  return shift === 0 ? whole : `(${whole} + ${shift})`
}

export function slotOf(e: Emission, name: string): Slot {
  return (
    e.slots.get(name) ??
    fail({
      code: 'verify',
      where: `kernel ${e.kernel.name}`,
      what: `'${name}' is read where nothing defines it`,
      expected: 'a let, a variable or a loop index in scope',
    })
  )
}

/** The C variable of a slot at coordinates. */
export const slotName = (e: Emission, slot: Slot, at: Coordinates): string =>
  `${slot.name}${suffixOf(e, slot.mask, at)}`

/** The value of a let or a variable, one lane of it where it is kept in vectors. */
export function slotText(e: Emission, slot: Slot, at: Coordinates): string {
  if (!slot.vector) return slotName(e, slot, at)
  const lane = laneAt(e, at)
  const within = lane % lanesHere(e)
  const text = `${slotName(e, slot, atLane(e, at, lane - within))}[${within}]`
  return slot.dtype === 'bool' ? `(${text} != 0)` : text
}

/** The index of an access in elements. */
export function indexText(
  e: Emission,
  buffer: string,
  at: readonly Expr[],
  where: Coordinates,
  lanes: ReadonlyMap<string, string> = new Map(),
): string {
  const access = accessIndex(e, buffer, at)
  return polynomialText(positionAt(e, access, where), (name) => {
    if (e.wholes.has(name) || name.startsWith('floor(')) return wholeText(e.wholes, name)
    const known = lanes.get(name)
    if (known !== undefined) return `(int64_t)${known}`
    const value: Expr = e.atoms.get(name) ?? { tag: 'variable', dtype: 'i32', name }
    return `(int64_t)${scalarText(e, value, where)}`
  })
}

export function unaryText(e: Emission, op: string, dtype: ScalarType, x: string): string {
  const builtins: Readonly<Partial<Record<string, string>>> = {
    abs: 'fabs',
    sqrt: 'sqrt',
    floor: 'floor',
    ceil: 'ceil',
    trunc: 'trunc',
    nearest: 'rint',
  }
  if (op === 'neg') return `(-${x})`
  if (op === 'not') return dtype === 'bool' ? `!${x}` : `(~${x})`
  if (isFloating(dtype)) return `__builtin_${builtins[op] ?? op}${floatSuffix(dtype)}(${x})`
  return `${e.prelude.operation('abs', dtype)}(${x})`
}

function binaryText(e: Emission, x: Expr & { tag: 'binary' }, a: string, b: string): string {
  if (x.op === 'mul' && isFloating(x.dtype)) return productText(e, x.dtype, a, b)
  const operator = operators[x.op]
  if (operator !== undefined) return `(${a} ${operator} ${b})`
  if (x.op === 'copysign') return `__builtin_copysign${floatSuffix(x.dtype)}(${a}, ${b})`
  if (x.op === 'div' && isFloating(x.dtype)) return `(${a} / ${b})`
  const positive = x.y.tag === 'constant' && Number(x.y.value) > 0
  if (positive && (x.op === 'div' || x.op === 'rem')) {
    return `(${a} ${x.op === 'div' ? '/' : '%'} ${b})`
  }
  return `${e.prelude.operation(x.op, x.dtype)}(${a}, ${b})`
}

export const fmaText = (e: Emission, dtype: ScalarType, x: string, y: string, z: string): string =>
  `${e.prelude.operation('fma', dtype)}(${x}, ${y}, ${z})`

/** A product that rounds, whatever becomes of it. */
const productText = (e: Emission, dtype: ScalarType, x: string, y: string): string =>
  `${e.prelude.operation('mul', dtype)}(${x}, ${y})`

export function conversionText(e: Emission, from: ScalarType, to: ScalarType, x: string): string {
  if (to === 'bool') return `(${x} != 0)`
  if (isFloating(from) && !isFloating(to)) {
    return `${e.prelude.operation(`from_${from}`, to)}(${x})`
  }
  return `(${scalarType[to]})${x}`
}

/** Two scalars combined. */
export function combineScalars(
  e: Emission,
  combine: Combine,
  dtype: ScalarType,
  a: string,
  b: string,
): string {
  if (combine === 'mul' && isFloating(dtype)) return productText(e, dtype, a, b)
  const operator = operators[combine]
  if (operator !== undefined) return `(${a} ${operator} ${b})`
  return `${e.prelude.operation(combine, dtype)}(${a}, ${b})`
}
