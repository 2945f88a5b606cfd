/**
 * How much memory arrays and the arena slots of a program take, where elements lie one by one.
 */
import { byteSize, dimValue, type Sizes, sizeOf } from '../lib/data/index.js'
import type { Program, ProgramBuffer } from '../lib/loop/index.js'

/**
 * Elements to keep memory for. An empty axis counts as one: a kernel may read what it throws away
 * at the place clamped to an empty axis.
 */
export const roomFor = (shape: readonly number[]): number =>
  sizeOf(shape) || sizeOf(shape.map((d) => Math.max(d, 1)))

/** What a buffer takes in memory. */
export const bufferBytes = (b: ProgramBuffer, sizes: Sizes): number =>
  roomFor(b.shape.map((d) => dimValue(d, sizes))) * byteSize[b.dtype]

/** Bytes of each arena slot: as many as its largest buffer is said to take. */
export function slotBytes(
  program: Pick<Program, 'buffers'>,
  bytesOf: (b: ProgramBuffer) => number,
): readonly number[] {
  const slots: number[] = []
  for (const b of program.buffers) {
    if (b.place.tag !== 'arena') continue
    slots[b.place.slot] = Math.max(slots[b.place.slot] ?? 0, bytesOf(b))
  }
  return Array.from(slots, (bytes) => bytes ?? 0)
}
