/**
 * What combinators take: terms, and numbers that adopt the dtype and shape of the term beside them.
 */
import { arrayFrom, type Dim, type DType, dimProduct, fail, roundTo } from '../data/index.js'
import { apply1, isTerm, showType, type TensorType, type Term } from '../term/index.js'
import { broadcastTo } from './broadcast.js'
import { constantOp } from './constant.js'

export type Operand = Term | number

/** A scalar constant. */
export function scalar(value: number, dtype: DType): Term {
  return apply1(constantOp, [], { value: arrayFrom(dtype, [], [roundTo(dtype, value)]) })
}

/** The number `value` with the dtype and shape of `like`. */
export const full = (value: number, like: TensorType): Term =>
  broadcastTo(scalar(value, like.dtype), like.shape)

export const zeros = (like: TensorType): Term => full(0, like)

/** Whether two shapes are equal for all values of their names. */
export const sameShape = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a === b || (a.length === b.length && a.every((d, i) => d === b[i]))

/** The shape that NumPy's rule gives; a named size meets only itself or 1. */
export function broadcastShape(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] | undefined {
  const rank = Math.max(a.length, b.length)
  const shape: Dim[] = []
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x !== y && x !== 1 && y !== 1) return undefined
    shape.push(x === 1 ? y : x)
  }
  return shape
}

/** Operands as terms of one dtype, broadcast to one shape. */
export function unify(op: string, operands: readonly Operand[]): readonly Term[] {
  const lead = operands.find(isTerm)
  const dtype = lead?.dtype ?? 'f32'
  const terms = operands.map((x) => (isTerm(x) ? x : literal(x, dtype, op)))
  for (const term of terms) {
    if (term.dtype !== dtype) {
      fail({
        code: 'dtype',
        where: op,
        what: `dtypes ${dtype} and ${term.dtype} differ`,
        fix: `Cast one: convert(x, '${dtype}')`,
      })
    }
  }
  return broadcastAll(op, terms)
}

/** Terms broadcast to one shape; dtypes may differ. */
export function broadcastAll(op: string, terms: readonly Term[]): readonly Term[] {
  if (terms.every((t) => sameShape(t.shape, terms[0].shape))) return terms
  let shape: readonly Dim[] = []
  for (const term of terms) {
    shape =
      broadcastShape(shape, term.shape) ??
      fail({
        code: 'shape',
        where: op,
        what: `shapes ${terms.map((t) => `[${t.shape.join(', ')}]`).join(' and ')} do not broadcast`,
        expected: 'equal sizes, or 1, counted from the last axis',
      })
  }
  return terms.map((t) => broadcastTo(t, shape))
}

/** A number as a scalar of the dtype; a fraction beside integers is an error, not a truncation. */
export function literal(value: number, dtype: DType, op: string): Term {
  if (value === undefined) fail({ code: 'input', where: op, what: 'an argument is missing' })
  const integral = dtype === 'i32' || dtype === 'u32'
  if (typeof value !== 'number' || (integral && roundTo(dtype, value) !== value)) {
    fail({
      code: 'dtype',
      where: op,
      what: `${String(value)} is not ${dtype === 'i32' || dtype === 'u32' ? `a whole number of ${dtype}` : 'a tensor or a number'}`,
      fix: integral ? "Cast the tensor: convert(x, 'f32')" : 'Pass a tensor or a number',
    })
  }
  return scalar(value, dtype)
}

/** The number of elements, as a size. */
export const count = (type: TensorType): Dim => dimProduct(type.shape)

/** Fails unless the dtypes are floating. */
export function needFloat(op: string, types: readonly TensorType[]): void {
  for (const type of types) {
    if (type.dtype === 'f32' || type.dtype === 'f64' || type.dtype === 'f16') continue
    fail({
      code: 'dtype',
      where: op,
      what: `needs a floating dtype, got ${showType(type)}`,
      fix: "Cast it: convert(x, 'f32')",
    })
  }
}
