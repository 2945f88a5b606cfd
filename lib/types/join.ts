/**
 * Joining tensors along an axis.
 *
 *   concat([a, b], { axis: 1 })   [2, 3] and [2, 4]  →  [2, 7]
 *   stack([a, b], { axis: 0 })    [2, 3] and [2, 3]  →  [2, 2, 3]
 *
 * The axis is 0 by default. A list of unknown length joins to an unknown size.
 */
import type { Astray, At, AxisFault, Kept } from './axes.js'
import type { ListMixFault } from './contraction.js'
import type { First } from './elementwise.js'
import type { AxisIn, AxisOption, NoOptions } from './options.js'
import type { Dim, IsUnranked, Shape, Show, UnifyShape } from './shape.js'
import type { PlusDim } from './size.js'
import type { Checked, DTypeOf, GradeOf, ShapeOf, Tensor } from './tensor.js'

type Tensors = readonly Tensor[]

/** `concat([a, b], { axis })`. */
export type Concat = <const X extends Tensors, const P extends AxisOption = NoOptions>(
  tensors: Checked<JoinFault<'concat', X, ConcatShape<X, AxisIn<P, 0>>>, X>,
  options?: Checked<AxisFault<'concat', ShapeOf<X[0]>, AxisIn<P, 0>>, P>,
) => Tensor<Extract<ConcatShape<X, AxisIn<P, 0>>, Shape>, DTypeOf<X[number]>, GradeOf<X[number]>>

/** `stack([a, b], { axis })`. */
export type Stack = <const X extends Tensors, const P extends AxisOption = NoOptions>(
  tensors: Checked<JoinFault<'stack', X, StackShape<X, AxisIn<P, 0>>>, X>,
  options?: Checked<StackAxisFault<ShapeOf<X[0]>, AxisIn<P, 0>>, P>,
) => Tensor<Extract<StackShape<X, AxisIn<P, 0>>, Shape>, DTypeOf<X[number]>, GradeOf<X[number]>>

type JoinFault<Op extends string, X extends Tensors, Joined> = X extends readonly []
  ? `✗ ${Op} needs at least one tensor`
  : First<ListMixFault<X>, Extract<Joined, string>>

type StackAxisFault<S extends Shape, Axis extends number> = [Astray<[...S, 1], Axis>] extends [
  never,
]
  ? never
  : `✗ stack: axis ${Axis} is out of range for tensors of ${Show<S>}`

type ConcatShape<X extends Tensors, Axis extends number> = X extends readonly [
  infer A extends Tensor,
  ...infer R extends Tensors,
]
  ? [Astray<ShapeOf<A>, Axis>] extends [never]
    ? ConcatOnto<ShapeOf<A>, R, Axis>
    : Dim[]
  : Kept<ShapeOf<X[number]>, Axis, number>

type ConcatOnto<S extends Shape, X extends Tensors, Axis extends number> = X extends readonly [
  infer B extends Tensor,
  ...infer R extends Tensors,
]
  ? Beside<S, ShapeOf<B>, Axis> extends infer T extends Shape
    ? [T] extends [never]
      ? `✗ concat: ${Show<S>} and ${Show<ShapeOf<B>>} differ beside axis ${Axis}`
      : ConcatOnto<Kept<T, Axis, PlusDim<At<S, Axis>, At<ShapeOf<B>, Axis>>>, R, Axis>
    : never
  : X extends readonly []
    ? [...S]
    : Kept<S, Axis, number>

/** The shape two tensors share beside an axis; never when they do not. */
type Beside<A extends Shape, B extends Shape, Axis extends number> =
  IsUnranked<A> extends true
    ? Dim[]
    : IsUnranked<B> extends true
      ? Dim[]
      : UnifyShape<Kept<A, Axis>, Kept<B, Axis>>

type StackShape<X extends Tensors, Axis extends number> = X extends readonly [
  infer A extends Tensor,
  ...infer R extends Tensors,
]
  ? StackOnto<ShapeOf<A>, R, [0]> extends infer T
    ? T extends readonly [infer S extends Shape, infer N extends number]
      ? [Astray<[...S, 1], Axis>] extends [never]
        ? Inserted<S, Axis, N>
        : Dim[]
      : T
    : never
  : Dim[]

type StackOnto<S extends Shape, X extends Tensors, Count extends 0[]> = X extends readonly [
  infer B extends Tensor,
  ...infer R extends Tensors,
]
  ? UnifyShape<S, ShapeOf<B>> extends infer T extends Shape
    ? [T] extends [never]
      ? `✗ stack: shapes ${Show<S>} and ${Show<ShapeOf<B>>} differ`
      : StackOnto<T, R, [...Count, 0]>
    : never
  : X extends readonly []
    ? [S, Count['length']]
    : [S, number]

/** A shape with a new axis at a position; negative ones count in the result. */
export type Inserted<S extends Shape, Axis extends number, N extends Dim> =
  IsUnranked<S> extends true
    ? Dim[]
    : Axis extends 0
      ? [N, ...S]
      : Axis extends -1
        ? [...S, N]
        : number extends Axis
          ? [...{ [I in keyof S]: Dim }, Dim]
          : InsertedEach<S, Axis, N>

type InsertedEach<
  S extends Shape,
  Axis extends number,
  N extends Dim,
  Seen extends Dim[] = [],
> = Axis extends Seen['length']
  ? [...Seen, N, ...S]
  : `${Axis}` extends `-${[...S, 0]['length']}`
    ? [...Seen, N, ...S]
    : S extends readonly [infer H extends Dim, ...infer T extends Shape]
      ? InsertedEach<T, Axis, N, [...Seen, H]>
      : never
