/**
 * Jvp: forward mode, a function to the function of values and tangents.
 *
 *   f : x → y    →    jvp f : (x, dx) → (y, dy)
 *
 * Values are the very same terms; tangents are built beside them, a zero tangent being `null`
 * throughout. The result is an ordinary function: nesting cannot confuse perturbations.
 */
import { isFloat } from '../data/index.js'
import {
  closeStrict,
  type Func,
  fold,
  type Interpreters,
  type JvpFunc,
  type MaybeTerm,
  type Node,
  parameter,
  rebuild,
  type Term,
} from '../term/index.js'

interface Dual {
  readonly primal: Term
  readonly tangent: MaybeTerm
}

export function jvp(func: Func, active: readonly boolean[], interpret: Interpreters): JvpFunc {
  const binder = { name: `${func.name}'` }
  const duals = func.params.map((primal, i): Dual => {
    const name = `d${String(primal.node.attrs.name)}`
    const moves = active[i] && isFloat(primal.dtype)
    return { primal, tangent: moves ? parameter(binder, name, primal) : null }
  })
  const results = fold<Dual>(func, duals, (node, args) => step(node, args, interpret))
  const tangents = results.flatMap((r) => r.tangent ?? [])
  const params = [...func.params, ...duals.flatMap((d) => d.tangent ?? [])]
  return {
    func: closeStrict(binder.name, params, [...results.map((r) => r.primal), ...tangents]),
    active: results.map((r) => r.tangent !== null),
  }
}

function step(node: Node, args: readonly Dual[], interpret: Interpreters): readonly Dual[] {
  const primals = args.map((a) => a.primal)
  const outs = rebuild(node, primals)
  const rule = node.op.jvp
  if (rule === 'zero' || args.every((a) => a.tangent === null)) {
    return outs.map((primal) => ({ primal, tangent: null }))
  }
  const answer = rule({
    node,
    attrs: node.attrs,
    primals,
    tangents: args.map((a) => a.tangent),
    outs,
    out: outs[0],
    interpret,
  })
  const replaced = 'tangents' in answer
  const tangents = replaced ? answer.tangents : answer
  return (replaced ? answer.outs : outs).map((primal, i) => {
    primal.node.source ??= node.source
    const tangent = tangents[i]
    if (tangent !== null) tangent.node.source ??= node.source
    return { primal, tangent }
  })
}
