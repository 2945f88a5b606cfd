/**
 * Tensors: typed terms.
 *
 *   Tensor<["batch", 784], "f32", "x" | "w~relu">
 *
 * Shape, dtype and grade live in the type only; at run time a tensor is a term of the graph. The
 * bare name `Tensor` is any tensor at all.
 */
import type { DType } from './dtype.js'
import type { Grade } from './grade.js'
import type { Dim, Shape } from './shape.js'

declare const graded: unique symbol

/** A value of the program: shape `S`, element type `D`, depending on the inputs as `G` says. */
export interface Tensor<S extends Shape = Shape, D extends DType = DType, G extends Grade = Grade> {
  /** The grade; it has no value at run time. */
  readonly [graded]?: G
  readonly shape: Readonly<S>
  readonly dtype: D
  /** Passes the tensor through functions from left to right: `x.pipe(matmul(w), tanh, sum)`. */
  pipe<A>(a: (x: Tensor<S, D, G>) => A): A
  pipe<A, B>(a: (x: Tensor<S, D, G>) => A, b: (x: A) => B): B
  pipe<A, B, C>(a: (x: Tensor<S, D, G>) => A, b: (x: A) => B, c: (x: B) => C): C
  pipe<A, B, C, E>(a: (x: Tensor<S, D, G>) => A, b: (x: A) => B, c: (x: B) => C, d: (x: C) => E): E
  pipe<A, B, C, E, F>(
    a: (x: Tensor<S, D, G>) => A,
    b: (x: A) => B,
    c: (x: B) => C,
    d: (x: C) => E,
    e: (x: E) => F,
  ): F
  pipe<A, B, C, E, F, H>(
    a: (x: Tensor<S, D, G>) => A,
    b: (x: A) => B,
    c: (x: B) => C,
    d: (x: C) => E,
    e: (x: E) => F,
    f: (x: F) => H,
  ): H
  pipe<A, B, C, E, F, H, I>(
    a: (x: Tensor<S, D, G>) => A,
    b: (x: A) => B,
    c: (x: B) => C,
    d: (x: C) => E,
    e: (x: E) => F,
    f: (x: F) => H,
    g: (x: H) => I,
  ): I
  pipe<A, B, C, E, F, H, I, J>(
    a: (x: Tensor<S, D, G>) => A,
    b: (x: A) => B,
    c: (x: B) => C,
    d: (x: C) => E,
    e: (x: E) => F,
    f: (x: F) => H,
    g: (x: H) => I,
    h: (x: I) => J,
  ): J
}

/** What an operation takes: a tensor, or a number that adopts the other side's dtype. */
export type Operand = Tensor | number

/** The shape of an operand; a number is a scalar, and what follows an error has any shape. */
export type ShapeOf<X> =
  X extends Tensor<infer S, DType, Grade>
    ? [S] extends [never]
      ? Dim[]
      : S
    : X extends number
      ? []
      : Dim[]

/** The dtype of a tensor; never for a number. */
export type DTypeOf<X> = X extends Tensor<Shape, infer D, Grade> ? D : never

/** The grade of an operand; a number depends on nothing. */
export type GradeOf<X> = X extends Tensor<Shape, DType, infer G> ? G : never

/** The argument itself, or the sentence that says what is wrong with it. */
export type Checked<Fault, X> = [Fault] extends [never] ? X : Fault
