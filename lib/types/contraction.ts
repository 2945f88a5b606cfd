/**
 * Signatures of the contractions.
 *
 *   matmul(a, b) · x.pipe(matmul(w)) · einsum("bij,jk->bik", x, y)
 */
import type { DomainFault, MixFault } from './dtype.js'
import type { EinsumShape } from './einsum.js'
import type { First } from './elementwise.js'
import type { MatmulShape } from './matmul.js'
import type { Shape } from './shape.js'
import type { Checked, DTypeOf, GradeOf, ShapeOf, Tensor } from './tensor.js'

/** `matmul(a, b)`, or `x.pipe(matmul(w))` for x · w. */
export interface Matmul {
  <B extends Tensor>(b: B): MatmulLast<B>
  <A extends Tensor, B extends Tensor>(
    a: A,
    b: Checked<MatmulFault<A, B>, B>,
  ): Tensor<
    Extract<MatmulShape<ShapeOf<A>, ShapeOf<B>>, Shape>,
    DTypeOf<A>,
    GradeOf<A> | GradeOf<B>
  >
}

/** A product that waits for its left side. */
export type MatmulLast<B> = <A extends Tensor>(
  a: Checked<MatmulFault<A, B>, A>,
) => Tensor<
  Extract<MatmulShape<ShapeOf<A>, ShapeOf<B>>, Shape>,
  DTypeOf<A>,
  GradeOf<A> | GradeOf<B>
>

type MatmulFault<A, B> = First<
  MixFault<DTypeOf<A>, DTypeOf<B>>,
  First<
    DomainFault<'matmul', 'number', DTypeOf<A>>,
    Extract<MatmulShape<ShapeOf<A>, ShapeOf<B>>, string>
  >
>

/** `einsum(spec, ...operands)`. */
export type Einsum = <const Spec extends string, const X extends readonly Tensor[]>(
  spec: Checked<EinsumFault<Spec, X>, Spec>,
  ...operands: X
) => Tensor<Extract<EinsumShape<Spec, ShapesOf<X>>, Shape>, DTypeOf<X[number]>, GradeOf<X[number]>>

type ShapesOf<X extends readonly Tensor[]> = { -readonly [I in keyof X]: ShapeOf<X[I]> }

type EinsumFault<Spec extends string, X extends readonly Tensor[]> = First<
  ListMixFault<X>,
  Extract<EinsumShape<Spec, ShapesOf<X>>, string>
>

/** Never when all dtypes agree; otherwise the message about the first two that do not. */
export type ListMixFault<X extends readonly Tensor[]> = X extends readonly [
  infer A extends Tensor,
  infer B extends Tensor,
  ...infer R extends Tensor[],
]
  ? First<MixFault<DTypeOf<A>, DTypeOf<B>>, ListMixFault<[B, ...R]>>
  : never
