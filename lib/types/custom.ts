/**
 * Derivatives by the author's word.
 *
 *   customJvp(f, (primals, tangents) => tangent)     customVjp(f, forward, backward)
 *   stopGradient(x)   straightThrough(hard, soft)    piecewise(where(…))
 *
 * A rule is typed against the function it is for; what has a rule is smooth in all its floating
 * inputs. Rules are closed over what they receive.
 */

import type { FreshName, Mapped, MappedResult, NamesOf } from './batching.js'
import type { Gradient, Others } from './derivative.js'
import type { Floating } from './dtype.js'
import type { Fn } from './fn.js'
import type { Continuous, Grade } from './grade.js'
import type { MatchFault, ShowType } from './match.js'
import type { NoOptions } from './options.js'
import type { UnifyShape } from './shape.js'
import type { Checked, DTypeOf, GradeOf, ShapeOf, Tensor } from './tensor.js'
import type { Join, Params, Regraded, Spec, Tree } from './tree.js'
import type { EffectFault, NameFault } from './verdict.js'

/** `stopGradient(x)`: the value of x, a constant to every derivative. A tensor or a tree. */
export type StopGradient = <const T extends Tree>(x: T) => Regraded<T, never>

/** `straightThrough(hard, soft)`: the value of `hard` with the derivative of `soft`. */
export type StraightThrough = <H extends Tensor, S extends Tensor>(
  hard: H,
  soft: Checked<LikenessFault<H, S>, S>,
) => Tensor<ShapeOf<H>, DTypeOf<H>, GradeOf<S>>

type LikenessFault<H, S> = [UnifyShape<ShapeOf<H>, ShapeOf<S>>] extends [never]
  ? `✗ straightThrough: ${ShowType<H>} and ${ShowType<S>} differ`
  : [DTypeOf<H>] extends [DTypeOf<S>]
    ? never
    : `✗ straightThrough: ${ShowType<H>} and ${ShowType<S>} differ`

/**
 * `piecewise(x)`, of a tensor or a function: the author asserts that the value is continuous, so its
 * jumps are kinks. The laws test it.
 */
export type Piecewise = <X extends Tensor | AnyFn>(x: X) => ContinuousIn<X>

/** Any function. */
interface AnyFn {
  readonly inputs: object
  readonly result: unknown
}

type ContinuousIn<X> =
  X extends Tensor<infer S, infer D, infer G>
    ? Tensor<S, D, Continuous<G, 'piecewise'>>
    : X extends Fn<infer I, infer O>
      ? Fn<I, ContinuousTree<O>>
      : never

type ContinuousTree<O> =
  O extends Tensor<infer S, infer D, infer G>
    ? Tensor<S, D, Continuous<G, 'piecewise'>>
    : { readonly [K in keyof O]: ContinuousTree<O[K]> }

/** `checkpoint(f)`: the same function; reverse mode recomputes what it needs of its inside. */
export type Checkpoint = <I, O>(f: Checked<EffectFault<'checkpoint', O>, Fn<I, O>>) => Fn<I, O>

/** How a rule is put to its laws, where it is. */
export interface RuleOptions {
  /** False for a rule that means to differ from the derivative. Default: true. */
  readonly laws?: boolean
  /** The interval that floats are drawn from. Default: where f has values, of a few intervals. */
  readonly low?: number
  readonly high?: number
}

/**
 * `customJvp(f, rule)`: f with the tangent that `rule(primals, tangents)` gives, in the form of the
 * result. Both are records by input; tangents hold the floating leaves only. While developing
 * (README) the rule is put to its laws.
 */
export type CustomJvp = <I, O, const T extends Tree>(
  f: Checked<EffectFault<'customJvp', O>, Fn<I, O>>,
  rule: (
    primals: Params<I, 'primals'>,
    tangents: FloatParams<I, 'tangents'>,
  ) => Checked<MatchFault<'customJvp: result and tangent differ', O, T>, T>,
  options?: RuleOptions,
) => Fn<I, Regraded<O, FloatPaths<I>>>

/**
 * `customVjp(f, forward, backward)`: forward(primals) → [result, residuals]; backward(residuals,
 * cotangent) → a record of cotangents of the floating inputs.
 */
export type CustomVjp = <I, O, const V extends Tree, const R extends Tree, const C extends Tree>(
  f: Checked<EffectFault<'customVjp', O>, Fn<I, O>>,
  forward: (
    primals: Params<I, 'primals'>,
  ) => readonly [Checked<MatchFault<'customVjp: f and forward differ', O, V>, V>, R],
  backward: (
    residuals: R,
    cotangent: Regraded<O, 'cotangent'>,
  ) => Checked<
    MatchFault<'customVjp: inputs and cotangents differ', FloatParams<I, 'primals'>, C>,
    C
  >,
  options?: RuleOptions,
) => Fn<I, Regraded<O, FloatPaths<I>>>

/**
 * `customTranspose(f, wrt, rule)`, f linear in `wrt`: rule(the other inputs, cotangent) → cotangents
 * in the form of `wrt`.
 */
export type CustomTranspose = <
  I,
  O,
  const K extends string | readonly string[],
  const C extends Tree,
>(
  f: Checked<EffectFault<'customTranspose', O>, Fn<I, O>>,
  wrt: Checked<NameFault<I, K>, K>,
  rule: (
    primals: Params<Others<I, K>, 'primals'>,
    cotangent: Regraded<O, 'cotangent'>,
  ) => Checked<
    MatchFault<'customTranspose: inputs and cotangents differ', Gradient<I, K, Grade>, C>,
    C
  >,
) => Fn<I, O>

/**
 * `customBatching(f, rule)`: under vmap, rule(inputs) → results, every one with the new axis in front.
 * Inputs that are not mapped are repeated along it first.
 */
export type CustomBatching = <I, O, const R extends Tree>(
  f: Checked<EffectFault<'customBatching', O>, Fn<I, O>>,
  rule: (
    inputs: Params<Mapped<I, NoOptions, FreshName<'batch', NamesOf<I>>>>,
  ) => Checked<
    MatchFault<
      'customBatching: results of f and rule differ',
      MappedResult<O, FreshName<'batch', NamesOf<I>>>,
      R
    >,
    R
  >,
) => Fn<I, O>

/** The floating leaves of inputs, as tensors; parts without any are left out. */
type FloatParams<I, Path extends string> = {
  readonly [K in keyof I as [FloatPaths<I[K], 'x'>] extends [never] ? never : K]: I[K] extends Spec
    ? Params<I[K], Join<Path, K>>
    : FloatParams<I[K], Join<Path, K>>
}

/** The paths of the floating leaves of inputs. */
type FloatPaths<I, Path extends string = ''> =
  I extends Spec<infer _S, infer D>
    ? [D] extends [Floating]
      ? Path
      : never
    : { [K in keyof I]: FloatPaths<I[K], Join<Path, K>> }[keyof I]
