/**
 * Fill: the invocations of a workgroup copy what a step of a contraction reads to its tiles, at
 * once or by way of their registers.
 *
 * Loads beyond an edge read the edge; terms beyond the last are 0.
 */
import type { Dim } from '../../data/dim.js'
import {
  add,
  constant,
  div,
  type Expr,
  load,
  lt,
  min,
  mul,
  rem,
  select,
  size,
  sub,
} from '../expression.js'
import { type Block, type Loop, type Stmt, store } from '../statement.js'
import { substitute } from '../traverse.js'
import {
  four,
  invocationsOf,
  isMultipleOfFour,
  type Plan,
  type Side,
  spanOf,
  tileAt,
  unrolled,
  vector,
} from './gpu-tiles.js'
import { extentOf } from './nest.js'

/** One element of an invocation's share of a tile: where the tile keeps it, and its value. */
type Take = (at: Expr, value: Expr, place: Expr) => Stmt

/**
 * An invocation's share of a tile, the elements of neighbours side by side in memory: along the
 * terms or along the tile, whichever the operand does.
 */
function share(p: Plan, side: Side, v: Expr, start: Expr, k0: Expr, take: Take): Block {
  const { tiles, extent, name, dtype } = p
  const { depth, lanes } = tiles
  const left = side === 'left'
  const [loops, most] = left ? [p.rows, extent.rows] : [p.columns, extent.columns]
  const span = spanOf(p, side)
  const count = invocationsOf(tiles)
  const alongTerms = left ? p.alongTerms.x : p.alongTerms.y
  const exact = typeof extent.terms === 'number' && extent.terms % depth === 0
  const element = (major: Expr, first: Expr, lane: Expr | undefined, place: Expr): Stmt => {
    const minor = lane === undefined ? first : add(first, lane)
    const [k, i] = alongTerms ? [minor, major] : [major, minor]
    const [kFirst, iFirst] = alongTerms ? [first, major] : [major, first]
    const at = new Map<string, Expr>([
      ...places(loops, add(start, iFirst), most, span, alongTerms ? undefined : lane),
      ...places(p.c.reduction, add(k0, kFirst), extent.terms, depth, alongTerms ? lane : undefined),
    ])
    const value = substitute(at)(left ? p.x : p.y)
    const inside = lt(add(k0, k), size(extent.terms))
    const kept = exact ? value : select(inside, value, constant(dtype, 0))
    return take(tileAt(p, side, k, i), kept, place)
  }
  return [
    unrolled(name(`${side}.turn`), sharesOf(p, side) / lanes, (q) => {
      const e = add(mul(q, count), v)
      const inner = (alongTerms ? depth : span) / lanes
      if (lanes === 1) return [element(div(e, inner), rem(e, inner), undefined, q)]
      const first = mul(rem(e, inner), lanes)
      return [
        vector(name(`${side}.lane`), lanes, (lane) => [
          element(div(e, inner), first, lane, add(mul(q, lanes), lane)),
        ]),
      ]
    }),
  ]
}

/** Elements of a tile that each invocation fills. */
export const sharesOf = (p: Plan, side: Side): number =>
  (spanOf(p, side) * p.tiles.depth) / invocationsOf(p.tiles)

/** What is read goes to the tile. */
export const fill = (p: Plan, side: Side, v: Expr, start: Expr, k0: Expr): Block =>
  share(p, side, v, start, k0, (at, value) => store(p.name(side), [at], value))

/** Where an invocation keeps its share of the tile that comes next. */
export const nextOf = (side: Side): string => `${side}.next`

/** What is read goes to the invocation's own registers. */
export const fetch = (p: Plan, side: Side, v: Expr, start: Expr, k0: Expr): Block =>
  share(p, side, v, start, k0, (_, value, place) => store(p.name(nextOf(side)), [v, place], value))

/** What an invocation has in its registers goes to the tile. */
export const put = (p: Plan, side: Side, v: Expr): Block =>
  share(p, side, v, size(0), size(0), (at, _, place) =>
    store(p.name(side), [at], load(p.name(nextOf(side)), p.dtype, [v, place])),
  )

/**
 * The indices of loops at a place of their flat axis, kept below its extent. Lanes that cannot
 * leave the last loop's rows only count on in it, so that they stay side by side.
 */
function places(
  loops: readonly Loop[],
  first: Expr,
  extent: Dim,
  tile: number,
  lane: Expr | undefined,
): readonly (readonly [string, Expr])[] {
  const last = loops.at(-1)
  if (lane === undefined || last === undefined) return digits(loops, within(first, extent, tile, 1))
  if (!isMultipleOfFour(extentOf(last) ?? 1)) {
    return digits(loops, within(add(first, lane), extent, tile, 1))
  }
  return digits(loops, within(first, extent, tile, four)).map(([index, at]) =>
    index === last.index ? [index, add(at, lane)] : [index, at],
  )
}

/** An index kept so far below an extent; as it is where a tile never reaches beyond. */
const within = (at: Expr, extent: Dim, tile: number, room: number): Expr =>
  typeof extent === 'number' && extent % tile === 0 ? at : min(at, sub(size(extent), room))

/** The indices of loops at a place of their flat axis, the last one fastest. */
export function digits(loops: readonly Loop[], flat: Expr): readonly (readonly [string, Expr])[] {
  const found: (readonly [string, Expr])[] = []
  let rest = flat
  for (const [n, loop] of loops.toReversed().entries()) {
    const last = n === loops.length - 1
    const extent = size(extentOf(loop) ?? 1)
    found.push([loop.index, last ? rest : rem(rest, extent)])
    rest = last ? rest : div(rest, extent)
  }
  return found
}
