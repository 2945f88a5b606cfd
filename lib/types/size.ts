/**
 * Arithmetic on sizes.
 *
 *   PlusDim<3, 4> = 7      PlusDim<"n", 0> = "n"      PlusDim<"n", 3> = number
 *
 * What a name makes with a number is known at run time only, so it is `number` here. `never` says
 * that a size would be negative.
 */
import type { Add, Multiply, Quotient, Subtract } from './arithmetic.js'
import type { Dim, Shape } from './shape.js'

/** a + b */
export type PlusDim<A extends Dim, B extends Dim> = [B] extends [0]
  ? A
  : A extends number
    ? A extends 0
      ? B
      : B extends number
        ? Add<A, B>
        : number
    : number

/** a + n, where the literal n may be negative; never below zero. */
export type ShiftDim<A extends Dim, N extends number> = `${N}` extends `-${infer M extends number}`
  ? A extends number
    ? Subtract<A, M>
    : number
  : PlusDim<A, N>

/** a − b; never below zero. */
export type MinusDim<A extends Dim, B extends Dim> = [B] extends [0]
  ? A
  : A extends number
    ? B extends number
      ? Subtract<A, B>
      : number
    : A extends B
      ? 0
      : number

/** a · b */
export type TimesDim<A extends Dim, B extends Dim> = [B] extends [1]
  ? A
  : A extends number
    ? A extends 1
      ? B
      : B extends number
        ? Multiply<A, B>
        : number
    : number

/** ⌊a / b⌋ */
export type OverDim<A extends Dim, B extends Dim> = [B] extends [1]
  ? A
  : A extends number
    ? B extends number
      ? Quotient<A, B>
      : number
    : number

/** ⌈a / b⌉ */
export type CeilDim<A extends Dim, B extends Dim> = [B] extends [1]
  ? A
  : A extends 0
    ? 0
    : MinusDim<A, 1> extends infer P extends Dim
      ? PlusDim<OverDim<P, B>, 1>
      : never

/** The product of the literal sizes; `number` when one is unknown. Names are left out. */
export type LiteralProduct<S extends Shape, Done extends number = 1> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape,
]
  ? H extends number
    ? number extends H
      ? number
      : LiteralProduct<T, Multiply<Done, H>>
    : LiteralProduct<T, Done>
  : Done

/** The names among the sizes, in order. */
export type NamesIn<S extends Shape, Done extends readonly string[] = []> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape,
]
  ? NamesIn<T, H extends string ? [...Done, H] : Done>
  : Done

/** True when both are literal and a > b. */
export type Exceeds<A extends Dim, B extends Dim> = A extends number
  ? B extends number
    ? number extends A | B
      ? false
      : [Subtract<B, A>] extends [never]
        ? true
        : false
    : false
  : false
