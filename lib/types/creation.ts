/**
 * Tensors from nothing.
 *
 *   constant(1.5) : [] · constant([[1, 2], [3, 4]]) : [2, 2] · constant(data, { shape: [28, 28] })
 *   iota({ length: 5 }) : 0 1 2 3 4
 *
 * Constants are f32 and iota is i32 unless `dtype` says otherwise. They depend on nothing.
 */
import type { DType } from './dtype.js'
import type { DTypeIn } from './gather.js'
import type { NoOptions } from './options.js'
import type { Dim, Shape, Show } from './shape.js'
import type { LiteralProduct } from './size.js'
import type { Checked, Tensor } from './tensor.js'

/** Numbers as one writes them: nested arrays, or a flat typed array. */
export type Nested = number | boolean | readonly Nested[] | ArrayLike<number>

export interface ConstantOptions {
  /** The shape, when the data is flat. */
  readonly shape?: readonly number[]
  readonly dtype?: DType
}

/** `constant(data, { shape, dtype })`. */
export type Constant = <const N extends Nested, const P extends ConstantOptions = NoOptions>(
  data: N,
  options?: Checked<ConstantFault<N, P>, P>,
) => Tensor<ConstantShape<N, P>, DTypeIn<P, 'f32'>, never>

type ConstantShape<N, P> = P extends { readonly shape: infer S extends Shape }
  ? [...S]
  : NestedShape<N>

/** The sizes of nested arrays, read along their first elements. */
type NestedShape<N> = N extends number | boolean
  ? []
  : N extends readonly unknown[]
    ? [N['length'], ...NestedShape<N[0]>]
    : N extends ArrayLike<number>
      ? [number]
      : Dim[]

type ConstantFault<N, P> = P extends { readonly shape: infer S extends Shape }
  ? N extends readonly number[]
    ? number extends N['length'] | LiteralProduct<S>
      ? never
      : LiteralProduct<S> extends N['length']
        ? never
        : `✗ constant: ${N['length']} elements do not fit ${Show<S>} (${LiteralProduct<S>})`
    : never
  : never

export interface IotaOptions {
  readonly length: Dim
  readonly dtype?: Exclude<DType, 'bool'>
  /** Text and lists have a length too, and are not what is meant. */
  readonly [Symbol.iterator]?: never
}

/** `iota({ length, dtype })`: 0, 1, 2, … */
export type Iota = <const P extends IotaOptions>(
  options: P,
) => Tensor<[P['length']], DTypeIn<P, 'i32'>, never>
