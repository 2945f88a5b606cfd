/**
 * Shapes: tuples of sizes.
 *
 *   [784, "batch", number]    a literal size, a named one, one known only at run time
 *
 * A name equals itself only. `number` may be anything and is checked at run time. `readonly Dim[]`
 * is a shape of unknown rank, to which every computation falls back when it knows no better.
 */

/** A size: a literal, a name, or `number` when it is known only at run time. */
export type Dim = number | string

/** The sizes of a tensor, outermost first. */
export type Shape = readonly Dim[]

/** True for `readonly Dim[]`, whose rank is unknown. */
export type IsUnranked<S extends Shape> = number extends S['length'] ? true : false

/** A size as a message shows it: `?` when unknown. */
export type ShowDim<D extends Dim> = number extends D ? '?' : string extends D ? '?' : `${D}`

/** A shape as a message shows it: `[batch, 784]`. */
export type Show<S extends Shape> = number extends S['length'] ? '[…]' : `[${ShowDims<S>}]`

type ShowDims<S extends Shape> = S extends readonly [infer H extends Dim]
  ? ShowDim<H>
  : S extends readonly [infer H extends Dim, ...infer T extends Shape]
    ? `${ShowDim<H>}, ${ShowDims<T>}`
    : ''

/** The one size two equal axes have; never when they differ. */
export type Unify<A extends Dim, B extends Dim> = [A] extends [B]
  ? [B] extends [A]
    ? A
    : Known<B, A>
  : [B] extends [A]
    ? Known<A, B>
    : number extends A | B
      ? Known<A, B>
      : never

/** Of two sizes of which at least one is unknown, the better known. */
type Known<A extends Dim, B extends Dim> = number extends A ? B : A

/** The one shape two equal shapes have; never when they differ. */
export type UnifyShape<A extends Shape, B extends Shape, Done extends Dim[] = []> = A extends B
  ? B extends A
    ? [...Done, ...A]
    : UnifyEach<A, B, Done>
  : UnifyEach<A, B, Done>

type UnifyEach<A extends Shape, B extends Shape, Done extends Dim[]> =
  IsUnranked<A> extends true
    ? [...Done, ...B]
    : IsUnranked<B> extends true
      ? [...Done, ...A]
      : A extends readonly [infer HA extends Dim, ...infer TA extends Shape]
        ? B extends readonly [infer HB extends Dim, ...infer TB extends Shape]
          ? [Unify<HA, HB>] extends [never]
            ? never
            : UnifyEach<TA, TB, [...Done, Unify<HA, HB>]>
          : never
        : B extends readonly []
          ? Done
          : never

/** All sizes but the last; `never` for a scalar. */
export type Init<S extends Shape> = S extends readonly [...infer T extends Dim[], Dim] ? T : Dim[]

/** All sizes but the first. */
export type Tail<S extends Shape> = S extends readonly [Dim, ...infer T extends Dim[]] ? T : Dim[]

/** The first size. */
export type Head<S extends Shape> = S extends readonly [infer H extends Dim, ...Dim[]] ? H : number
