/**
 * Whether ops that walk along an axis (sums so far, sorts, scatters) do it in order or divided.
 *
 *   in order   one walk a row: little memory, one kernel. A processor's way
 *   divided    blocks side by side, then joined: for a device of thousands of invocations
 *
 * The place of an extreme is found in one walk, or as two reductions, which any number share.
 */
import type { Dim } from '../../data/index.js'

export interface WalkPolicy {
  /** Should so many walks side by side, each so long, be divided? A name may be any size. */
  readonly divides: (rows: Dim, length: Dim) => boolean
  /** Should the place of an extreme among so many be found by reductions? */
  readonly reduces: (length: Dim) => boolean
}

export const inOrder: WalkPolicy = { divides: () => false, reduces: () => false }

/** So many rows keep a GPU busy by themselves; a shorter walk is over soon. */
const enoughRows = 64
const longWalk = 1024
/** Rows shorter than this are an invocation's each anyway. */
const longRow = 32

/** Few long walks are divided. */
export const sideBySide: WalkPolicy = {
  divides: (rows, length) =>
    typeof rows === 'number' &&
    rows < enoughRows &&
    (typeof length !== 'number' || length >= longWalk),
  reduces: (length) => typeof length !== 'number' || length >= longRow,
}

export const without = (shape: readonly Dim[], axis: number): readonly Dim[] =>
  shape.filter((_, i) => i !== axis)
