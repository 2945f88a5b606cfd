/**
 * Cooperate: a contraction whose tiles a workgroup computes together.
 *
 *   for i, j { s = Σ_k x[i, k]·y[k, j]; c[i, j] = f(s) }    →
 *   for i₀ step 128, j₀ step 128 over groups
 *     for k₀ step 8 { x[i₀ + …, k₀ + …], y[k₀ + …, j₀ + …] to tiles, by all invocations
 *                     each invocation: 8 rows × 8 columns of sums += column of x · row of y }
 *     each invocation: c of its rows and columns
 *
 * Sums lie in a local whose first index is the invocation: registers. Loads beyond an edge read the
 * edge, terms beyond the last are 0, and nothing beyond an edge is stored. The terms of a sum keep
 * their order.
 */
import { type Dim, dimMul } from '../../data/dim.js'
import {
  add,
  and,
  constant,
  div,
  type Expr,
  fma,
  load,
  lt,
  min,
  mul,
  rem,
  type StorageType,
  select,
  size,
  sub,
  variable,
} from '../expression.js'
import type { Kernel } from '../kernel.js'
import { type Block, type Loop, parallel, type Stmt, store } from '../statement.js'
import { namesIn, rewriteBlock, substitute } from '../traverse.js'
import { type Contraction, contractionOf, productOf } from './contraction.js'
import { chainFrom, extentOf, findLoop, illegal, replaceLoop, requireFresh } from './nest.js'
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
}

export const invocationsOf = (t: Tiles): number => (t.rows / t.height) * (t.columns / t.width)

export function cooperate(kernel: Kernel, name: string, tiles: Tiles): Kernel {
  const chain = chainFrom(findLoop(kernel, name))
  const c = contractionOf(kernel, chain)
  const plan = c === undefined ? undefined : planOf(kernel, chain, c, tiles)
  if (plan === undefined) return illegal(kernel, `'${name}' is not the top of a contraction`)
  for (const local of ['sums', 'left', 'right']) requireFresh(kernel, plan.name(local))
  return replaceLoop(kernel, name, () => groups(plan))
}

interface Plan {
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

function planOf(
  kernel: Kernel,
  chain: readonly Loop[],
  c: Contraction,
  tiles: Tiles,
): Plan | undefined {
  if (c.rows === undefined) return undefined
  const count = invocationsOf(tiles)
  const { rows: bm, columns: bn, depth: bk, height, width } = tiles
  const whole = [bm / height, bn / width, (bm * bk) / count, (bn * bk) / count]
  if (!whole.every((n) => Number.isInteger(n))) {
    return illegal(kernel, `${count} invocations do not divide the tiles`)
  }
  const body = chain.at(-1)?.body ?? []
  const at = body.findIndex((s) => s === c.reduction[0])
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

function groups(p: Plan): Block {
  const { tiles, extent, name } = p
  const stepped = (index: string, step: number, to: Dim, body: (at: Expr) => Block): Loop => ({
    ...parallel(index, to, body),
    step,
    spread: 'groups',
  })
  const inner = stepped(name('i.outer'), tiles.rows, extent.rows, (i) => [
    stepped(name('j.outer'), tiles.columns, extent.columns, (j) => together(p, i, j)),
  ])
  return p.outer
    .toReversed()
    .reduce<Block>((body, loop) => [{ ...loop, spread: 'groups', body }], [inner])
}

/** Everything that a workgroup does for one tile of results. */
function together(p: Plan, i: Expr, j: Expr): Block {
  const { tiles, extent, name } = p
  const { rows, columns, depth, height, width } = tiles
  const count = invocationsOf(tiles)
  const local = (text: string, shape: readonly Dim[]): Stmt => ({
    tag: 'local',
    name: name(text),
    dtype: p.dtype,
    shape,
  })
  const k = `${name('k')}.outer`
  const over = (text: string, body: (v: Expr) => Block): Loop => ({
    ...parallel(name(text), count, body),
    spread: 'invocations',
  })
  const cells = height * width
  return [
    local('sums', [count, cells]),
    local('left', [depth * rows]),
    local('right', [depth * columns]),
    over('start', (v) => [
      unrolled(name('cell'), cells, (r) => [store(name('sums'), [v, r], p.initial)]),
    ]),
    {
      ...parallel(k, extent.terms, (k0) => [
        over('fill', (v) => [...fill(p, 'left', v, i, k0), ...fill(p, 'right', v, j, k0)]),
        over('lane', (v) => multiply(p, v)),
      ]),
      mode: 'sequential',
      step: depth,
    },
    over('end', (v) => finish(p, v, i, j)),
  ]
}

const unrolled = (index: string, count: number, body: (i: Expr) => Block): Loop => ({
  ...parallel(index, count, body),
  mode: 'unrolled',
  width: count,
})

/**
 * An invocation's share of a tile, the elements of neighbours side by side in memory: along the
 * terms where the operand lies so, else along rows or columns. The tile has the terms outside.
 */
function fill(p: Plan, side: 'left' | 'right', v: Expr, start: Expr, k0: Expr): Block {
  const { tiles, extent, name } = p
  const left = side === 'left'
  const [span, loops, most] = left
    ? ([tiles.rows, p.rows, extent.rows] as const)
    : ([tiles.columns, p.columns, extent.columns] as const)
  const count = invocationsOf(tiles)
  const alongTerms = left ? p.alongTerms.x : p.alongTerms.y
  return [
    unrolled(name(`${side}.turn`), (span * tiles.depth) / count, (q) => {
      const e = add(mul(q, count), v)
      const inner = alongTerms ? tiles.depth : span
      const [major, minor] = [div(e, inner), rem(e, inner)]
      const [k, i] = alongTerms ? [minor, major] : [major, minor]
      const term = add(k0, k)
      const at = new Map<string, Expr>([
        ...digits(loops, within(add(start, i), most, span)),
        ...digits(p.c.reduction, within(term, extent.terms, tiles.depth)),
      ])
      const value = substitute(at)(left ? p.x : p.y)
      const inside = lt(term, size(extent.terms))
      const exact = typeof extent.terms === 'number' && extent.terms % tiles.depth === 0
      const kept = exact ? value : select(inside, value, constant(p.dtype, 0))
      return [store(name(side), [add(mul(k, span), i)], kept)]
    }),
  ]
}

/** An index kept below an extent; nothing where a tile never reaches beyond. */
const within = (at: Expr, extent: Dim, tile: number): Expr =>
  typeof extent === 'number' && extent % tile === 0 ? at : min(at, sub(size(extent), 1))

/** The indices of loops at a place of their flat axis, the last one fastest. */
function digits(loops: readonly Loop[], flat: Expr): readonly (readonly [string, Expr])[] {
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

/** The row and column, in the tile, of an invocation's cell. */
function cellOf({ tiles }: Plan, v: Expr, r: Expr, c: Expr): readonly [Expr, Expr] {
  const across = tiles.columns / tiles.width
  // Rows of an invocation lie together; columns of neighbours do, four at a time.
  const four = Math.min(4, tiles.width)
  const column = add(add(mul(div(c, four), across * four), mul(rem(v, across), four)), rem(c, four))
  return [add(mul(div(v, across), tiles.height), r), column]
}

function multiply(p: Plan, v: Expr): Block {
  const { tiles, name, dtype } = p
  const { rows, columns, depth, height, width } = tiles
  const [a, b] = [name('a'), name('b')]
  return [
    { tag: 'local', name: a, dtype, shape: [height] },
    { tag: 'local', name: b, dtype, shape: [width] },
    {
      ...parallel(name('k'), depth, (k) => [
        unrolled(name('a.at'), height, (r) => [
          store(
            a,
            [r],
            load(name('left'), dtype, [add(mul(k, rows), cellOf(p, v, r, size(0))[0])]),
          ),
        ]),
        unrolled(name('b.at'), width, (c) => [
          store(
            b,
            [c],
            load(name('right'), dtype, [add(mul(k, columns), cellOf(p, v, size(0), c)[1])]),
          ),
        ]),
        unrolled(name('r'), height, (r) => [
          unrolled(name('c'), width, (c) => {
            const cell = [v, add(mul(r, width), c)]
            const sum = load(name('sums'), dtype, cell)
            return [store(name('sums'), cell, fma(load(a, dtype, [r]), load(b, dtype, [c]), sum))]
          }),
        ]),
      ]),
      mode: 'sequential',
    },
  ]
}

/** The statements behind the sum, for each of an invocation's cells that lies inside. */
function finish(p: Plan, v: Expr, i: Expr, j: Expr): Block {
  const { tiles, name, dtype, extent } = p
  return [
    unrolled(name('r.end'), tiles.height, (r) => [
      unrolled(name('c.end'), tiles.width, (c) => {
        const [row, column] = cellOf(p, v, r, c)
        const [at, to] = [add(i, row), add(j, column)]
        const sum = load(name('sums'), dtype, [v, add(mul(r, tiles.width), c)])
        const values = new Map<string, Expr>([
          ...digits(p.rows, variable(name('row'))),
          ...digits(p.columns, variable(name('column'))),
          [p.c.sum, variable(name('sum'), dtype)],
        ])
        const inside = and(
          lt(variable(name('row')), size(extent.rows)),
          lt(variable(name('column')), size(extent.columns)),
        )
        return [
          { tag: 'let', name: name('row'), value: at },
          { tag: 'let', name: name('column'), value: to },
          {
            tag: 'if',
            condition: inside,
            yes: [
              { tag: 'let', name: name('sum'), value: sum },
              ...rewriteBlock(p.after, substitute(values)),
            ],
            no: [],
          },
        ]
      }),
    ]),
  ]
}
