/**
 * Contractions: which loops are rows and columns of a register block, and the schedules for it.
 *
 *   for i, j { s = Σ_k a[i, k]·b[k, j]; c[i, j] = f(s) }
 *
 * Columns are the loop along which the result is contiguous, or, where that is too short to fill
 * lanes, the longest that moves one operand. Rows are a loop that moves the other operand only.
 * Convolutions, batched and transposed products all have such a pair; what moves both operands, or
 * one of them beside the pair, stays outside.
 */
import type { Dim } from '../../data/dim.js'
import type { Expr } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { isReduction } from '../reduction.js'
import type { Block, Loop, Stmt } from '../statement.js'
import { buffersIn, namesIn, statementsOf, substitute } from '../traverse.js'
import type { Schedule } from './decision.js'
import type { Hardware } from './hardware.js'
import { chainFrom, extentOf, isZero } from './nest.js'
import { accessesIn, motionOf } from './stride.js'
import { isSum } from './window.js'

export interface Contraction {
  readonly rows: Loop | undefined
  readonly columns: Loop
  /** Loops that move both operands, the column operand, the row operand. */
  readonly both: readonly Loop[]
  readonly withColumns: readonly Loop[]
  readonly withRows: readonly Loop[]
  readonly reduction: readonly Loop[]
  /** By a loop that moves the column operand, the loop of the reduction that moves it alike. */
  readonly windows: ReadonlyMap<string, Loop>
  readonly rowBuffer: string
  readonly columnBuffer: string
  /** Whether the column operand is contiguous along the columns. */
  readonly contiguous: boolean
  /** Whether a row operand is read as it is, its terms side by side. */
  readonly rowsSideBySide: boolean
  readonly bytes: number
  /** The accumulator. */
  readonly sum: string
}

/** The contraction that a chain of parallel loops is, if it is one. */
export function contractionOf(kernel: Kernel, chain: readonly Loop[]): Contraction | undefined {
  const body = chain.at(-1)?.body ?? []
  const reductions = body.filter((s): s is Loop => s.tag === 'loop')
  const [first] = reductions
  const plain = [...chain, ...reductions].every((l) => isZero(l.from) && l.step === 1)
  if (first === undefined || reductions.length !== 1 || !plain || !isReduction(first)) return
  const reduction = chainFrom(first).filter(isReduction)
  const value = productOf(reduction.at(-1)?.body ?? [])
  const results = accessesIn(body).filter((a) => a.store)
  if (value === undefined || results.length === 0) return
  const moves = (e: Expr, l: Loop): boolean => namesIn(e).has(l.index)
  const nearest = chain
    .toReversed()
    .find((l) => results.every((a) => motionOf(kernel, a, l.index) === 'next'))
  const columns =
    nearest !== undefined && magnitude(nearest) < fewLanes
      ? chain
          .filter((l) => moves(value.x, l) !== moves(value.y, l))
          .reduce((most, l) => (magnitude(l) > 4 * magnitude(most) ? l : most), nearest)
      : nearest
  if (columns === undefined) return
  const [x, y] = moves(value.x, columns) ? [value.y, value.x] : [value.x, value.y]
  if (moves(x, columns) || !moves(y, columns)) return
  const others = chain.filter((l) => l !== columns)
  const onlyRows = others.filter((l) => moves(x, l) && !moves(y, l))
  const rows = onlyRows.toSorted((a, b) => magnitude(b) - magnitude(a)).at(0)
  const [rowBuffer] = buffersIn(x)
  const [columnBuffer] = buffersIn(y)
  if (rowBuffer === undefined || columnBuffer === undefined) return
  const loads = accessesIn(reduction.at(-1)?.body ?? []).filter((a) => a.buffer === columnBuffer)
  const withColumns = others.filter((l) => !moves(x, l))
  const windows = new Map(
    [columns, ...withColumns].flatMap((l): readonly (readonly [string, Loop])[] => {
      const alike = reduction.find((k) => moves(y, k) && isSum(y, l.index, k.index))
      return alike === undefined ? [] : [[l.index, alike]]
    }),
  )
  return {
    rows,
    columns,
    windows,
    both: others.filter((l) => moves(x, l) && moves(y, l)),
    withColumns,
    withRows: onlyRows.filter((l) => l !== rows),
    reduction,
    rowBuffer,
    columnBuffer,
    contiguous: loads.every((a) => motionOf(kernel, a, columns.index) === 'next'),
    rowsSideBySide: isRow(kernel, x, reduction),
    bytes: value.x.dtype === 'f64' ? 8 : 4,
    sum: value.sum,
  }
}

/** Whether an operand is a load that the one loop of a reduction walks along. */
const isRow = (kernel: Kernel, x: Expr, [k, ...others]: readonly Loop[]): boolean =>
  x.tag === 'load' &&
  k !== undefined &&
  others.length === 0 &&
  motionOf(kernel, { ...x, store: false }, k.index) === 'next'

/** Columns below this leave most lanes of a register block empty. */
const fewLanes = 4

/** How many iterations, as far as a number says so. */
export const magnitude = (l: Loop): number => {
  const extent = extentOf(l)
  return typeof extent === 'number' ? extent : Infinity
}

/** The one product that a reduction accumulates, lets put in place. */
export function productOf(
  body: Block,
): { readonly x: Expr; readonly y: Expr; readonly sum: string } | undefined {
  const sums = body.filter((s): s is Stmt & { tag: 'accumulate' } => s.tag === 'accumulate')
  const [sum] = sums
  if (sums.length !== 1 || sum === undefined) return
  const lets = new Map<string, Expr>()
  for (const s of statementsOf(body)) {
    if (s.tag === 'let') lets.set(s.name, substitute(lets)(s.value))
  }
  const value = substitute(lets)(sum.value)
  if (value.tag !== 'binary' || value.op !== 'mul') return
  return { x: value.x, y: value.y, sum: sum.name }
}

export const atMost = (extent: Dim | undefined, n: number, multiple: number): number => {
  const most = typeof extent === 'number' ? Math.min(extent, n) : n
  return Math.max(multiple, Math.ceil(most / multiple) * multiple)
}

/** About n, so that tiles are alike: 513 by 256 is two of 264, not two and one of a column. */
export function evenly(extent: Dim | undefined, n: number, multiple: number): number {
  if (typeof extent !== 'number') return atMost(extent, n, multiple)
  const tiles = Math.max(1, Math.round(extent / n))
  return atMost(extent, Math.ceil(extent / tiles), multiple)
}

/**
 * Columns of a tile, so few that every thread has several tiles and one held up leaves some, and
 * so that threads come out even.
 */
function shareOf(extent: number, columns: number, width: number, threads: number): number {
  const least = Math.max(leastColumns, Math.ceil(extent / (tilesEach * threads)))
  const first = Math.ceil(least / width) * width
  const time = (by: number): number => {
    const whole = Math.floor(extent / by)
    const rest = Math.ceil((extent - whole * by) / width) * width
    return Math.ceil(whole / threads) * by + (whole % threads === 0 ? rest : 0)
  }
  let best = Math.min(first, columns)
  for (let by = first; by <= Math.min(2 * first, columns); by += width) {
    if (time(by) < time(best)) best = by
  }
  return best
}

const tilesEach = 8
const leastColumns = 32

/** The schedule of a contraction: register block, tiles, packed operands. */
export function blockSchedule(c: Contraction, hardware: Hardware, tile: TileSizes): Schedule {
  const { rows, columns, reduction } = c
  if (rows === undefined) return []
  const [i, j] = [rows.index, columns.index]
  const width = Math.max(4, (hardware.vectorBytes / c.bytes) * hardware.blockVectors)
  const height = atMost(extentOf(rows), hardware.blockRows, 1)
  // What is packed for the columns serves all rows of a tile, so more rows than cache would say.
  const most = c.withColumns.length > 0 ? 4 * tile.rows : tile.rows
  const mc = atMost(extentOf(rows), most, height)
  const [i0, i1, j0, j1] = [`${i}.outer`, `${i}.block`, `${j}.outer`, `${j}.block`]
  const ks = reduction.map((l) => l.index)
  const outer = (loops: readonly Loop[]): readonly string[] => loops.map((l) => l.index)
  const front =
    c.withColumns.length > 0
      ? [...outer(c.both), ...outer(c.withRows), i0, ...outer(c.withColumns), j0]
      : [...outer(c.both), j0, ...outer(c.withRows), i0]
  const packsRows = tile.packed && !readsInPlace(c, hardware, tile)
  // Narrow tiles cost nothing where rows are not packed anew for each.
  const extent = extentOf(columns)
  const shared = hardware.threads > 1 && !packsRows && typeof extent === 'number'
  const nc = shared
    ? shareOf(extent, tile.columns, width, hardware.threads)
    : evenly(extent, tile.columns, width)
  const [k] = ks
  const rowTile: Schedule = [{ tag: 'stage', buffer: c.rowBuffer, at: i0, loops: [i1, ...ks, i] }]
  const packing: Schedule = [
    { tag: 'stage', buffer: c.columnBuffer, at: j0, loops: [j1, ...ks, j] },
    ...(packsRows ? rowTile : []),
  ]
  const carried = tile.depth !== undefined && c.withColumns.length === 0
  const inner = reduction.slice(1).reduce((n, l) => n * magnitude(l), 1)
  const k0 = `${k}.outer`
  return [
    { tag: 'split', loop: i, by: mc, outer: i0 },
    { tag: 'split', loop: i, by: height, outer: i1 },
    { tag: 'split', loop: j, by: nc, outer: j0 },
    { tag: 'split', loop: j, by: width, outer: j1 },
    { tag: 'order', loops: [...front, j1, i1, i, j] },
    ...(carried && k !== undefined && tile.depth !== undefined
      ? ([
          {
            tag: 'carry',
            loop: k,
            by: Math.max(1, Math.floor(tile.depth / inner)),
            outer: k0,
            at: j0,
          },
        ] as const)
      : []),
    ...(tile.packed
      ? packing.map((d) => (carried && d.tag === 'stage' && d.at === j0 ? { ...d, at: k0 } : d))
      : []),
    ...(tile.packed && ks.length > 1 ? ([{ tag: 'flatten', loops: ks }] as const) : []),
    { tag: 'unroll', loop: i, width: height },
    { tag: 'vector', loop: j, width },
    ...(tile.packed
      ? ([{ tag: 'vector', loop: `${j}.${c.columnBuffer}.tile`, width }] as const)
      : []),
    ...(packsRows
      ? ([{ tag: 'unroll', loop: `${i}.${c.rowBuffer}.tile`, width: height }] as const)
      : []),
    ...(carried
      ? ([
          { tag: 'vector', loop: `${c.sum}.start`, width },
          { tag: 'unroll', loop: `${i}.end`, width: height },
          { tag: 'vector', loop: `${j}.end`, width },
        ] as const)
      : []),
  ]
}

/** Whether rows are read where they lie rather than from a packed copy. */
function readsInPlace(c: Contraction, { rowsInPlace, cache }: Hardware, tile: TileSizes): boolean {
  // Nested loops over the terms become one only where both operands are packed.
  if (rowsInPlace === 'any') return c.reduction.length === 1
  // Beyond some depth lines of the rows drive one another out.
  const depth = c.reduction.reduce((n, l) => n * magnitude(l), 1)
  const near = c.rowsSideBySide && tile.rows * depth * c.bytes <= cache.l2 / 4
  return rowsInPlace === 'near' && near
}

export interface TileSizes {
  readonly rows: number
  readonly columns: number
  /** Iterations of the reduction between visits to the tile; undefined: all. */
  readonly depth: number | undefined
  readonly packed: boolean
}
