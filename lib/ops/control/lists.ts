/**
 * Lists beside bodies: arguments cut by role, masks of which ones are active, known or batched.
 *
 *   sections([a, b, c], [1])  →  [[a], [b, c]]        align([false, true], [x])  →  [null, x]
 */
import type { MaybeTerm } from '../../term/index.js'

/**
 * The least mask above `start` that `reached` maps into itself: which carries become active,
 * unknown or batched because another one is. Gives what was made with that mask.
 */
export function saturate<A>(
  start: readonly boolean[],
  make: (mask: readonly boolean[]) => A,
  reached: (made: A) => readonly boolean[],
): { readonly mask: readonly boolean[]; readonly made: A } {
  let mask = start
  for (;;) {
    const made = make(mask)
    const more = reached(made)
    const next = mask.map((m, i) => m || more[i])
    if (next.every((m, i) => m === mask[i])) return { mask, made }
    mask = next
  }
}

/** Cuts a list into parts of the given lengths, and the rest. */
export function sections<A>(list: readonly A[], lengths: readonly number[]): readonly A[][] {
  const parts: A[][] = []
  let from = 0
  for (const length of lengths) {
    parts.push(list.slice(from, from + length))
    from += length
  }
  parts.push(list.slice(from))
  return parts
}

/** A list with one entry for each true of the mask, put in its places; null elsewhere. */
export function align<A>(mask: readonly boolean[], present: readonly A[]): readonly (A | null)[] {
  let next = 0
  return mask.map((m) => (m ? present[next++] : null))
}

export const isGiven = (term: MaybeTerm): boolean => term !== null

export const not = (x: boolean): boolean => !x

export const countTrue = (mask: readonly boolean[]): number => mask.filter((m) => m).length

/** The entries where the mask is true. */
export const chosen = <A>(mask: readonly boolean[], list: readonly A[]): readonly A[] =>
  list.filter((_, i) => mask[i])

/** Those of a list that are not null. */
export const present = <A>(list: readonly (A | null)[]): readonly A[] =>
  list.flatMap((x) => x ?? [])
