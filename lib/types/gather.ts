/**
 * Reading and writing at integer positions.
 *
 *   take(x, i, { axis: 0 })            [9, 4] at [2, 3]           →  [2, 3, 4]
 *   takeAlongAxis(x, i, { axis: 1 })   [2, 9] at [2, 3]           →  [2, 3]
 *   scatterAdd(x, i, u)                [9, 4] at [3], u [3, 4]    →  [9, 4]
 *   oneHot(i, { depth: 10 })           [3]                        →  [3, 10]
 *
 * The axis is 0 by default. Positions carry no derivative.
 */
import type { AxisFault, Kept } from './axes.js'
import type { DomainFault, DType, MixFault } from './dtype.js'
import type { First } from './elementwise.js'
import type { Cut, Grade, Selected } from './grade.js'
import type { AxisIn, AxisOption, NoOptions } from './options.js'
import type { Dim, IsUnranked, Shape, Show, Tail, UnifyShape } from './shape.js'
import type { Checked, DTypeOf, GradeOf, Operand, ShapeOf, Tensor } from './tensor.js'

/** `take(x, i, { axis })`; data last: `x.pipe(take(i, { axis }))`. */
export interface Take {
  <I extends Operand>(i: Checked<IndexFault<'take', I>, I>): TakeLast<I, NoOptions>
  <X extends Operand, const I extends Operand | AxisOption>(
    x: X,
    i: Checked<TakeFault<X, I, NoOptions>, I>,
  ): I extends Operand
    ? Tensor<
        Taken<ShapeOf<X>, ShapeOf<I>, 0>,
        DTypeOf<X>,
        GradeOf<X> | Selected<GradeOf<I>, GradeOf<X>, 'take'>
      >
    : TakeLast<X, I>
  <X extends Tensor, I extends Operand, const P extends AxisOption>(
    x: X,
    i: Checked<IndexFault<'take', I>, I>,
    options: Checked<AxisFault<'take', ShapeOf<X>, AxisIn<P, 0>>, P>,
  ): Tensor<
    Taken<ShapeOf<X>, ShapeOf<I>, AxisIn<P, 0>>,
    DTypeOf<X>,
    GradeOf<X> | Selected<GradeOf<I>, GradeOf<X>, 'take'>
  >
}
export type TakeLast<I, P> = <X extends Tensor>(
  x: Checked<TakeFault<X, I, P>, X>,
) => Tensor<
  Taken<ShapeOf<X>, ShapeOf<I>, AxisIn<P, 0>>,
  DTypeOf<X>,
  GradeOf<X> | Selected<GradeOf<I>, GradeOf<X>, 'take'>
>

type TakeFault<X, I, P> = I extends Operand
  ? First<IndexFault<'take', I>, AxisFault<'take', ShapeOf<X>, AxisIn<P, 0>>>
  : never

/** `S` with the axis replaced by the axes of the index. */
type Taken<S extends Shape, I extends Shape, Axis extends number> =
  IsUnranked<S> extends true
    ? Dim[]
    : IsUnranked<I> extends true
      ? Dim[]
      : number extends Axis
        ? Dim[]
        : TakenEach<S, I, Axis>

type TakenEach<
  S extends Shape,
  I extends Shape,
  Axis extends number,
  Seen extends Dim[] = [],
> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? Axis extends Seen['length']
    ? [...Seen, ...I, ...T]
    : `${Axis}` extends `-${S['length']}`
      ? [...Seen, ...I, ...T]
      : TakenEach<T, I, Axis, [...Seen, H]>
  : never

/** Never when an index has an integer dtype; otherwise the message. */
export type IndexFault<Op extends string, I> = I extends Tensor
  ? [DomainFault<Op, 'integer', DTypeOf<I>>] extends [never]
    ? never
    : `✗ ${Op} needs an integer index, got ${DTypeOf<I>}: cast it with convert`
  : never

/** `takeAlongAxis(x, i, { axis })`: the index has the rank of `x`. */
export type TakeAlongAxis = <
  X extends Tensor,
  I extends Tensor,
  const P extends AxisOption = NoOptions,
>(
  x: X,
  i: Checked<First<IndexFault<'takeAlongAxis', I>, AlongsideFault<X, I, AxisIn<P, 0>>>, I>,
  options?: Checked<AxisFault<'takeAlongAxis', ShapeOf<X>, AxisIn<P, 0>>, P>,
) => Tensor<ShapeOf<I>, DTypeOf<X>, GradeOf<X> | Selected<GradeOf<I>, GradeOf<X>, 'takeAlongAxis'>>

type AlongsideFault<X, I, Axis extends number> =
  IsUnranked<ShapeOf<X>> extends true
    ? never
    : IsUnranked<ShapeOf<I>> extends true
      ? never
      : [UnifyShape<Kept<ShapeOf<X>, Axis>, Kept<ShapeOf<I>, Axis>>] extends [never]
        ? `✗ takeAlongAxis: ${Show<ShapeOf<X>>} and ${Show<ShapeOf<I>>} differ beside axis ${Axis}`
        : never

/** `scatterAdd(x, i, u)`: rows of `u` go to positions `i` of the first axis. */
export interface Scatter<Op extends string> {
  <I extends Operand, U extends Tensor>(
    i: Checked<IndexFault<Op, I>, I>,
    u: U,
  ): ScatterLast<Op, I, U>
  <X extends Tensor, I extends Operand, U extends Tensor>(
    x: X,
    i: Checked<IndexFault<Op, I>, I>,
    u: Checked<ScatterFault<Op, X, I, U>, U>,
  ): Tensor<ShapeOf<X>, DTypeOf<X>, ScatterGrade<Op, X, I, U>>
}
export type ScatterLast<Op extends string, I, U> = <X extends Tensor>(
  x: Checked<ScatterFault<Op, X, I, U>, X>,
) => Tensor<ShapeOf<X>, DTypeOf<X>, ScatterGrade<Op, X, I, U>>

type ScatterGrade<Op extends string, X, I, U> =
  GradeOf<X | U> extends infer G extends Grade ? G | Selected<GradeOf<I>, G, Op> : never

type ScatterFault<Op extends string, X, I, U> =
  ShapeOf<X> extends readonly []
    ? `✗ ${Op} needs at least one axis, got []`
    : First<
        MixFault<DTypeOf<X>, DTypeOf<U>>,
        [UnifyShape<ShapeOf<U>, [...ShapeOf<I>, ...Tail<ShapeOf<X>>]>] extends [never]
          ? `✗ ${Op}: updates ${Show<ShapeOf<U>>} are not ${Show<[...ShapeOf<I>, ...Tail<ShapeOf<X>>]>}, rows of ${Show<ShapeOf<X>>} at ${Show<ShapeOf<I>>}`
          : never
      >

export interface OneHotOptions {
  readonly depth: Dim
  /** f32 by default. */
  readonly dtype?: DType
}

/** `oneHot(i, { depth, dtype })`: a new last axis with 1 at the index; all 0 out of range. */
export interface OneHot {
  <const P extends OneHotOptions>(options: P): OneHotLast<P>
  <I extends Tensor, const P extends OneHotOptions>(
    i: Checked<IndexFault<'oneHot', I>, I>,
    options: P,
  ): Tensor<[...ShapeOf<I>, P['depth']], DTypeIn<P, 'f32'>, Cut<GradeOf<I>, 'oneHot'>>
}
export type OneHotLast<P extends OneHotOptions> = <I extends Tensor>(
  i: Checked<IndexFault<'oneHot', I>, I>,
) => Tensor<[...ShapeOf<I>, P['depth']], DTypeIn<P, 'f32'>, Cut<GradeOf<I>, 'oneHot'>>

/** The dtype a record of attributes names. */
export type DTypeIn<P, Default extends DType> = P extends { readonly dtype: infer D extends DType }
  ? D
  : Default
