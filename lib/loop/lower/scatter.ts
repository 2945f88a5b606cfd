/**
 * Scatter: updates joined into a copy of an array, in order, so that equal runs give equal bits.
 *
 *   scatter x i u    →    y = x; for each update k: y[i[k]] = join(y[i[k]], u[k])
 */
import type { Dim } from '../../data/index.js'
import type { Attrs } from '../../term/index.js'
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
import type { Step } from '../program.js'
import { type Block, bind, sequential, when } from '../statement.js'
import { fresh, type Residence } from './assembly.js'
import type { OpaqueCall, OpaqueSteps } from './call.js'
import { overAll, standalone } from './standalone.js'
import { dynamicStart } from './view.js'

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

export function scatterSteps(call: OpaqueCall): OpaqueSteps {
  const { node, reader, outs, inPlace, frame, assembly } = call
  const attrs = node.attrs as Attrs & ScatterAttrs // the op's type rule checked them
  const [x, i, u] = node.args
  const to = inPlace ? call.memory(0) : (outs[0] ?? fresh(x, assembly))
  const builder = standalone(frame, assembly)
  const indices = reader(builder, 1)
  const updates = reader(builder, 2)
  const target = builder.update(to, x)
  const { axis, batch } = attrs
  const width = i.shape.length - batch
  const lead = u.shape.slice(0, axis)
  const post = u.shape.slice(axis + width)
  const body = overAll(lead, 'i', (outer) =>
    inOrder(u.shape.slice(axis, axis + width), 'k', (places) => [
      bind('place', convert('i32', indices([...outer.slice(0, batch), ...places]))),
      when(
        and(ge(variable('place'), 0), lt(variable('place'), size(x.shape[axis]))),
        overAll(post, 'j', (inner) => {
          const at = [...outer, variable('place'), ...inner]
          const update = updates([...outer, ...places, ...inner])
          return [target.write(at, joins[attrs.mode](target.read(at), update))]
        }),
      ),
    ]),
  )
  const before = inPlace ? [] : fill(call, to)
  return { steps: [...before, ...builder.finish(`scatter_${attrs.mode}`, body)], outs: [to] }
}

/** The array before any update. */
function fill({ node, reader, frame, assembly }: OpaqueCall, to: Residence): readonly Step[] {
  const builder = standalone(frame, assembly)
  const source = reader(builder, 0)
  const target = builder.output(to, node.args[0])
  const body = overAll(node.args[0].shape, 'i', (at) => [target.write(at, source(at))])
  return builder.finish('copy', body)
}

/** A window written where it is: nothing else of the array is touched. */
export function updateSteps(call: OpaqueCall): OpaqueSteps {
  const { node, reader, frame, assembly } = call
  const [x, window] = node.args
  const to = call.memory(0)
  const builder = standalone(frame, assembly)
  const value = reader(builder, 1)
  const starts = x.shape.map((_, axis) => reader(builder, axis + 2)([]))
  const target = builder.update(to, x)
  const bindings = x.shape.map((d, axis) =>
    bind(`from${axis}`, dynamicStart(starts[axis], d, window.shape[axis])),
  )
  const body = overAll(window.shape, 'i', (at) => [
    target.write(
      at.map((i, axis) => add(variable(`from${axis}`), i)),
      value(at),
    ),
  ])
  return { steps: builder.finish('update', [...bindings, ...body]), outs: [to] }
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
