/**
 * Ranking: positions in the order of their keys, by merges that all elements make side by side.
 *
 *   order = 0, 1, 2, …;  for t: runs of 2ᵗ⁺¹ = pairs of runs of 2ᵗ, each position for itself
 *
 * The element at a place of a merged run is found by bisection: how many of those before it come
 * from the left run. Equal keys keep their order. Two lists of positions, swapped at each pass.
 */
import { type Dim, dimProduct } from '../../data/index.js'
import {
  add,
  and,
  clampIndex,
  div,
  type Expr,
  ge,
  lt,
  max,
  min,
  mul,
  not,
  or,
  rem,
  select,
  shl,
  size,
  sub,
  variable,
} from '../expression.js'
import type { Step } from '../program.js'
import { assign, type Block, bind, declare, whileTrue } from '../statement.js'
import { type Assembly, type Frame, fresh, type Residence } from './assembly.js'
import { type Builder, type Handle, overAll, standalone } from './standalone.js'

export interface Ranking {
  /** Rows that are ranked each for itself. */
  readonly rows: readonly Dim[]
  readonly length: Dim
  /** The key at a place of a row, in a kernel under construction. */
  readonly key: (builder: Builder) => (row: readonly Expr[], place: Expr) => Expr
  readonly before: (x: Expr, y: Expr) => Expr
}

/** Steps after which the residence, i32[rows, length], holds the positions in order. */
export function rankingSteps(
  ranking: Ranking,
  frame: Frame,
  assembly: Assembly,
): { readonly steps: readonly Step[]; readonly order: Residence } {
  const { rows, length } = ranking
  const type = { dtype: 'i32', shape: [...rows, length] } as const
  const [order, merged] = [fresh(type, assembly), fresh(type, assembly)]
  const start = standalone(frame, assembly)
  const first = start.output(order, type)
  const body = overAll(type.shape, 'i', (at) => [first.write(at, at.at(-1) ?? size(0))])
  const counter = assembly.counter()
  const below = passesOf(length)
  const builder = standalone(
    { ...frame, counters: [...frame.counters, { name: counter, below }] },
    assembly,
  )
  const [from, to] = [builder.input(order, type), builder.output(merged, type)]
  const key = ranking.key(builder)
  const merging = overAll(type.shape, 'i', (at) => {
    const [row, place] = [at.slice(0, -1), at.at(-1) ?? size(0)]
    return mergeOne({ ...ranking, row, place, from, to, key }, shl(size(1), variable(counter)))
  })
  const pass = builder.finish('merge', merging)
  const swap: Step = { tag: 'swap', a: order.buffer, b: merged.buffer }
  return {
    steps: [...start.finish('places', body), { tag: 'for', counter, below, body: [...pass, swap] }],
    order,
  }
}

/** Doublings from 1 to the length; of any length where it has a name. */
const passesOf = (length: Dim): number =>
  typeof length === 'number' ? Math.ceil(Math.log2(Math.max(1, length))) : 30

interface Merging extends Omit<Ranking, 'key'> {
  readonly row: readonly Expr[]
  readonly place: Expr
  readonly from: Handle
  readonly to: Handle
  readonly key: (row: readonly Expr[], place: Expr) => Expr
}

function mergeOne({ length, row, place, from, to, key, before }: Merging, width: Expr): Block {
  const v = variable
  const end = size(length)
  const position = (at: Expr): Expr => from.read([...row, clampIndex(at, length)])
  const isLater = (left: Expr, right: Expr): Expr =>
    before(key(row, position(right)), key(row, position(left)))
  const rest = sub(place, v('low'))
  const left = add(v('low'), v('taken'))
  const right = add(v('middle'), sub(rest, v('taken')))
  const half = div(add(v('taken'), v('most')), 2)
  const across = add(v('middle'), sub(sub(rest, v('half')), 1))
  const takesLeft = and(lt(left, v('middle')), or(ge(right, v('high')), not(isLater(left, right))))
  return [
    // Runs longer than the list are the list; the sum may not overflow.
    bind('run', min(width, end)),
    bind('low', mul(div(place, mul(v('run'), 2)), mul(v('run'), 2))),
    bind('middle', min(add(v('low'), v('run')), end)),
    bind('high', min(add(v('middle'), v('run')), end)),
    declare('taken', max(sub(rest, sub(v('high'), v('middle'))), 0)),
    declare('most', min(rest, sub(v('middle'), v('low')))),
    whileTrue(lt(v('taken'), v('most')), [
      bind('half', half),
      bind('later', isLater(add(v('low'), v('half')), across)),
      assign('most', select(v('later', 'bool'), v('half'), v('most'))),
      assign('taken', select(v('later', 'bool'), v('taken'), add(v('half'), 1))),
    ]),
    bind('first', takesLeft),
    to.write([...row, place], select(v('first', 'bool'), position(left), position(right))),
  ]
}

/** The indices of a flat place, in a shape. */
export function unflatten(shape: readonly Dim[], place: Expr): readonly Expr[] {
  return shape.map((extent, axis) => {
    const inner = size(dimProduct(shape.slice(axis + 1)))
    const index = axis === shape.length - 1 ? place : div(place, inner)
    return clampIndex(axis === 0 ? index : rem(index, size(extent)), extent)
  })
}
