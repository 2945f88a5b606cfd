/**
 * Reshaping: the same elements under other sizes.
 *
 *   [batch, 28, 28]  to  [batch, -1]  →  [batch, 784]
 *
 * Names cancel as factors do; one size may be -1. What cannot be decided here, because a size is
 * unknown or names are left over, is decided at run time.
 */
import type { Quotient, Remainder } from './arithmetic.js'
import type { Dim, IsUnranked, Shape, Show } from './shape.js'
import type { LiteralProduct, NamesIn } from './size.js'
import type { Checked, DTypeOf, GradeOf, ShapeOf, Tensor } from './tensor.js'

/** `reshape(x, [batch, -1])`, `x.pipe(reshape([6, -1]))`. */
export interface Reshape {
  <const T extends Shape>(shape: T): ReshapeLast<T>
  <X extends Tensor, const T extends Shape>(
    x: X,
    shape: Checked<ReshapeFault<ShapeOf<X>, T>, T>,
  ): Tensor<Reshaped<ShapeOf<X>, T>, DTypeOf<X>, GradeOf<X>>
}

/** A reshape that waits for its tensor. */
export type ReshapeLast<T extends Shape> = <X extends Tensor>(
  x: Checked<ReshapeFault<ShapeOf<X>, T>, X>,
) => Tensor<Reshaped<ShapeOf<X>, T>, DTypeOf<X>, GradeOf<X>>

/** The target with its -1 filled in. */
export type Reshaped<S extends Shape, T extends Shape> =
  IsUnranked<T> extends true ? Dim[] : Fill<T, -1 extends T[number] ? Rest<S, T> : never>

/** Never when the elements fit; otherwise the message. */
export type ReshapeFault<S extends Shape, T extends Shape> =
  IsUnranked<S> extends true
    ? never
    : IsUnranked<T> extends true
      ? never
      : Known<S, T> extends true
        ? CountFault<S, Literal<T>, T, Cancel<NamesIn<S>, NamesIn<T>>>
        : never

/** True when no size of either is `number`. */
type Known<S extends Shape, T extends Shape> = number extends S[number] | T[number] ? false : true

type CountFault<
  S extends Shape,
  L extends Shape,
  T extends Shape,
  Left,
> = Wildcards<T>['length'] extends 0 | 1
  ? Left extends readonly string[]
    ? Wildcards<T>['length'] extends 0
      ? Left extends readonly []
        ? LiteralProduct<S> extends LiteralProduct<L>
          ? never
          : Misfit<S, T>
        : Misfit<S, T>
      : Left extends readonly []
        ? Divides<LiteralProduct<L>, LiteralProduct<S>> extends true
          ? never
          : Misfit<S, T>
        : never
    : Misfit<S, T>
  : `✗ reshape: ${Show<T>} has more than one -1`

type Misfit<
  S extends Shape,
  T extends Shape,
> = `✗ reshape: ${Show<S>} (${Count<S>}) does not fit ${Show<T>} (${Count<Literal<T>>})`

/** The number of elements, as a message shows it: `784·batch`. */
type Count<S extends Shape> =
  NamesIn<S> extends readonly []
    ? `${LiteralProduct<S>}`
    : LiteralProduct<S> extends 1
      ? Dotted<NamesIn<S>>
      : `${LiteralProduct<S>}·${Dotted<NamesIn<S>>}`
type Dotted<N extends readonly string[]> = N extends readonly [infer H extends string]
  ? H
  : N extends readonly [infer H extends string, ...infer T extends string[]]
    ? `${H}·${Dotted<T>}`
    : ''

type Divides<A extends number, B extends number> = A extends 0
  ? false
  : Remainder<B, A> extends 0
    ? true
    : false

/** What -1 stands for. */
type Rest<S extends Shape, T extends Shape> =
  IsUnranked<S> extends true
    ? number
    : Known<S, T> extends true
      ? Cancel<NamesIn<S>, NamesIn<T>> extends infer Left
        ? Left extends readonly []
          ? Quotient<LiteralProduct<S>, LiteralProduct<Literal<T>>>
          : Left extends readonly [infer N extends string]
            ? LiteralProduct<S> extends LiteralProduct<Literal<T>>
              ? N
              : number
            : number
        : never
      : number

type Literal<T extends Shape, Done extends Dim[] = []> = T extends readonly [
  infer H extends Dim,
  ...infer R extends Shape,
]
  ? Literal<R, H extends -1 ? Done : [...Done, H]>
  : Done

type Wildcards<T extends Shape, Done extends 0[] = []> = T extends readonly [
  infer H extends Dim,
  ...infer R extends Shape,
]
  ? Wildcards<R, H extends -1 ? [...Done, 0] : Done>
  : Done

type Fill<T extends Shape, D extends Dim, Done extends Dim[] = []> = T extends readonly [
  infer H extends Dim,
  ...infer R extends Shape,
]
  ? Fill<R, D, [...Done, H extends -1 ? D : H]>
  : Done

/** The names of `From` without those of `What`; false when one is not there. */
type Cancel<
  From extends readonly string[],
  What extends readonly string[],
> = What extends readonly [infer N extends string, ...infer More extends string[]]
  ? Remove<From, N> extends infer Left
    ? Left extends readonly string[]
      ? Cancel<Left, More>
      : false
    : never
  : From

type Remove<
  From extends readonly string[],
  N extends string,
  Seen extends string[] = [],
> = From extends readonly [infer H extends string, ...infer T extends string[]]
  ? H extends N
    ? [...Seen, ...T]
    : Remove<T, N, [...Seen, H]>
  : false
