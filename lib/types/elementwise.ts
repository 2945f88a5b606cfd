/**
 * Signatures of the elementwise operations.
 *
 *   sin(x) · add(x, y) · x.pipe(add(y)) · gt(x, 0) · where(c, a, b) · clamp(x, { min: 0 })
 *
 * Binary operations broadcast; a number adopts the other side's dtype. Each is written with data
 * first, and with data last when its first argument is left out.
 */
import type { Broadcast, BroadcastFault } from './broadcast.js'
import type { Domain, DomainFault, DType, Floating, LiteralFault, MixFault } from './dtype.js'
import type { Cut, Kink, Mark, Marked, Selected } from './grade.js'
import type { Checked, DTypeOf, GradeOf, Operand, ShapeOf, Tensor } from './tensor.js'

/** One operand in, the same shape and dtype out. */
export type Unary<Op extends string, M extends Mark, In extends Domain> = <X extends Tensor>(
  x: Checked<DomainFault<Op, In, DTypeOf<X>>, X>,
) => Tensor<ShapeOf<X>, DTypeOf<X>, Marked<M, GradeOf<X>, Op>>

/** One operand in, a bool of the same shape out. */
export type Predicate<Op extends string, In extends Domain> = <X extends Tensor>(
  x: Checked<DomainFault<Op, In, DTypeOf<X>>, X>,
) => Tensor<ShapeOf<X>, 'bool', Cut<GradeOf<X>, Op>>

/** Two operands that broadcast. */
export interface Binary<Op extends string, M extends Mark, In extends Domain> {
  <B extends Operand>(b: B): BinaryLast<Op, M, In, B>
  <A extends Operand, B extends Operand>(
    a: A,
    b: Checked<BinaryFault<Op, In, A, B>, B>,
  ): Tensor<
    Broadcast<ShapeOf<A>, ShapeOf<B>>,
    JointDType<A, B>,
    Marked<M, GradeOf<A> | GradeOf<B>, Op>
  >
}

/** A binary operation that has its second operand and waits for the first. */
export type BinaryLast<Op extends string, M extends Mark, In extends Domain, B> = <
  A extends Operand,
>(
  a: Checked<BinaryFault<Op, In, A, B>, A>,
) => Tensor<
  Broadcast<ShapeOf<A>, ShapeOf<B>>,
  JointDType<A, B>,
  Marked<M, GradeOf<A> | GradeOf<B>, Op>
>

/** Two operands that broadcast, a bool out. */
export interface Comparison<Op extends string, In extends Domain> {
  <B extends Operand>(b: B): ComparisonLast<Op, In, B>
  <A extends Operand, B extends Operand>(
    a: A,
    b: Checked<BinaryFault<Op, In, A, B>, B>,
  ): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>, 'bool', Cut<GradeOf<A> | GradeOf<B>, Op>>
}

/** A comparison that has its right side and waits for the left. */
export type ComparisonLast<Op extends string, In extends Domain, B> = <A extends Operand>(
  a: Checked<BinaryFault<Op, In, A, B>, A>,
) => Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>, 'bool', Cut<GradeOf<A> | GradeOf<B>, Op>>

/** `where(condition, a, b)`: elementwise choice; all three broadcast. */
export interface Where {
  <A extends Operand, B extends Operand>(
    a: A,
    b: Checked<BinaryFault<'where', 'any', A, B>, B>,
  ): WhereLast<A, B>
  <C extends Tensor, A extends Operand, B extends Operand>(
    condition: Checked<DomainFault<'where', 'bool', DTypeOf<C>>, C>,
    a: A,
    b: Checked<WhereFault<C, A, B>, B>,
  ): Tensor<
    Broadcast<ShapeOf<C>, Broadcast<ShapeOf<A>, ShapeOf<B>>>,
    JointDType<A, B>,
    GradeOf<A> | GradeOf<B> | Selected<GradeOf<C>, GradeOf<A> | GradeOf<B>, 'where'>
  >
}

/** `where` that waits for its condition. */
export type WhereLast<A, B> = <C extends Tensor>(
  condition: Checked<WhereFault<C, A, B>, C>,
) => Tensor<
  Broadcast<ShapeOf<C>, Broadcast<ShapeOf<A>, ShapeOf<B>>>,
  JointDType<A, B>,
  GradeOf<A> | GradeOf<B> | Selected<GradeOf<C>, GradeOf<A> | GradeOf<B>, 'where'>
>

type WhereFault<C, A, B> = [DomainFault<'where', 'bool', DTypeOf<C>>] extends [never]
  ? [BinaryFault<'where', 'any', A, B>] extends [never]
    ? BroadcastFault<ShapeOf<C>, Broadcast<ShapeOf<A>, ShapeOf<B>>>
    : BinaryFault<'where', 'any', A, B>
  : DomainFault<'where', 'bool', DTypeOf<C>>

/** `clamp(x, { min, max })`: either bound may be left out. */
export type Clamp = <const X extends Tensor | Bounds>(
  x: X,
  bounds?: X extends Tensor ? Bounds : never,
) => X extends Tensor ? Tensor<ShapeOf<X>, DTypeOf<X>, Kink<GradeOf<X>, 'clamp'>> : ClampLast
export interface Bounds {
  readonly min?: number
  readonly max?: number
}
export type ClampLast = <X extends Tensor>(
  x: X,
) => Tensor<ShapeOf<X>, DTypeOf<X>, Kink<GradeOf<X>, 'clamp'>>

/** `convert(x, 'f32')`: between floats smooth, to integers and bool cut. */
export interface Convert {
  <D extends DType>(dtype: D): ConvertLast<D>
  <X extends Tensor, D extends DType>(x: X, dtype: D): Tensor<ShapeOf<X>, D, ConvertGrade<X, D>>
}
export type ConvertLast<D extends DType> = <X extends Tensor>(
  x: X,
) => Tensor<ShapeOf<X>, D, ConvertGrade<X, D>>

/** Between floats a conversion is smooth; a float is cut on its way to integers and bool. */
export type ConvertGrade<X, D extends DType> = D extends Floating
  ? GradeOf<X>
  : DTypeOf<X> extends Floating
    ? Cut<GradeOf<X>, 'convert'>
    : GradeOf<X>

/** `gelu(x, { approximate })`: "tanh" by default, or "none" for the exact form. */
export type Gelu = <X extends Tensor | GeluOptions>(
  x: Checked<DomainFault<'gelu', 'float', DTypeOf<X>>, X>,
  options?: GeluOptions,
) => X extends Tensor
  ? Tensor<ShapeOf<X>, DTypeOf<X>, GradeOf<X>>
  : Unary<'gelu', 'smooth', 'float'>
export interface GeluOptions {
  readonly approximate?: 'tanh' | 'none'
}

/** The dtype of a result: that of both, or of the tensor beside a number. */
export type JointDType<A, B> = A extends number
  ? DTypeOf<B>
  : B extends number
    ? DTypeOf<A>
    : DTypeOf<A> & DTypeOf<B>

/**
 * Never when the operands go together; otherwise what is wrong with them. Of `Tensor` itself, which
 * the checker also tries before it knows better, nothing is.
 */
export type BinaryFault<Op extends string, In extends Domain, A, B> = [Tensor] extends [A | B]
  ? never
  : A extends number
    ? B extends number
      ? `✗ ${Op} of two numbers: compute it in TypeScript, or write constant(…)`
      : First<DomainFault<Op, In, DTypeOf<B>>, LiteralFault<A, DTypeOf<B>>>
    : B extends number
      ? First<DomainFault<Op, In, DTypeOf<A>>, LiteralFault<B, DTypeOf<A>>>
      : First<
          MixFault<DTypeOf<A>, DTypeOf<B>>,
          First<DomainFault<Op, In, DTypeOf<A>>, BroadcastFault<ShapeOf<A>, ShapeOf<B>>>
        >

/** The first of two faults. */
export type First<F, G> = [F] extends [never] ? G : F
