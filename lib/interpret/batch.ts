/**
 * Batch (vmap): a function of one example to the function of many, without a loop.
 *
 *   f : x → y    →    batch f : [n, x] → [n, y]
 *
 * The batch is axis 0 of whatever carries it; what does not depend on a batched input stays as it
 * was, computed once.
 */
import type { Dim } from '../data/index.js'
import {
  type BatchedFunc,
  closeStrict,
  type Func,
  fold,
  type Interpreters,
  type Node,
  parameter,
  rebuild,
  type Term,
} from '../term/index.js'

interface Lane {
  readonly term: Term
  readonly batched: boolean
}

export function batch(
  func: Func,
  batched: readonly boolean[],
  size: Dim,
  interpret: Interpreters,
): BatchedFunc {
  const binder = { name: `${func.name}*` }
  const lanes = func.params.map((p, i): Lane => {
    const shape = batched[i] ? [size, ...p.shape] : p.shape
    const term = parameter(binder, String(p.node.attrs.name), { dtype: p.dtype, shape })
    return { term, batched: batched[i] }
  })
  const results = fold<Lane>(func, lanes, (node, args) => step(node, args, size, interpret))
  return {
    func: closeStrict(
      binder.name,
      lanes.map((l) => l.term),
      results.map((r) => r.term),
    ),
    batched: results.map((r) => r.batched),
  }
}

function step(
  node: Node,
  lanes: readonly Lane[],
  size: Dim,
  interpret: Interpreters,
): readonly Lane[] {
  const args = lanes.map((l) => l.term)
  const batched = lanes.map((l) => l.batched)
  if (!batched.includes(true)) return rebuild(node, args).map((term) => ({ term, batched: false }))
  const answer = node.op.batch({ node, attrs: node.attrs, args, batched, size, interpret })
  const outs = 'outs' in answer ? answer.outs : answer
  return outs.map((term, i) => {
    term.node.source ??= node.source
    return { term, batched: 'outs' in answer ? answer.batched[i] : true }
  })
}
