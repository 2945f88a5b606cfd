/**
 * Functions as arrows: a category with products.
 *
 *   compose(f, g)   f, then g on its result      fanout(f, g)    both on the same inputs
 *   parallel(f, g)  each on its own inputs       first(f, i)     f beside inputs that pass through
 *
 * Objects are records of tensors; a product is { first, second }. Names of sizes that two arrows
 * share mean the same size.
 */
import type { Applied } from './apply.js'
import type { Prefixed } from './derivative.js'
import type { Fn } from './fn.js'
import type { Checked } from './tensor.js'
import type { Inputs, Params } from './tree.js'
import type { ArgumentsFault } from './unify.js'

/** `id(inputs)`: gives its inputs back. */
export type Id = <I extends Inputs>(inputs: I) => Fn<I, Params<I>>

/** `compose(f, g)`: the result of f, a record, becomes the inputs of g. */
export type Compose = <I, M, J, O>(
  f: Fn<I, M>,
  g: Checked<ArgumentsFault<J, M>, Fn<J, O>>,
) => Fn<I, Applied<J, O, M>>

/** `fanout(f, g)`: inputs of both → { first: result of f, second: result of g }. */
export type Fanout = <I, A, J, B>(
  f: Fn<I, A>,
  g: Checked<SharedFault<I, J>, Fn<J, B>>,
) => Fn<
  { readonly [K in keyof I | keyof J]: K extends keyof I ? I[K] : J[K & keyof J] },
  { readonly first: A; readonly second: B }
>

/** `parallel(f, g)`: { first: inputs of f, second: inputs of g } → { first, second } results. */
export type Parallel = <I, A, J, B>(
  f: Fn<I, A>,
  g: Fn<J, B>,
) => Fn<
  { readonly first: I; readonly second: J },
  { readonly first: Prefixed<A, 'first'>; readonly second: Prefixed<B, 'second'> }
>

/** `first(f, inputs)`: f on `first`; `second`, as specified, passes through. */
export type First = <I, A, J extends Inputs>(
  f: Fn<I, A>,
  inputs: J,
) => Fn<
  { readonly first: I; readonly second: J },
  { readonly first: Prefixed<A, 'first'>; readonly second: Params<J, 'second'> }
>

/** `second(f, inputs)`: f on `second`; `first`, as specified, passes through. */
export type Second = <I, A, J extends Inputs>(
  f: Fn<I, A>,
  inputs: J,
) => Fn<
  { readonly first: J; readonly second: I },
  { readonly first: Params<J, 'first'>; readonly second: Prefixed<A, 'second'> }
>

/** Never when inputs of one name are the same; otherwise the message. */
type SharedFault<I, J> = {
  [K in keyof I & keyof J]: [I[K], J[K]] extends [J[K], I[K]]
    ? never
    : `✗ fanout: the input '${K & string}' is not the same in both`
}[keyof I & keyof J]
