/**
 * When the invocations of a workgroup must wait for one another: before memory that they share is
 * used as one of them left it, or changed while another may still read it.
 */
import {
  type Block,
  expressionsOf,
  nodesOf,
  type Stmt,
  statementsOf,
} from '../../../lib/loop/index.js'
import { type Emission, type Memory, write } from './emission.js'

/** Memory used since the last barrier. */
export interface Pending {
  readonly reads: Set<string>
  readonly writes: Set<string>
}

export interface Accesses {
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
}

/** What statements do to memory that invocations share and somebody writes. */
export function accessesOf(
  e: Emission,
  statements: readonly Stmt[],
  written: ReadonlySet<string>,
): Accesses {
  const reads = new Set<string>()
  const writes = new Set<string>()
  const isShared = (name: string): boolean =>
    e.memories.get(name)?.space !== 'private' && written.has(name)
  for (const s of statements) {
    if (s.tag === 'store' && isShared(s.buffer)) writes.add(s.buffer)
    if (s.tag === 'touch') continue
    for (const x of expressionsOf(s)) {
      for (const node of nodesOf(x)) {
        if (node.tag === 'load' && isShared(node.buffer)) reads.add(node.buffer)
      }
    }
  }
  return { reads, writes }
}

export const accessesIn = (e: Emission, block: Block, written: ReadonlySet<string>): Accesses =>
  accessesOf(e, statementsOf(block), written)

/** Waits where the accesses meet earlier ones, and remembers them. */
export function beforeAccess(e: Emission, pending: Pending, next: Accesses): void {
  const meets =
    [...next.reads].some((name) => pending.writes.has(name)) ||
    [...next.writes].some((name) => pending.writes.has(name) || pending.reads.has(name))
  if (meets) wait(e, pending)
  for (const name of next.reads) pending.reads.add(name)
  for (const name of next.writes) pending.writes.add(name)
}

/** A barrier, where anything was written or may be. */
export function wait(e: Emission, pending: Pending): void {
  const used = [...pending.reads, ...pending.writes].map((name) => e.memories.get(name))
  const isIn = (space: Memory['space']): boolean => used.some((m) => m?.space === space)
  if (isIn('storage')) write(e, 'storageBarrier();')
  if (isIn('workgroup')) write(e, 'workgroupBarrier();')
  pending.reads.clear()
  pending.writes.clear()
}
