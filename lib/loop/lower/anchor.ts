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

export interface Anchored {
  readonly func: Func
  /** The value that stands for one of the source. */
  readonly standIn: (term: Term) => Term | undefined
  /**
   * For some results the value that they show with its axes in another order: it has their memory.
   */
  readonly shown: ReadonlyMap<number, Term>
}

/**
 * `layoutOf` says in which order of its axes a value of the source lies; in its own if undefined.
 */
export function anchor(
  source: Func,
  layoutOf: (term: Term) => readonly number[] | undefined = () => undefined,
): Anchored {
  const stores = new Map<Term, Term>()
  const stored = (term: Term): Term => {
    if (isParameter(term) || !isFree(term.node)) return term
    const known = stores.get(term) ?? apply1(storeOp, [term])
    stores.set(term, known)
    return known
  }
  const depths = new Map<Node, number>()
  const standIns = new Map<Term, Term>()
  const results = fold<Term>(source, source.params, (node, args) => {
    const depth = isFree(node) ? 1 + Math.max(0, ...args.map((a) => depths.get(a.node) ?? 0)) : 0
    const whole = needsMemory(node) && laneShape(node) === undefined
    const outs = rebuild(node, whole || depth > mostViews ? args.map(stored) : args)
    if (depth > 0) depths.set(outs[0].node, depth > mostViews ? 1 : depth)
    node.outs.forEach((out, i) => {
      standIns.set(out, outs[i])
    })
    return outs
  })
  const shown = shownBy(source, layoutOf, (term) => standIns.get(term) ?? term)
  const func = closeStrict(source.name, source.params, ownBuffers(results, shown))
  return { func, standIn: (term) => standIns.get(term), shown }
}

/** So many index maps are folded into one read; then the array is stored. */
const mostViews = 64

/** Values that lie as a result of theirs wants them, which therefore needs no copy. */
function shownBy(
  source: Func,
  layoutOf: (term: Term) => readonly number[] | undefined,
  standIn: (term: Term) => Term,
): ReadonlyMap<number, Term> {
  const shown = new Map<number, Term>()
  const taken = new Set<Term>(source.results)
  source.results.forEach((result, i) => {
    const order = transposition(result)
    if (order === undefined) return
    const [base] = result.node.args
    if (taken.has(base) || String(layoutOf(base)) !== String(order)) return
    taken.add(base)
    shown.set(i, standIn(base))
  })
  return shown
}

/** Which axis of its argument each axis of a transposed value is. */
export const transposition = ({ node }: Term): readonly number[] | undefined =>
  node.op.name === 'transpose' ? (node.attrs.perm as readonly number[]) : undefined // its own

/** A copy for each result that is not a node's memory yet, tagged so that copies stay apart. */
const ownBuffers = (results: readonly Term[], shown: ReadonlyMap<number, Term>): readonly Term[] =>
  results.map((result, i) => {
    const first = results.indexOf(result) === i
    const owned = !isParameter(result) && !isFree(result.node) && result.node.op.name !== 'constant'
    if (shown.has(i) || (first && owned)) return result
    return apply1(storeOp, [result], { copy: i })
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
