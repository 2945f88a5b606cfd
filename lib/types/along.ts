/**
 * Operations along one axis.
 *
 *   softmax(x, { axis: 0 }) · cumsum(x) · sort(x) · argmax(x, { axis: 1 }) · topK(x, { k: 3 })
 *
 * The axis is the last one by default.
 */
import type { At, AxisFault, Kept, Without } from './axes.js'
import type { Domain, DomainFault } from './dtype.js'
import type { First } from './elementwise.js'
import type { Cut, Kink, Mark, Marked } from './grade.js'
import type { AxisIn, AxisOption, NoOptions } from './options.js'
import type { Init, IsUnranked, Shape, Show } from './shape.js'
import type { Exceeds } from './size.js'
import type { Checked, DTypeOf, GradeOf, ShapeOf, Tensor } from './tensor.js'

type AlongFault<Op extends string, X, P> = AxisFault<Op, ShapeOf<X>, AxisIn<P, -1>>

/** The shape stays: `softmax(x, { axis })`, `x.pipe(softmax)`, `x.pipe(softmax({ axis }))`. */
export type Along<Op extends string, M extends Mark, In extends Domain> = <
  const X extends Tensor | AxisOption,
  const P extends AxisOption = NoOptions,
>(
  x: Checked<DomainFault<Op, In, DTypeOf<X>>, X>,
  options?: Checked<AlongFault<Op, X, P>, P>,
) => X extends Tensor
  ? Tensor<ShapeOf<X>, DTypeOf<X>, Marked<M, GradeOf<X>, Op>>
  : AlongLast<Op, M, In, X>
export type AlongLast<Op extends string, M extends Mark, In extends Domain, P> = <X extends Tensor>(
  x: Checked<First<DomainFault<Op, In, DTypeOf<X>>, AlongFault<Op, X, P>>, X>,
) => Tensor<ShapeOf<X>, DTypeOf<X>, Marked<M, GradeOf<X>, Op>>

/** The order of the elements along an axis, as i32: `argsort(x, { axis })`. */
export type Argsort = <const X extends Tensor | AxisOption, const P extends AxisOption = NoOptions>(
  x: X,
  options?: Checked<AlongFault<'argsort', X, P>, P>,
) => X extends Tensor ? Tensor<ShapeOf<X>, 'i32', Cut<GradeOf<X>, 'argsort'>> : ArgsortLast<X>
export type ArgsortLast<P> = <X extends Tensor>(
  x: Checked<AlongFault<'argsort', X, P>, X>,
) => Tensor<ShapeOf<X>, 'i32', Cut<GradeOf<X>, 'argsort'>>

export interface ArgOptions extends AxisOption {
  readonly keepDims?: boolean
}

/** The index of the first extreme element, as i32: `argmax(x, { axis, keepDims })`. */
export type ArgReduction<Op extends string> = <
  const X extends Tensor | ArgOptions,
  const P extends ArgOptions = NoOptions,
>(
  x: Checked<DomainFault<Op, 'number', DTypeOf<X>>, X>,
  options?: Checked<AlongFault<Op, X, P>, P>,
) => X extends Tensor
  ? Tensor<ArgShape<ShapeOf<X>, P>, 'i32', Cut<GradeOf<X>, Op>>
  : ArgReductionLast<Op, X>
export type ArgReductionLast<Op extends string, P> = <X extends Tensor>(
  x: Checked<First<DomainFault<Op, 'number', DTypeOf<X>>, AlongFault<Op, X, P>>, X>,
) => Tensor<ArgShape<ShapeOf<X>, P>, 'i32', Cut<GradeOf<X>, Op>>

type ArgShape<S extends Shape, P> = P extends { readonly keepDims: true }
  ? Kept<S, AxisIn<P, -1>>
  : Without<S, AxisIn<P, -1>>

export interface TopKOptions {
  readonly k: number
}

/** The k largest along the last axis: `topK(x, { k })` → values, i32 indices. */
export interface TopK {
  <const P extends TopKOptions>(options: P): TopKLast<P>
  <X extends Tensor, const P extends TopKOptions>(
    x: X,
    options: Checked<TopKFault<ShapeOf<X>, P['k']>, P>,
  ): readonly [
    values: Tensor<[...Init<ShapeOf<X>>, P['k']], DTypeOf<X>, Kink<GradeOf<X>, 'topK'>>,
    indices: Tensor<[...Init<ShapeOf<X>>, P['k']], 'i32', Cut<GradeOf<X>, 'topK'>>,
  ]
}
export type TopKLast<P extends TopKOptions> = <X extends Tensor>(
  x: Checked<TopKFault<ShapeOf<X>, P['k']>, X>,
) => readonly [
  values: Tensor<[...Init<ShapeOf<X>>, P['k']], DTypeOf<X>, Kink<GradeOf<X>, 'topK'>>,
  indices: Tensor<[...Init<ShapeOf<X>>, P['k']], 'i32', Cut<GradeOf<X>, 'topK'>>,
]

type TopKFault<S extends Shape, K extends number> =
  IsUnranked<S> extends true
    ? never
    : S extends readonly []
      ? `✗ topK needs at least one axis, got []`
      : [Exceeds<K, At<S, -1>>] extends [true]
        ? `✗ topK: k = ${K} exceeds the last size of ${Show<S>}`
        : never
