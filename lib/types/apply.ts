/**
 * Application: a function meets its arguments.
 *
 *   dense : { x: [b, i], w: [i, o] } → [b, o]        dense({ x: [32, 784], w: [784, 10] })
 *     b = 32, i = 784, o = 10                         → [32, 10]
 *
 * Each named size of the inputs is a variable that takes the arguments' size (unify.ts says when it
 * cannot). In the result names become sizes, and a path from an input becomes the argument's paths
 * followed by it. Functions are taken to be closed: a path that starts at no input stays.
 */
import type { Grade, MarkOf, NameOf, Then } from './grade.js'
import type { Program } from './program.js'
import type { Dim, IsUnranked, Shape } from './shape.js'
import type { GradeOf, Tensor } from './tensor.js'
import type { Argument } from './tree.js'
import type { CheckedArguments, Meeting, Sizes } from './unify.js'

/** The call of a function on a record of arguments. */
export type Application<I, O> = <const A extends { readonly [K in keyof I]?: Argument }>(
  args: CheckedArguments<I, A>,
) => Applied<I, O, A>

/** `apply(f, args)`: the same as `f(args)`. */
export type Apply = <
  F extends { readonly inputs: unknown; readonly result: unknown },
  const A extends { readonly [K in keyof F['inputs']]?: Argument },
>(
  f: F,
  args: CheckedArguments<F['inputs'], A>,
) => Applied<F['inputs'], F['result'], A>

/** The result of applying a function. */
export type Applied<I, O, A> = Result<O, Meeting<I, A>, A>

type Result<O, M, A> = [Extract<M, string>] extends [never] ? Substituted<O, Sizes<M>, A> : never

/** A result with its named sizes replaced, and its paths led back through the arguments. */
export type Substituted<O, Env, A> =
  O extends Tensor<infer S, infer D, infer G>
    ? Tensor<SubstitutedShape<S, Env>, D, Composed<G, A>>
    : O extends Program<infer P, infer E>
      ? Program<Substituted<P, Env, A>, E>
      : O extends object
        ? { [K in keyof O]: Substituted<O[K], Env, A> }
        : O

/** A shape with its names replaced. */
export type SubstitutedShape<S extends Shape, Env> =
  IsUnranked<S> extends true
    ? Dim[]
    : {
          -readonly [I in keyof S]: S[I] extends keyof Env ? Env[S[I]] : S[I]
        } extends infer T extends Dim[]
      ? T
      : never

/** Paths from inputs become the arguments' paths followed by them. */
export type Composed<G extends Grade, A> = string extends G ? string : ComposedEach<G, A>

type ComposedEach<G extends Grade, A> = G extends Grade
  ? GradeAt<A, NameOf<G>> extends infer H
    ? [H] extends [Unbound]
      ? G
      : Then<Extract<H, Grade>, MarkOf<G>>
    : never
  : never

/** The grade of the argument at a path; `Unbound` when no argument has that path. */
type GradeAt<A, Path extends string> = Path extends keyof A
  ? GradeOf<A[Path]>
  : Path extends `${infer K}.${infer Rest}`
    ? K extends keyof A
      ? GradeAt<A[K], Rest>
      : Unbound
    : Unbound

interface Unbound {
  readonly unbound: true
}
