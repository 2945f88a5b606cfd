/**
 * Element types, and what each family of operations accepts.
 *
 * Dtypes never mix: a message says which to convert. A number literal takes the other side's dtype.
 */
import type { DType } from '../data/dtype.js'

export type { DType }

export type Floating = 'f32' | 'f64' | 'f16'
export type Integer = 'i32' | 'u32'

/** The dtypes each domain of operations accepts. */
export interface Domains {
  readonly any: DType
  readonly number: Floating | Integer
  readonly float: Floating
  readonly integer: Integer
  readonly logical: Integer | 'bool'
  readonly bool: 'bool'
}
export type Domain = keyof Domains

interface Words {
  readonly any: 'any dtype'
  readonly number: 'numbers'
  readonly float: 'a floating dtype'
  readonly integer: 'integers'
  readonly logical: 'bool or integers'
  readonly bool: 'bool'
}

/** Never when `D` lies in the domain of the operation; otherwise the message. */
export type DomainFault<Op extends string, In extends Domain, D extends DType> = [D] extends [
  Domains[In],
]
  ? never
  : DType extends D
    ? never
    : `✗ ${Op} needs ${Words[In]}, got ${D}: cast it with convert`

/** Never when the dtypes agree; otherwise the message. */
export type MixFault<A extends DType, B extends DType> = [A] extends [B]
  ? never
  : [B] extends [A]
    ? never
    : `✗ dtypes ${A} and ${B} differ: cast one with convert`

/** Never when the literal is a value of the dtype; otherwise the message. */
export type LiteralFault<N extends number, D extends DType> = D extends Floating
  ? never
  : D extends 'bool'
    ? `✗ the other operand is bool, a number is not: cast one with convert`
    : `${N}` extends `${bigint}`
      ? D extends 'u32'
        ? `${N}` extends `-${string}`
          ? `✗ ${N} is not a u32`
          : never
        : never
      : number extends N
        ? never
        : `✗ ${N} is not an ${D}`
