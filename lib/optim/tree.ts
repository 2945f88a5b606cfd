/**
 * Arithmetic on trees of tensors, leaf by leaf.
 */
import { flatten, flattenAs, termKind, unflatten } from '../lang/index.js'
import type { Term } from '../term/index.js'

/** `f` on the leaves in the same place of trees of one structure. */
export function mapTrees(
  where: string,
  trees: readonly unknown[],
  f: (...leaves: readonly Term[]) => Term,
): unknown {
  const { structure, leaves } = flatten(trees[0], termKind, where)
  const others = trees.slice(1).map((tree) => flattenAs(structure, tree, termKind, where))
  return unflatten(
    structure,
    leaves.map((leaf, i) => f(leaf, ...others.map((other) => other[i]))),
  )
}
