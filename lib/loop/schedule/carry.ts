/**
 * Carry: a reduction in blocks outside the loops over its results, which wait in a local tile.
 *
 *   for i, j { s = 0; for k { s += a·b }; c[i, j] = f(s) }    carry k by 256 in `at`    →
 *   at { t = 0
 *        for k0 step 256 { for i, j { s = t; for k { s += a·b }; t = s } }
 *        for i, j { s = t; c[i, j] = f(s) } }
 *
 * So a block of operands stays in cache for all results of the tile, in order of k as before. Loops
 * of the reduction around `k` go outside with it. What stands before the reduction, such as the
 * total of its blocks, comes behind it, where it is not read in it.
 */
import type { Dim } from '../../data/dim.js'
import { add, type Expr, load, min, size, sub, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { addedTo, isIndependent, isReduction, readsAny } from '../reduction.js'
import { type Block, type Loop, parallel, type Stmt, store, type Variable } from '../statement.js'
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
  if (!chain.every(isIndependent)) illegal(kernel, 'the loops over the results run in sequence')
  const { around, reduction, declared, behind } = partsOf(kernel, chain, name)
  const { dtype } = declared.initial
  if (dtype === 'i64') return illegal(kernel, 'an i64 cannot be stored')
  if (declared.initial.tag !== 'constant') {
    return illegal(kernel, `'${declared.name}' does not start at a constant`)
  }
  const tile = `${declared.name}.tile`
  requireFresh(kernel, tile)
  const { size: count, index } = flatTile(kernel, chain)
  const held = load(tile, dtype, [index])
  const partial: Block = [
    { ...declared, initial: held },
    ...blockOf(kernel, reduction, by, variable(outer)),
    { tag: 'store', buffer: tile, at: [index], value: variable(declared.name, dtype) },
  ]
  const steps: Loop = {
    ...reduction,
    index: outer,
    step: Math.max(by, reduction.step),
    mode: 'sequential',
    width: 1,
    body: nest(chain, partial),
  }
  const sum = `${declared.name}.sum`
  const rename = substitute(new Map([[declared.name, variable(sum, dtype)]]))
  const result: Stmt = { tag: 'let', name: sum, value: held }
  const carried: Block = [
    { tag: 'local', name: tile, dtype, shape: [count] },
    filled(tile, declared.name, count, declared.initial),
    ...around
      .toReversed()
      .reduce<Block>((inner, l) => [{ ...l, mode: 'sequential', body: inner }], [steps]),
    ...renest(kernel, chain, [result, ...rewriteBlock(behind, rename)]),
  ]
  if (container === undefined) return { ...kernel, body: carried }
  return replaceLoop(kernel, at, (loop) => [{ ...loop, body: carried }])
}

interface Parts {
  /** Loops of the reduction around the one that is carried. */
  readonly around: readonly Loop[]
  readonly reduction: Loop
  readonly declared: Variable
  /** What else the innermost loop over results does: all of it after the reduction. */
  readonly behind: Block
}

function partsOf(kernel: Kernel, chain: readonly Loop[], name: string): Parts {
  const inside = chain.at(-1)?.body ?? []
  const first = inside.find(
    (s): s is Loop => s.tag === 'loop' && chainFrom(s).some((l) => l.index === name),
  )
  const nested = first === undefined ? [] : chainFrom(first)
  const at = nested.findIndex((l) => l.index === name)
  const reduction = nested[at]
  const around = nested.slice(0, at)
  const plain = around.every((l) => isReduction(l) && l.width === 1)
  if (first === undefined || reduction === undefined || !plain || !isReduction(reduction)) {
    return illegal(kernel, `'${name}' is not a reduction right inside the loops over its results`)
  }
  if (!isZero(reduction.from)) illegal(kernel, `'${name}' does not start at 0`)
  const where = inside.indexOf(first)
  const before = inside.slice(0, where)
  const [target, ...more] = addedTo(first)
  const declared = before.find((s): s is Variable => s.tag === 'variable' && s.name === target)
  if (declared?.combine === undefined || more.length > 0) {
    return illegal(kernel, `there is more than one accumulator of '${name}'`)
  }
  const others = before.filter((s) => s !== declared)
  const names = new Set(others.flatMap((s) => ('name' in s ? s.name : [])))
  const movable = others.every((s) => s.tag === 'let' || s.tag === 'variable')
  if (!movable || readsAny([first], names)) {
    return illegal(kernel, `'${name}' reads what stands before it`)
  }
  return { around, reduction, declared, behind: [...others, ...inside.slice(where + 1)] }
}

/** Iterations from `start` on, as many as a step of `by` has; of a loop in blocks the block there. */
function blockOf(kernel: Kernel, reduction: Loop, by: number, start: Expr): Block {
  const { index, to, step, body } = reduction
  if (step > 1 && by <= step) return rewriteBlock(body, substitute(new Map([[index, start]])))
  if (step > 1) illegal(kernel, `'${index}' goes in steps of ${step}, less than ${by}`)
  const exact = to.tag === 'constant' && Number(to.value) % by === 0
  return [
    {
      ...reduction,
      to: exact ? size(by) : min(size(by), sub(to, start)),
      body: rewriteBlock(body, substitute(new Map([[index, add(start, variable(index))]]))),
    },
  ]
}

/** Every cell at its start, used or not: one flat loop. */
const filled = (tile: string, name: string, count: Dim, initial: Expr): Loop =>
  parallel(`${name}.start`, count, (cell) => [store(tile, [cell], initial)])

const nest = (chain: readonly Loop[], body: Block): Block =>
  chain.toReversed().reduce<Block>((inner, loop) => [{ ...loop, body: inner }], body)

/** The loops once more under other names. */
function renest(kernel: Kernel, chain: readonly Loop[], body: Block): Block {
  const taken = new Set(statementsOf(kernel.body).flatMap((s) => (s.tag === 'loop' ? s.index : [])))
  let suffix = '.end'
  while (chain.some((l) => taken.has(`${l.index}${suffix}`))) suffix += '.end'
  const names = new Map(
    chain.map((l): [string, Expr] => [l.index, variable(`${l.index}${suffix}`)]),
  )
  const rename = (block: Block): Block =>
    block.map((s): Stmt => {
      if (s.tag !== 'loop') return s
      const index = names.has(s.index) ? `${s.index}${suffix}` : s.index
      return { ...s, index, body: rename(s.body) }
    })
  return rewriteBlock(rename(nest(chain, body)), substitute(names))
}
