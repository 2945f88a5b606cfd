/**
 * Expressions of the loop language: scalars, pure and total, the same under every vector width.
 *
 *   mul(load('x', f32, [i, k]), select(lt(i, size('n')), constant('f32', 1), constant('f32', 0)))
 *
 * Index arithmetic is ordinary i32 arithmetic; sizes enter through `size`. Both arms of a select
 * are evaluated, so loads in them must be in bounds. A node used twice is bound once by `kernel`.
 * Meanings are those of `evaluate.ts`: integers wrap, min and max propagate NaN and order −0 < +0,
 * `nearest` rounds halves to even, `fma` may round once or twice.
 */
import type { Dim } from '../data/dim.js'
import type { DType } from '../data/dtype.js'
import { fail } from '../data/error.js'

/** What a buffer holds. */
export type StorageType = Exclude<DType, 'f16'>
/** What a buffer of a kernel holds; f16 is read as f32, and rounded when it is stored. */
export type BufferType = DType
/** What a load of a buffer gives. */
export const elementOf = (dtype: BufferType): StorageType => (dtype === 'f16' ? 'f32' : dtype)
/** What an expression yields; i64 exists for the bits of an f64 only. */
export type ScalarType = StorageType | 'i64'

export type UnaryOp = 'neg' | 'abs' | 'sqrt' | 'floor' | 'ceil' | 'trunc' | 'nearest' | 'not'
export type BinaryOp =
  | ('add' | 'sub' | 'mul' | 'div' | 'rem' | 'min' | 'max' | 'copysign')
  | ('and' | 'or' | 'xor' | 'shl' | 'shr')
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

export type Expr =
  | { readonly tag: 'constant'; readonly dtype: ScalarType; readonly value: number | bigint }
  | { readonly tag: 'size'; readonly dtype: 'i32'; readonly dim: Dim }
  | { readonly tag: 'variable'; readonly dtype: ScalarType; readonly name: string }
  | Load
  | { readonly tag: 'unary'; readonly dtype: ScalarType; readonly op: UnaryOp; readonly x: Expr }
  | Binary
  | Comparison
  | Select
  | { readonly tag: 'convert'; readonly dtype: ScalarType; readonly x: Expr }
  | { readonly tag: 'reinterpret'; readonly dtype: ScalarType; readonly x: Expr }
  | Fma

interface Load {
  readonly tag: 'load'
  readonly dtype: StorageType
  readonly buffer: string
  /** One index an axis. */
  readonly at: readonly Expr[]
}
interface Binary {
  readonly tag: 'binary'
  readonly dtype: ScalarType
  readonly op: BinaryOp
  readonly x: Expr
  readonly y: Expr
}
interface Comparison {
  readonly tag: 'compare'
  readonly dtype: 'bool'
  readonly op: CompareOp
  readonly x: Expr
  readonly y: Expr
}
interface Select {
  readonly tag: 'select'
  readonly dtype: ScalarType
  readonly condition: Expr
  readonly yes: Expr
  readonly no: Expr
}
interface Fma {
  readonly tag: 'fma'
  readonly dtype: ScalarType
  readonly x: Expr
  readonly y: Expr
  readonly z: Expr
}

/** A number stands for a constant of the other operand's dtype. */
export type Operand = Expr | number

const isFloating = (dtype: ScalarType): boolean => dtype === 'f32' || dtype === 'f64'
const isWhole = (dtype: ScalarType): boolean =>
  dtype === 'i32' || dtype === 'u32' || dtype === 'i64'
const anyNumber = (dtype: ScalarType): boolean => dtype !== 'bool'
const anyBits = (dtype: ScalarType): boolean => !isFloating(dtype)

const takes: Readonly<Record<UnaryOp | BinaryOp, (dtype: ScalarType) => boolean>> = {
  neg: anyNumber,
  abs: (dtype) => isFloating(dtype) || dtype === 'i32',
  sqrt: isFloating,
  floor: isFloating,
  ceil: isFloating,
  trunc: isFloating,
  nearest: isFloating,
  not: anyBits,
  add: anyNumber,
  sub: anyNumber,
  mul: anyNumber,
  div: (dtype) => isFloating(dtype) || dtype === 'i32' || dtype === 'u32',
  rem: (dtype) => dtype === 'i32' || dtype === 'u32',
  min: (dtype) => anyNumber(dtype) && dtype !== 'i64',
  max: (dtype) => anyNumber(dtype) && dtype !== 'i64',
  copysign: isFloating,
  and: anyBits,
  or: anyBits,
  xor: anyBits,
  shl: isWhole,
  shr: isWhole,
}

export const constant = (dtype: ScalarType, value: number | bigint): Expr => ({
  tag: 'constant',
  dtype,
  value: dtype === 'i64' ? BigInt(value) : dtype === 'f32' ? Math.fround(Number(value)) : value,
})

/** A symbolic size as an i32. */
export const size = (dim: Dim): Expr =>
  typeof dim === 'number' ? constant('i32', dim) : { tag: 'size', dtype: 'i32', dim }

/** A loop index, a counter, a let or a variable, by name. */
export const variable = (name: string, dtype: ScalarType = 'i32'): Expr => ({
  tag: 'variable',
  dtype,
  name,
})

export const load = (buffer: string, dtype: StorageType, at: readonly Operand[]): Expr => ({
  tag: 'load',
  dtype,
  buffer,
  at: at.map((index) => asExpr(index, 'i32')),
})

export function unary(op: UnaryOp, x: Expr): Expr {
  if (!takes[op](x.dtype)) mistyped(op, [x])
  return { tag: 'unary', dtype: x.dtype, op, x }
}

/** Both operands have one dtype; shr is arithmetic on i32 and i64, logical on u32. */
export function binary(op: BinaryOp, x: Operand, y: Operand): Expr {
  const [a, b] = operands(op, x, y)
  if (!takes[op](a.dtype)) mistyped(op, [a, b])
  return foldWhole(op, a, b) ?? { tag: 'binary', dtype: a.dtype, op, x: a, y: b }
}

export function compare(op: CompareOp, x: Operand, y: Operand): Expr {
  const [a, b] = operands(op, x, y)
  return { tag: 'compare', dtype: 'bool', op, x: a, y: b }
}

export function select(condition: Expr, yes: Operand, no: Operand): Expr {
  const [a, b] = operands('select', yes, no)
  if (condition.dtype !== 'bool') mistyped('select', [condition])
  return { tag: 'select', dtype: a.dtype, condition, yes: a, no: b }
}

/** x·y + z, rounded once or twice as the target likes. */
export function fma(x: Operand, y: Operand, z: Expr): Expr {
  const [a, b] = [asExpr(x, z.dtype), asExpr(y, z.dtype)]
  if (!isFloating(z.dtype) || a.dtype !== z.dtype || b.dtype !== z.dtype) mistyped('fma', [a, b, z])
  return { tag: 'fma', dtype: z.dtype, x: a, y: b, z }
}

/**
 * Value conversion. To an integer: truncates, saturates, NaN → 0. To bool: x ≠ 0. From an integer
 * to a float: nearest. Between integers: the low bits, i32 → i64 by sign, u32 → i64 by zeros.
 */
export function convert(dtype: ScalarType, x: Expr): Expr {
  if (x.dtype === dtype) return x
  if ((dtype === 'i64' && !isWhole(x.dtype)) || (x.dtype === 'i64' && !isWhole(dtype))) {
    mistyped(`convert to ${dtype}`, [x])
  }
  return { tag: 'convert', dtype, x }
}

/** The same bits: f32, i32 and u32 among themselves, f64 and i64 among themselves. */
export function reinterpret(dtype: ScalarType, x: Expr): Expr {
  if (x.dtype === dtype) return x
  const wide = (t: ScalarType) => t === 'f64' || t === 'i64'
  if (dtype === 'bool' || x.dtype === 'bool' || wide(dtype) !== wide(x.dtype)) {
    mistyped(`reinterpret as ${dtype}`, [x])
  }
  return { tag: 'reinterpret', dtype, x }
}

export const neg = (x: Expr): Expr => unary('neg', x)
export const abs = (x: Expr): Expr => unary('abs', x)
export const sqrt = (x: Expr): Expr => unary('sqrt', x)
export const floor = (x: Expr): Expr => unary('floor', x)
export const ceil = (x: Expr): Expr => unary('ceil', x)
export const trunc = (x: Expr): Expr => unary('trunc', x)
/** Halves to even. */
export const nearest = (x: Expr): Expr => unary('nearest', x)
/** Bitwise; logical on bool. */
export const not = (x: Expr): Expr => unary('not', x)
export const add = (x: Operand, y: Operand): Expr => binary('add', x, y)
export const sub = (x: Operand, y: Operand): Expr => binary('sub', x, y)
export const mul = (x: Operand, y: Operand): Expr => binary('mul', x, y)
/** Integers: toward zero, and x / 0 = 0. */
export const div = (x: Operand, y: Operand): Expr => binary('div', x, y)
/** Sign of the dividend; x rem 0 = 0. */
export const rem = (x: Operand, y: Operand): Expr => binary('rem', x, y)
export const min = (x: Operand, y: Operand): Expr => binary('min', x, y)
export const max = (x: Operand, y: Operand): Expr => binary('max', x, y)
/** |x| with the sign of y; the sign of a NaN is not defined. */
export const copysign = (x: Operand, y: Operand): Expr => binary('copysign', x, y)
export const and = (x: Operand, y: Operand): Expr => binary('and', x, y)
export const or = (x: Operand, y: Operand): Expr => binary('or', x, y)
export const xor = (x: Operand, y: Operand): Expr => binary('xor', x, y)
/** The count is taken modulo the width. */
export const shl = (x: Operand, y: Operand): Expr => binary('shl', x, y)
export const shr = (x: Operand, y: Operand): Expr => binary('shr', x, y)
export const eq = (x: Operand, y: Operand): Expr => compare('eq', x, y)
export const ne = (x: Operand, y: Operand): Expr => compare('ne', x, y)
export const lt = (x: Operand, y: Operand): Expr => compare('lt', x, y)
export const le = (x: Operand, y: Operand): Expr => compare('le', x, y)
export const gt = (x: Operand, y: Operand): Expr => compare('gt', x, y)
export const ge = (x: Operand, y: Operand): Expr => compare('ge', x, y)

/** An index forced into [0, extent): how a data-dependent index is made safe. */
export const clampIndex = (index: Expr, extent: Dim): Expr =>
  max(min(index, sub(size(extent), 1)), 0)

const asExpr = (x: Operand, dtype: ScalarType): Expr =>
  typeof x === 'number' ? constant(dtype, x) : x

function operands(op: string, x: Operand, y: Operand): readonly [Expr, Expr] {
  const dtype = typeof x !== 'number' ? x.dtype : typeof y !== 'number' ? y.dtype : 'i32'
  const pair = [asExpr(x, dtype), asExpr(y, dtype)] as const
  if (pair[0].dtype !== pair[1].dtype) mistyped(op, pair)
  return pair
}

/** Index arithmetic on constants is done here; i32 is exact, so nothing else may change. */
function foldWhole(op: BinaryOp, x: Expr, y: Expr): Expr | undefined {
  if (x.dtype !== 'i32') return undefined
  const a = x.tag === 'constant' ? Number(x.value) : undefined
  const b = y.tag === 'constant' ? Number(y.value) : undefined
  if (op === 'add' && a === 0) return y
  if ((op === 'add' || op === 'sub') && b === 0) return x
  if (op === 'mul' && (a === 1 || b === 0)) return y
  if (op === 'mul' && (b === 1 || a === 0)) return x
  if (op === 'div' && b === 1) return x
  if (a === undefined || b === undefined) return undefined
  if (op === 'add') return constant('i32', (a + b) | 0)
  if (op === 'sub') return constant('i32', (a - b) | 0)
  if (op === 'mul') return constant('i32', Math.imul(a, b))
  if (op === 'min') return constant('i32', Math.min(a, b))
  if (op === 'max') return constant('i32', Math.max(a, b))
  return undefined
}

function mistyped(op: string, xs: readonly Expr[]): never {
  return fail({
    code: 'dtype',
    what: `the loop language has no '${op}' on ${xs.map((x) => x.dtype).join(', ')}`,
    expected: 'operands of one dtype that the operation takes',
    fix: 'convert or reinterpret an operand',
  })
}
