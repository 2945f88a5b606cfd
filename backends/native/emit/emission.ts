/**
 * What the emitter knows while it writes one kernel in C.
 *
 * Loops of mode vector and unrolled run in lock step: while their body is emitted they are levels,
 * and each value lives at coordinates, one for each level that it varies with: the copy of an
 * unrolled loop, the first lane of a vector. A set of levels is a bit mask. All vectors of a vector
 * loop have the same number of lanes, whatever their dtype; a bool is a mask in lanes of
 * `maskBits`. What does not vary with the vector level is a scalar, splatted where it is used.
 */
import type { Dim } from '../../../lib/data/dim.js'
import type {
  Block,
  Combine,
  Expr,
  Kernel,
  ScalarType,
  Stmt,
  Unclamped,
} from '../../../lib/loop/index.js'
import { type Level as AnyLevel, type Coordinates, maskOf, vectorLevel } from '../../levels.js'
import type { AccessIndex } from './access.js'
import type { Prelude } from './prelude.js'
import type { Writer } from './writer.js'

export {
  atLane,
  type Coordinates,
  eachCoordinate,
  laneAt,
  maskOf,
  maskOfName,
  vectorLevel,
} from '../../levels.js'

export interface Level extends AnyLevel {
  /** Lanes of every vector; 1 for an unrolled loop. */
  readonly lanes: number
  readonly maskBits: 32 | 64
}

/** Where a let or a variable lives: one C variable for each of its coordinates. */
export interface Slot {
  readonly name: string
  readonly dtype: ScalarType
  readonly mask: number
  readonly vector: boolean
  readonly combine: Combine | undefined
  /** How many levels there were at its declaration. */
  readonly depth: number
}

export interface Target {
  /** Bytes of a vector register. */
  readonly vectorBytes: number
  /** Sums of products round once an addend. */
  readonly contract: boolean
}

export interface BufferLayout {
  readonly dtype: ScalarType
  /** The C variable that holds the address. */
  readonly pointer: string
  /** Elements from one index to the next, an axis. */
  readonly strides: readonly Dim[]
}

export interface Emission {
  readonly writer: Writer
  readonly prelude: Prelude
  readonly kernel: Kernel
  readonly target: Target
  readonly levels: Level[]
  readonly slots: Map<string, Slot>
  /** Loop indices, sizes and counters: the int64 variable that holds each. */
  readonly wholes: Map<string, string>
  /** What loop indices and bounds of shares are multiples of. */
  readonly divisors: Map<string, number>
  readonly layouts: Map<string, BufferLayout>
  /** What `solveMasks` found for names that have no slot yet. */
  masks: Map<string, number>
  readonly maskMemo: Map<Expr, number>
  readonly accesses: Map<readonly Expr[], AccessIndex>
  /** Parts of indices that are no polynomials, by the names that stand for them. */
  readonly atoms: Map<string, Expr>
  /** Names of sizes, counters and loop indices: what is not a value of the kernel's own. */
  readonly plain: ReadonlySet<string>
  /** Loads whose last index is clamped: the same access without the clamp. */
  readonly unclamped: ReadonlyMap<readonly Expr[], Unclamped>
}

/** The lanes of vectors here; 1 outside vector loops. */
export const lanesHere = (e: Emission): number => vectorLevel(e)?.lanes ?? 1

/** Whether an expression differs from lane to lane. */
export const isVector = (e: Emission, x: Expr): boolean =>
  (maskOf(e, x) & (vectorLevel(e)?.mask ?? 0)) !== 0

/** The coordinates of the levels in a mask, as the end of a name. */
export function suffixOf(e: Emission, mask: number, at: Coordinates): string {
  let suffix = ''
  for (const [i, level] of e.levels.entries()) {
    if ((mask & level.mask) !== 0) suffix += `_${at[i] ?? 0}`
  }
  return suffix
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
  const walk = (inner: Block): void => {
    for (const s of inner) walkStatement(s)
  }
  const walkStatement = (s: Stmt): void => {
    if (s.tag === 'let' || s.tag === 'assign' || s.tag === 'accumulate') {
      widen(s.name, maskOf(e, s.value))
    } else if (s.tag === 'variable') widen(s.name, maskOf(e, s.initial))
    else if (s.tag === 'loop' || s.tag === 'while') walk(s.body)
    else if (s.tag === 'if') {
      walk(s.yes)
      walk(s.no)
    }
  }
  while (changed) {
    changed = false
    e.maskMemo.clear()
    walk(block)
  }
  e.maskMemo.clear()
}
