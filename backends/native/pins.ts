/**
 * Blocks that calls under way use: an array may die while C reads it on another thread, and its
 * block is freed when the last such call ends.
 */
import type { Block } from '../addressed.js'

export interface Pins {
  /** Frees a block now, or once nobody has it pinned. */
  readonly free: (block: Block) => void
  /** Keeps a block until the function returned is called. */
  readonly pin: (block: Block) => () => void
}

interface Use {
  calls: number
  /** Nobody but the calls has it any more. */
  left: boolean
}

export function pinned(free: (block: Block) => void): Pins {
  const uses = new Map<Block, Use>()
  return {
    free: (block) => {
      const use = uses.get(block)
      if (use === undefined) free(block)
      else use.left = true
    },
    pin: (block) => {
      const use = uses.get(block) ?? { calls: 0, left: false }
      uses.set(block, use)
      use.calls++
      return () => {
        use.calls--
        if (use.calls > 0) return
        uses.delete(block)
        if (use.left) free(block)
      }
    },
  }
}
