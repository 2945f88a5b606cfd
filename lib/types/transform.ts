/**
 * Signatures of the derivative transformations.
 *
 *   grad(f, 'w')             inputs of f → the gradient, in the shape of the input 'w'
 *   grad(f, ['w', 'b'])      inputs of f → a record of gradients by name
 */

import type { Fn } from './fn.js'
import type { Grade } from './grade.js'
import type { NoOptions } from './options.js'
import type { Checked, Tensor } from './tensor.js'
import type { GradesIn, Spec } from './tree.js'
import type { DerivativeOptions, InputFault, ScalarFault } from './verdict.js'

/** `grad(f, wrt, options?)`: the gradient of a scalar result. */
export type Grad = <
  I,
  O,
  const K extends (keyof I & string) | readonly (keyof I & string)[],
  const P extends DerivativeOptions = NoOptions,
>(
  f: Checked<ScalarFault<'grad', O>, Fn<I, O>>,
  wrt: Checked<WrtFault<I, O, K, P>, K>,
  options?: P,
) => Fn<I, Gradient<I, K, DerivativeGrade<GradesIn<O>>>>

/** The names that `wrt` lists. */
export type Listed<K> = K extends readonly (infer N)[] ? N : K

/** Never when a derivative exists in every listed input; otherwise what stands against it. */
export type WrtFault<I, O, K, P> = {
  [N in Listed<K> & keyof I]: InputFault<I, O, N, P>
}[Listed<K> & keyof I]

/** The gradient: in the shape of the input, or a record by name. */
export type Gradient<I, K, G extends Grade> = K extends readonly (infer N)[]
  ? { readonly [P in N & keyof I]: LikeInput<I[P], G> }
  : K extends keyof I
    ? LikeInput<I[K], G>
    : never

/** Tensors in the shape of an input. */
export type LikeInput<I, G extends Grade> =
  I extends Spec<infer S, infer D>
    ? Tensor<S, D, G>
    : { readonly [K in keyof I]: LikeInput<I[K], G> }

/** How a derivative depends on the inputs: where the value had a kink, it jumps. */
export type DerivativeGrade<G extends Grade> = string extends G
  ? string
  : G extends `${infer N}~${infer Op}`
    ? `${N}!${Op}`
    : G
