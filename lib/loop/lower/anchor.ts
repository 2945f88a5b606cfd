/**
 * Anchor: gives memory to what must have some.
 *
 *   result transpose x    →    s = store (transpose x); result s
 *
 * Results, and arguments of ops that read whole arrays, are buffers: index maps and parameters in
 * those places are stored by a node of their own. Each result gets a buffer to itself.
 */
import {
  apply1,
  closeStrict,
  type Func,
  fold,
  isParameter,
  type Op,
  rebuild,
  type Term,
} from '../../term/index.js'
import { isFree, needsMemory } from './access.js'

export function anchor(func: Func): Func {
  const stored = (term: Term): Term => apply1(storeOp, [term])
  const results = fold<Term>(func, func.params, (node, args) => {
    if (!needsMemory(node)) return rebuild(node, args)
    return rebuild(
      node,
      args.map((a) => (!isParameter(a) && isFree(a.node) ? stored(a) : a)),
    )
  })
  return closeStrict(func.name, func.params, ownBuffers(results))
}

/** A copy for each result that is not a node's memory yet, tagged so that copies stay apart. */
const ownBuffers = (results: readonly Term[]): readonly Term[] =>
  results.map((result, i) => {
    const owned = !isParameter(result) && !isFree(result.node) && result.node.op.name !== 'constant'
    return owned && results.indexOf(result) === i ? result : apply1(storeOp, [result], { copy: i })
  })

/** The identity, as a node that has memory. It exists between anchoring and kernels only. */
export const storeOp: Op = {
  name: 'store',
  doc: 'x, in a buffer of its own.',
  grade: 'smooth',
  type: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  evaluate: ({ args }) => args,
  jvp: ({ tangents }) => tangents,
  transpose: ({ cotangents }) => cotangents,
  batch: ({ args }) => args,
  cost: () => ({ flops: 0 }),
  samples: [],
}
