/**
 * Recognises a while whose lanes stop apart, as batching makes it.
 *
 *   condition: any lane of carry k runs        body: carry k ← carry k and …,
 *                                              carry j ← carry k ? … : carry j
 *
 * A lane that has stopped keeps its values, so it may as well leave the loop.
 */
import type { WhileAttrs } from '../../ops/index.js'
import { isParameter, type Node, type Term } from '../../term/index.js'
import { isFree, isScalarConstant } from './access.js'

/** The carry that says which lanes still run; undefined where the loop is not of that form. */
export function lanesThatStop(attrs: WhileAttrs): number | undefined {
  const running = anyOf(attrs)
  if (running === undefined) return undefined
  const { body, bodyConsts } = attrs
  const params = body.params.slice(bodyConsts)
  const flag = params[running]
  const keeps = body.results.every((result, j) => {
    if (result === params[j]) return true
    const { op, args } = result.node
    if (j === running) return op.name === 'and' && args.includes(flag)
    return op.name === 'select' && stripped(args[0]) === flag && args[2] === params[j]
  })
  return keeps ? running : undefined
}

/** The carry k of a condition `Σ (k as i32) > 0`. */
function anyOf({ condition, conditionConsts }: WhileAttrs): number | undefined {
  const [result] = condition.results
  const sum = argument(result.node, 'gt')
  if (sum === undefined || !isZero(result.node.args[1])) return undefined
  const counted = argument(sum.node, 'sum')
  const flag = counted && argument(counted.node, 'convert')
  if (flag === undefined || sum.shape.length > 0 || !isParameter(flag)) return undefined
  const at = condition.params.indexOf(flag) - conditionConsts
  return at >= 0 ? at : undefined
}

const argument = (node: Node, op: string): Term | undefined =>
  node.op.name === op ? node.args[0] : undefined

const isZero = (term: Term): boolean =>
  isScalarConstant(term.node) &&
  (term.node.attrs.value as { readonly data: ArrayLike<number> }).data[0] === 0 // its own attribute

/** Behind index maps that leave each lane its own value. */
function stripped(term: Term): Term {
  const through = isFree(term.node) && term.node.op.name === 'reshape'
  return through ? stripped(term.node.args[0]) : term
}
