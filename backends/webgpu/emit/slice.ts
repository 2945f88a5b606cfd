/**
 * Slice: the statements that some results of a block need, and no others.
 *
 *   a = x[i]; b = y[i]; u[i] = a; v[i] = b    for u    →    a = x[i]; u[i] = a
 */
import {
  type Block,
  blocksOf,
  expressionsOf,
  mapBlocks,
  nodesOf,
  type Stmt,
} from '../../../lib/loop/index.js'

/** Only the stores to `wanted` stay, with what they read; locals follow by themselves. */
export function sliceOf(block: Block, wanted: ReadonlySet<string>): Block {
  const names = new Set<string>()
  const buffers = new Set(wanted)
  const visit = (s: Stmt): boolean => {
    const inner = blocksOf(s).flatMap((b) => b.map(visit))
    const stays = inner.some((kept) => kept) || isWanted(s)
    if (!stays) return false
    for (const e of expressionsOf(s)) {
      for (const node of nodesOf(e)) {
        if (node.tag === 'variable') names.add(node.name)
        if (node.tag === 'load') buffers.add(node.buffer)
      }
    }
    return true
  }
  const isWanted = (s: Stmt): boolean => {
    if (s.tag === 'store') return wanted.has(s.buffer) || locals.has(s.buffer)
    if (s.tag === 'local') return buffers.has(s.name)
    return 'name' in s && names.has(s.name)
  }
  const declared = new Set(localsIn(block))
  const locals = new Set<string>()
  let before = -1
  // What a statement needs may stand before it or, in a loop, behind it.
  while (before !== names.size + buffers.size + locals.size) {
    before = names.size + buffers.size + locals.size
    block.forEach(visit)
    for (const buffer of buffers) if (declared.has(buffer)) locals.add(buffer)
  }
  const cut = (inner: Block): Block =>
    inner.flatMap((s): Block => {
      if (blocksOf(s).length === 0) return isWanted(s) ? [s] : []
      const kept = mapBlocks(s, cut)
      return blocksOf(kept).some((b) => b.length > 0) ? [kept] : []
    })
  return cut(block)
}

function localsIn(block: Block): readonly string[] {
  return block.flatMap((s) =>
    s.tag === 'local' ? [s.name] : blocksOf(s).flatMap((b) => localsIn(b)),
  )
}

/** Buffers and locals that a block reads or writes, by first use. */
export function buffersUsed(block: Block): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (s: Stmt): void => {
    if (s.tag !== 'touch') {
      for (const e of expressionsOf(s)) {
        for (const node of nodesOf(e)) if (node.tag === 'load') found.add(node.buffer)
      }
    }
    if (s.tag === 'store') found.add(s.buffer)
    for (const inner of blocksOf(s)) inner.forEach(visit)
  }
  block.forEach(visit)
  return found
}
