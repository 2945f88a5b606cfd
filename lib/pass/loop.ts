/**
 * A scan, a while or a switch taken apart by roles, and put together again: what `hoist` and
 * `drop` rearrange.
 *
 *   scan(c, h, xs) {consts: 1, carry: 1, …}  ↔  consts [c ~ p], carries [h ~ q → q'], rows [xs ~ r], ys [y]
 *
 * Parameters keep their identity, so that moving one from role to role moves its argument too.
 */
import type { Dim } from '../data/index.js'
import { scanFunc, scanOp, whileFunc, whileOp } from '../ops/index.js'
import { closeStrict, type Func, type Node, type Term } from '../term/index.js'

/** An argument and the parameter of the body that it becomes. */
export interface Given {
  readonly arg: Term
  readonly param: Term
}

export interface Carry extends Given {
  /** What the body gives for the next step. */
  readonly next: Term
  /** The place among the node's results. */
  readonly out: number
}

export interface Row {
  readonly value: Term
  readonly out: number
}

/** The condition of a while has parameters of its own for the same carries. */
export interface Condition {
  readonly name: string
  readonly consts: readonly Given[]
  /** One per carry. */
  readonly params: readonly Term[]
  readonly result: Term
}

export interface Loop {
  readonly node: Node
  readonly name: string
  readonly consts: readonly Given[]
  readonly carries: readonly Carry[]
  /** Of a scan; empty for a while. */
  readonly xs: readonly Given[]
  readonly ys: readonly Row[]
  readonly condition?: Condition
}

/** The parts of a scan or a while; undefined for any other node. */
export function loopOf(node: Node): Loop | undefined {
  if (node.op === scanOp) return partsOfScan(node)
  return node.op === whileOp ? partsOfWhile(node) : undefined
}

const given = (args: readonly Term[], params: readonly Term[], from: number, to: number) =>
  args.slice(from, to).map((arg, i): Given => ({ arg, param: params[from + i] }))

function partsOfScan(node: Node): Loop {
  const { args } = node
  // The casts here and below hold by the type rules of these ops.
  const { body, consts, carry } = node.attrs as { body: Func; consts: number; carry: number }
  return {
    node,
    name: body.name,
    consts: given(args, body.params, 0, consts),
    carries: given(args, body.params, consts, consts + carry).map((g, out) => ({
      ...g,
      next: body.results[out],
      out,
    })),
    xs: given(args, body.params, consts + carry, args.length),
    ys: body.results.slice(carry).map((value, i) => ({ value, out: carry + i })),
  }
}

function partsOfWhile(node: Node): Loop {
  const attrs = node.attrs as {
    condition: Func
    body: Func
    conditionConsts: number
    bodyConsts: number
  }
  const { condition, body, conditionConsts: lead, bodyConsts } = attrs
  const forBody = node.args.slice(lead)
  return {
    node,
    name: body.name,
    consts: given(forBody, body.params, 0, bodyConsts),
    carries: given(forBody, body.params, bodyConsts, forBody.length).map((g, out) => ({
      ...g,
      next: body.results[out],
      out,
    })),
    xs: [],
    ys: [],
    condition: {
      name: condition.name,
      consts: given(node.args, condition.params, 0, lead),
      params: condition.params.slice(lead),
      result: condition.results[0],
    },
  }
}

/** The loop's node, built again. Results come in the places that they had; others are undefined. */
export function rebuildLoop(loop: Loop): readonly (Term | undefined)[] {
  const { node, name, consts, carries, xs, ys, condition } = loop
  if (carries.length + ys.length === 0) return node.outs.map(() => undefined)
  const params = [...consts, ...carries, ...xs].map((g) => g.param)
  const body = closeStrict(name, params, [...carries.map((c) => c.next), ...ys.map((y) => y.value)])
  const args = [...consts, ...carries, ...xs].map((g) => g.arg)
  const outs: (Term | undefined)[] = node.outs.map(() => undefined)
  const place = (built: readonly Term[]) => {
    ;[...carries, ...ys].forEach((role, i) => {
      outs[role.out] = built[i]
    })
    built[0].node.source ??= node.source
    return outs
  }
  if (condition !== undefined) {
    const { maxSteps } = node.attrs as { maxSteps: Dim | null }
    const own = [...condition.consts.map((g) => g.param), ...condition.params]
    const test = closeStrict(condition.name, own, [condition.result])
    const all = [...condition.consts.map((g) => g.arg), ...args]
    const sizes = { conditionConsts: condition.consts.length, bodyConsts: consts.length }
    return place(whileFunc(test, body, all, maxSteps === null ? sizes : { ...sizes, maxSteps }))
  }
  const { length, reverse } = node.attrs as { length: Dim; reverse: boolean }
  const options = { consts: consts.length, carry: carries.length, length, reverse }
  return place(scanFunc(body, args, options))
}
