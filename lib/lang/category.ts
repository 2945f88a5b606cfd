/**
 * Functions as an fp-ts Category.
 *
 *   Category.compose(arrow(g), arrow(f))   is f, then g
 *
 * Objects are specifications of inputs. The identity of an object nobody has named yet is a value
 * of its own here: a function needs its inputs, an identity arrow does not.
 */
import type { Category2 } from 'fp-ts/lib/Category.js'
import type { Fn } from '../types/fn.js'
import type { SpecsOf } from '../types/tree.js'
import { composeOf } from './arrow.js'
import type { RuntimeFn } from './closure.js'
import { need } from './taking.js'

export const URI = 'pullback/Arrow'
export type URI = typeof URI

/** An arrow from inputs `A` to a record that meets the inputs `B`. */
export interface Arrow<A, B> {
  /** None for an identity. */
  readonly run: RuntimeFn | null
  /** What it goes from and to; no value at run time. */
  readonly between?: (from: A) => B
}

declare module 'fp-ts/HKT.js' {
  interface URItoKind2<E, A> {
    readonly [URI]: Arrow<E, A>
  }
}

/** A function as an arrow. */
export const arrow = <I, O>(f: Fn<I, O>): Arrow<I, SpecsOf<O>> => ({
  run: f as RuntimeFn, // every Fn is one at run time
})

export const Category: Category2<URI> = {
  URI,
  id: () => ({ run: null }),
  compose: (after, before) => {
    need('Category.compose', 0, 'record', after)
    need('Category.compose', 1, 'record', before)
    if (after.run === null) return { run: before.run }
    if (before.run === null) return { run: after.run }
    return { run: composeOf(before.run, after.run) }
  },
}
