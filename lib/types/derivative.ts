/**
 * What derivatives look like: the shapes of gradients, tangents and Jacobians, and their grades.
 *
 *   f : { w: f32(3, 2), x: f32(3) } → f32[], smooth in w, kinked in x
 *   gradient in w : Tensor<[3, 2], "f32", "w" | "x!relu">     jacobian: axes of result, then input
 *
 * A derivative may depend on all that the value depends on. Where the value had a kink, it jumps.
 */
import type { Floating } from './dtype.js'
import type { Carrying, Grade, NameOf } from './grade.js'
import type { Tensor } from './tensor.js'
import type { Join, Spec } from './tree.js'

/** The names that `wrt` lists. */
export type Listed<K> = K extends readonly (infer N)[] ? N : K

/** The inputs in `wrt`, by name. */
export type Picked<I, K> = Listed<K> extends infer N ? { readonly [P in N & keyof I]: I[P] } : never

/** The inputs not in `wrt`, by name. */
export type Others<I, K> =
  Listed<K> extends infer N ? { readonly [P in Exclude<keyof I, N>]: I[P] } : never

/** A gradient in the form of `wrt`: like the input, or a record by name. */
export type Gradient<I, K, G extends Grade> = K extends readonly (infer N)[]
  ? { readonly [P in N & keyof I]: LikeInput<I[P], G> }
  : K extends keyof I
    ? LikeInput<I[K], G>
    : never

/** Tensors in the form of an input, all with grade `G`. */
export type LikeInput<I, G extends Grade> =
  I extends Spec<infer S, infer D>
    ? Tensor<S, D, G>
    : { readonly [K in keyof I]: LikeInput<I[K], G> }

/** How a derivative depends on the inputs: kinks of the value are its jumps. */
export type DerivativeGrade<G extends Grade> = string extends G
  ? string
  : G extends `${infer N}~${infer Op}`
    ? `${N}!${Op}`
    : G

/** A tree whose inputs are now parts of the input `Path`. */
export type Prefixed<T, Path extends string> =
  T extends Tensor<infer S, infer D, infer G>
    ? Tensor<S, D, PrefixedGrade<G, Path>>
    : { readonly [K in keyof T]: Prefixed<T[K], Path> }

/** Paths from inputs that are now parts of the input `Path`. */
export type PrefixedGrade<G extends Grade, Path extends string> = string extends G
  ? string
  : `${Path}.${G}`

/** The tangent of a result, linear in the tangents of `wrt`. */
export type TangentOf<T, K> =
  T extends Tensor<infer S, infer D, infer G>
    ? Tensor<S, D, TangentGrade<G, K>>
    : { readonly [P in keyof T]: TangentOf<T[P], K> }

/** It depends on the point as a derivative does, and on tangents that reach it smoothly. */
export type TangentGrade<G extends Grade, K> = string extends G
  ? string
  : `primals.${DerivativeGrade<G>}` | `tangents.${NameOf<From<Carrying<G>, Listed<K>>>}`

/** The paths that start in an input, or in one of its parts. */
export type From<G extends Grade, Name> = Name extends string
  ? Extract<G, Name | `${Name}${'.' | '~' | '!' | '#'}${string}`>
  : never

/** The paths that start in none of them. */
export type NotFrom<G extends Grade, Name> = Exclude<G, From<G, Name>>

/** Smooth paths from every floating leaf of a result's cotangent. */
export type CotangentPaths<T, Path extends string = 'cotangent'> =
  T extends Tensor<infer _S, infer D, infer _G>
    ? [D] extends [Floating]
      ? Path
      : never
    : { [K in keyof T]: CotangentPaths<T[K], Join<Path, K>> }[keyof T &
        (T extends readonly unknown[] ? number : keyof T)]

/** The Jacobian of a tree: each leaf in the form of `wrt`, its axes before those of the input. */
export type Jacobian<T, I, K, G extends Grade> =
  T extends Tensor<infer S, infer _D, infer _G>
    ? K extends readonly (infer N)[]
      ? { readonly [P in N & keyof I]: Block<S, I[P], G> }
      : K extends keyof I
        ? Block<S, I[K], G>
        : never
    : { readonly [P in keyof T]: Jacobian<T[P], I, K, G> }

type Block<S extends readonly (number | string)[], I, G extends Grade> =
  I extends Spec<infer R, infer D>
    ? Tensor<[...S, ...R], D, G>
    : { readonly [K in keyof I]: Block<S, I[K], G> }
