/**
 * How threads divide a kernel, by what its schedule spread.
 *
 *   pieces     the kernel is one loop over threads: who is free takes the next piece of it
 *   lockstep   loops over threads lie side by side or inside others: every thread walks through
 *              the kernel, takes its share of each such loop and meets the others behind it
 *   alone      nothing is spread: the first thread does all of it
 *
 * In lock step, what only fills memory of a thread's own is done by every thread, and what writes
 * memory that all see by the first one. A loop that does both and leaves values in variables, or a
 * loop over threads inside a branch, makes the whole kernel the first thread's.
 */
import {
  type Block,
  blocksOf,
  buffersIn,
  expressionsOf,
  type Kernel,
  type Loop,
  type Stmt,
  statementsOf,
} from '../lib/loop/index.js'

export type Division =
  | { readonly tag: 'pieces'; readonly loop: Loop }
  | { readonly tag: 'lockstep'; readonly shared: ReadonlySet<string> }
  /** The loop, where there is one, is run in several calls. */
  | { readonly tag: 'alone'; readonly loop: Loop | undefined }

export function divisionOf(kernel: Kernel, threads: boolean): Division {
  const loop = onlyLoop(kernel)
  if (loop !== undefined && isOverThreads(loop) && threads) return { tag: 'pieces', loop }
  if (threads && kernel.body.some(holdsSpread)) {
    const shared = sharedIn(kernel)
    if (kernel.body.every((s) => fits(s, shared))) return { tag: 'lockstep', shared }
  }
  return { tag: 'alone', loop }
}

export const isOverThreads = (s: Stmt): s is Loop & { readonly spread: 'threads' } =>
  s.tag === 'loop' && s.spread === 'threads'

/** Whether a loop over threads is the statement or lies in it. */
export const holdsSpread = (s: Stmt): boolean => statementsOf([s]).some(isOverThreads)

export const writesAny = (s: Stmt, buffers: ReadonlySet<string>): boolean =>
  statementsOf([s]).some((inner) => inner.tag === 'store' && buffers.has(inner.buffer))

export const readsAnyOf = (s: Stmt, buffers: ReadonlySet<string>): boolean =>
  statementsOf([s]).some((inner) =>
    expressionsOf(inner).some((e) => [...buffersIn(e)].some((name) => buffers.has(name))),
  )

/** The loop whose range may be cut: the only statement besides scratch memory and lets. */
function onlyLoop(kernel: Kernel): Loop | undefined {
  const loops = kernel.body.filter((s) => s.tag !== 'local' && s.tag !== 'let')
  const [loop] = loops
  if (loops.length !== 1 || loop?.tag !== 'loop' || loop.mode === 'sequential') return undefined
  const bounds = [loop.from, loop.to].every((x) => x.tag === 'constant' || x.tag === 'size')
  // Lets are computed again for each piece, and scratch memory outside the loop belongs to one.
  const written = new Set(statementsOf([loop]).flatMap((s) => (s.tag === 'store' ? s.buffer : [])))
  const others = kernel.body.filter((s) => s !== loop)
  const apart = others.every((s) => s.tag === 'let' && !readsAnyOf(s, written))
  return bounds && apart ? loop : undefined
}

/** Buffers that all threads see: the kernel's, and local ones that several threads fill. */
function sharedIn(kernel: Kernel): ReadonlySet<string> {
  const shared = new Set(kernel.buffers.map((b) => b.name))
  const walk = (block: Block, inSpread: boolean): void => {
    for (const s of block) {
      if (inSpread && s.tag === 'store') shared.add(s.buffer)
      const inside = inSpread || isOverThreads(s)
      for (const inner of blocksOf(s)) walk(inner, inside)
      // Iterations of a loop over threads have scratch memory of their own.
      if (inSpread) for (const own of block) if (own.tag === 'local') shared.delete(own.name)
    }
  }
  walk(kernel.body, false)
  const leaves = leavesOf(kernel.body)
  let before = -1
  while (before !== shared.size) {
    before = shared.size
    for (const s of leaves) {
      if (!writesAny(s, shared)) continue
      for (const inner of statementsOf([s])) if (inner.tag === 'store') shared.add(inner.buffer)
      for (const inner of statementsOf([s])) if (inner.tag === 'local') shared.delete(inner.name)
    }
  }
  return shared
}

/** Statements that one thread or every thread does as a whole. */
const leavesOf = (block: Block): Block =>
  block.flatMap((s) => {
    if (isOverThreads(s)) return []
    return holdsSpread(s) ? blocksOf(s).flatMap(leavesOf) : [s]
  })

function fits(s: Stmt, shared: ReadonlySet<string>): boolean {
  if (isOverThreads(s)) return true
  if (holdsSpread(s)) {
    const walked = s.tag === 'loop' && (s.mode === 'parallel' || s.mode === 'sequential')
    return walked && s.body.every((inner) => fits(inner, shared))
  }
  return !writesAny(s, shared) || !leavesValues(s)
}

/** Whether a statement sets variables from outside it. */
function leavesValues(s: Stmt): boolean {
  const inner = statementsOf([s])
  const own = new Set(inner.flatMap((t) => (t.tag === 'variable' ? [t.name] : [])))
  return inner.some((t) => (t.tag === 'assign' || t.tag === 'accumulate') && !own.has(t.name))
}
