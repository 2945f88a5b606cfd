/**
 * Collapse: two nested loops over neighbouring axes become one flat loop.
 *
 *   for i in 0..m { for j in 0..n { y[i, j] = f(x[i, j]) } }    →    for i in 0..m*n { y[i] = f(x[i]) }
 *
 * The two are both parallel or both in order, which stays. Every access must take both indices on neighbouring axes of just these extents, or neither; the
 * buffers lose an axis, and keep their elements. The indices must not be used as values.
 */
import { type Dim, dimMul } from '../../data/dim.js'
import { type Expr, size, variable } from '../expression.js'
import type { BufferParameter, Kernel } from '../kernel.js'
import type { Block, Loop, Stmt } from '../statement.js'
import {
  expressionsOf,
  mapBlocks,
  mapExpressions,
  namesIn,
  nodesOf,
  rewriteExpr,
  statementsOf,
  substitute,
} from '../traverse.js'
import { extentOf, findLoop, illegal, isZero, replaceLoop } from './nest.js'

/** Stands for the flat index until both old ones are gone. */
const flatIndex = '%flat'

export function collapseLoops(kernel: Kernel, outer: string, inner: string): Kernel {
  const loop = findLoop(kernel, outer)
  const [within] = loop.body
  if (loop.body.length !== 1 || within?.tag !== 'loop' || within.index !== inner) {
    return illegal(kernel, `'${inner}' is not all of the body of '${outer}'`)
  }
  const plain = [loop, within].every((l) => isZero(l.from) && l.step === 1 && l.width === 1)
  const alike = loop.mode === within.mode && ['parallel', 'sequential'].includes(loop.mode)
  const [m, n] = [extentOf(loop), extentOf(within)]
  if (m === undefined || n === undefined || !plain) {
    return illegal(kernel, `'${outer}' and '${inner}' do not both run from 0 in steps of 1`)
  }
  if (!alike) return illegal(kernel, `'${outer}' and '${inner}' are not both parallel or in order`)
  const merged = mergedAxes(kernel, within, [outer, inner], [m, n])
  const body = flatten(within.body, merged)
  for (const s of statementsOf(body)) {
    const names = expressionsOf(s).flatMap((e) => [...namesIn(e)])
    if (names.includes(outer) || names.includes(inner)) {
      illegal(kernel, `'${outer}' or '${inner}' is used as a value`)
    }
  }
  const buffers = kernel.buffers.map((b): BufferParameter => {
    const axis = merged.get(b.name)
    return axis === undefined ? b : { ...b, shape: b.shape.toSpliced(axis, 2, dimMul(m, n)) }
  })
  const rename = substitute(new Map([[flatIndex, variable(outer)]]))
  const named = (block: Block): Block =>
    block.map((s) => mapBlocks(mapExpressions(s, rename), named))
  const flat: Loop = { ...loop, to: size(dimMul(m, n)), body: named(body) }
  return { ...replaceLoop(kernel, outer, () => [flat]), buffers }
}

function flatten(block: Block, merged: ReadonlyMap<string, number>): Block {
  const index = (buffer: string, at: readonly Expr[]): readonly Expr[] => {
    const axis = merged.get(buffer)
    return axis === undefined ? at : at.toSpliced(axis, 2, variable(flatIndex))
  }
  const loads = rewriteExpr((e) => (e.tag === 'load' ? { ...e, at: index(e.buffer, e.at) } : e))
  return block.map((s): Stmt => {
    const inner = mapBlocks(mapExpressions(s, loads), (b) => flatten(b, merged))
    return inner.tag === 'store' ? { ...inner, at: index(inner.buffer, inner.at) } : inner
  })
}

/** The first of the two axes that merge, for each buffer that has them. */
function mergedAxes(
  kernel: Kernel,
  within: Loop,
  names: readonly [string, string],
  extents: readonly [Dim, Dim],
): ReadonlyMap<string, number> {
  const merged = new Map<string, number>()
  const plain = new Set<string>()
  const meet = (buffer: string, at: readonly Expr[]): void => {
    const uses = at.flatMap((e) => names.filter((name) => namesIn(e).has(name)))
    const axis = at.findIndex((e) => e.tag === 'variable' && e.name === names[0])
    const next = at[axis + 1]
    const shape = kernel.buffers.find((b) => b.name === buffer)?.shape
    const fits =
      uses.length === 2 &&
      next?.tag === 'variable' &&
      next.name === names[1] &&
      shape?.[axis] === extents[0] &&
      shape[axis + 1] === extents[1]
    if (uses.length === 0) plain.add(buffer)
    else if (fits && (merged.get(buffer) ?? axis) === axis) merged.set(buffer, axis)
    else illegal(kernel, `'${buffer}' is not read along ${names.join(', ')}`)
  }
  const inside = new Set(statementsOf(within.body))
  for (const s of statementsOf(kernel.body)) {
    const visit = (buffer: string, at: readonly Expr[]): void => {
      if (inside.has(s)) meet(buffer, at)
      else plain.add(buffer)
    }
    if (s.tag === 'store') visit(s.buffer, s.at)
    for (const e of expressionsOf(s)) {
      for (const node of nodesOf(e)) if (node.tag === 'load') visit(node.buffer, node.at)
    }
  }
  for (const name of merged.keys()) {
    if (plain.has(name)) illegal(kernel, `'${name}' is used both ways`)
  }
  return merged
}
