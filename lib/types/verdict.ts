/**
 * Verdicts: whether a result has a derivative in an input, read off its grade.
 *
 *   "x" | "w~relu"       in x: yes, in w: yes, by convention at the kink
 *   "x" | "x#floor"      in x: no, it jumps at floor
 *   "x#argmax"           in x: zero everywhere
 *
 * A grade that nobody knows (`string`) passes; it is settled when the program is built.
 */
import type { From, Listed } from './derivative.js'
import type { DType, Floating } from './dtype.js'
import type { First } from './elementwise.js'
import type { Carrying, Grade } from './grade.js'
import type { Program } from './program.js'
import type { Show } from './shape.js'
import type { Tensor } from './tensor.js'
import type { GradesIn, Join, Spec } from './tree.js'
import type { Last } from './union.js'

/** How strict a verdict is. */
export interface DerivativeOptions {
  /** Accept jumps and cuts: the derivative is that of almost every point. */
  readonly almostEverywhere?: boolean
}

/** Never when the result has no effects left; otherwise the message. */
export type EffectFault<Op extends string, O> =
  O extends Program<unknown, infer E> ? `✗ unhandled effect ${E}: handle it before ${Op}` : never

/** Never when the result is a floating scalar; otherwise the message. */
export type ScalarFault<Op extends string, O> =
  O extends Tensor<infer S, infer D, Grade>
    ? S extends readonly []
      ? D extends Floating
        ? never
        : `✗ ${Op} needs a floating result, got ${D}`
      : number extends S['length']
        ? never
        : `✗ ${Op} needs a scalar result, got ${Show<S>}: reduce it, or use jacrev`
    : [EffectFault<Op, O>] extends [never]
      ? `✗ ${Op} needs one scalar result, got several: give one, or use jacrev`
      : EffectFault<Op, O>

/**
 * Never when every listed name is that of an input; otherwise the message, and beside it the names,
 * so that an editor offers them.
 */
export type NameFault<I, K> = unknown extends I
  ? never
  : [Exclude<Listed<K>, keyof I>] extends [never]
    ? never
    : Named<K, NoInfer<keyof I>> | Unnamed<Last<Exclude<Listed<K>, keyof I>>>

type Named<K, Names> = K extends readonly unknown[] ? readonly Names[] : Names

type Unnamed<N> = N extends '' ? never : `✗ no input is called '${N & string}'`

/** Never when a derivative exists in every input of `wrt`; otherwise what stands against it. */
export type WrtFault<I, O, K, P> = unknown extends I
  ? never
  : First<NameFault<I, K>, Last<InputsFault<I, GradesIn<O>, Listed<K>, Lenient<P>>>>

/** The same for a second derivative, which a kink of the value stands against too. */
export type SmoothFault<I, O, K, P> = First<
  WrtFault<I, O, K, P>,
  Lenient<P> extends true
    ? never
    : { [N in Listed<K> & string]: KinkFault<From<GradesIn<O>, N>, N> }[Listed<K> & string]
>

type KinkFault<G extends Grade, N extends string> = [Extract<G, `${string}~${string}`>] extends [
  never,
]
  ? never
  : `✗ no second derivative in '${N}': the gradient jumps at ${KinksOf<G>}. Use a smooth function, or { almostEverywhere: true }`

type KinksOf<G extends Grade> = G extends `${string}~${infer Op}` ? Op : never

type Lenient<P> = P extends { readonly almostEverywhere: true } ? true : false

type InputsFault<I, G extends Grade, Names, L extends boolean> = {
  [N in Names & keyof I]: SpecFault<I[N], G, Join<'', N>, L>
}[Names & keyof I]

type SpecFault<I, G extends Grade, Path extends string, L extends boolean> =
  I extends Spec<infer _S, infer D>
    ? LeafFault<D, G, Path, L>
    : { [K in keyof I]: SpecFault<I[K], G, Join<Path, K>, L> }[keyof I &
        (I extends readonly unknown[] ? number : keyof I)]

type LeafFault<D extends DType, G extends Grade, Path extends string, L extends boolean> = [
  D,
] extends [Floating]
  ? string extends G
    ? never
    : PathFault<PathsFrom<G, Path>, Path, L>
  : `✗ '${Path}' is ${D}: a derivative needs a floating input`

type PathFault<P extends Grade, Path extends string, L extends boolean> = [P] extends [never]
  ? `✗ the result does not depend on '${Path}'`
  : L extends true
    ? never
    : [Carrying<P>] extends [never]
      ? `✗ the gradient in '${Path}' is zero everywhere: it reaches the result only through ${BreaksOf<P>}. Use straightThrough, a soft relaxation or a score estimator`
      : [BreaksOf<P>] extends [never]
        ? never
        : `✗ not differentiable in '${Path}': it jumps at ${BreaksOf<P>}. Use stopGradient, piecewise or { almostEverywhere: true }`

/** The paths that start at a leaf. */
type PathsFrom<G extends Grade, Path extends string> = Extract<
  G,
  Path | `${Path}${'~' | '!' | '#'}${string}`
>

/** The operations at which paths jump or are cut. */
type BreaksOf<G extends Grade> = G extends `${string}${'!' | '#'}${infer Op}` ? Op : never
