/**
 * Cross: a nest that reads along one loop and writes along another goes in tiles.
 *
 *   for i, j { y[i, j] = x[j, i] }    →    for i.tile step 128, j.tile step 16 { for i, j { … } }
 *
 * Each line of memory that is read is used up while it is in the first cache, and each that is
 * written is written whole.
 */
import type { Kernel } from '../kernel.js'
import { isIndependent } from '../reduction.js'
import type { Loop } from '../statement.js'
import type { Schedule } from './decision.js'
import type { Hardware } from './hardware.js'
import { extentOf } from './nest.js'
import { accessesIn, type BufferAccess, motionOf } from './stride.js'

/** Steps of the loop along which a tile is read: some lines of each of its rows. */
const length = 128
const lineBytes = 64

/** In tiles, where the innermost loop leaps in some array that another loop goes along. */
export function crossing(
  kernel: Kernel,
  chain: readonly Loop[],
  hardware: Hardware,
): readonly Schedule[] {
  const innermost = chain.at(-1)
  if (innermost === undefined || !chain.every(isPlain)) return []
  const accesses = accessesIn(innermost.body)
  const moves = (l: Loop, a: BufferAccess) => motionOf(kernel, a, l.index)
  const far = accesses.filter((a) => !a.store && moves(innermost, a) === 'far')
  const along = chain.filter((l) => l !== innermost && far.some((a) => moves(l, a) === 'next'))
  const [other, ...more] = along
  const written = accesses.every((a) => !a.store || moves(innermost, a) === 'next')
  if (other === undefined || more.length > 0 || !written) return []
  const lanes = hardware.vectorBytes / 4
  const width = Math.max(lanes, lineBytes / 4)
  if (isWithin(other, length / 4) || isWithin(innermost, width)) return []
  const [i, j] = [other.index, innermost.index]
  const [i0, j0] = [`${i}.tile`, `${j}.tile`]
  const rest = chain.filter((l) => l !== other && l !== innermost).map((l) => l.index)
  return [
    [
      { tag: 'split', loop: i, by: length, outer: i0 },
      { tag: 'split', loop: j, by: width, outer: j0 },
      { tag: 'order', loops: [...rest, i0, j0, i, j] },
      { tag: 'vector', loop: j, width: lanes },
    ],
  ]
}

const isPlain = (l: Loop): boolean => isIndependent(l) && l.step === 1 && l.mode === 'parallel'

/** Whether a loop is known to have no more iterations than that. */
const isWithin = (l: Loop, count: number): boolean => {
  const extent = extentOf(l)
  return typeof extent === 'number' && extent <= count
}
