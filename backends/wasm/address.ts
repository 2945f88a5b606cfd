/**
 * Addresses: as few instructions an access as hoisting allows.
 *
 *   x[i, k] in the loop over k    →    p = x + 4·i·n before it, p += 4 in it, load offset=0 at p
 *
 * The index of an access is a polynomial. Before a loop, the part of it that is known there and
 * moves with the loop becomes a pointer; accesses that differ by a constant share one, with the
 * difference in the instruction's offset.
 */
import { invariant } from '../../lib/data/error.js'
import {
  type Block,
  blocksOf,
  distinctTerms,
  type Expr,
  expressionsOf,
  linearIn,
  minus,
  namesOf,
  type Polynomial,
  partOver,
  scale,
  visitNodes,
} from '../../lib/loop/index.js'
import { accessIndex, pointerMask, positionAt } from './access.js'
import { type Coordinates, type Emission, eachCoordinate, type Pointer } from './emission.js'
import { addPolynomial, emitWhole } from './polynomial.js'

/** Emits scalar values; given by the expression emitter, which needs addresses in turn. */
export type EmitScalar = (e: Emission, x: Expr, at: Coordinates) => void

/** Leaves a base address on the stack and returns the constant offset to add, ≥ 0. */
export function emitAddress(
  e: Emission,
  buffer: string,
  at: readonly Expr[],
  where: Coordinates,
  scalar: EmitScalar,
): number {
  const { index, offset } = positionAt(e, accessIndex(e, buffer, at), where)
  emitIndex(e, buffer, index, scalar)
  const bytes = offset * bytesOf(e, buffer)
  // An instruction adds its offset without wrapping, to an address that may lie before the memory
  // where an index runs backwards: there the whole is added up first.
  if (bytes === 0 || (bytes > 0 && [...index.values()].every((c) => c > 0))) return bytes
  e.code.emit('i32.const', bytes)
  e.code.emit('i32.add')
  return 0
}

function emitIndex(e: Emission, buffer: string, index: Polynomial, scalar: EmitScalar): void {
  const pointer = nearest(e, buffer, index)
  e.code.emit('local.get', pointer.local)
  if (pointer.index === index) return
  const rest = minus(index, pointer.index)
  addPolynomial(e.code, rest, bytesOf(e, buffer), (name) => emitName(e, name, scalar))
}

/** The pointer into the buffer that leaves the fewest terms to add. */
function nearest(e: Emission, buffer: string, index: Polynomial): Pointer {
  let best: Pointer | undefined
  let fewest = Infinity
  for (const pointer of e.pointers) {
    if (pointer.index === index && pointer.buffer === buffer) return pointer
  }
  for (const pointer of e.pointers) {
    if (pointer.buffer !== buffer) continue
    const terms = distinctTerms(index, pointer.index)
    if (terms <= fewest) {
      best = pointer
      fewest = terms
    }
  }
  invariant(best !== undefined, `no address for the buffer '${buffer}'`)
  return best
}

/** A factor of an index: a local, or a value marked with its coordinates. */
function emitName(e: Emission, name: string, scalar: EmitScalar): void {
  const [atom = name, suffix] = name.split('@')
  if (e.wholes.has(atom) || atom.startsWith('floor(')) {
    emitWhole(e.code, e.wholes, atom)
    return
  }
  const where = suffix === undefined ? [] : suffix.split(',').map(Number)
  scalar(e, e.atoms.get(atom) ?? { tag: 'variable', dtype: 'i32', name: atom }, where)
}

/** A pointer that a loop moves, and by how many bytes an iteration. */
export interface Moving {
  readonly pointer: Pointer
  readonly bytes: Polynomial
}

/**
 * Sets up pointers for a loop whose index local is set: fixed ones for what does not move, and
 * moving ones, which the caller advances by `bytes` times the iterations. All are dropped by
 * shortening `e.pointers` again.
 */
export function hoistPointers(
  e: Emission,
  body: Block,
  index: string,
  scalar: EmitScalar,
): readonly Moving[] {
  const moving: Moving[] = []
  const met = new Map<string, Set<Polynomial>>()
  const available = remembered((name) => {
    if (name.startsWith('$')) return false
    const slot = e.slots.get(name.split('@')[0] ?? name)
    return slot === undefined ? e.wholes.has(name) || name.startsWith('floor(') : !slot.mutable
  })
  const steady = (name: string): boolean => e.wholes.has(name) || name.startsWith('floor(')
  const hoist = (buffer: string, full: Polynomial): void => {
    const over = partOver(full, available)
    const part = over.size === full.size ? full : over
    if (part.size === 0 || distinctTerms(part, nearest(e, buffer, part).index) === 0) return
    const linear = linearIn(part, index)
    if (linear === undefined || ![...namesOf(linear.coefficient)].every(steady)) return
    const local = e.code.take('i32')
    emitIndex(e, buffer, part, scalar)
    e.code.emit('local.set', local)
    const pointer = { buffer, index: part, local }
    e.pointers.push(pointer)
    if (linear.coefficient.size > 0) {
      moving.push({ pointer, bytes: scale(linear.coefficient, bytesOf(e, buffer)) })
    }
  }
  for (const { buffer, at } of accessesOf(e, body)) {
    const access = accessIndex(e, buffer, at)
    const here = met.get(buffer) ?? new Set()
    met.set(buffer, here)
    const meet = (full: Polynomial): void => {
      if (here.has(full)) return
      here.add(full)
      hoist(buffer, full)
    }
    const mask = pointerMask(e, access)
    if (mask === 0) meet(access.index)
    else eachCoordinate(e, mask, 1, (where) => meet(positionAt(e, access, where).index))
  }
  return moving
}

/** The answers by name: many indices share a few names. */
function remembered(ask: (name: string) => boolean): (name: string) => boolean {
  const answers = new Map<string, boolean>()
  return (name) => {
    const known = answers.get(name) ?? ask(name)
    answers.set(name, known)
    return known
  }
}

/** Drops the pointers from a mark on. */
export function dropPointers(e: Emission, mark: number): void {
  for (const pointer of e.pointers.splice(mark)) e.code.release(pointer.local)
}

export const bytesOf = (e: Emission, buffer: string): number => e.layouts.get(buffer)?.bytes ?? 4

interface Access {
  readonly buffer: string
  readonly at: readonly Expr[]
}

/**
 * Accesses in a block and in the loops right inside it; loops in lock step count as the block. What
 * lies deeper is left to the loops there: hoisting it here would gain little for much code.
 */
function accessesOf(e: Emission, block: Block): readonly Access[] {
  const known = e.accessed.get(block)
  if (known !== undefined) return known
  const found: Access[] = []
  const seen = new Set<Expr>()
  const meet = (node: Expr): void => {
    if (node.tag !== 'load') return
    found.push({ buffer: node.buffer, at: e.unclamped.get(node.at)?.at ?? node.at })
  }
  const walk = (inner: Block, depth: number): void => {
    for (const s of inner) {
      if (s.tag === 'touch') continue
      if (s.tag === 'store') found.push({ buffer: s.buffer, at: s.at })
      for (const x of expressionsOf(s)) visitNodes(x, seen, meet)
      const lockstep = s.tag === 'loop' && (s.mode === 'vector' || s.mode === 'unrolled')
      const below = lockstep || s.tag === 'if' ? depth : depth - 1
      if (below >= 0) for (const b of blocksOf(s)) walk(b, below)
    }
  }
  walk(block, 1)
  e.accessed.set(block, found)
  return found
}
