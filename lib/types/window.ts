/**
 * Sliding windows: convolution and pooling.
 *
 *   conv(x, k, { strides: [2, 2] })   [8, 3, 32, 32] * [16, 3, 3, 3]  →  [8, 16, 15, 15]
 *   maxPool(x, { window: [2, 2] })    [8, 3, 32, 32]                  →  [8, 3, 16, 16]
 *
 * Input N C spatial…, kernel O I spatial…; convolution is cross-correlation, and C = I · groups.
 * On each axis: ⌊(in + low + high − ((k − 1) · dilation + 1)) / stride⌋ + 1.
 */
import type { DomainFault, MixFault } from './dtype.js'
import type { First } from './elementwise.js'
import type { Mark, Marked } from './grade.js'
import type { NoOptions } from './options.js'
import type { Dim, IsUnranked, Shape, Show, ShowDim, Unify } from './shape.js'
import type { CeilDim, MinusDim, OverDim, PlusDim, ShiftDim, TimesDim } from './size.js'
import type { Checked, DTypeOf, GradeOf, ShapeOf, Tensor } from './tensor.js'

type Entries = readonly number[]

export interface ConvOptions {
  readonly strides?: Entries
  /** Elements before and after each spatial axis; "same" keeps ⌈in / stride⌉. None by default. */
  readonly padding?: 'same' | 'valid' | readonly (readonly [low: number, high: number])[]
  readonly inputDilation?: Entries
  readonly kernelDilation?: Entries
  readonly groups?: number
}

/** `conv(x, kernel, options?)`; data last: `x.pipe(conv(kernel, options))`. */
export interface Conv {
  <K extends Tensor>(kernel: K): ConvLast<K, NoOptions>
  <X extends Tensor, const K extends Tensor | ConvOptions>(
    x: X,
    kernel: K extends Tensor ? Checked<ConvFault<X, K, NoOptions>, K> : K,
  ): K extends Tensor
    ? Tensor<ConvShape<ShapeOf<X>, ShapeOf<K>, NoOptions>, DTypeOf<X>, GradeOf<X> | GradeOf<K>>
    : ConvLast<X, K>
  <X extends Tensor, K extends Tensor, const P extends ConvOptions>(
    x: X,
    kernel: Checked<ConvFault<X, K, P>, K>,
    options: P,
  ): Tensor<ConvShape<ShapeOf<X>, ShapeOf<K>, P>, DTypeOf<X>, GradeOf<X> | GradeOf<K>>
}
export type ConvLast<K, P> = <X extends Tensor>(
  x: Checked<ConvFault<X, K, P>, X>,
) => Tensor<ConvShape<ShapeOf<X>, ShapeOf<K>, P>, DTypeOf<X>, GradeOf<X> | GradeOf<K>>

type ConvFault<X, K, P> = First<
  MixFault<DTypeOf<X>, DTypeOf<K>>,
  First<DomainFault<'conv', 'float', DTypeOf<X>>, ConvShapeFault<ShapeOf<X>, ShapeOf<K>, P>>
>

type ConvShapeFault<S extends Shape, K extends Shape, P> =
  IsUnranked<S> extends true
    ? never
    : IsUnranked<K> extends true
      ? never
      : S extends readonly [Dim, infer C extends Dim, ...Dim[]]
        ? K extends readonly [Dim, infer I extends Dim, ...Dim[]]
          ? S['length'] extends K['length']
            ? [Unify<C, TimesDim<I, GroupsIn<P>>>] extends [never]
              ? `✗ conv: ${Show<S>} has ${ShowDim<C>} channels, kernel ${Show<K>} takes ${ShowDim<TimesDim<I, GroupsIn<P>>>}`
              : [ConvShape<S, K, P>[number]] extends [never]
                ? `✗ conv: kernel ${Show<K>} is larger than ${Show<S>}`
                : true extends AnyNever<ConvShape<S, K, P>>
                  ? `✗ conv: kernel ${Show<K>} is larger than ${Show<S>}`
                  : never
            : `✗ conv: ${Show<S>} and kernel ${Show<K>} differ in rank`
          : `✗ conv needs a kernel [out, in, spatial…], got ${Show<K>}`
        : `✗ conv needs an input [batch, channels, spatial…], got ${Show<S>}`

type AnyNever<S extends Shape> = { [I in keyof S]: [S[I]] extends [never] ? true : false }[number]

type GroupsIn<P> = P extends { readonly groups: infer G extends number } ? G : 1

type ConvShape<S extends Shape, K extends Shape, P> = S extends readonly [
  infer N extends Dim,
  Dim,
  ...infer SS extends Shape,
]
  ? K extends readonly [infer O extends Dim, Dim, ...infer KS extends Shape]
    ? IsUnranked<SS> extends true
      ? Dim[]
      : [N, O, ...ConvSpatial<SS, KS, P>]
    : Dim[]
  : Dim[]

type ConvSpatial<
  S extends Shape,
  K extends Shape,
  P,
  Seen extends 0[] = [],
  Done extends Dim[] = [],
> = S extends readonly [infer HS extends Dim, ...infer TS extends Shape]
  ? K extends readonly [infer HK extends Dim, ...infer TK extends Shape]
    ? ConvSpatial<TS, TK, P, [...Seen, 0], [...Done, ConvDim<HS, HK, P, Seen['length']>]>
    : Done
  : Done

type ConvDim<D extends Dim, K extends Dim, P, I extends number> = P extends {
  readonly padding: 'same'
}
  ? CeilDim<Dilated<D, Option<P, 'inputDilation', I>>, Option<P, 'strides', I>>
  : Windows<
      Margined<Dilated<D, Option<P, 'inputDilation', I>>, P, I>,
      Dilated<K, Option<P, 'kernelDilation', I>>,
      Option<P, 'strides', I>
    >

/** How many windows of width `K` fit into `D` at the stride; never when none does. */
type Windows<D extends Dim, K extends Dim, Stride extends number> =
  MinusDim<D, K> extends infer Room extends Dim
    ? [Room] extends [never]
      ? never
      : K extends 1
        ? CeilDim<D, Stride>
        : PlusDim<OverDim<Room, Stride>, 1>
    : never

/** (d − 1) · dilation + 1 */
type Dilated<D extends Dim, By extends number> = By extends 1
  ? D
  : PlusDim<TimesDim<MinusDim<D, 1>, By>, 1>

type Margined<D extends Dim, P, I extends number> = P extends {
  readonly padding: infer Pairs extends readonly (readonly [number, number])[]
}
  ? Pairs[I] extends readonly [infer Low extends number, infer High extends number]
    ? ShiftDim<ShiftDim<D, Low>, High>
    : D
  : D

type Option<P, Name extends string, I extends number> = P extends {
  readonly [N in Name]: infer E extends Entries
}
  ? E[I]
  : 1

export interface PoolOptions {
  /** Width of the window on each spatial axis. */
  readonly window: Entries
  /** Steps between windows; those of the window by default. */
  readonly strides?: Entries
}

/** `maxPool(x, { window, strides })`, `avgPool` likewise: no padding. */
export interface Pool<Op extends string, M extends Mark> {
  <const P extends PoolOptions>(options: P): PoolLast<Op, M, P>
  <X extends Tensor, const P extends PoolOptions>(
    x: X,
    options: Checked<PoolFault<Op, X, P>, P>,
  ): Tensor<PoolShape<ShapeOf<X>, P>, DTypeOf<X>, Marked<M, GradeOf<X>, Op>>
}
export type PoolLast<Op extends string, M extends Mark, P extends PoolOptions> = <X extends Tensor>(
  x: Checked<PoolFault<Op, X, P>, X>,
) => Tensor<PoolShape<ShapeOf<X>, P>, DTypeOf<X>, Marked<M, GradeOf<X>, Op>>

type PoolFault<Op extends string, X, P extends PoolOptions> = First<
  DomainFault<Op, 'float', DTypeOf<X>>,
  IsUnranked<ShapeOf<X>> extends true
    ? never
    : ShapeOf<X> extends readonly [Dim, Dim, ...infer SS extends Shape]
      ? SS['length'] extends P['window']['length']
        ? true extends AnyNever<PoolShape<ShapeOf<X>, P>>
          ? `✗ ${Op}: window ${Show<P['window']>} is larger than ${Show<ShapeOf<X>>}`
          : never
        : number extends P['window']['length']
          ? never
          : `✗ ${Op}: window ${Show<P['window']>} does not match the spatial axes of ${Show<ShapeOf<X>>}`
      : `✗ ${Op} needs an input [batch, channels, spatial…], got ${Show<ShapeOf<X>>}`
>

type PoolShape<S extends Shape, P extends PoolOptions> = S extends readonly [
  infer N extends Dim,
  infer C extends Dim,
  ...infer SS extends Shape,
]
  ? IsUnranked<SS> extends true
    ? Dim[]
    : [N, C, ...PoolSpatial<SS, P>]
  : Dim[]

type PoolSpatial<
  S extends Shape,
  P extends PoolOptions,
  Seen extends 0[] = [],
  Done extends Dim[] = [],
> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? PoolSpatial<
      T,
      P,
      [...Seen, 0],
      [
        ...Done,
        Windows<
          H,
          P['window'][Seen['length']],
          P extends { readonly strides: infer E extends Entries }
            ? E[Seen['length']]
            : P['window'][Seen['length']]
        >,
      ]
    >
  : Done
