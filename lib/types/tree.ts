/**
 * Trees: records and tuples of tensors, nested at will; and specifications of such inputs.
 *
 *   { x: f32("b", 4), p: { w: f32(4) } }  ↔  { x: Tensor<["b", 4]>, p: { w: Tensor<[4]> } }
 *
 * A leaf is named by its path, joined with dots: `p.w`. Names hold none of `. ~ ! #`.
 */
import type { DType } from './dtype.js'
import type { Grade } from './grade.js'
import type { Shape } from './shape.js'
import type { Tensor } from './tensor.js'

/** What one input is: `f32("batch", 784)`. */
export interface Spec<S extends Shape = Shape, D extends DType = DType> {
  readonly shape: Readonly<S>
  readonly dtype: D
}

/** Inputs of a function, or a part of them. */
export type Specs = Spec | readonly Specs[] | { readonly [name: string]: Specs }

/** The inputs of a function, by name. */
export type Inputs = { readonly [name: string]: Specs }

/** Declares an input: `f32("batch", 784)`. */
export type SpecOf<D extends DType> = <const S extends Shape>(...shape: S) => Spec<[...S], D>

/** A tensor, or tensors in records and tuples. */
export type Tree = Tensor | readonly Tree[] | { readonly [name: string]: Tree }

/** What a function is called on: tensors, or numbers where a scalar is asked for. */
export type Argument = Tensor | number | readonly Argument[] | { readonly [name: string]: Argument }

/** The tensors a body receives for its inputs, each graded by its own path. */
export type Params<I, Path extends string = ''> =
  I extends Spec<infer S, infer D>
    ? Tensor<S, D, Path>
    : { readonly [K in keyof I]: Params<I[K], Join<Path, K>> }

/** A path one step longer. */
export type Join<Path extends string, K> = K extends string | number
  ? Path extends ''
    ? `${K}`
    : `${Path}.${K}`
  : never

/** The specifications a tree of tensors meets. */
export type SpecsOf<T> =
  T extends Tensor<infer S, infer D, Grade>
    ? Spec<S, D>
    : { readonly [K in keyof T]: SpecsOf<T[K]> }

/** Every grade in a tree. */
export type GradesIn<T> =
  T extends Tensor<Shape, DType, infer G>
    ? G
    : T extends object
      ? GradesIn<T[Keys<T> & keyof T]>
      : never

/** The names and positions of a tree's parts. */
export type Keys<T> = T extends readonly unknown[] ? keyof T & number : keyof T & string

/** The same tree, every tensor with grade `G`. */
export type Regraded<T, G extends Grade> =
  T extends Tensor<infer S, infer D, Grade>
    ? Tensor<S, D, G>
    : T extends object
      ? { readonly [K in keyof T]: Regraded<T[K], G> }
      : T
