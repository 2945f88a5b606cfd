/**
 * A function taken at a point: its value there, and its derivative as a linear map.
 *
 *   const [y, df] = linearize(f, 'x')({ x })      df({ x: dx }) is the tangent of y
 *
 * The map may be applied many times; what it needs from the point is computed once.
 */
import type { Applied, Composed, SubstitutedShape } from './apply.js'
import type { DerivativeGrade, From, Listed, Picked } from './derivative.js'
import type { Fn } from './fn.js'
import type { Carrying, Grade, NameOf } from './grade.js'
import type { Tensor } from './tensor.js'
import type { Argument, Spec } from './tree.js'
import type { CheckedArguments, Meeting, Sizes } from './unify.js'

/** `linearize(f, wrt)`, waiting for the point. */
export type Linearized<I, O, K> = <const A extends { readonly [N in keyof I]?: Argument }>(
  point: CheckedArguments<I, A>,
) => readonly [
  value: Applied<I, O, A>,
  linear: Fn<
    SubstitutedSpecs<Picked<I, K>, Sizes<Meeting<I, A>>>,
    TangentAt<O, K, Sizes<Meeting<I, A>>, A>
  >,
]

type SubstitutedSpecs<I, Env> =
  I extends Spec<infer S, infer D>
    ? Spec<SubstitutedShape<S, Env>, D>
    : { readonly [K in keyof I]: SubstitutedSpecs<I[K], Env> }

type TangentAt<O, K, Env, A> =
  O extends Tensor<infer S, infer D, infer G>
    ? Tensor<SubstitutedShape<S, Env>, D, TangentGradeAt<G, K, A>>
    : { readonly [P in keyof O]: TangentAt<O[P], K, Env, A> }

/** Smooth in the tangents; in the point as a derivative is. */
type TangentGradeAt<G extends Grade, K, A> = string extends G
  ? string
  : NameOf<From<Carrying<G>, Listed<K>>> | Composed<DerivativeGrade<G>, A>
