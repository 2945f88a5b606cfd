/**
 * Parts: the statements of a kernel that one dispatch runs.
 *
 *   s = Σ x; for i { y[i] = x[i] / s }    →    part 0: s = Σ x; keep s    part 1: for i { … }
 *
 * A top loop of independent iterations is a part: a grid of invocations, or of workgroups where the
 * schedule says so. What lies between goes to one workgroup. Parts run in order, so that a later
 * one sees what an earlier one stored; scalars and locals that cross go through scratch memory.
 */
import { type Dim, dimProduct } from '../../../lib/data/dim.js'
import {
  type Block,
  type Expr,
  expressionsOf,
  type Kernel,
  kernelNames,
  type Loop,
  load,
  namesIn,
  nodesOf,
  type Stmt,
  statementsOf,
  store,
} from '../../../lib/loop/index.js'
import type { GpuScratch } from './dispatch.js'
import { countOf } from './grid.js'

export interface Part {
  readonly tag: 'loop' | 'block'
  readonly body: Block
}

export interface Parts {
  readonly parts: readonly Part[]
  readonly scratch: readonly GpuScratch[]
}

export function partsOf(kernel: Kernel): Parts {
  const names = new Set(kernelNames(kernel))
  const written = new Set(
    statementsOf(kernel.body).flatMap((s) => (s.tag === 'store' ? [s.buffer] : [])),
  )
  const { cheap, rest } = cheapLets(kernel.body, names, written)
  const drafts = divide(rest, names)
  const locals = crossingLocals(drafts)
  const bare = drafts
    .map((part) => ({ ...part, body: part.body.filter((s) => !isOneOf(s, locals)) }))
    .filter((part) => part.body.length > 0)
  const { parts, scalars } = carryScalars(bare)
  const all = parts.map((part) => ({ ...part, body: [...needed(part.body, cheap), ...part.body] }))
  return {
    parts: all,
    scratch: [...locals.map(({ name, dtype, shape }) => ({ name, dtype, shape })), ...scalars],
  }
}

type Local = Stmt & { readonly tag: 'local' }
type Let = Stmt & { readonly tag: 'let' }

const isOneOf = (s: Stmt, locals: readonly Local[]): boolean => locals.some((l) => l === s)

/** Lets of sizes and of elements that nobody writes: each part that wants one computes it. */
function cheapLets(
  body: Block,
  names: ReadonlySet<string>,
  written: ReadonlySet<string>,
): { readonly cheap: readonly Let[]; readonly rest: Block } {
  const known = new Set(names)
  const cheap: Let[] = []
  const rest: Stmt[] = []
  for (const s of body) {
    const reads = s.tag === 'let' ? [...nodesOf(s.value)] : []
    const isCheap = reads.every((node) => {
      if (node.tag === 'variable') return known.has(node.name)
      return node.tag !== 'load' || !written.has(node.buffer)
    })
    if (s.tag !== 'let' || !isCheap) rest.push(s)
    else {
      known.add(s.name)
      cheap.push(s)
    }
  }
  return { cheap, rest }
}

/** The lets that a block reads, and those that they read. */
function needed(block: Block, lets: readonly Let[]): readonly Let[] {
  const wanted = namesRead(block)
  const taken: Let[] = []
  for (const s of lets.toReversed()) {
    if (!wanted.has(s.name)) continue
    taken.unshift(s)
    for (const name of namesIn(s.value)) wanted.add(name)
  }
  return taken
}

function namesRead(block: Block): Set<string> {
  const names = new Set<string>()
  for (const s of statementsOf(block)) {
    for (const e of expressionsOf(s)) for (const name of namesIn(e)) names.add(name)
    if (s.tag === 'accumulate' || s.tag === 'assign') names.add(s.name)
  }
  return names
}

function divide(body: Block, names: ReadonlySet<string>): readonly Part[] {
  const parts: { tag: Part['tag']; body: Stmt[] }[] = []
  // Declarations wait for whoever uses them first: alone they are no work for a workgroup.
  let waiting: Stmt[] = []
  const extend = (more: readonly Stmt[]): void => {
    const last = parts.at(-1)
    if (more.length === 0) return
    if (last?.tag === 'block') last.body.push(...more)
    else parts.push({ tag: 'block', body: [...more] })
  }
  for (const s of body) {
    const declares = s.tag === 'local' || (s.tag === 'variable' && s.initial.tag === 'constant')
    if (declares) {
      waiting.push(s)
      continue
    }
    const isLoop = s.tag === 'loop' && isLaunched(s, names)
    const read = isLoop ? namesRead([s]) : undefined
    const ready = waiting.filter((w) => read === undefined || ('name' in w && read.has(w.name)))
    waiting = waiting.filter((w) => !ready.includes(w))
    extend(ready)
    if (isLoop) parts.push({ tag: 'loop', body: [s] })
    else extend([s])
  }
  // Locals that only launched loops use still have to be known.
  extend(waiting.filter((w) => w.tag === 'local'))
  return parts
}

/** Whether the iterations of a top loop are invocations or workgroups of a dispatch. */
function isLaunched(loop: Loop, names: ReadonlySet<string>): boolean {
  if (loop.mode === 'sequential' || loop.spread === 'invocations') return false
  if (countOf(loop, names) === undefined) return false
  const own = new Set<string>()
  const changed: string[] = []
  for (const s of statementsOf(loop.body)) {
    if (s.tag === 'variable') own.add(s.name)
    if (s.tag === 'accumulate' || s.tag === 'assign') changed.push(s.name)
  }
  return changed.every((name) => own.has(name))
}

/** Locals that more than one part uses, or that the iterations of a launched loop share. */
function crossingLocals(parts: readonly Part[]): readonly Local[] {
  const users = new Map<string, Part[]>()
  for (const part of parts) {
    for (const buffer of buffersOf(part.body)) {
      users.set(buffer, [...(users.get(buffer) ?? []), part])
    }
  }
  return parts.flatMap((part) =>
    part.body.flatMap((s): readonly Local[] => {
      if (s.tag !== 'local') return []
      const alone = (users.get(s.name) ?? []).every((user) => user === part)
      return alone && typeof dimProduct(s.shape) === 'number' ? [] : [s]
    }),
  )
}

function buffersOf(block: Block): ReadonlySet<string> {
  const names = new Set<string>()
  for (const s of statementsOf(block)) {
    if (s.tag === 'store') names.add(s.buffer)
    for (const e of expressionsOf(s)) {
      for (const node of nodesOf(e)) if (node.tag === 'load') names.add(node.buffer)
    }
  }
  return names
}

/** A scalar that a later part reads is stored behind the part that sets it. */
function carryScalars(parts: readonly Part[]): {
  readonly parts: readonly Part[]
  readonly scalars: readonly GpuScratch[]
} {
  const scalars = new Map<string, GpuScratch>()
  const declared = new Map<string, { readonly part: number; readonly s: Stmt }>()
  parts.forEach((part, i) => {
    for (const s of part.body) {
      if (s.tag === 'let' || s.tag === 'variable') declared.set(s.name, { part: i, s })
    }
  })
  const reads = parts.map((part) => namesRead(part.body))
  const carried = parts.map((part, i): Part => {
    const before: Stmt[] = []
    const after: Stmt[] = []
    for (const [name, { part: home, s }] of declared) {
      const value = s.tag === 'let' ? s.value : s.tag === 'variable' ? s.initial : undefined
      if (value === undefined || value.dtype === 'i64') continue
      const later = reads.some((names, p) => p > home && names.has(name))
      if (!later) continue
      const scratch = `${name}.kept`
      scalars.set(name, { name: scratch, dtype: value.dtype, shape: [] })
      const kept: Expr = load(scratch, value.dtype, [])
      const changes = part.body.some((t) => changesIn(t, name))
      if (i > home && reads[i]?.has(name)) {
        before.push(
          s.tag === 'variable' && changes
            ? { ...s, initial: kept }
            : { tag: 'let', name, value: kept },
        )
      }
      if (i === home || (i > home && changes)) {
        after.push(store(scratch, [], { tag: 'variable', dtype: value.dtype, name }))
      }
    }
    return { ...part, body: [...before, ...part.body, ...after] }
  })
  return { parts: carried, scalars: [...scalars.values()] }
}

const changesIn = (s: Stmt, name: string): boolean =>
  statementsOf([s]).some((t) => (t.tag === 'assign' || t.tag === 'accumulate') && t.name === name)

export const volumeOf = (shape: readonly Dim[]): number | undefined => {
  const count = dimProduct(shape)
  return typeof count === 'number' ? count : undefined
}
