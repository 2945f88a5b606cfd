/**
 * Shape of an einsum.
 *
 *   "bij,jk->bik" on [b, 4, 5], [5, 6]  →  [b, 4, 6]
 *
 * Any number of operands; a letter twice in one operand takes its diagonal; letters that the result
 * leaves out are summed. The result is always written. Letters bind from left to right, and a
 * letter keeps the best known of its sizes.
 */
import type { Dim, IsUnranked, Shape, Show, ShowDim, Unify } from './shape.js'

type Sizes = { readonly [letter: string]: Dim }

/** The shape of `spec` on operands of these shapes, or the sentence that says why there is none. */
export type EinsumShape<
  Spec extends string,
  Operands extends readonly Shape[],
> = string extends Spec
  ? Dim[]
  : Spec extends `${infer Left}->${infer Right}`
    ? BindAll<Split<Left>, Operands> extends infer Env
      ? Env extends string
        ? Env
        : Project<Right, Env>
      : never
    : `✗ einsum: write the result too, as in 'ij,jk->ik'`

type Split<T extends string, Done extends string[] = []> = T extends `${infer A},${infer B}`
  ? Split<B, [...Done, A]>
  : [...Done, T]

type BindAll<
  Terms extends readonly string[],
  Operands extends readonly Shape[],
  Env extends Sizes = Record<never, never>,
  Count extends 0[] = [],
> = number extends Operands['length']
  ? Unknown
  : Terms extends readonly [infer T extends string, ...infer RT extends string[]]
    ? Operands extends readonly [infer S extends Shape, ...infer RS extends Shape[]]
      ? Bind<T, S, Env, T, S> extends infer E
        ? E extends Sizes
          ? BindAll<RT, RS, E, [...Count, 0]>
          : E
        : never
      : `✗ einsum: the spec names ${[...Count, ...Terms]['length'] & number} operands, got ${Count['length']}`
    : Operands extends readonly []
      ? Env
      : `✗ einsum: the spec names ${Count['length']} operands, got ${[...Count, ...Operands]['length'] & number}`

/** Sizes of which nothing is known. */
interface Unknown {
  readonly unknown: true
}

/** Binds the letters of one operand; the whole operand is kept for the message. */
type Bind<
  T extends string,
  S extends Shape,
  Env extends Sizes,
  Term extends string,
  Whole extends Shape,
> =
  IsUnranked<S> extends true
    ? BindUnknown<T, Env>
    : T extends `${infer L}${infer RT}`
      ? S extends readonly [infer D extends Dim, ...infer RS extends Shape]
        ? L extends keyof Env
          ? [Unify<Env[L], D>] extends [never]
            ? `✗ einsum: index ${L} is both ${ShowDim<Env[L]>} and ${ShowDim<D>}`
            : Bind<RT, RS, Rebound<Env, L, Unify<Env[L], D>>, Term, Whole>
          : Bind<RT, RS, Env & { readonly [K in L]: D }, Term, Whole>
        : `✗ einsum: '${Term}' has more letters than ${Show<Whole>} has axes`
      : S extends readonly []
        ? Env
        : `✗ einsum: '${Term}' has fewer letters than ${Show<Whole>} has axes`

type Rebound<Env extends Sizes, L extends string, D extends Dim> = [Env[L & keyof Env]] extends [D]
  ? Env
  : { readonly [K in keyof Env]: K extends L ? D : Env[K] }

type BindUnknown<T extends string, Env extends Sizes> = T extends `${infer L}${infer RT}`
  ? BindUnknown<RT, L extends keyof Env ? Env : Env & { readonly [K in L]: number }>
  : Env

type Project<
  T extends string,
  Env,
  Done extends Dim[] = [],
  Seen extends string = never,
> = Env extends Unknown
  ? Dim[]
  : T extends `${infer L}${infer R}`
    ? L extends Seen
      ? `✗ einsum: index ${L} is twice in the result`
      : L extends keyof Env
        ? Project<R, Env, [...Done, Env[L] & Dim], Seen | L>
        : `✗ einsum: index ${L} of the result is in no operand`
    : Done
