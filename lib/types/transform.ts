/**
 * Signatures of the derivative transformations: function to function, composable to any order.
 *
 *   grad(f, 'w')         inputs of f → gradient, in the shape of input 'w' (a tensor or a record)
 *   grad(f, ['w', 'b'])  inputs of f → { w, b }, a record of gradients by name
 *   jvp(f, 'x')          { primals, tangents } → [result, tangent of the result]
 *   vjp(f, 'x')          { primals, cotangent } → [result, cotangent of 'x']
 *
 * `wrt` is one name or a tuple of names; what comes back for it has that form. Refusals stand at
 * `wrt` when they concern an input, at `f` when they concern its result. Where a value had a kink
 * its derivative jumps. A tangent of an integer result is zero, of the result's own dtype.
 */
import type {
  CotangentPaths,
  DerivativeGrade,
  Gradient,
  Jacobian,
  Listed,
  NotFrom,
  Others,
  Picked,
  Prefixed,
  PrefixedGrade,
  TangentGrade,
  TangentOf,
} from './derivative.js'
import type { Fn } from './fn.js'
import type { Linearized } from './linearized.js'
import type { NoOptions } from './options.js'
import type { Checked } from './tensor.js'
import type { GradesIn, SpecsOf } from './tree.js'
import type {
  DerivativeOptions,
  EffectFault,
  ScalarFault,
  SmoothFault,
  WrtFault,
} from './verdict.js'

type Opts = DerivativeOptions

/** `grad(f, wrt, options?)`: inputs of f → gradient of its scalar result in `wrt`. */
export type Grad = <
  I,
  O,
  const K extends string | readonly string[],
  const P extends Opts = NoOptions,
>(
  f: Checked<ScalarFault<'grad', O>, Fn<I, O>>,
  wrt: Checked<WrtFault<I, O, K, P>, K>,
  options?: P,
) => Fn<I, Gradient<I, K, DerivativeGrade<GradesIn<O>>>>

/** `valueAndGrad(f, wrt, options?)`: inputs of f → [scalar result, gradient in `wrt`]. */
export type ValueAndGrad = <
  I,
  O,
  const K extends string | readonly string[],
  const P extends Opts = NoOptions,
>(
  f: Checked<ScalarFault<'valueAndGrad', O>, Fn<I, O>>,
  wrt: Checked<WrtFault<I, O, K, P>, K>,
  options?: P,
) => Fn<I, readonly [value: O, gradient: Gradient<I, K, DerivativeGrade<GradesIn<O>>>]>

/**
 * `jvp(f, wrt, options?)`: { primals: inputs of f, tangents: a record of those in `wrt` } →
 * [result, tangent]. Forward mode; the tangent has the structure of the result.
 */
export type Jvp = <
  I,
  O,
  const K extends string | readonly string[],
  const P extends Opts = NoOptions,
>(
  f: Checked<EffectFault<'jvp', O>, Fn<I, O>>,
  wrt: Checked<WrtFault<I, O, K, P>, K>,
  options?: P,
) => Fn<
  { readonly primals: I; readonly tangents: Picked<I, K> },
  readonly [value: Prefixed<O, 'primals'>, tangent: TangentOf<O, K>]
>

/**
 * `vjp(f, wrt, options?)`: { primals: inputs of f, cotangent: in the form of its result } →
 * [result, cotangents in the form of `wrt`]. Reverse mode.
 */
export type Vjp = <
  I,
  O,
  const K extends string | readonly string[],
  const P extends Opts = NoOptions,
>(
  f: Checked<EffectFault<'vjp', O>, Fn<I, O>>,
  wrt: Checked<WrtFault<I, O, K, P>, K>,
  options?: P,
) => Fn<
  { readonly primals: I; readonly cotangent: SpecsOf<O> },
  readonly [
    value: Prefixed<O, 'primals'>,
    cotangents: Gradient<
      I,
      K,
      PrefixedGrade<DerivativeGrade<GradesIn<O>>, 'primals'> | CotangentPaths<O>
    >,
  ]
>

/**
 * `linearize(f, wrt, options?)(point)` → [result at the point, the linear map of tangents there].
 * The map is a function of a record of tangents by the names in `wrt`; it holds the residuals.
 */
export type Linearize = <
  I,
  O,
  const K extends string | readonly string[],
  const P extends Opts = NoOptions,
>(
  f: Checked<EffectFault<'linearize', O>, Fn<I, O>>,
  wrt: Checked<WrtFault<I, O, K, P>, K>,
  options?: P,
) => Linearized<I, O, K>

/**
 * `linearTranspose(f, wrt)`, f linear in `wrt`: { primals: the other inputs, cotangent: in the form
 * of the result } → cotangents in the form of `wrt`.
 */
export type LinearTranspose = <I, O, const K extends string | readonly string[]>(
  f: Checked<EffectFault<'linearTranspose', O>, Fn<I, O>>,
  wrt: Checked<WrtFault<I, O, K, NoOptions>, K>,
) => Fn<
  { readonly primals: Others<I, K>; readonly cotangent: SpecsOf<O> },
  Gradient<
    I,
    K,
    PrefixedGrade<DerivativeGrade<NotFrom<GradesIn<O>, Listed<K>>>, 'primals'> | CotangentPaths<O>
  >
>

/**
 * `jacfwd(f, wrt, options?)` column by column, `jacrev` row by row: in the tree of the result the
 * form of `wrt`; axes of the result, then axes of the input.
 */
export type Jac<Op extends string> = <
  I,
  O,
  const K extends string | readonly string[],
  const P extends Opts = NoOptions,
>(
  f: Checked<EffectFault<Op, O>, Fn<I, O>>,
  wrt: Checked<WrtFault<I, O, K, P>, K>,
  options?: P,
) => Fn<I, Jacobian<O, I, K, DerivativeGrade<GradesIn<O>>>>

/**
 * `hessian(f, wrt, options?)` of a scalar result: the Jacobian of its gradient, axes of the input
 * twice; for records and tuples, a record of records.
 */
export type Hessian = <
  I,
  O,
  const K extends string | readonly string[],
  const P extends Opts = NoOptions,
>(
  f: Checked<ScalarFault<'hessian', O>, Fn<I, O>>,
  wrt: Checked<SmoothFault<I, O, K, P>, K>,
  options?: P,
) => Fn<
  I,
  Jacobian<Gradient<I, K, DerivativeGrade<GradesIn<O>>>, I, K, DerivativeGrade<GradesIn<O>>>
>

/**
 * `hvp(f, wrt, options?)`: { primals: inputs of f, tangents: a record of those in `wrt` } → the
 * Hessian times the tangents, in the form of `wrt`; never builds the Hessian.
 */
export type Hvp = <
  I,
  O,
  const K extends string | readonly string[],
  const P extends Opts = NoOptions,
>(
  f: Checked<ScalarFault<'hvp', O>, Fn<I, O>>,
  wrt: Checked<SmoothFault<I, O, K, P>, K>,
  options?: P,
) => Fn<
  { readonly primals: I; readonly tangents: Picked<I, K> },
  Gradient<I, K, TangentGrade<GradesIn<O>, K>>
>
