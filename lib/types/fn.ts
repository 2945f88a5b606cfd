/**
 * Functions: a program closed over named inputs.
 *
 *   fn({ x: f32("b", "i"), w: f32("i", "o") }, ({ x, w }) => tanh(matmul(x, w)))
 *     : Fn<{ x: Spec<["b", "i"], "f32">; w: … }, Tensor<["b", "o"], "f32", "x" | "w">>
 *
 * The body is checked once, its named sizes being constants. Calling the function unifies them with
 * the arguments' sizes (apply.ts). A body may be a generator: its function's result is a program.
 */
import type { Application } from './apply.js'
import type { Symbols } from './carry.js'
import type { EffectsOf, Program } from './program.js'
import type { Tensor } from './tensor.js'
import type { Inputs, Join, Params } from './tree.js'

/** A function of named inputs `I` with result `O`; with effects, `O` is a program. */
export interface Fn<I, O> extends Application<I, O> {
  /** The specifications of the inputs. */
  readonly inputs: I
  /** The result for symbolic inputs: its shapes, dtypes and grades. */
  readonly result: O
}

export interface FnOptions {
  /** For messages and listings; the body's own name where it has one. */
  readonly name?: string
  /** Whether terms note the line that built them; true unless said otherwise. */
  readonly lines?: boolean
}

/**
 * What a body receives: `Params<I>`, as a type that maps at its outside. Through any other the
 * checker looks for `I` without end where a body takes the rest of its inputs: `({ x, ...rest })`.
 */
export type Received<I> = { readonly [K in keyof I]: Params<I[K], Join<'', K>> }

/** Closes a body over its inputs. */
export type MakeFn = <I extends Inputs, const O>(
  inputs: I,
  body: (inputs: Received<I>) => O,
  options?: FnOptions,
) => Closed<I, O>

/** The function a body makes. */
export type Closed<I, O> =
  O extends Generator<infer Y, infer A, unknown>
    ? Fn<I, Settled<Own<A>, EffectsOf<Y>>>
    : O extends Program<infer A, infer E>
      ? Fn<I, Settled<Own<A>, E>>
      : Fn<I, Own<O>>

/** A program with no effect left counts as its value. */
type Settled<A, E extends string> = [E] extends [never] ? A : Program<A, E>

/** A result without the symbols of loops that ended inside (carry.ts). */
type Own<O> =
  O extends Tensor<infer S, infer D, infer G>
    ? [Symbols<G>] extends [never]
      ? O
      : string extends G
        ? O
        : Tensor<S, D, Exclude<G, `@${string}`>>
    : O extends Program<infer A, infer E>
      ? Program<Own<A>, E>
      : O extends object
        ? { readonly [K in keyof O]: Own<O[K]> }
        : O
