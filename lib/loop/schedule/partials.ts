/**
 * Partials: what the steps of a reduction add is kept first, and added up behind them.
 *
 *   for i in 0..n step 4096 { p = 0; …; s += p }    →
 *   local t[⌈n/4096⌉]
 *   parallel i in 0..⌈n/4096⌉ { p = 0; … 4096·i …; t[i] = p }
 *   for i.all in 0..⌈n/4096⌉ { s += t[i.all] }
 *
 * The terms and their order stay, so the result does too; the steps are independent then, and may
 * be spread.
 */
import { type Dim, dimAdd, dimFloorDivide } from '../../data/dim.js'
import { type Expr, load, mul, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { type Loop, type Stmt, sequential } from '../statement.js'
import { rewriteBlock, statementsOf, substitute } from '../traverse.js'
import { extentOf, findLoop, illegal, isZero, replaceLoop, requireFresh } from './nest.js'
import { accumulatorsOf, mayAddApart } from './tile.js'

export function keepPartials(kernel: Kernel, name: string): Kernel {
  const loop = findLoop(kernel, name)
  if (!mayAddApart(kernel, loop) || !isZero(loop.from))
    illegal(kernel, `'${name}' is not a reduction`)
  if (loop.width > 1) illegal(kernel, `'${name}' runs in lock step`)
  const count = stepsOf(kernel, loop)
  const all = `${name}.all`
  requireFresh(kernel, all)
  const targets = accumulatorsOf(kernel, loop)
  const tiles = [...targets.keys()]
  const tileOf = (target: string): string => `${target}.${name}.tile`
  const index = variable(name)
  const locals: Stmt[] = []
  const sums: ((q: Expr) => Stmt)[] = []
  for (const target of tiles) {
    const dtype = targets.get(target)?.initial.dtype
    if (dtype === undefined || dtype === 'i64') return illegal(kernel, 'an i64 cannot be stored')
    const adds = statementsOf(loop.body).filter((s) => s.tag === 'accumulate' && s.name === target)
    if (adds.length !== 1 || !loop.body.includes(adds[0])) {
      illegal(kernel, `a step of '${name}' does not add to '${target}' just once`)
    }
    requireFresh(kernel, tileOf(target))
    locals.push({ tag: 'local', name: tileOf(target), dtype, shape: [count] })
    sums.push((q) => ({ tag: 'accumulate', name: target, value: load(tileOf(target), dtype, [q]) }))
  }
  const moved = substitute(new Map([[name, mul(index, loop.step)]]))
  const kept = loop.body.map((s): Stmt => {
    if (s.tag !== 'accumulate' || !tiles.includes(s.name)) return s
    return { tag: 'store', buffer: tileOf(s.name), at: [partial], value: s.value }
  })
  const body = rewriteBlock(kept, moved).map(
    (s): Stmt => (s.tag === 'store' && s.at[0] === partial ? { ...s, at: [index] } : s),
  )
  const steps: Loop = { ...sequential(name, count, () => body), mode: 'parallel' }
  const total = sequential(all, count, (q) => sums.map((sum) => sum(q)))
  return replaceLoop(kernel, name, () => [...locals, steps, total])
}

/** Stands for the number of a step while the index is replaced by where it starts. */
const partial = variable('%step')

/** ⌈extent / step⌉. */
function stepsOf(kernel: Kernel, loop: Loop): Dim {
  const extent = extentOf(loop)
  if (extent === undefined) return illegal(kernel, `the extent of '${loop.index}' varies`)
  return dimFloorDivide(dimAdd(extent, loop.step - 1), loop.step)
}
