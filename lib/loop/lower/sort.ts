/**
 * Sort: a stable merge sort of positions along an axis, then the values in that order.
 *
 * Runs double from 1 to the length; each pass merges neighbours from one list of positions into
 * another. NaN is larger than every number. Memory: two lists of positions a lane. Where few long rows
 * are sorted on a device of many invocations, these merge side by side (`ranking.ts`).
 */
import { type Dim, dimProduct } from '../../data/index.js'
import type { Attrs } from '../../term/index.js'
import {
  add,
  and,
  clampIndex,
  type Expr,
  ge,
  load,
  lt,
  min,
  mul,
  ne,
  not,
  or,
  size,
  variable,
} from '../expression.js'
import {
  assign,
  type Block,
  bind,
  declare,
  local,
  sequential,
  store,
  when,
  whileTrue,
} from '../statement.js'
import { fresh } from './assembly.js'
import type { OpaqueCall, OpaqueSteps } from './call.js'
import { rankingSteps } from './ranking.js'
import { type Builder, type Handle, overAll, standalone } from './standalone.js'

export function sortSteps({ node, reader, outs, frame, assembly }: OpaqueCall): OpaqueSteps {
  const { axis, descending } = node.attrs as Attrs & SortAttrs // the op's type rule checked them
  const [x] = node.args
  const to = node.outs.map((t, i) => outs[i] ?? fresh(t, assembly))
  const builder = standalone(frame, assembly)
  const source = reader(builder, 0)
  const values = builder.output(to[0], node.outs[0])
  const places = builder.output(to[1], node.outs[1])
  const length = x.shape[axis]
  const rest = x.shape.filter((_, i) => i !== axis)
  if (length === 0) return { steps: [], outs: to }
  if (assembly.walks.divides(dimProduct(rest), length)) {
    const key = (of: Builder) => {
      const read = reader(of, 0)
      return (row: readonly Expr[], place: Expr) =>
        read(row.toSpliced(axis, 0, clampIndex(place, length)))
    }
    const ranking = { rows: rest, length, key, before: beforeIn(descending) }
    const { steps, order } = rankingSteps(ranking, frame, assembly)
    const ranked = builder.input(order, { dtype: 'i32', shape: [...rest, length] })
    const body = overAll([...rest, length], 'i', (at) => {
      const [row, r] = [at.slice(0, -1), at.at(-1) ?? size(0)]
      const placed = row.toSpliced(axis, 0, r)
      const from = variable('from')
      return [
        bind('from', ranked.read(at)),
        values.write(placed, source(row.toSpliced(axis, 0, clampIndex(from, length)))),
        places.write(placed, from),
      ]
    })
    return { steps: [...steps, ...builder.finish('sort', body)], outs: to }
  }
  const body = overAll(rest, 'i', (outer) => {
    const key = (place: Expr) => source(outer.toSpliced(axis, 0, clampIndex(place, length)))
    return [
      ...sortedPositions(length, key, descending),
      sequential('r', length, (r) => copyOut(r, outer, axis, key, values, places)),
    ]
  })
  return { steps: builder.finish('sort', body), outs: to }
}

interface SortAttrs {
  readonly axis: number
  readonly descending: boolean
}

function copyOut(
  r: Expr,
  outer: readonly Expr[],
  axis: number,
  key: (place: Expr) => Expr,
  values: Handle,
  places: Handle,
): Block {
  const at = outer.toSpliced(axis, 0, r)
  return [
    bind('from', load('order', 'i32', [r])),
    values.write(at, key(variable('from'))),
    places.write(at, variable('from')),
  ]
}

/** Whether x comes before y; NaN is larger than every number. */
const beforeIn =
  (descending: boolean) =>
  (x: Expr, y: Expr): Expr => {
    const [less, more] = descending ? [y, x] : [x, y]
    return or(lt(less, more), and(not(ne(less, less)), ne(more, more)))
  }

/** Statements after which the local `order` holds the positions, sorted. */
function sortedPositions(length: Dim, key: (place: Expr) => Expr, descending: boolean): Block {
  const end = size(dimProduct([length]))
  const v = variable
  const position = (list: string, at: Expr) => load(list, 'i32', [clampIndex(at, length)])
  const before = beforeIn(descending)
  const later = before(key(position('order', v('right'))), key(position('order', v('left'))))
  const exhausted = ge(v('right'), v('high'))
  const takesLeft = and(lt(v('left'), v('middle')), or(exhausted, not(later)))
  const mergeOne: Block = [
    bind('first', takesLeft),
    when(
      v('first', 'bool'),
      [
        store('merged', [clampIndex(v('at'), length)], position('order', v('left'))),
        assign('left', add(v('left'), 1)),
      ],
      [
        store('merged', [clampIndex(v('at'), length)], position('order', v('right'))),
        assign('right', add(v('right'), 1)),
      ],
    ),
    assign('at', add(v('at'), 1)),
  ]
  const mergePair: Block = [
    bind('middle', min(add(v('low'), v('width')), end)),
    bind('high', min(add(v('low'), mul(v('width'), 2)), end)),
    declare('left', v('low')),
    declare('right', v('middle')),
    declare('at', v('low')),
    whileTrue(lt(v('at'), v('high')), mergeOne),
    assign('low', v('high')),
  ]
  return [
    local('order', 'i32', [length]),
    local('merged', 'i32', [length]),
    sequential('p', length, (p) => [store('order', [p], p), store('merged', [p], p)]),
    declare('width', size(1)),
    whileTrue(lt(v('width'), end), [
      declare('low', size(0)),
      whileTrue(lt(v('low'), end), mergePair),
      sequential('q', length, (q) => [store('order', [q], load('merged', 'i32', [q]))]),
      assign('width', mul(v('width'), 2)),
    ]),
  ]
}
