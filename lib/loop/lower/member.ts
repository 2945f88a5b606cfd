/**
 * Member: a node as a part of a kernel: the loops it needs, what it reads, how long its code is.
 */
import type { Dim } from '../../data/index.js'
import type { Node, Term } from '../../term/index.js'
import type { Expr } from '../expression.js'
import { countNodes, expressionsOf, statementsOf } from '../traverse.js'
import { aliasOf, canonicalIndex, element, isMap, isReduction, mapElement } from './access.js'
import { emitLoop } from './lanes.js'
import { reduceRules } from './reduce.js'

export interface Member {
  readonly node: Node
  /** The loops that the result is computed under. */
  readonly depth: number
  /** Those that its arguments are read under: more than `depth` for a reduction. */
  readonly span: readonly Dim[]
  readonly reads: readonly BaseRead[]
  /** Nodes of the expression that one element takes: how long its code is. */
  readonly weight: number
}

/** One read of a base term, at an index over the loops. */
export interface BaseRead {
  readonly base: Term
  readonly at: readonly Expr[]
}

/** The node whose result holds the memory of a base term. */
export const ownerOf = (base: Term, inlined: (node: Node) => boolean): Node =>
  (aliasOf(base, inlined) ?? base).node

export function memberOf(
  node: Node,
  inlined: (node: Node) => boolean,
  lane?: readonly Dim[],
): Member {
  const reads: BaseRead[] = []
  const note = (base: Term, at: readonly Expr[]): Expr => {
    reads.push({ base, at })
    return placeholder(base)
  }
  const read = (arg: number, at: readonly Expr[]) => element(node.args[arg], at, inlined, note)
  if (isReduction(node)) {
    const form = reduceRules[node.op.name](node)
    const kept = form.kept.filter((d) => d !== 1)
    const e = form.value(
      read,
      canonicalIndex(form.kept),
      canonicalIndex(form.combined, kept.length),
    )
    const combined = form.combined.filter((d) => d !== 1)
    return { node, depth: kept.length, span: [...kept, ...combined], reads, weight: weightOf(e) }
  }
  if (isMap(node)) {
    const span = node.outs[0].shape.filter((d) => d !== 1)
    const e = mapElement(node, canonicalIndex(node.outs[0].shape), read)
    return { node, depth: span.length, span, reads, weight: weightOf(e) }
  }
  if (lane !== undefined) {
    const loop = emitLoop(node, { prefix: '_', read, write: () => undefined })
    const weight = weightOf(...statementsOf(loop?.block ?? []).flatMap(expressionsOf))
    return { node, depth: lane.length, span: lane, reads, weight }
  }
  for (const arg of node.args) element(arg, canonicalIndex(arg.shape), inlined, note)
  return { node, depth: 0, span: [], reads, weight: 1 }
}

const weightOf = (...expressions: readonly Expr[]): number => 1 + countNodes(expressions)

/** Stands for the value read; only its dtype matters while clustering. */
function placeholder(base: Term): Expr {
  const dtype = base.dtype === 'f16' ? 'f32' : base.dtype
  return { tag: 'variable', dtype, name: '_' }
}
