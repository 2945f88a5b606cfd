/**
 * Cooperate: a contraction whose tiles a workgroup computes together.
 *
 *   for i, j { s = Σ_k x[i, k]·y[k, j]; c[i, j] = f(s) }    →
 *   for i₀ step 128, j₀ step 128 over groups
 *     for k₀ step 8 { x[i₀ + …, k₀ + …], y[k₀ + …, j₀ + …] to tiles, by all invocations
 *                     each invocation: 8 rows × 8 columns of sums += column of x · row of y }
 *     each invocation: c of its rows and columns
 *
 * Sums lie in a local whose first index is the invocation: registers. Nothing beyond an edge is
 * stored. The terms of a sum keep their order.
 */
import type { Dim } from '../../data/dim.js'
import { add, and, type Expr, load, lt, mul, size, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { type Block, type Loop, parallel, type Stmt, store, when } from '../statement.js'
import { rewriteBlock, substitute } from '../traverse.js'
import { contractionOf } from './contraction.js'
import { digits, fetch, fill, nextOf, put, sharesOf } from './gpu-fill.js'
import { multiply } from './gpu-multiply.js'
import {
  cellOf,
  invocationsOf,
  type Plan,
  planOf,
  type Side,
  type Tiles,
  tileSize,
  unrolled,
} from './gpu-tiles.js'
import { chainFrom, findLoop, illegal, replaceLoop, requireFresh } from './nest.js'

export function cooperate(kernel: Kernel, name: string, tiles: Tiles): Kernel {
  const chain = chainFrom(findLoop(kernel, name))
  const c = contractionOf(kernel, chain)
  const plan = c === undefined ? undefined : planOf(kernel, chain, c, tiles)
  if (plan === undefined) return illegal(kernel, `'${name}' is not the top of a contraction`)
  for (const local of ['sums', 'left', 'right']) requireFresh(kernel, plan.name(local))
  return replaceLoop(kernel, name, () => groups(plan))
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
  const { depth, height, width } = tiles
  const count = invocationsOf(tiles)
  const local = (text: string, shape: readonly Dim[]): Stmt => ({
    tag: 'local',
    name: name(text),
    dtype: p.dtype,
    shape,
  })
  const k = `${name('k')}.outer`
  const over: Over = (text, body) => ({
    ...parallel(name(text), count, body),
    spread: 'invocations',
  })
  const sides: Sides = (f) => [...f('left', i), ...f('right', j)]
  const { before, step } = tiles.ahead ? ahead(p, over, sides) : atOnce(p, over, sides)
  const cells = height * width
  return [
    local('sums', [count, cells]),
    local('left', [tileSize(p, 'left')]),
    local('right', [tileSize(p, 'right')]),
    over('start', (v) => [
      unrolled(name('cell'), cells, (r) => [store(name('sums'), [v, r], p.initial)]),
    ]),
    ...before,
    { ...parallel(k, extent.terms, step), mode: 'sequential', step: depth },
    over('end', (v) => finish(p, v, i, j)),
  ]
}

type Over = (text: string, body: (v: Expr) => Block) => Loop
type Sides = (f: (side: Side, start: Expr) => Block) => Block

/** What comes before the steps of a contraction, and a step from the term k₀ on. */
interface Steps {
  readonly before: Block
  readonly step: (k0: Expr) => Block
}

const atOnce = (p: Plan, over: Over, sides: Sides): Steps => ({
  before: [],
  step: (k0) => [
    over('fill', (v) => sides((side, at) => fill(p, side, v, at, k0))),
    over('lane', (v) => multiply(p, v)),
  ],
})

/**
 * Each invocation reads its share of the next tiles into registers before it multiplies, and stores
 * it behind the barrier: what is read from memory is under way meanwhile.
 *
 * That is tried first, by counting alone, since no GPU was at hand. A step of 128 × 128 by 8 is 512
 * multiply-adds of each of 256 invocations, 1024 cycles of a multiprocessor with 128 lanes; what it
 * reads takes some 600 to arrive. Sums and operands take 128 registers an invocation, so that
 * 65 536 hold one workgroup and no second one fills the gap: about 1650 cycles a step, ahead 1050.
 * The bytes are the same, and so are the barriers, two a step; 8 registers more are in use.
 */
function ahead(p: Plan, over: Over, sides: Sides): Steps {
  const { tiles, extent, name, dtype } = p
  const count = invocationsOf(tiles)
  return {
    before: [
      ...sides((side) => [
        { tag: 'local', name: name(nextOf(side)), dtype, shape: [count, sharesOf(p, side)] },
      ]),
      over('first', (v) => sides((side, at) => fetch(p, side, v, at, size(0)))),
    ],
    step: (k0) => {
      const next = add(k0, tiles.depth)
      return [
        over('fill', (v) => sides((side) => put(p, side, v))),
        over('ahead', (v) => [
          when(
            lt(next, size(extent.terms)),
            sides((side, at) => fetch(p, side, v, at, next)),
          ),
        ]),
        over('lane', (v) => multiply(p, v)),
      ]
    },
  }
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
