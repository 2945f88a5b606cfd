/**
 * Tiles of a contraction: what a workgroup computes at once, and how it keeps what it reads.
 *
 *   left   rows × terms of x       right   terms × columns of y
 *
 * With lanes, four elements of a tile move at once, along the axis on which the operand lies in
 * memory. Where that is the terms, the tile is crossed: kept row by row, or column by column, with
 * room between these where neighbours would read them from one bank.
 */
import { type Dim, dimMul, dimTerms } from '../../data/dim.js'
import { add, div, type Expr, mul, rem, type StorageType } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { type Block, type Loop, parallel } from '../statement.js'
import { namesIn } from '../traverse.js'
import { type Contraction, productOf } from './contraction.js'
import { extentOf, illegal } from './nest.js'
import { accessesIn, motionOf } from './stride.js'

/** What a workgroup and what an invocation computes at once. */
export interface Tiles {
  readonly rows: number
  readonly columns: number
  /** Terms between two barriers. */
  readonly depth: number
  /** Rows and columns of one invocation. */
  readonly height: number
  readonly width: number
  /** Elements that move at once: 1 or 4. */
  readonly lanes: number
  /** Whether the next tiles are read, into registers, while these are multiplied. */
  readonly ahead: boolean
}

export const invocationsOf = (t: Omit<Tiles, 'ahead'>): number =>
  (t.rows / t.height) * (t.columns / t.width)

/** What the tiles take at most, where the columns' operand lies along the columns or not. */
export function sharedBytesOf(
  { rows, columns, depth, lanes }: Omit<Tiles, 'ahead'>,
  contiguous: boolean,
): number {
  const room = lanes === 1 || contiguous ? 0 : lanes
  return 4 * (rows * depth + columns * (depth + room))
}

/** The elements of a vector. */
export const four = 4

export interface Plan {
  readonly c: Contraction
  /** The loops that move one operand each: one flat axis of rows, one of columns. */
  readonly rows: readonly Loop[]
  readonly columns: readonly Loop[]
  readonly tiles: Tiles
  readonly outer: readonly Loop[]
  readonly extent: { readonly rows: Dim; readonly columns: Dim; readonly terms: Dim }
  readonly x: Expr
  readonly y: Expr
  /** Whether each operand lies in memory along the terms. */
  readonly alongTerms: { readonly x: boolean; readonly y: boolean }
  readonly dtype: StorageType
  readonly initial: Expr
  /** What follows the sum. */
  readonly after: Block
  readonly name: (local: string) => string
}

export function planOf(
  kernel: Kernel,
  chain: readonly Loop[],
  c: Contraction,
  tiles: Tiles,
): Plan | undefined {
  if (c.rows === undefined) return undefined
  const count = invocationsOf(tiles)
  const { rows: bm, columns: bn, depth: bk, height, width, lanes } = tiles
  const moves = count * lanes
  const whole = [bm / height, bn / width, (bm * bk) / moves, (bn * bk) / moves]
  if (!whole.every((n) => Number.isInteger(n))) {
    return illegal(kernel, `${count} invocations do not divide the tiles`)
  }
  if (lanes !== 1 && (lanes !== four || [bk, height, width].some((n) => n % lanes !== 0))) {
    return illegal(kernel, `${lanes} lanes do not divide the depth and an invocation's block`)
  }
  const body = chain.at(-1)?.body ?? []
  const [first] = c.reduction
  const at = first === undefined ? -1 : body.indexOf(first)
  const [declared, ...others] = body.slice(0, at)
  if (declared?.tag !== 'variable' || declared.combine !== 'add' || others.length > 0) {
    return undefined
  }
  const product = productOf(c.reduction.at(-1)?.body ?? [])
  const { dtype } = declared.initial
  if (product === undefined || dtype !== 'f32') return undefined
  const rows = [...c.withRows, c.rows]
  const columns = [...c.withColumns, c.columns]
  const volume = (loops: readonly Loop[]): Dim =>
    loops.reduce<Dim>(
      (n, l) => dimMul(n, extentOf(l) ?? illegal(kernel, `the extent of '${l.index}' varies`)),
      1,
    )
  const swapped = namesIn(product.x).has(c.columns.index)
  const [x, y] = swapped ? [product.y, product.x] : [product.x, product.y]
  const last = c.reduction.at(-1)?.index ?? ''
  const liesAlong = (e: Expr): boolean =>
    accessesIn([{ tag: 'let', name: '', value: e }]).some(
      (a) => motionOf(kernel, a, last) === 'next',
    )
  return {
    c,
    rows,
    columns,
    tiles,
    outer: chain.filter((l) => !rows.includes(l) && !columns.includes(l)),
    extent: { rows: volume(rows), columns: volume(columns), terms: volume(c.reduction) },
    x,
    y,
    alongTerms: { x: liesAlong(x), y: liesAlong(y) && !c.contiguous },
    dtype,
    initial: declared.initial,
    after: body.slice(at + 1),
    name: (local) => `${c.sum}.${local}`,
  }
}

export type Side = 'left' | 'right'

/** Whether a tile is kept row by row of its operand, terms side by side. */
export const isCrossed = ({ tiles, alongTerms }: Plan, side: Side): boolean =>
  tiles.lanes > 1 && (side === 'left' ? alongTerms.x : alongTerms.y)

export const spanOf = ({ tiles }: Plan, side: Side): number =>
  side === 'left' ? tiles.rows : tiles.columns

/** Terms of a row of a crossed tile, and room, so that many neighbours' rows lie in other banks. */
const strideOf = ({ tiles }: Plan, side: Side): number =>
  tiles.depth + (side === 'right' ? tiles.lanes : 0)

export const tileSize = (p: Plan, side: Side): number =>
  spanOf(p, side) * (isCrossed(p, side) ? strideOf(p, side) : p.tiles.depth)

/** Where a tile keeps the term k of its row or column i. */
export const tileAt = (p: Plan, side: Side, k: Expr, i: Expr): Expr =>
  isCrossed(p, side) ? add(mul(i, strideOf(p, side)), k) : add(mul(k, spanOf(p, side)), i)

/** The row and column, in the tile, of an invocation's cell. */
export function cellOf(p: Plan, v: Expr, r: Expr, c: Expr): readonly [Expr, Expr] {
  const { tiles } = p
  const across = tiles.columns / tiles.width
  const [down, right] = [div(v, across), rem(v, across)]
  // Rows of an invocation lie together; columns of neighbours do, four at a time. In a tile that is
  // kept row by row, neighbours take neighbouring rows.
  const some = Math.min(four, tiles.width)
  const column = add(add(mul(div(c, some), across * some), mul(right, some)), rem(c, some))
  return [
    isCrossed(p, 'left')
      ? add(mul(r, tiles.rows / tiles.height), down)
      : add(mul(down, tiles.height), r),
    isCrossed(p, 'right') ? add(mul(c, across), right) : column,
  ]
}

export const unrolled = (index: string, count: number, body: (i: Expr) => Block): Loop => ({
  ...parallel(index, count, body),
  mode: 'unrolled',
  width: count,
})

export const vector = (index: string, lanes: number, body: (lane: Expr) => Block): Loop => ({
  ...parallel(index, lanes, body),
  mode: 'vector',
  width: lanes,
})

/** Of any size that a name may stand for. */
export const isMultipleOfFour = (dim: Dim): boolean =>
  [...dimTerms(dim)].every(([, coefficient]) => coefficient % four === 0)
