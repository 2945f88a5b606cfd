/**
 * Stage: what a loop reads of an operand is copied into a local tile first, in the order of use.
 *
 *   for j0 step 256 { … b[k, j0 + j1 + j] … }    staged at j0 as j1, k, j    →
 *   for j0 step 256 { for j1, k, j { t[j1/8·K·8 + k·8 + j] = b[…] }; … t[…] … }
 *
 * The operand is the largest part of the accumulated value that moves with no loop but those that
 * move the load, so a prologue is computed once, in the copy. Tiles are flat; the last one of a
 * split may be partly empty and is read no further than it was filled. Where two loops move the
 * operand only by their sum, as those of a convolution do, the tile holds a place for each sum.
 */
import { add, binary, type Expr, load, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import type { Block, Loop, Stmt } from '../statement.js'
import {
  buffersIn,
  childrenOf,
  mapBlocks,
  namesIn,
  rewriteExpr,
  statementsOf,
  substitute,
} from '../traverse.js'
import {
  dropUnusedLets,
  findLoop,
  flatTile,
  illegal,
  loadsIn,
  pathTo,
  replaceLoop,
  requireFresh,
  zeroIndex,
} from './nest.js'
import { isSum, widened } from './window.js'

export function stageOperand(
  kernel: Kernel,
  buffer: string,
  at: string,
  order: readonly string[],
): Kernel {
  const tile = `${buffer}.tile`
  requireFresh(kernel, tile)
  const outer = findLoop(kernel, at)
  const place = pathTo(
    outer.body,
    (s) => s.tag === 'accumulate' && buffersIn(inlineLets(kernel, s.value)).has(buffer),
  )
  if (place?.found.tag !== 'accumulate') {
    return illegal(kernel, `no accumulation inside '${at}' reads '${buffer}'`)
  }
  const value = inlineLets(kernel, place.found.value)
  const [first] = loadsIn(value).filter((l) => l.buffer === buffer)
  if (first === undefined) return illegal(kernel, `'${buffer}' is not read in '${at}'`)
  const moving = new Set(place.loops.map((l) => l.index))
  const operand = largestWith(value, first, moving)
  if (new Set(order).size < order.length) illegal(kernel, 'the tile names a loop twice')
  const loops = order.map((name) => {
    const loop = place.loops.find((l) => l.index === name)
    return loop ?? illegal(kernel, `'${name}' is not a loop between '${at}' and the accumulation`)
  })
  const joined = new Map<string, string>()
  for (const name of namesIn(operand)) {
    if (!moving.has(name) || order.includes(name)) continue
    const into = order.find((listed) => isSum(operand, listed, name))
    if (into === undefined) {
      illegal(kernel, `'${buffer}' moves with '${name}', which is not among the tile's loops`)
    }
    joined.set(name, into)
  }
  const sides = loops.map((loop) =>
    widened(
      kernel,
      loop,
      place.loops.filter((l) => joined.get(l.index) === loop.index),
    ),
  )
  const { size: count, index } = flatTile(kernel, sides)
  const dtype = operand.dtype
  if (dtype === 'i64') return illegal(kernel, 'an i64 cannot be stored')
  const alone = rewriteExpr((e) => {
    if (e.tag === 'variable') return joined.has(e.name) ? zeroIndex : e
    // Rebuilt, so that what the zeros leave behind folds away.
    return e.tag === 'binary' && e.dtype === 'i32' ? binary(e.op, e.x, e.y) : e
  })
  const copy = copyLoops(sides, tile, index, alone(operand))
  const found = place.found
  const sums = order.map((name): [string, Expr] => [
    name,
    [...joined].reduce<Expr>(
      (sum, [other, into]) => (into === name ? add(sum, variable(other)) : sum),
      variable(name),
    ),
  ])
  const read = load(tile, dtype, [substitute(new Map(sums))(index)])
  const replace = (block: Block): Block =>
    block.map((s) => {
      if (s !== found) return mapBlocks(s, replace)
      return { ...found, value: rewriteExpr((e) => (e === operand ? read : e))(value) }
    })
  return dropUnusedLets(
    replaceLoop(kernel, at, (loop) => [
      {
        ...loop,
        body: [{ tag: 'local', name: tile, dtype, shape: [count] }, ...copy, ...replace(loop.body)],
      },
    ]),
  )
}

/** Values of lets put in place, for expressions whose lets read no variables. */
function inlineLets(kernel: Kernel, e: Expr): Expr {
  const values = new Map<string, Expr>()
  for (const s of statementsOf(kernel.body)) {
    if (s.tag === 'let' && buffersIn(s.value).size > 0) {
      values.set(s.name, substitute(values)(s.value))
    }
  }
  return values.size === 0 ? e : substitute(values)(e)
}

/** The largest part of `e` around the load that moves with no more loops than the load. */
function largestWith(e: Expr, target: Expr, moving: ReadonlySet<string>): Expr {
  const loopsOf = (x: Expr): readonly string[] => [...namesIn(x)].filter((n) => moving.has(n))
  const own = new Set(loopsOf(target))
  const go = (x: Expr): Expr | undefined => {
    if (x === target) return x
    const inside = childrenOf(x)
      .map(go)
      .find((found) => found !== undefined)
    if (inside === undefined) return undefined
    const below = childrenOf(x).includes(inside)
    return below && loopsOf(x).every((n) => own.has(n)) ? x : inside
  }
  return go(e) ?? target
}

/** The loops again, with names of their own, around the copy. */
function copyLoops(loops: readonly Loop[], tile: string, index: Expr, operand: Expr): Block {
  const renamed = new Map(loops.map((l) => [l.index, `${l.index}.${tile}`]))
  const rename = substitute(
    new Map([...renamed].map(([from, to]): [string, Expr] => [from, variable(to)])),
  )
  const innermost: Stmt = {
    tag: 'store',
    buffer: tile,
    at: [rename(index)],
    value: rename(operand),
  }
  // Bounds may depend on loops further out only, whatever the order of the tile.
  const outerFirst = loops.toSorted((a, b) => Number(dependsOn(a, b)) - Number(dependsOn(b, a)))
  return outerFirst.toReversed().reduce<Block>(
    (body, loop) => [
      {
        ...loop,
        index: renamed.get(loop.index) ?? loop.index,
        from: rename(loop.from),
        to: rename(loop.to),
        mode: loop.mode === 'sequential' ? 'parallel' : loop.mode,
        body,
      },
    ],
    [innermost],
  )
}

const dependsOn = (a: Loop, b: Loop): boolean =>
  namesIn(a.to).has(b.index) || namesIn(a.from).has(b.index)
