/**
 * Fold: what depends on constants only is computed now, by the ops' own evaluations.
 *
 *   %0 = mul(f32(3), f32(4))                      return f32(12)
 *   %1 = sum(f32[4](1, 2, 3, 4)) {axes: [0]}  →   …
 *
 * Only results of up to 1,024 elements that are no larger than their arguments together, and up
 * to 10⁵ scalar operations. Named sizes are not constants. A scalar broadcast stays a broadcast.
 */
import { sizeOf } from '../data/index.js'
import { interpreters, resolveAttrs } from '../interpret/index.js'
import { broadcastToOp, constant, iotaOp } from '../ops/index.js'
import {
  closeStrict,
  type Func,
  fold as foldOver,
  type Node,
  rebuild,
  type Term,
} from '../term/index.js'
import { everywhere } from './body.js'
import { literalOf } from './constant.js'
import type { Pass } from './pass.js'

export const fold: Pass = {
  name: 'fold',
  sentence: 'What depends on constants only is computed now.',
  exact: true,
  run: (func) => everywhere(func, foldOne),
}

const mostElements = 1024
const mostFlops = 1e5

function foldOne(func: Func): Func {
  let changed = false
  const results = foldOver<Term>(func, func.params, (node, args) => {
    const outs = rebuild(node, args)
    const folded = evaluated(outs[0].node)
    changed ||= folded !== undefined
    return folded ?? outs
  })
  return changed ? closeStrict(func.name, func.params, results) : func
}

/** The results as literals, if the node depends on literals only and is small. */
function evaluated(node: Node): readonly Term[] | undefined {
  const { args, attrs, op, outs } = node
  if (args.length === 0 || op === iotaOp || op === broadcastToOp) return undefined
  const values = args.flatMap((arg) => literalOf(arg) ?? [])
  if (values.length < args.length) return undefined
  const sizes = outs.map((out) => sizeOf(out.shape.filter((d) => typeof d === 'number')))
  const numeric = outs.every((out) => out.shape.every((d) => typeof d === 'number'))
  const given = values.reduce((acc, v) => acc + v.data.length, 0)
  const large = sizes.some((n) => n > mostElements || n > Math.max(given, 16))
  if (!numeric || large) return undefined
  const { flops } = op.cost({ args, results: outs, attrs, interpret: interpreters })
  if (typeof flops !== 'number' || flops > mostFlops) return undefined
  const arrays = op.evaluate({
    args: values,
    attrs: resolveAttrs(op, attrs, {}),
    // Numbers, by the check above.
    types: outs.map((out) => ({ dtype: out.dtype, shape: out.shape as readonly number[] })),
    sizes: {},
    interpret: interpreters,
  })
  return arrays.map((array) => constant({ ...array, data: array.data.slice() }))
}
