/**
 * Trees that must have one type: the branches of a conditional, the carry of a loop.
 *
 *   { h: f32[3], i: i32[] }  and  { h: f32[4], i: i32[] }   →  differ at 'h': f32[3] and f32[4]
 *
 * Grades may differ; the result joins them.
 */
import type { DType } from './dtype.js'
import type { Grade, Selected } from './grade.js'
import type { Show, UnifyShape } from './shape.js'
import type { Tensor } from './tensor.js'
import type { Join, Tree } from './tree.js'

/** Never when two trees have the same structure, shapes and dtypes; otherwise `Says` and where. */
export type MatchFault<Says extends string, A, B, Path extends string = ''> = [Tree] extends [A | B]
  ? never
  : A extends Tensor<infer S, infer D, Grade>
    ? B extends Tensor<infer T, infer E, Grade>
      ? [D] extends [E]
        ? [UnifyShape<S, T>] extends [never]
          ? Differ<Says, ShowType<A>, ShowType<B>, Path>
          : never
        : [E] extends [D]
          ? never
          : Differ<Says, ShowType<A>, ShowType<B>, Path>
      : Differ<Says, ShowType<A>, 'a record', Path>
    : B extends Tensor
      ? Differ<Says, 'a record', ShowType<B>, Path>
      : [Exclude<keyof A, keyof B> | Exclude<keyof B, keyof A>] extends [never]
        ? {
            [K in keyof A]: K extends keyof B ? MatchFault<Says, A[K], B[K], Join<Path, K>> : never
          }[Leaves<A>]
        : `✗ ${Says} in what they hold: '${Name<Exclude<keyof A, keyof B> | Exclude<keyof B, keyof A>, Path>}'`

/** The positions of a tuple, or the keys of a record. */
type Leaves<A> = A extends readonly unknown[] ? keyof A & number : keyof A

type Name<K, Path extends string> = Join<Path, K extends string ? K : never>

type Differ<
  Says extends string,
  A extends string,
  B extends string,
  Path extends string,
> = Path extends '' ? `✗ ${Says}: ${A} and ${B}` : `✗ ${Says} at '${Path}': ${A} and ${B}`

/** `f32[3, 4]` */
export type ShowType<X> = X extends Tensor<infer S, infer D, Grade> ? `${D}${Show<S>}` : 'no tensor'

/** Two matching trees as one: the better known sizes, the grades of both and `More`. */
export type Joined<A, B, P extends Grade, Op extends string> = [Tree] extends [A | B]
  ? Tree
  : A extends Tensor<infer S, infer D, infer G>
    ? B extends Tensor<infer T, DType, infer H>
      ? Tensor<UnifyShape<S, T>, D, G | H | Selected<P, G | H, Op>>
      : never
    : { readonly [K in keyof A]: K extends keyof B ? Joined<A[K], B[K], P, Op> : never }
