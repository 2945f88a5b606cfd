/**
 * Windows on a tensor, and margins around it.
 *
 *   slice(x, { start: [0, 2], limit: ["n", 6], stride: [1, 2] })   [n, 8]  →  [n, 2]
 *   pad(x, { low: [1, 0], high: [1, -2] })                         [3, 4]  →  [5, 2]
 *   dynamicSlice(x, [i, 0], { sizes: [2, 4] })                     [9, 4]  →  [2, 4]
 *
 * One entry an axis. Whether a named size holds a literal window is decided at run time.
 */
import type { MixFault } from './dtype.js'
import type { First } from './elementwise.js'
import type { Selected } from './grade.js'
import type { Dim, IsUnranked, Shape, Show, ShowDim } from './shape.js'
import type { CeilDim, Exceeds, MinusDim, PlusDim, ShiftDim, TimesDim } from './size.js'
import type { Checked, DTypeOf, GradeOf, Operand, ShapeOf, Tensor } from './tensor.js'

type Entries = readonly number[]

export interface SliceOptions {
  readonly start: Entries
  /** The first element beyond the window; a name stands for the whole of a named axis. */
  readonly limit: Shape
  readonly stride?: Entries
}

/** `slice(x, { start, limit, stride })`. */
export interface Slice {
  <const P extends SliceOptions>(options: P): SliceLast<P>
  <X extends Tensor, const P extends SliceOptions>(
    x: X,
    options: Checked<SliceFault<ShapeOf<X>, P>, P>,
  ): Tensor<Sliced<P['limit'], P['start'], P['stride']>, DTypeOf<X>, GradeOf<X>>
}
export type SliceLast<P extends SliceOptions> = <X extends Tensor>(
  x: Checked<SliceFault<ShapeOf<X>, P>, X>,
) => Tensor<Sliced<P['limit'], P['start'], P['stride']>, DTypeOf<X>, GradeOf<X>>

/** ⌈(limit − start) / stride⌉ on each axis. */
type Sliced<To extends Shape, From, Step> =
  IsUnranked<To> extends true
    ? Dim[]
    : {
        -readonly [I in keyof To]: CeilDim<
          MinusDim<To[I], EntryAt<From, I, 0>>,
          EntryAt<Step, I, 1>
        >
      }

/** The entry of an axis, where the list is given. */
type EntryAt<E, I, Default extends number> = E extends Entries
  ? I extends keyof E
    ? Extract<E[I], number>
    : Default
  : Default

type SliceFault<S extends Shape, P extends SliceOptions> = First<
  EntriesFault<'slice', 'limit', S, P['limit']>,
  First<
    EntriesFault<'slice', 'start', S, P['start']>,
    IsUnranked<S> extends true
      ? never
      : IsUnranked<P['limit']> extends true
        ? never
        : WindowFaults<S, P['limit'], P['start']>[number]
  >
>

type WindowFaults<S extends Shape, To extends Shape, From> = {
  [I in keyof To]: WindowFault<S, SizeAt<S, I>, EntryAt<From, I, 0>, To[I]>
}

type SizeAt<S extends Shape, I> = I extends keyof S ? Extract<S[I], Dim> : Dim

type WindowFault<S extends Shape, D extends Dim, From extends number, To extends Dim> =
  Exceeds<To, D> extends true
    ? `✗ slice: limit ${To} exceeds size ${D} in ${Show<S>}`
    : Exceeds<From, To> extends true
      ? `✗ slice: start ${From} exceeds limit ${To} in ${Show<S>}`
      : To extends string
        ? [D] extends [To]
          ? never
          : number extends D
            ? never
            : `✗ slice: limit '${To}' is not the size ${ShowDim<D>} in ${Show<S>}`
        : never

/** Never when a list has one entry an axis; otherwise the message. */
type EntriesFault<Op extends string, Name extends string, S extends Shape, E extends Shape> =
  IsUnranked<S> extends true
    ? never
    : IsUnranked<E> extends true
      ? never
      : E['length'] extends S['length']
        ? never
        : `✗ ${Op}: ${Name} needs one entry an axis of ${Show<S>}, got ${E['length'] & number}`

export interface PadOptions {
  /** Elements before each axis; negative ones crop. */
  readonly low: Entries
  /** Elements after each axis; negative ones crop. */
  readonly high: Entries
  /** Elements between neighbours of each axis. */
  readonly interior?: Entries
  /** What is filled in; 0 by default. */
  readonly value?: number
}

/** `pad(x, { low, high, interior, value })`. */
export interface Pad {
  <const P extends PadOptions>(options: P): PadLast<P>
  <X extends Tensor, const P extends PadOptions>(
    x: X,
    options: Checked<PadFault<ShapeOf<X>, P>, P>,
  ): Tensor<Padded<ShapeOf<X>, P>, DTypeOf<X>, GradeOf<X>>
}
export type PadLast<P extends PadOptions> = <X extends Tensor>(
  x: Checked<PadFault<ShapeOf<X>, P>, X>,
) => Tensor<Padded<ShapeOf<X>, P>, DTypeOf<X>, GradeOf<X>>

/** d + (d − 1) · interior + low + high on each axis. */
type Padded<S extends Shape, P extends PadOptions> =
  IsUnranked<S> extends true
    ? Dim[]
    : {
        -readonly [I in keyof S]: ShiftDim<
          ShiftDim<Spread<S[I], EntryAt<P['interior'], I, 0>>, EntryAt<P['low'], I, 0>>,
          EntryAt<P['high'], I, 0>
        >
      }

type Spread<D extends Dim, N extends number> = N extends 0
  ? D
  : D extends 0
    ? 0
    : PlusDim<D, TimesDim<MinusDim<D, 1>, N>>

type PadFault<S extends Shape, P extends PadOptions> = First<
  EntriesFault<'pad', 'low', S, P['low']>,
  First<
    EntriesFault<'pad', 'high', S, P['high']>,
    true extends AnyNever<Padded<S, P>> ? `✗ pad crops more than there is of ${Show<S>}` : never
  >
>

type AnyNever<S extends Shape> = { [I in keyof S]: [S[I]] extends [never] ? true : false }[number]

export interface DynamicSliceOptions {
  readonly sizes: Shape
}

/** Where a window starts: an integer scalar an axis, clamped so that the window fits. */
export type Starts = readonly Operand[]

/** `dynamicSlice(x, [i, 0], { sizes })`. */
export interface DynamicSlice {
  <const I extends Starts, const P extends DynamicSliceOptions>(
    starts: I,
    options: P,
  ): DynamicSliceLast<I, P>
  <X extends Tensor, const I extends Starts, const P extends DynamicSliceOptions>(
    x: X,
    starts: Checked<EntriesFault<'dynamicSlice', 'starts', ShapeOf<X>, Blank<I>>, I>,
    options: Checked<SizesFault<'dynamicSlice', ShapeOf<X>, P['sizes']>, P>,
  ): Tensor<
    [...P['sizes']],
    DTypeOf<X>,
    GradeOf<X> | Selected<GradeOf<I[number]>, GradeOf<X>, 'dynamicSlice'>
  >
}
export type DynamicSliceLast<I extends Starts, P extends DynamicSliceOptions> = <X extends Tensor>(
  x: Checked<SizesFault<'dynamicSlice', ShapeOf<X>, P['sizes']>, X>,
) => Tensor<
  [...P['sizes']],
  DTypeOf<X>,
  GradeOf<X> | Selected<GradeOf<I[number]>, GradeOf<X>, 'dynamicSlice'>
>

type Blank<I extends Starts> = { [K in keyof I]: number }

type SizesFault<Op extends string, S extends Shape, T extends Shape> = First<
  EntriesFault<Op, 'sizes', S, T>,
  IsUnranked<S> extends true
    ? never
    : true extends Wider<T, S>[number]
      ? `✗ ${Op}: a window of ${Show<T>} does not fit into ${Show<S>}`
      : never
>

type Wider<T extends Shape, S extends Shape> = { [I in keyof T]: Exceeds<T[I], SizeAt<S, I>> }

/** `dynamicUpdateSlice(x, update, [i, 0])`. */
export type DynamicUpdateSlice = <X extends Tensor, U extends Tensor, const I extends Starts>(
  x: X,
  update: Checked<UpdateFault<X, U>, U>,
  starts: Checked<EntriesFault<'dynamicUpdateSlice', 'starts', ShapeOf<X>, Blank<I>>, I>,
) => Tensor<
  ShapeOf<X>,
  DTypeOf<X>,
  | GradeOf<X>
  | GradeOf<U>
  | Selected<GradeOf<I[number]>, GradeOf<X> | GradeOf<U>, 'dynamicUpdateSlice'>
>

type UpdateFault<X, U> = First<
  MixFault<DTypeOf<X>, DTypeOf<U>>,
  SizesFault<'dynamicUpdateSlice', ShapeOf<X>, ShapeOf<U>>
>
