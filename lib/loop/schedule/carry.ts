/**
 * Carry: a reduction in blocks outside the loops over its results, which wait in a local tile.
 *
 *   for i, j { s = 0; for k { s += a·b }; c[i, j] = f(s) }    carry k by 256 in `at`    →
 *   at { t = 0
 *        for k0 step 256 { for i, j { s = t; for k { s += a·b }; t = s } }
 *        for i, j { s = t; c[i, j] = f(s) } }
 *
 * So a block of operands stays in cache for all results of the tile, in order of k as before.
 */
import type { Dim } from '../../data/dim.js'
import { add, type Expr, load, min, size, sub, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { isIndependent, isReduction } from '../reduction.js'
import { type Block, type Loop, parallel, type Stmt, store } from '../statement.js'
import { rewriteBlock, statementsOf, substitute } from '../traverse.js'
import {
  chainFrom,
  findLoop,
  flatTile,
  illegal,
  isZero,
  replaceLoop,
  requireFresh,
} from './nest.js'

export function carryReduction(
  kernel: Kernel,
  name: string,
  by: number,
  outer: string,
  at: string,
): Kernel {
  requireFresh(kernel, outer)
  const container = at === '' ? undefined : findLoop(kernel, at)
  const body = container?.body ?? kernel.body
  const [top] = body.filter((s): s is Loop => s.tag === 'loop')
  if (top === undefined || body.length !== 1) {
    return illegal(kernel, `'${at}' holds more than one nest of loops`)
  }
  const chain = chainFrom(top)
  const inside = chain.at(-1)?.body ?? []
  const reduction = inside.find((s): s is Loop => s.tag === 'loop' && s.index === name)
  if (reduction === undefined || !isReduction(reduction) || !isZero(reduction.from)) {
    return illegal(kernel, `'${name}' is not a reduction right inside the loops of '${at}'`)
  }
  if (!chain.every(isIndependent)) illegal(kernel, 'the loops over the results run in sequence')
  const where = inside.indexOf(reduction)
  const [before, after] = [inside.slice(0, where), inside.slice(where + 1)]
  const [declared] = before
  if (before.length !== 1 || declared?.tag !== 'variable' || declared.combine === undefined) {
    return illegal(kernel, `there is more than one accumulator before '${name}'`)
  }
  const { dtype } = declared.initial
  if (dtype === 'i64') return illegal(kernel, 'an i64 cannot be stored')
  const tile = `${declared.name}.tile`
  requireFresh(kernel, tile)
  const { size: count, index } = flatTile(kernel, chain)
  const again = (suffix: string, statements: Block): Block => renest(chain, suffix, statements)
  const cell = (value: Expr): Stmt => ({ tag: 'store', buffer: tile, at: [index], value })
  const held = load(tile, dtype, [index])
  const start = variable(outer)
  const { to } = reduction
  const exact = to.tag === 'constant' && Number(to.value) % by === 0
  const block: Loop = {
    ...reduction,
    to: exact ? size(by) : min(size(by), sub(reduction.to, start)),
    body: rewriteBlock(reduction.body, substitute(new Map([[name, add(start, variable(name))]]))),
  }
  const partial: Block = [
    { ...declared, initial: held },
    block,
    cell(variable(declared.name, dtype)),
  ]
  const result: Stmt = { tag: 'let', name: `${declared.name}.sum`, value: held }
  const rename = substitute(new Map([[declared.name, variable(`${declared.name}.sum`, dtype)]]))
  if (declared.initial.tag !== 'constant') {
    return illegal(kernel, `'${declared.name}' does not start at a constant`)
  }
  const carried: Block = [
    { tag: 'local', name: tile, dtype, shape: [count] },
    filled(tile, declared.name, count, declared.initial),
    {
      ...reduction,
      index: outer,
      step: by,
      mode: 'sequential',
      width: 1,
      body: nest(chain, partial),
    },
    ...again('.end', [result, ...rewriteBlock(after, rename)]),
  ]
  if (container === undefined) return { ...kernel, body: carried }
  return replaceLoop(kernel, at, (loop) => [{ ...loop, body: carried }])
}

/** Every cell at its start, used or not: one flat loop. */
const filled = (tile: string, name: string, count: Dim, initial: Expr): Loop =>
  parallel(`${name}.start`, count, (cell) => [store(tile, [cell], initial)])

const nest = (chain: readonly Loop[], body: Block): Block =>
  chain.toReversed().reduce<Block>((inner, loop) => [{ ...loop, body: inner }], body)

/** The loops once more under other names. */
function renest(chain: readonly Loop[], suffix: string, body: Block): Block {
  const names = new Map(
    chain.map((l): [string, Expr] => [l.index, variable(`${l.index}${suffix}`)]),
  )
  const lets = new Map<string, Expr>()
  for (const s of statementsOf(body)) {
    if (s.tag === 'loop') lets.set(s.index, variable(s.index))
  }
  const rename = (block: Block): Block =>
    block.map((s): Stmt => {
      if (s.tag !== 'loop') return s
      const index = names.has(s.index) ? `${s.index}${suffix}` : s.index
      return { ...s, index, body: rename(s.body) }
    })
  return rewriteBlock(rename(nest(chain, body)), substitute(names))
}
