/**
 * Verdicts: whether a result has a derivative in an input, read off its grade.
 *
 *   "x" | "w~relu"       in x: yes, in w: yes, by convention at the kink
 *   "x" | "x#floor"      in x: no, it jumps at floor
 *   "x#argmax"           in x: zero everywhere
 *
 * A grade that nobody knows (`string`) passes; it is settled when the program is built.
 */
import type { DType, Floating } from './dtype.js'
import type { Carrying, Grade } from './grade.js'
import type { Program } from './program.js'
import type { Shape, Show } from './shape.js'
import type { Tensor } from './tensor.js'
import type { GradesIn, Join, Spec } from './tree.js'

/** How strict a verdict is. */
export interface DerivativeOptions {
  /** Accept jumps and cuts: the derivative is that of almost every point. */
  readonly almostEverywhere?: boolean
}

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
    : O extends Program<unknown, infer E>
      ? `✗ unhandled effect ${E}: handle it before ${Op}`
      : `✗ ${Op} needs one scalar result, got a record of results`

/** Never when every leaf of input `K` has a derivative; otherwise what stands against it. */
export type InputFault<I, O, K extends keyof I, Op> = SpecFault<
  I[K],
  GradesIn<O>,
  Join<'', K>,
  Op extends { readonly almostEverywhere: true } ? true : false
>

type SpecFault<I, G extends Grade, Path extends string, Lenient extends boolean> =
  I extends Spec<Shape, infer D>
    ? LeafFault<D, G, Path, Lenient>
    : { [K in keyof I]: SpecFault<I[K], G, Join<Path, K>, Lenient> }[keyof I]

type LeafFault<D extends DType, G extends Grade, Path extends string, Lenient extends boolean> = [
  D,
] extends [Floating]
  ? string extends G
    ? never
    : PathFault<PathsFrom<G, Path>, Path, Lenient>
  : `✗ '${Path}' is ${D}: a derivative needs a floating input`

type PathFault<P extends Grade, Path extends string, Lenient extends boolean> = [P] extends [never]
  ? `✗ the result does not depend on '${Path}'`
  : Lenient extends true
    ? never
    : [Carrying<P>] extends [never]
      ? `✗ the gradient in '${Path}' is zero everywhere: it reaches the result only through ${BreaksOf<P>}. Use straightThrough, a soft relaxation or a score estimator`
      : [BreaksOf<P>] extends [never]
        ? never
        : `✗ not differentiable in '${Path}': it jumps at ${BreaksOf<P>}. Use stopGradient, piecewise or { almostEverywhere: true }`

/** The paths that start at an input. */
export type PathsFrom<G extends Grade, Path extends string> = Extract<
  G,
  Path | `${Path}${'~' | '!' | '#'}${string}`
>

/** The operations at which paths jump or are cut. */
type BreaksOf<G extends Grade> = G extends `${string}${'!' | '#'}${infer Op}` ? Op : never
