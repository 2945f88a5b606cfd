/**
 * Scatter: updates joined into a copy of an array, in order, so that equal runs give equal bits.
 *
 *   scatter x i u    →    y = x; for each update k: y[i[k]] = join(y[i[k]], u[k])
 */
import { type Dim, dimProduct } from '../../data/index.js'
import type { Attrs } from '../../term/index.js'
import {
  add,
  and,
  clampIndex,
  convert,
  div,
  type Expr,
  eq,
  ge,
  lt,
  max,
  min,
  mul,
  select,
  size,
  variable,
} from '../expression.js'
import type { Step } from '../program.js'
import { assign, type Block, bind, declare, sequential, when, whileTrue } from '../statement.js'
import { fresh, type Residence } from './assembly.js'
import type { OpaqueCall, OpaqueSteps } from './call.js'
import { rankingSteps, unflatten } from './ranking.js'
import { storageOf } from './scalar.js'
import { type Builder, overAll, standalone } from './standalone.js'
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
  const [rows, listed] = [i.shape.slice(0, attrs.batch), i.shape.slice(attrs.batch)]
  const post = u.shape.slice(attrs.axis + listed.length)
  if (assembly.walks.divides(dimProduct(rows), dimProduct([...listed, ...post]))) {
    return segmentSteps(call, attrs)
  }
  const to = inPlace ? call.memory(0) : (outs[0] ?? fresh(x, assembly))
  const builder = standalone(frame, assembly)
  const indices = reader(builder, 1)
  const updates = reader(builder, 2)
  const target = builder.update(to, x)
  const { axis, batch } = attrs
  const lead = u.shape.slice(0, axis)
  const body = overAll(lead, 'i', (outer) =>
    inOrder(listed, 'k', (places) => [
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

/**
 * The same, each element by itself: the updates' places are ranked by index, those of each row of a
 * batch for themselves, and each element joins the segment of those that are its own, in their
 * order.
 */
function segmentSteps(call: OpaqueCall, { axis, batch, mode }: ScatterAttrs): OpaqueSteps {
  const { node, reader, outs, inPlace, frame, assembly } = call
  const [x, i] = node.args
  const [rows, listed] = [i.shape.slice(0, batch), i.shape.slice(batch)]
  const length = dimProduct(listed)
  const keyIn = (builder: Builder) => {
    const read = reader(builder, 1)
    return (row: readonly Expr[], place: Expr) =>
      convert('i32', read([...row, ...unflatten(listed, place)]))
  }
  const { steps, order } = rankingSteps({ rows, length, key: keyIn, before: lt }, frame, assembly)
  const to = inPlace ? call.memory(0) : (outs[0] ?? fresh(x, assembly))
  const builder = standalone(frame, assembly)
  const ranked = builder.input(order, { dtype: 'i32', shape: [...rows, length] })
  const key = keyIn(builder)
  const updates = reader(builder, 2)
  const target = inPlace ? builder.update(to, x) : builder.output(to, x)
  const before = inPlace ? target.read : reader(builder, 0)
  const v = variable
  const body = overAll(x.shape, 'i', (at) => {
    const [outer, index, inner] = [at.slice(0, axis), at[axis], at.slice(axis + 1)]
    const row = at.slice(0, batch)
    const placeAt = (n: Expr): Expr =>
      clampIndex(ranked.read([...row, clampIndex(n, length)]), length)
    const keyAt = (n: Expr): Expr => key(row, placeAt(n))
    const value = v('value', storageOf(x.dtype))
    const half = div(add(v('at'), v('most')), 2)
    const update = updates([...outer, ...unflatten(listed, placeAt(v('at'))), ...inner])
    return [
      declare('at', size(0)),
      declare('most', size(length)),
      whileTrue(lt(v('at'), v('most')), [
        bind('half', half),
        bind('less', lt(keyAt(v('half')), index)),
        assign('most', select(v('less', 'bool'), v('most'), v('half'))),
        assign('at', select(v('less', 'bool'), add(v('half'), 1), v('at'))),
      ]),
      declare('value', before(at)),
      whileTrue(and(lt(v('at'), size(length)), eq(keyAt(v('at')), index)), [
        assign('value', joins[mode](value, update)),
        assign('at', add(v('at'), 1)),
      ]),
      target.write(at, value),
    ]
  })
  return { steps: [...steps, ...builder.finish(`scatter_${mode}`, body)], outs: [to] }
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
