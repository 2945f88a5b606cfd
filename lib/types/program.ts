/**
 * Programs: a value that needs effects first.
 *
 *   gen(function* () { const z = yield* normal(mu, sd); return sum(z) }) : Program<Tensor<…>, "Random">
 *
 * The effects are a union of names; a handler takes its own out of it.
 */

/** A computation of `A` that has effects `E` still to be handled. */
export interface Program<A, E extends string = never> {
  /** The effects; they have no value at run time. */
  readonly effects?: E
  /** `yield*` runs the program inside another and gives its value. */
  [Symbol.iterator](): Generator<Program<unknown, E>, A, unknown>
}

/** The effects of the programs that a body yields. */
export type EffectsOf<Y> = Y extends Program<unknown, infer E> ? E : never

/** `gen(function* () { … yield* … })`: a program in generator notation. */
export type Gen = <Y, const A>(body: () => Generator<Y, A, never>) => Program<A, EffectsOf<Y>>

/** `pure(a)`: a program with no effect. */
export type Pure = <A>(value: A) => Program<A>
