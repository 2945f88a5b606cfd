/**
 * Spill: one value of a part is computed into scratch memory by a part before it.
 *
 *   for i { s = Σ a[i, k]; u[i] = s + … }    →    for i { s = Σ a[i, k]; w[i] = s }
 *                                                 for i { s = w[i]; u[i] = s + … }
 *
 * A value is a let, or what a sum ends with, where all loops around are counted; or a piece of an
 * expression that reads no buffer which the part writes. Those that read the most buffers are
 * tried, and the one that leaves the fewest is taken, even if these are one more at first.
 */
import {
  type Block,
  childrenOf,
  div,
  type Expr,
  expressionsOf,
  type Loop,
  load,
  mapBlocks,
  mapExpressions,
  namesIn,
  nodesOf,
  parallel,
  rewriteExpr,
  type Stmt,
  type StorageType,
  statementsOf,
  store,
  sub,
  substitute,
  variable,
} from '../../../lib/loop/index.js'
import type { GpuScratch } from './dispatch.js'
import { countOf } from './grid.js'
import type { Part } from './part.js'
import { sliceOf } from './slice.js'

export interface Spilled {
  readonly before: Part
  readonly after: Part
  readonly scratch: GpuScratch
}

interface Candidate {
  readonly loops: readonly Loop[]
  readonly dtype: StorageType
  readonly value: Expr
  /** The let or the accumulator; undefined for a piece of an expression. */
  readonly name: string | undefined
  /** The buffers that it takes to compute it. */
  readonly buffers: ReadonlySet<string>
}

/** So many candidates are tried. */
const tries = 40

export function spill(
  part: Part,
  most: number,
  name: string,
  bindings: (body: Block) => ReadonlySet<string>,
): Spilled | undefined {
  const count = bindings(part.body).size
  const all = candidatesOf(part.body).filter((c) => c.buffers.size > 1 && c.buffers.size < most)
  for (const named of [true, false]) {
    const kind = all.filter((c) => (c.name !== undefined) === named)
    const some = (named ? bySize(kind) : distinct(kind)).slice(0, tries)
    let best: { readonly spilled: Spilled; readonly left: number } | undefined
    for (const candidate of some) {
      const spilled = spillOne(part, candidate, name)
      if (spilled === undefined) continue
      const [taken, left] = [spilled.before, spilled.after].map((p) => bindings(p.body).size)
      if (taken > most || left > count + 1 || left >= (best?.left ?? Infinity)) continue
      best = { spilled, left }
      if (left <= most) break
    }
    if (best !== undefined) return best.spilled
  }
  return undefined
}

/** The last of those that read the same, most buffers first. */
function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  const byBuffers = new Map(
    candidates.map((c) => [`${[...c.buffers].sort()} ${c.loops.length}`, c]),
  )
  return bySize([...byBuffers.values()])
}

const bySize = (candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.toSorted((a, b) => b.buffers.size - a.buffers.size)

function candidatesOf(body: Block): readonly Candidate[] {
  const written = new Set(statementsOf(body).flatMap((s) => (s.tag === 'store' ? [s.buffer] : [])))
  const found: Candidate[] = []
  const sources = new Map<string, ReadonlySet<string>>()
  const sourcesOf = (e: Expr): ReadonlySet<string> => {
    const all = new Set<string>()
    for (const node of nodesOf(e)) {
      if (node.tag === 'load') all.add(node.buffer)
      if (node.tag === 'variable') for (const b of sources.get(node.name) ?? []) all.add(b)
    }
    return all
  }
  const feed = (name: string, e: Expr): void => {
    sources.set(name, new Set([...(sources.get(name) ?? []), ...sourcesOf(e)]))
  }
  const lets = new Map<string, Expr>()
  const pieces = (s: Stmt, loops: readonly Loop[]): void => {
    for (const e of expressionsOf(s)) {
      for (const node of nodesOf(e)) {
        if (node.dtype === 'i64' || node.tag === 'load' || childrenOf(node).length === 0) continue
        const buffers = sourcesOf(node)
        if (buffers.size < 2) continue
        const value = substitute(lets)(node)
        if (!isPure(value, loops, written)) continue
        const around = moving(value, loops)
        found.push({ loops: around, dtype: node.dtype, value: node, name: undefined, buffers })
      }
    }
  }
  const walk = (block: Block, loops: readonly Loop[]): void => {
    const sums: (Stmt & { readonly tag: 'variable' })[] = []
    for (const s of block) {
      if (s.tag === 'while') continue
      if (s.tag === 'loop') walk(s.body, [...loops, s])
      else if (s.tag === 'if') {
        walk(s.yes, loops)
        walk(s.no, loops)
      } else pieces(s, loops)
      if (s.tag === 'let' || s.tag === 'assign' || s.tag === 'accumulate') feed(s.name, s.value)
      if (s.tag === 'variable') {
        feed(s.name, s.initial)
        if (s.combine !== undefined) sums.push(s)
      }
      if (s.tag !== 'let') continue
      lets.set(s.name, substitute(lets)(s.value))
      const { dtype } = s.value
      if (dtype === 'i64') continue
      const buffers = sourcesOf(s.value)
      found.push({ loops, dtype, value: variable(s.name, dtype), name: s.name, buffers })
    }
    for (const { name, initial } of sums) {
      const { dtype } = initial
      if (dtype === 'i64') continue
      const value = variable(name, dtype)
      found.push({ loops, dtype, value, name, buffers: sources.get(name) ?? new Set() })
    }
  }
  walk(body, [])
  return found
}

/** The loops that a value moves with, and those that their bounds move with. */
function moving(value: Expr, loops: readonly Loop[]): readonly Loop[] {
  const names = new Set(namesIn(value))
  return loops
    .toReversed()
    .filter((l) => {
      if (!names.has(l.index)) return false
      for (const e of [l.from, l.to]) for (const name of namesIn(e)) names.add(name)
      return true
    })
    .toReversed()
}

/** Whether a value depends on loops, sizes and unwritten buffers only. */
function isPure(value: Expr, loops: readonly Loop[], written: ReadonlySet<string>): boolean {
  const indices = new Set(loops.map((l) => l.index))
  return [...nodesOf(value)].every((node) => {
    if (node.tag === 'variable') return indices.has(node.name)
    return node.tag !== 'load' || !written.has(node.buffer)
  })
}

function spillOne(part: Part, candidate: Candidate, scratchName: string): Spilled | undefined {
  const { loops, dtype, value, name } = candidate
  const counts = loops.map((l) => countOf(l, sizeNames(l))?.count)
  const shape = counts.flatMap((count) => (count === undefined ? [] : [count]))
  if (shape.length < loops.length) return undefined
  const at = loops.map((l) => div(sub(variable(l.index), l.from), l.step))
  const held = load(scratchName, dtype, at)
  const write = store(scratchName, at, value)
  const before =
    name === undefined ? pieceOf(part, candidate, write) : upTo(part, name, scratchName, write)
  const body =
    name === undefined ? replacePiece(part.body, value, held) : replaceNamed(part.body, name, held)
  const all = statementsOf(part.body)
  const locals = new Set(all.flatMap((s) => (s.tag === 'local' ? [s.name] : [])))
  const stored = all.flatMap((s) => (s.tag === 'store' ? [s.buffer] : []))
  const results = new Set(stored.filter((buffer) => !locals.has(buffer)))
  const after = sliceOf(body, { buffers: results, names: new Set() })
  return { before, after: { ...part, body: after }, scratch: { name: scratchName, dtype, shape } }
}

const sizeNames = (loop: Loop): ReadonlySet<string> =>
  new Set(
    [loop.from, loop.to].flatMap((e) =>
      [...nodesOf(e)].flatMap((node) =>
        node.tag === 'size' ? (String(node.dim).match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []) : [],
      ),
    ),
  )

/** Loops over all places of the value, in any order, with the lets that it reads. */
function pieceOf(part: Part, { loops, value }: Candidate, write: Stmt): Part {
  const lets = new Map<string, Expr>()
  for (const s of statementsOf(part.body)) {
    if (s.tag === 'let') lets.set(s.name, substitute(lets)(s.value))
  }
  const whole = substitute(lets)(value)
  const inner: Stmt = write.tag === 'store' ? { ...write, value: whole } : write
  const body = loops
    .toReversed()
    .reduce<Block>(
      (block, { index, from, to, step }) => [
        { ...parallel(index, 0, () => block), from, to, step },
      ],
      [inner],
    )
  return { tag: loops.length === 0 ? 'block' : 'loop', body }
}

/** The part as far as the value, which it stores behind the last statement that changes it. */
function upTo(part: Part, name: string, scratch: string, write: Stmt): Part {
  const sets = (s: Stmt): boolean => 'name' in s && s.name === name
  const behind = (block: Block): Block => {
    const declares = block.some((s) => (s.tag === 'variable' || s.tag === 'let') && s.name === name)
    if (!declares) return block.map((s) => mapBlocks(s, behind))
    return block.toSpliced(block.findLastIndex((s) => statementsOf([s]).some(sets)) + 1, 0, write)
  }
  const wanted = { buffers: new Set([scratch]), names: new Set<string>() }
  return { ...part, body: sliceOf(behind(part.body), wanted) }
}

/** The very node, wherever it is read; others that look like it stay. */
function replacePiece(block: Block, value: Expr, held: Expr): Block {
  const swap = (e: Expr): Expr => (e === value ? held : e)
  const rewrite = (e: Expr): Expr => (nodesOf(e).has(value) ? rewriteExpr(swap)(e) : e)
  return block.map((s) =>
    mapBlocks(mapExpressions(s, rewrite), (b) => replacePiece(b, value, held)),
  )
}

/** The name is a let of what was stored; what made it goes with the slice. */
function replaceNamed(block: Block, name: string, held: Expr): Block {
  return block.flatMap((s): Block => {
    if ((s.tag === 'variable' || s.tag === 'let') && s.name === name) {
      return [{ tag: 'let', name, value: held }]
    }
    if ((s.tag === 'accumulate' || s.tag === 'assign') && s.name === name) return []
    return [mapBlocks(s, (b) => replaceNamed(b, name, held))]
  })
}
