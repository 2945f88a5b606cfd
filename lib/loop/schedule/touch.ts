/**
 * Touch: cache lines are asked for together, before they are used one by one.
 *
 *   for i { y[i] = f(x[i]) }    touch i by 128 of i    →
 *   for i.lines step 128 { if whole { touch x[i.lines], y[i.lines] +128 }; for i in 0..128 { … } }
 *
 * So as many reads are under way at once as the memory takes, where a loop with much work an
 * element would wait for each line in turn. Of another loop, around it: with every step of a loop
 * in lanes, what it will read in the next iteration of that one. Only what lies side by side is
 * touched.
 */
import { add, type Expr, le, lt, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { type Block, type Loop, type Touch, when } from '../statement.js'
import {
  blocksOf,
  childrenOf,
  expressionsOf,
  namesIn,
  nodesOf,
  statementsOf,
  substitute,
} from '../traverse.js'
import type { Decision } from './decision.js'
import { findLoop, illegal, isZero, pathTo, replaceLoop } from './nest.js'
import { accessesIn, type BufferAccess, motionOf } from './stride.js'
import { splitLoop } from './tile.js'

export function touchLines(kernel: Kernel, name: string, by: number, of: string): Kernel {
  const loop = findLoop(kernel, name)
  const rows = rowsOf(kernel, loop)
  if (rows.length === 0) illegal(kernel, `'${name}' walks along nothing`)
  if (of !== name) return touchNext(kernel, loop, by, findLoop(kernel, of), rows)
  const outer = `${name}.lines`
  return replaceLoop(splitLoop(kernel, name, by, outer), outer, (lines) => {
    const start = variable(outer)
    const touches = touchesOf(rows, by, new Map([[name, start]]))
    const to = lines.to.tag === 'constant' ? Number(lines.to.value) : Number.NaN
    const whole = isZero(lines.from) && to % by === 0
    const asking = whole ? touches : [when(le(add(start, by), lines.to), touches)]
    return [{ ...lines, body: [...asking, ...lines.body] }]
  })
}

/** Loads of the loop that move with `of` too, one iteration of it further. */
function touchNext(
  kernel: Kernel,
  loop: Loop,
  by: number,
  of: Loop,
  rows: readonly BufferAccess[],
): Kernel {
  const next = add(variable(of.index), of.step)
  const loads = rows.filter((a) => !a.store && a.at.some((e) => namesIn(e).has(of.index)))
  const inside = pathTo(of.body, (s) => s === loop) !== undefined
  if (loads.length === 0 || !inside || loop.mode !== 'vector' || loop.width !== by) {
    return illegal(kernel, `'${loop.index}' reads nothing ahead of '${of.index}' ${by} at a time`)
  }
  const touches = touchesOf(loads, by, new Map([[of.index, next]]))
  return replaceLoop(kernel, loop.index, (l) => [
    { ...l, body: [when(lt(next, of.to), touches), ...l.body] },
  ])
}

/** Accesses of a kernel's buffers side by side along the loop, at places known before its body. */
function rowsOf(kernel: Kernel, loop: Loop): readonly BufferAccess[] {
  const inner = new Set(
    statementsOf(loop.body).flatMap((s) =>
      s.tag === 'loop' ? [s.index] : 'name' in s ? [s.name] : [],
    ),
  )
  const seen = new Map<string, readonly BufferAccess[]>()
  for (const a of accessesIn(loop.body)) {
    const outside = !a.at.some((e) => [...namesIn(e)].some((name) => inner.has(name)))
    const global = kernel.buffers.some((b) => b.name === a.buffer)
    if (!outside || !global || motionOf(kernel, a, loop.index) !== 'next') continue
    // The first access of a buffer stands for all: others are a few elements away.
    if (!seen.has(a.buffer)) seen.set(a.buffer, [a])
  }
  return [...seen.values()].flat()
}

const touchesOf = (
  rows: readonly BufferAccess[],
  count: number,
  by: ReadonlyMap<string, Expr>,
): readonly Touch[] =>
  rows.map(({ buffer, at }) => ({ tag: 'touch', buffer, at: at.map(substitute(by)), count }))

/** Operations on elements, index arithmetic left out. */
export function workOf(block: Block): number {
  let work = 0
  for (const s of statementsOf(block)) {
    for (const e of s.tag === 'loop' ? [] : expressionsOf(s)) {
      for (const node of nodesOf(e)) {
        if (childrenOf(node).length > 0 && node.tag !== 'load' && node.dtype !== 'i32') work++
      }
    }
  }
  return work
}

/** Less work an element than this leaves reads under way by itself. */
export const muchWork = 8

/** Rows that are read again with much work: the next one is asked for meanwhile. */
export function nextRows(kernel: Kernel): readonly Decision[] {
  const within = (block: Block): readonly Decision[] =>
    block.flatMap((of): readonly Decision[] => {
      const inner = blocksOf(of).flatMap(within)
      if (of.tag !== 'loop' || of.mode !== 'parallel') return inner
      const loops = of.body.filter((s): s is Loop => s.tag === 'loop')
      const again = loops.slice(1).find((l) => l.mode === 'vector' && workOf(l.body) >= muchWork)
      if (again === undefined || loops.length < 3) return inner
      const next: Decision = { tag: 'touch', loop: again.index, by: again.width, of: of.index }
      return [next, ...inner]
    })
  return within(kernel.body)
}
