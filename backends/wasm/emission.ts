/**
 * What the emitter knows while it writes one kernel.
 *
 * Loops of mode vector and unrolled run in lock step: while their body is emitted they are levels,
 * and each value lives at coordinates, one for each level that it varies with: the copy of an
 * unrolled loop, the first lane of a vector. A set of levels is a bit mask. A value that does not
 * vary with the vector level is kept as a scalar and splatted where a vector is wanted.
 */
import type { Dim } from '../../lib/data/dim.js'
import type {
  Block,
  Combine,
  Expr,
  Kernel,
  Polynomial,
  ScalarType,
  Stmt,
  Unclamped,
} from '../../lib/loop/index.js'
import { childrenOf } from '../../lib/loop/index.js'
import { type Coordinates, type Level, maskOf } from '../levels.js'
import type { AccessIndex } from './access.js'
import type { Assembler } from './assembler.js'
import type { ConstantPool } from './constants.js'
import { laneCount } from './lanes.js'

export {
  atLane,
  type Coordinates,
  eachCoordinate,
  type Level,
  laneAt,
  maskOf,
  maskOfName,
  vectorLevel,
} from '../levels.js'

/** Where a let or a variable lives. */
export interface Slot {
  readonly dtype: ScalarType
  readonly mask: number
  readonly vector: boolean
  /** Lanes of each of its vectors. */
  readonly lanes: 2 | 4
  readonly locals: Map<number, number>
  readonly combine: Combine | undefined
  readonly mutable: boolean
  /** How many levels there were at its declaration. */
  readonly depth: number
  /** Of the partial results of min and max: what they leave out, at each coordinate. */
  readonly witnesses?: Map<number, Witness>
}

/** Locals: lanes where a NaN was met, and the sign bits that all values shared, or any had. */
export interface Witness {
  readonly nan: number
  readonly signs: number
}

/** A local that holds the address of `buffer` at `index` (in elements). */
export interface Pointer {
  readonly buffer: string
  readonly index: Polynomial
  readonly local: number
}

export interface Target {
  /** Multiply-adds by relaxed SIMD, rounded once where the machine can. */
  readonly relaxed: boolean
}

export interface Emission {
  readonly code: Assembler
  readonly kernel: Kernel
  readonly target: Target
  readonly levels: Level[]
  readonly slots: Map<string, Slot>
  /** Loop indices, sizes and counters by name. */
  readonly wholes: Map<string, number>
  readonly layouts: Map<string, BufferLayout>
  readonly pointers: Pointer[]
  /** Values that expressions of the statement at hand share. */
  readonly shared: Map<Expr, Map<string, number>>
  /** The mask of the statement at hand. */
  statementMask: number
  readonly constants: ConstantPool
  /** The local that holds the address of the constants. */
  readonly constantsLocal: number
  /** Vectors that hold a constant or a splat value, by key; set up before a vector loop. */
  readonly splats: Map<string, number>
  /** What `solveMasks` found for names that have no slot yet. */
  masks: Map<string, number>
  readonly maskMemo: Map<Expr, number>
  readonly accesses: Map<readonly Expr[], AccessIndex>
  /** Names of sizes, counters and loop indices: what is not a value of the kernel's own. */
  readonly plain: ReadonlySet<string>
  /** What a loop body accesses, found once. */
  readonly accessed: Map<
    Block,
    readonly { readonly buffer: string; readonly at: readonly Expr[] }[]
  >
  readonly atoms: Map<string, Expr>
  /** Loads whose last index is clamped: the same access without the clamp. */
  readonly unclamped: ReadonlyMap<readonly Expr[], Unclamped>
}

export interface BufferLayout {
  readonly dtype: ScalarType
  readonly bytes: number
  /** Elements from one index to the next, an axis. */
  readonly strides: readonly Dim[]
}

/** A number for the coordinates of the levels in a mask, different for different coordinates. */
export function coordinateKey(e: Emission, mask: number, at: Coordinates): number {
  let key = 0
  for (let i = 0; i < e.levels.length; i++) {
    if ((mask & e.levels[i].mask) !== 0) key = key * 128 + (at[i] ?? 0)
  }
  return key
}

/** How often `eachCoordinate` calls. */
export function coordinateCount(e: Emission, mask: number, lanes: number): number {
  let count = 1
  for (const level of e.levels) {
    if ((mask & level.mask) === 0) continue
    count *= level.kind === 'vector' ? Math.ceil(level.width / lanes) : level.width
  }
  return count
}

/** Lanes that a vector of the expression has: a bool has those of what it compares. */
export function lanesOf(e: Emission, x: Expr): 2 | 4 {
  if (x.dtype !== 'bool') return laneCount(x.dtype)
  if (x.tag === 'compare') return x.x.dtype === 'bool' ? lanesOf(e, x.x) : laneCount(x.x.dtype)
  if (x.tag === 'variable') return e.slots.get(x.name)?.lanes ?? 4
  if (x.tag === 'convert') return laneCount(x.x.dtype)
  const below = childrenOf(x).filter((child) => child.dtype === 'bool')
  if (x.tag === 'load' || below.length === 0) return 4
  return below.some((child) => lanesOf(e, child) === 4) ? 4 : 2
}

/**
 * Finds, for every name bound in a block, the levels that it varies with: the least solution over
 * assignments, which may follow their uses.
 */
export function solveMasks(e: Emission, block: Block): void {
  let changed = true
  const widen = (name: string, mask: number): void => {
    const before = e.masks.get(name) ?? 0
    if ((before | mask) === before) return
    e.masks.set(name, before | mask)
    changed = true
  }
  const walk = (inner: Block, control: number): void => {
    for (const s of inner) walkStatement(s, control)
  }
  const walkStatement = (s: Stmt, control: number): void => {
    if (s.tag === 'let' || s.tag === 'assign' || s.tag === 'accumulate') {
      widen(s.name, maskOf(e, s.value) | control)
    } else if (s.tag === 'variable') widen(s.name, maskOf(e, s.initial) | control)
    else if (s.tag === 'loop') walk(s.body, control)
    else if (s.tag === 'while') walk(s.body, control | maskOf(e, s.condition))
    else if (s.tag === 'if') {
      const inside = control | maskOf(e, s.condition)
      walk(s.yes, inside)
      walk(s.no, inside)
    }
  }
  // What the last walk found, which changed nothing, stays in the memo.
  while (changed) {
    changed = false
    e.maskMemo.clear()
    walk(block, 0)
  }
}
