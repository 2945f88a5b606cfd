/**
 * Layout: the same elements in another order, or repeated.
 *
 *   transpose(x, [1, 0]) · transpose(x) reverses all axes · broadcastTo(x, [3, 4]) ·
 *   reverse(x, { axes: [0] })
 */
import type { Axes, AxisFault, ListedAxes } from './axes.js'
import type { StretchFault } from './broadcast.js'
import type { Dim, IsUnranked, Shape, Show } from './shape.js'
import type { Checked, DTypeOf, GradeOf, ShapeOf, Tensor } from './tensor.js'

type Order = readonly number[]

/** `transpose(x, perm?)`, `x.pipe(transpose)`, `x.pipe(transpose([1, 0]))`. */
export type Transpose = <const X extends Tensor | Order, const P extends Order = []>(
  x: X,
  perm?: Checked<OrderFault<ShapeOf<X>, P>, P>,
) => X extends Tensor
  ? Tensor<Permuted<ShapeOf<X>, P>, DTypeOf<X>, GradeOf<X>>
  : TransposeLast<Extract<X, Order>>

/** A transpose that waits for its tensor. */
export type TransposeLast<P extends Order> = <X extends Tensor>(
  x: Checked<OrderFault<ShapeOf<X>, P>, X>,
) => Tensor<Permuted<ShapeOf<X>, P>, DTypeOf<X>, GradeOf<X>>

/** The sizes in the given order; an empty order reverses them. */
export type Permuted<S extends Shape, P extends Order> =
  IsUnranked<S> extends true
    ? Dim[]
    : number extends P['length']
      ? { -readonly [I in keyof S]: Dim }
      : P extends readonly []
        ? Reversed<S>
        : Pick<S, P>

type Pick<S extends Shape, P extends Order, Done extends Dim[] = []> = P extends readonly [
  infer H extends number,
  ...infer T extends number[],
]
  ? Pick<S, T, [...Done, S[H]]>
  : Done

type Reversed<S extends Shape, Done extends Dim[] = []> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape,
]
  ? Reversed<T, [H, ...Done]>
  : Done

type OrderFault<S extends Shape, P extends Order> =
  IsUnranked<S> extends true
    ? never
    : P extends readonly []
      ? never
      : number extends P['length']
        ? never
        : P['length'] extends S['length']
          ? [Exclude<Positions<S>, P[number]>] extends [never]
            ? never
            : `✗ transpose: ${Show<P>} is not an order of the axes of ${Show<S>}`
          : `✗ transpose: ${Show<P>} is not an order of the axes of ${Show<S>}`

/** 0 | 1 | … up to the last axis. */
type Positions<S extends Shape, Done extends number = never> = S extends readonly [
  Dim,
  ...infer T extends Shape,
]
  ? Positions<T, Done | T['length']>
  : Done

/** `broadcastTo(x, shape)`. */
export interface BroadcastTo {
  <const T extends Shape>(shape: T): BroadcastToLast<T>
  <X extends Tensor, const T extends Shape>(
    x: X,
    shape: Checked<StretchFault<'broadcastTo', ShapeOf<X>, T>, T>,
  ): Tensor<[...T], DTypeOf<X>, GradeOf<X>>
}

export type BroadcastToLast<T extends Shape> = <X extends Tensor>(
  x: Checked<StretchFault<'broadcastTo', ShapeOf<X>, T>, X>,
) => Tensor<[...T], DTypeOf<X>, GradeOf<X>>

export interface ReverseOptions {
  readonly axes: Axes
}

/** `reverse(x, { axes })`. */
export interface Reverse {
  <const P extends ReverseOptions>(options: P): ReverseLast<P>
  <X extends Tensor, const P extends ReverseOptions>(
    x: X,
    options: Checked<AxisFault<'reverse', ShapeOf<X>, ListedAxes<P['axes']>>, P>,
  ): Tensor<ShapeOf<X>, DTypeOf<X>, GradeOf<X>>
}

export type ReverseLast<P extends ReverseOptions> = <X extends Tensor>(
  x: Checked<AxisFault<'reverse', ShapeOf<X>, ListedAxes<P['axes']>>, X>,
) => Tensor<ShapeOf<X>, DTypeOf<X>, GradeOf<X>>
