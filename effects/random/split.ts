/**
 * Keys made of a key, each for one use.
 */
import { randomSplit, reshape, slice } from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'

/** `count` independent keys. key u32[2] → u32[2] each */
export function splitKey(key: Term, count: number): readonly Term[] {
  const keys = randomSplit(key, count)
  return Array.from({ length: count }, (_, i) => reshape(slice(keys, [i, 0], [i + 1, 2]), [2]))
}
