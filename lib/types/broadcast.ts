/**
 * Broadcasting, by NumPy's rules with names.
 *
 *   [batch, 1, 3] with [4, 1]  →  [batch, 4, 3]
 *
 * Aligned from the last axis; 1 stretches; a name meets itself or 1 only; an unknown size takes
 * the other side's word, which is checked at run time.
 */
import type { Dim, IsUnranked, Shape, Show } from './shape.js'

/** The shape both broadcast to; never when they do not. */
export type Broadcast<A extends Shape, B extends Shape> = A extends B
  ? B extends A
    ? [...A]
    : Aligned<A, B>
  : Aligned<A, B>

/** Never when the shapes broadcast; otherwise the message. */
export type BroadcastFault<A extends Shape, B extends Shape> = [Broadcast<A, B>] extends [never]
  ? `✗ shapes ${Show<A>} and ${Show<B>} do not broadcast`
  : never

/** Never when `A` can be stretched to exactly `B`; otherwise the message. */
export type StretchFault<Op extends string, A extends Shape, B extends Shape> =
  IsUnranked<A> extends true
    ? never
    : Broadcast<A, B> extends infer C extends Shape
      ? [C] extends [never]
        ? `✗ ${Op}: ${Show<A>} does not stretch to ${Show<B>}`
        : C['length'] extends B['length']
          ? Stretched<C, B> extends true
            ? never
            : `✗ ${Op}: ${Show<A>} does not stretch to ${Show<B>}`
          : `✗ ${Op}: ${Show<A>} does not stretch to ${Show<B>}`
      : never

/** True when no axis of the target had to stretch itself. */
type Stretched<C extends Shape, B extends Shape> = C extends readonly [
  infer HC extends Dim,
  ...infer TC extends Shape,
]
  ? B extends readonly [infer HB extends Dim, ...infer TB extends Shape]
    ? [HB] extends [1]
      ? [HC] extends [1]
        ? Stretched<TC, TB>
        : false
      : Stretched<TC, TB>
    : true
  : true

type Aligned<A extends Shape, B extends Shape> =
  IsUnranked<A> extends true
    ? Dim[]
    : IsUnranked<B> extends true
      ? Dim[]
      : A extends readonly []
        ? [...B]
        : B extends readonly []
          ? [...A]
          : FromLast<A, B>

type FromLast<A extends Shape, B extends Shape, Done extends Dim[] = []> = A extends readonly [
  ...infer RA extends Shape,
  infer HA extends Dim,
]
  ? B extends readonly [...infer RB extends Shape, infer HB extends Dim]
    ? [Stretch<HA, HB>] extends [never]
      ? never
      : FromLast<RA, RB, [Stretch<HA, HB>, ...Done]>
    : [...A, ...Done]
  : [...B, ...Done]

/** The size two aligned axes stretch to; never when they do not. */
type Stretch<A extends Dim, B extends Dim> = [A] extends [B]
  ? [B] extends [A]
    ? A
    : StretchTo<A, B>
  : StretchTo<A, B>

type StretchTo<A extends Dim, B extends Dim> = [A] extends [1]
  ? B
  : [B] extends [1]
    ? A
    : number extends A
      ? B
      : number extends B
        ? A
        : never
