/**
 * Scatter: updates joined into a copy of an array, in order, so that equal runs give equal bits.
 *
 *   scatter x i u    →    y = x; for each update k: y[i[k]] = join(y[i[k]], u[k])
 */
import type { Dim } from '../../data/index.js'
import {
  add,
  and,
  convert,
  type Expr,
  ge,
  lt,
  max,
  min,
  mul,
  size,
  variable,
} from '../expression.js'
import { type Block, bind, sequential, when } from '../statement.js'
import { fresh } from './assembly.js'
import type { OpaqueCall, OpaqueSteps } from './call.js'
import { copySteps } from './control.js'
import { overAll, standalone } from './standalone.js'

const joins: Readonly<Record<string, (old: Expr, update: Expr) => Expr>> = {
  add: (old, update) => add(old, update),
  set: (_, update) => update,
  mul: (old, update) => mul(old, update),
  min: (old, update) => min(old, update),
  max: (old, update) => max(old, update),
}

interface ScatterAttrs {
  readonly axis: number
  readonly batch: number
  readonly mode: string
}

export function scatterSteps({ node, args, outs, frame, assembly }: OpaqueCall): OpaqueSteps {
  const attrs = node.attrs as unknown as ScatterAttrs // the op's type rule checked them
  const [x, i, u] = node.args
  const to = outs[0] ?? fresh(x, assembly)
  const builder = standalone(frame, assembly)
  const indices = builder.input(args[1], i)
  const updates = builder.input(args[2], u)
  const target = builder.update(to, x)
  const { axis, batch } = attrs
  const width = i.shape.length - batch
  const lead = u.shape.slice(0, axis)
  const post = u.shape.slice(axis + width)
  const body = overAll(lead, 'i', (outer) =>
    inOrder(u.shape.slice(axis, axis + width), 'k', (places) => [
      bind('place', convert('i32', indices.read([...outer.slice(0, batch), ...places]))),
      when(
        and(ge(variable('place'), 0), lt(variable('place'), size(x.shape[axis]))),
        overAll(post, 'j', (inner) => {
          const at = [...outer, variable('place'), ...inner]
          const update = updates.read([...outer, ...places, ...inner])
          return [target.write(at, joins[attrs.mode](target.read(at), update))]
        }),
      ),
    ]),
  )
  return {
    steps: [
      ...copySteps(args[0], to, x, frame, assembly),
      ...builder.finish(`scatter_${attrs.mode}`, body),
    ],
    outs: [to],
  }
}

/** Sequential loops over `shape`. */
function inOrder(
  shape: readonly Dim[],
  prefix: string,
  body: (at: readonly Expr[]) => Block,
): Block {
  const nest = (at: readonly Expr[]): Block =>
    at.length === shape.length
      ? body(at)
      : [sequential(`${prefix}${at.length}`, shape[at.length], (k) => nest([...at, k]))]
  return nest([])
}
