/**
 * Shape of a matrix product, by NumPy's rules.
 *
 *   [.., m, k] · [.., k, n]  →  [.., m, n]      a vector is a row on the left, a column on the right
 *
 * Leading axes broadcast. The result is a shape, or the message.
 */
import type { Broadcast } from './broadcast.js'
import type { Dim, IsUnranked, Shape, Show, ShowDim, Unify } from './shape.js'

/** The shape of `A · B`, or the sentence that says why there is none. */
export type MatmulShape<A extends Shape, B extends Shape> = A extends readonly [
  infer M extends Dim,
  infer K extends Dim,
]
  ? B extends readonly [infer L extends Dim, infer N extends Dim]
    ? Inner<A, B, K, L, [M, N]>
    : General<A, B>
  : General<A, B>

type General<A extends Shape, B extends Shape> =
  IsUnranked<A> extends true
    ? Dim[]
    : IsUnranked<B> extends true
      ? Dim[]
      : A extends readonly [...infer BA extends Dim[], infer M extends Dim, infer K extends Dim]
        ? B extends readonly [...infer BB extends Dim[], infer L extends Dim, infer N extends Dim]
          ? [Broadcast<BA, BB>] extends [never]
            ? `✗ matmul: leading axes ${Show<BA>} and ${Show<BB>} do not broadcast in ${Show<A>} · ${Show<B>}`
            : Inner<A, B, K, L, [...Broadcast<BA, BB>, M, N]>
          : B extends readonly [infer L extends Dim]
            ? Inner<A, B, K, L, [...BA, M]>
            : `✗ matmul needs at least one axis, got ${Show<B>}: use mul`
        : A extends readonly [infer K extends Dim]
          ? B extends readonly [...infer BB extends Dim[], infer L extends Dim, infer N extends Dim]
            ? Inner<A, B, K, L, [...BB, N]>
            : B extends readonly [infer L extends Dim]
              ? Inner<A, B, K, L, []>
              : `✗ matmul needs at least one axis, got ${Show<B>}: use mul`
          : `✗ matmul needs at least one axis, got ${Show<A>}: use mul`

type Inner<A extends Shape, B extends Shape, K extends Dim, L extends Dim, Out extends Dim[]> = [
  Unify<K, L>,
] extends [never]
  ? `✗ matmul: inner dimensions ${ShowDim<K>} and ${ShowDim<L>} differ in ${Show<A>} · ${Show<B>}`
  : Out
