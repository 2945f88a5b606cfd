/**
 * Unification: the arguments of a call against the specifications of the inputs.
 *
 *   { x: ["b", "i"], w: ["i", 10] }  meets  { x: [32, 784], w: [784, 10] }
 *     →  ["b", 32] | ["i", 784]       pairs of name and size, or sentences of what is wrong
 *
 * Two different sizes for one name are an error at the argument that brings the second, from the
 * last name of the alphabet to the first: the checker keeps no other order. An unknown size gives
 * way to a known one.
 */
import type { LiteralFault, MixFault } from './dtype.js'
import type { Grade } from './grade.js'
import type { Dim, IsUnranked, Shape, Show, ShowDim, Unify } from './shape.js'
import type { Checked, Tensor } from './tensor.js'
import type { Argument, Join, Spec } from './tree.js'
import type { Last } from './union.js'

/** The pairs of name and size that a call makes, and its faults as sentences. */
export type Meeting<I, A> = MeetRecord<I, A, ''> extends infer M ? M | Conflict<M> : never

/** What each name stands for, given the pairs of a call. */
export type Sizes<M> = { [N in Extract<M, Pair>[0]]: SizeOf<M, N> }

/** The arguments, or what they should have been: a sentence in the place of each fault. */
export type CheckedArguments<I, A> = [Fault<I, A>] extends [never]
  ? A
  : [Exclude<keyof I, keyof A>] extends [never]
    ? [Exclude<keyof A, keyof I>] extends [never]
      ? { [K in keyof I]: Corrected<I, A, K & keyof A> }
      : { [K in keyof A]: K extends keyof I ? A[K] : `✗ no input is called '${K & string}'` }
    : `✗ '${Last<Exclude<keyof I, keyof A>> & string}' is missing`

/** Never when a record meets the inputs; otherwise a sentence of what is wrong. */
export type ArgumentsFault<I, A> = [Fault<I, A>] extends [never]
  ? never
  : A extends Tensor
    ? `✗ a record of results is needed, got one tensor`
    : [Exclude<keyof I, keyof A>] extends [never]
      ? Last<{ [K in keyof A]: Blame<I, A, K> }[keyof A]>
      : `✗ '${Last<Exclude<keyof I, keyof A>> & string}' is missing`

/**
 * All that is wrong. While the checker has not yet inferred a side, which it tries out as
 * `unknown` or as any argument, nothing is.
 */
type Fault<I, A> = unknown extends I | A ? never : Extract<Meeting<I, A>, string>

type Pair = readonly [string, Dim]

type MeetRecord<I, A, Path extends string> =
  | {
      [K in keyof I]: K extends keyof A
        ? Meet<I[K], A[K], Join<Path, K>>
        : `✗ '${Join<Path, K>}' is missing`
    }[keyof I]
  | Extra<I, A, Path>

/** A sentence when there are arguments that no input asks for. */
type Extra<I, A, Path extends string> = [Exclude<keyof A, keyof I>] extends [never]
  ? never
  : `✗ no input is called '${Join<Path, Last<Exclude<keyof A, keyof I>>>}'`

type Meet<I, A, Path extends string> = [Argument] extends [A]
  ? never
  : I extends Spec<infer S, infer D>
    ? A extends Tensor<infer T, infer E, Grade>
      ? [MixFault<D, E>] extends [never]
        ? MeetShape<S, T, Path, S, T>
        : `✗ '${Path}' is ${D}, got ${E}: cast it with convert`
      : A extends number
        ? S extends readonly []
          ? LiteralFault<A, D>
          : `✗ '${Path}' needs ${Show<S>}, got a number`
        : `✗ '${Path}' needs a tensor of shape ${Show<S>}`
    : A extends Tensor | number
      ? `✗ '${Path}' needs a record of tensors, got one tensor`
      : MeetRecord<I, A, Path>

type MeetShape<
  S extends Shape,
  T extends Shape,
  Path extends string,
  Whole extends Shape,
  Given extends Shape,
> =
  IsUnranked<T> extends true
    ? never
    : IsUnranked<S> extends true
      ? never
      : S extends readonly [infer N extends Dim, ...infer RS extends Shape]
        ? T extends readonly [infer X extends Dim, ...infer RT extends Shape]
          ? MeetDim<N, X, Path, Whole, Given> | MeetShape<RS, RT, Path, Whole, Given>
          : `✗ '${Path}' needs ${Show<Whole>}, got ${Show<Given>}`
        : T extends readonly []
          ? never
          : `✗ '${Path}' needs ${Show<Whole>}, got ${Show<Given>}`

type MeetDim<
  N extends Dim,
  X extends Dim,
  Path extends string,
  Whole extends Shape,
  Given extends Shape,
> = N extends string
  ? [N, X]
  : [Unify<N, X>] extends [never]
    ? `✗ '${Path}' needs ${Show<Whole>}, got ${Show<Given>}`
    : never

/** The size a name got: a known one if there is one. */
type SizeOf<M, N> = [KnownSize<M, N>] extends [never] ? number : KnownSize<M, N>
type KnownSize<M, N> = M extends readonly [N, infer X] ? (number extends X ? never : X) : never

/** A sentence for each name that got two sizes; where and which, `Blame` tells. */
type Conflict<M, All = M> = M extends readonly [infer N extends string, infer X]
  ? [Exclude<KnownSize<All, N>, X>] extends [never]
    ? never
    : number extends X
      ? never
      : `✗ '${N}' has two sizes`
  : never

/** The argument `K`, or what it should have been. */
type Corrected<I, A, K extends keyof I & keyof A> = [
  Extract<Meet<I[K], A[K], Join<'', K>>, string>,
] extends [never]
  ? [Blame<I, A, K>] extends [never]
    ? A[K]
    : Blame<I, A, K>
  : Placed<I[K], A[K], Join<'', K>>

/** A part with a sentence in the place of each fault of its own. */
type Placed<I, A, Path extends string> = I extends Spec
  ? Checked<Extract<Meet<I, A, Path>, string>, A>
  : A extends Tensor | number
    ? Extract<Meet<I, A, Path>, string>
    : [Exclude<keyof I, keyof A>] extends [never]
      ? [Exclude<keyof A, keyof I>] extends [never]
        ? { [K in keyof I]: Placed<I[K], A[K & keyof A], Join<Path, K>> }
        : Extra<I, A, Path>
      : `✗ '${Join<Path, Last<Exclude<keyof I, keyof A>>>}' is missing`

/** What is wrong with the argument `K`; never when it is another's fault. */
type Blame<I, A, K> = K extends keyof I & keyof A
  ? Meet<I[K], A[K], Join<'', K>> extends infer Own
    ? [Extract<Own, string>] extends [never]
      ? Clash<
          Own,
          MeetRecord<Pick<I, Before<keyof I, K>>, Pick<A, Before<keyof I, K> & keyof A>, ''>,
          K
        >
      : Last<Extract<Own, string>>
    : never
  : `✗ no input is called '${K & string}'`

/** Sizes that an argument's names have already, from arguments before it or from itself. */
type Clash<Own, Earlier, K> = Own extends readonly [infer N extends string, infer X extends Dim]
  ? Exclude<KnownSize<Earlier, N>, X> extends infer Y extends Dim
    ? [Y] extends [never]
      ? never
      : number extends X
        ? never
        : `✗ '${N}' is both ${ShowDim<Y>} and ${ShowDim<X>} in '${K & string}'`
    : never
  : never

/** The keys unified before `K`: those after it in the checker's order. */
type Before<Ks, K> = [Ks] extends [never]
  ? never
  : Last<Ks> extends K
    ? never
    : Last<Ks> | Before<Exclude<Ks, Last<Ks>>, K>
