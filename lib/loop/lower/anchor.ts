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
  type Node,
  type Op,
  rebuild,
  type Term,
} from '../../term/index.js'
import { isFree, needsMemory } from './access.js'
import { laneShape } from './lanes.js'

export function anchor(func: Func): Func {
  const stored = (term: Term): Term =>
    !isParameter(term) && isFree(term.node) ? apply1(storeOp, [term]) : term
  const depths = new Map<Node, number>()
  const results = fold<Term>(func, func.params, (node, args) => {
    const depth = isFree(node) ? 1 + Math.max(0, ...args.map((a) => depths.get(a.node) ?? 0)) : 0
    const whole = needsMemory(node) && laneShape(node) === undefined
    const outs = rebuild(node, whole || depth > mostViews ? args.map(stored) : args)
    if (depth > 0) depths.set(outs[0].node, depth > mostViews ? 1 : depth)
    return outs
  })
  return closeStrict(func.name, func.params, ownBuffers(func, results))
}

/** So many index maps are folded into one read; then the array is stored. */
const mostViews = 64

/** A copy for each result that is not a node's memory yet, tagged so that copies stay apart. */
const ownBuffers = (func: Func, results: readonly Term[]): readonly Term[] =>
  results.map((result, i) => {
    const first = results.indexOf(result) === i
    const owned = !isParameter(result) && !isFree(result.node) && result.node.op.name !== 'constant'
    if (first && (owned || layoutOf(func, i) !== undefined)) return result
    return apply1(storeOp, [result], { copy: i })
  })

/** A result that is a value computed here with its axes in another order. */
export interface Layout {
  readonly base: Term
  /** Which axis of the base each axis of the result is. */
  readonly order: readonly number[]
}

/**
 * The layout under which result `i` needs no copy: its base is written with its axes in the
 * result's order. Nobody else may read the base, and loops that write in any order compute it.
 */
export function layoutOf(func: Func, i: number): Layout | undefined {
  const result = func.results[i]
  if (result.node.op.name !== 'transpose') return undefined
  const [base] = result.node.args
  const readers = func.nodes.filter((n) => n.args.includes(base)).length
  const uses = func.results.filter((r) => r === result || r === base).length
  const { name } = base.node.op
  const given = isParameter(base) || isFree(base.node) || name === 'dot' || name === 'conv'
  const loops = !given && (!needsMemory(base.node) || laneShape(base.node) !== undefined)
  if (readers + uses > 2 || !loops) return undefined
  return { base, order: result.node.attrs.perm as readonly number[] } // the op's own attribute
}

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
