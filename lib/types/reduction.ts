/** Signatures of the reductions. */

import type { Axes, AxisFault, Kept, ListedAxes, Without } from './axes.js'
import type { Domain, DomainFault } from './dtype.js'
import type { First } from './elementwise.js'
import type { Mark, Marked } from './grade.js'
import type { NoOptions } from './options.js'
import type { Dim, Shape } from './shape.js'
import type { Checked, DTypeOf, GradeOf, ShapeOf, Tensor } from './tensor.js'

export interface ReduceOptions {
  /** The axes to reduce; all of them by default. */
  readonly axes?: Axes
  /** Leave the reduced axes in place, with size 1. */
  readonly keepDims?: boolean
}

/** `sum(x)`, `sum(x, { axes, keepDims })`, `x.pipe(sum)`, `x.pipe(sum({ axes }))`. */
export type Reduction<Op extends string, M extends Mark, In extends Domain> = <
  const X extends Tensor | ReduceOptions,
  const P extends ReduceOptions = NoOptions,
>(
  x: Checked<DomainFault<Op, In, DTypeOf<X>>, X>,
  options?: Checked<ReduceFault<Op, X, P>, P>,
) => X extends Tensor
  ? Tensor<ReducedShape<ShapeOf<X>, P>, DTypeOf<X>, Marked<M, GradeOf<X>, Op>>
  : ReductionLast<Op, M, In, X>

export type ReductionLast<Op extends string, M extends Mark, In extends Domain, P> = <
  X extends Tensor,
>(
  x: Checked<First<DomainFault<Op, In, DTypeOf<X>>, ReduceFault<Op, X, P>>, X>,
) => Tensor<ReducedShape<ShapeOf<X>, P>, DTypeOf<X>, Marked<M, GradeOf<X>, Op>>

type ReduceFault<Op extends string, X, P> = P extends { readonly axes: infer A }
  ? AxisFault<Op, ShapeOf<X>, ListedAxes<A>>
  : never

export type ReducedShape<S extends Shape, P> = P extends { readonly axes: infer A }
  ? P extends { readonly keepDims: true }
    ? Kept<S, ListedAxes<A>>
    : P extends { readonly keepDims: boolean }
      ? boolean extends P['keepDims']
        ? Dim[]
        : Without<S, ListedAxes<A>>
      : Without<S, ListedAxes<A>>
  : P extends { readonly keepDims: true }
    ? { -readonly [I in keyof S]: 1 }
    : []
