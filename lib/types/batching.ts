/**
 * vmap: a function of one example made a function of many.
 *
 *   f : { x: [3], w: [3, 2] } → [2]       vmap(f, { inAxes: { w: null } })
 *     : { x: [batch, 3], w: [3, 2] } → [batch, 2]
 *
 * Inputs get a new axis at `inAxes` (0 by default; null leaves an input as it is); results get
 * theirs in front. Its size is `size`, or the name "batch", with underscores while that is taken.
 */

import type { AxisFault } from './axes.js'
import type { First } from './elementwise.js'
import type { Fn } from './fn.js'
import type { Inserted } from './join.js'
import type { NoOptions } from './options.js'
import type { Dim } from './shape.js'
import type { Checked, Tensor } from './tensor.js'
import type { Spec } from './tree.js'
import type { Last } from './union.js'
import type { EffectFault } from './verdict.js'

export interface VmapOptions {
  /** The new axis of every input, or of each by name. */
  readonly inAxes?: number | { readonly [name: string]: number | null }
  readonly size?: Dim
}

/** `vmap(f, { inAxes, size })`: f on every example along a new axis, at once. */
export type Vmap = <I, O, const P extends VmapOptions = NoOptions>(
  f: Checked<EffectFault<'vmap', O>, Fn<I, O>>,
  options?: Checked<VmapFault<I, P>, P>,
) => Fn<Mapped<I, P, SizeOf<I, P>>, MappedResult<O, SizeOf<I, P>>>

/** The axis that an input maps over, or null. */
type AxisFor<P, K> = P extends { readonly inAxes: infer A }
  ? A extends number
    ? A
    : K extends keyof A
      ? A[K]
      : 0
  : 0

/** Inputs with the new axis. */
export type Mapped<I, P, N extends Dim> = P extends unknown
  ? {
      readonly [K in keyof I]: AxisFor<P, K> extends infer A extends number
        ? MappedSpec<I[K], A, N>
        : I[K]
    }
  : never

type MappedSpec<I, Axis extends number, N extends Dim> =
  I extends Spec<infer S, infer D>
    ? Spec<Inserted<S, Axis, N>, D>
    : { readonly [K in keyof I]: MappedSpec<I[K], Axis, N> }

/** A result with the new axis in front. */
export type MappedResult<O, N extends Dim> =
  O extends Tensor<infer S, infer D, infer G>
    ? Tensor<[N, ...S], D, G>
    : { readonly [K in keyof O]: MappedResult<O[K], N> }

type SizeOf<I, P> = P extends { readonly size: infer N extends Dim }
  ? N
  : FreshName<'batch', NamesOf<I>>

/** The name, with underscores until nobody else has it. */
export type FreshName<N extends string, Taken> = N extends Taken ? FreshName<`${N}_`, Taken> : N

/** The names of sizes among inputs. */
export type NamesOf<I> =
  I extends Spec<infer S, infer _D>
    ? Extract<S[number], string>
    : { [K in keyof I]: NamesOf<I[K]> }[keyof I]

type VmapFault<I, P> = unknown extends I
  ? never
  : P extends { readonly inAxes: infer A }
    ? A extends number
      ? AxesFault<I, P>
      : First<
          [Exclude<keyof A, keyof I>] extends [never]
            ? never
            : `✗ vmap: no input is called '${Exclude<keyof A, keyof I> & string}'`,
          [Extract<{ [K in keyof I]: AxisFor<P, K> }[keyof I], number>] extends [never]
            ? `✗ vmap: no input is mapped`
            : AxesFault<I, P>
        >
    : never

type AxesFault<I, P> = Last<
  {
    [K in keyof I]: AxisFor<P, K> extends infer A extends number
      ? I[K] extends Spec<infer S, infer _D>
        ? AxisFault<'vmap', [...S, SizeOf<I, P> & Dim], A>
        : never
      : never
  }[keyof I]
>
