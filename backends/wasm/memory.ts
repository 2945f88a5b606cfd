/**
 * The linear memory of a backend: regions handed out and taken back, growth, limits.
 *
 * First fit over a sorted list of holes, neighbours merged; every region starts on a multiple of
 * 64 and has 64 bytes of slack behind it, so that a read just past its end stays in memory.
 */
import { fail, invariant } from '../../lib/data/error.js'
import type { Block } from '../addressed.js'

export interface LinearMemory {
  readonly memory: WebAssembly.Memory
  /** Pages, for modules that import it. */
  readonly limits: { readonly minimum: number; readonly maximum: number; readonly shared: boolean }
  readonly allocate: (bytes: number) => Block
  readonly free: (region: Block) => void
  /** Bytes handed out now. */
  readonly used: () => number
}

const page = 65536
const alignment = 64
/** Address 0 is never handed out. */
const reserved = 1024

export interface MemoryOptions {
  /** The most that the memory may grow to; 4 GiB less a page unless said otherwise. */
  readonly maximumBytes?: number
  readonly shared?: boolean
}

export function linearMemory(options: MemoryOptions = {}): LinearMemory {
  const maximum = Math.min(65535, Math.ceil((options.maximumBytes ?? 65535 * page) / page))
  const shared = options.shared ?? false
  const memory = new WebAssembly.Memory({ initial: 1, maximum, shared })
  // In order of address. Changed in place: every call of a program takes and gives.
  const holes: Block[] = [{ address: reserved, bytes: page - reserved }]
  let used = 0

  const take = (needed: number): Block | undefined => {
    for (let i = 0; i < holes.length; i++) {
      const { address, bytes } = holes[i] as Block // i is below the length
      if (bytes < needed) continue
      if (bytes === needed) holes.splice(i, 1)
      else holes[i] = { address: address + needed, bytes: bytes - needed }
      return { address, bytes: needed }
    }
    return undefined
  }

  /** Puts a region among the holes, one with those that it touches. */
  const give = ({ address, bytes }: Block): void => {
    let after = 0
    while ((holes[after]?.address ?? Number.POSITIVE_INFINITY) < address) after++
    const [left, right] = [holes[after - 1], holes[after]]
    const joinsLeft = left !== undefined && left.address + left.bytes === address
    const joinsRight = right !== undefined && address + bytes === right.address
    const from = joinsLeft ? left.address : address
    const to = joinsRight ? right.address + right.bytes : address + bytes
    const first = joinsLeft ? after - 1 : after
    const hole = { address: from, bytes: to - from }
    if (joinsLeft !== joinsRight) holes[first] = hole
    else holes.splice(first, joinsLeft ? 2 : 0, hole)
  }

  const grow = (needed: number): void => {
    const end = memory.buffer.byteLength
    const last = holes.at(-1)
    const free = last !== undefined && last.address + last.bytes === end ? last.bytes : 0
    const pages = Math.ceil((needed - free) / page)
    if (end / page + pages > maximum) tooLarge(needed, maximum * page)
    try {
      memory.grow(pages)
    } catch {
      tooLarge(needed, maximum * page)
    }
    give({ address: end, bytes: pages * page })
  }

  return {
    memory,
    limits: { minimum: 1, maximum, shared },
    allocate: (bytes) => {
      const needed = Math.ceil((bytes + alignment) / alignment) * alignment
      if (!(needed <= maximum * page)) tooLarge(bytes, maximum * page)
      const found = take(needed)
      if (found === undefined) grow(needed)
      const region = found ?? take(needed)
      invariant(region !== undefined, `no room for ${needed} bytes after growing`)
      used += needed
      return region
    },
    free: (region) => {
      used -= region.bytes
      give(region)
    },
    used: () => used,
  }
}

function tooLarge(bytes: number, limit: number): never {
  return fail({
    code: 'limit',
    where: 'the wasm backend',
    what: `${bytes} bytes do not fit in memory`,
    expected: `at most ${limit} bytes in all`,
    fix: 'free arrays, use smaller ones, or raise the memory limit',
  })
}
