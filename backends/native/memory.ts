/**
 * Memory of the native backend: blocks by address, kept for the next of their size when freed.
 *
 * Programs make results of the same few sizes again and again; a block that the system has just
 * given costs a fault a page. Up to `keptBytes` wait; beyond that, blocks go back to the system.
 */
import { fail } from '../../lib/data/error.js'
import type { Block } from '../addressed.js'
import type { Runtime } from './library.js'

export interface Memory {
  readonly allocate: (bytes: number) => Block
  readonly free: (block: Block) => void
  /** Bytes handed out now. */
  readonly used: () => number
  /** Gives back what waits. */
  readonly close: () => void
}

/** What a vector at the very end may read past it. */
const slack = 64

export function openMemory(runtime: Runtime, keptBytes: number): Memory {
  const waiting = new Map<number, number[]>()
  let kept = 0
  let used = 0
  let open = true
  return {
    allocate: (bytes) => {
      const size = roundUp(bytes + slack)
      const known = waiting.get(size)?.pop()
      if (known !== undefined) kept -= size
      const address = known ?? runtime.allocate(size)
      if (address === 0) tooLarge(bytes)
      used += size
      return { address, bytes: size }
    },
    free: ({ address, bytes }) => {
      used -= bytes
      if (!open || kept + bytes > keptBytes) {
        runtime.free(address)
        return
      }
      const list = waiting.get(bytes)
      if (list === undefined) waiting.set(bytes, [address])
      else list.push(address)
      kept += bytes
    },
    used: () => used,
    close: () => {
      open = false
      for (const list of waiting.values()) for (const address of list) runtime.free(address)
      waiting.clear()
      kept = 0
    },
  }
}

/** Few sizes: eighths of a power of two, at least a cache line apart. */
function roundUp(bytes: number): number {
  const step = Math.max(64, 2 ** (Math.floor(Math.log2(bytes)) - 3))
  return Math.ceil(bytes / step) * step
}

function tooLarge(bytes: number): never {
  return fail({
    code: 'limit',
    where: 'the native backend',
    what: `the system does not give ${bytes} bytes`,
    fix: 'free arrays, or use smaller ones',
  })
}
