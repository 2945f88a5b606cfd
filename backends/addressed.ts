/**
 * Arrays in memory that has addresses: made, filled, read, let go.
 *
 * An array holds its block until `release`, `using`, the backend's end or the garbage collector.
 */
import {
  allocate,
  byteSize,
  type Dim,
  type DType,
  fail,
  invariant,
  type NDArray,
  type Sizes,
  sizeOf,
  type TypedArray,
} from '../lib/data/index.js'
import type { ResidentArray } from './backend.js'
import { boundShape, closedBackend, keeper } from './resident.js'
import { roomFor } from './room.js'

export interface Block {
  readonly address: number
  readonly bytes: number
}

/** Where a backend keeps arrays, and how their elements come and go. */
export interface Memory {
  readonly allocate: (bytes: number) => Block
  readonly free: (block: Block) => void
  readonly write: (to: number, from: TypedArray, dtype: DType) => void
  readonly read: (to: TypedArray, from: number, dtype: DType) => void
}

/** All that takes an array fails for one that is dead or somebody else's. */
export interface Addressed {
  readonly make: (dtype: DType, shape: readonly Dim[], sizes: Sizes) => ResidentArray
  readonly place: (array: NDArray) => ResidentArray
  /** The same memory as another array; the one given dies. */
  readonly take: (array: ResidentArray) => ResidentArray
  readonly read: (array: ResidentArray) => NDArray
  readonly block: (array: ResidentArray) => Block
  /** Where the elements are. */
  readonly address: (array: ResidentArray) => number
  readonly close: () => void
}

/** What is freed when an array dies. */
interface Holding {
  block: Block | undefined
}

export function addressed(where: string, memory: Memory): Addressed {
  let open = true
  const isLive = (holding: Holding): boolean => open && holding.block !== undefined
  const letGo = (holding: Holding): void => {
    const { block } = holding
    holding.block = undefined
    if (block !== undefined) memory.free(block)
  }
  const { array: wrap, holding } = keeper(where, { isLive, letGo })
  const watch = watcher(letGo)

  const hold = (dtype: DType, shape: readonly number[], block: Block): ResidentArray => {
    const held: Holding = { block }
    const array = wrap(dtype, shape, held)
    watch(array, held)
    return array
  }
  const make = (dtype: DType, shape: readonly number[]): ResidentArray => {
    if (!open) fail(closedBackend(where))
    return hold(dtype, shape, memory.allocate(roomFor(shape) * byteSize[dtype]))
  }
  const block = (array: ResidentArray): Block => blockOf(holding(array))
  return {
    make: (dtype, shape, sizes) => make(dtype, boundShape(shape, sizes)),
    place: (array) => {
      const resident = make(array.dtype, array.shape)
      memory.write(block(resident).address, array.data, array.dtype)
      return resident
    },
    take: (array) => {
      const held = holding(array)
      const kept = blockOf(held)
      held.block = undefined
      return hold(array.dtype, array.shape, kept)
    },
    read: (array) => {
      const { address } = block(array)
      const data = allocate(array.dtype, sizeOf(array.shape))
      memory.read(data, address, array.dtype)
      return { dtype: array.dtype, shape: array.shape, data }
    },
    block,
    address: (array) => block(array).address,
    close: () => {
      open = false
    },
  }
}

function blockOf({ block }: Holding): Block {
  invariant(block !== undefined, 'a live array holds a block')
  return block
}

/**
 * Hands arrays to a finaliser. Most small ones are released soon after they are made, so the last
 * few wait here first: to register an array costs as much as a small program.
 */
function watcher(letGo: (held: Holding) => void): (array: ResidentArray, held: Holding) => void {
  const finaliser = new FinalizationRegistry(letGo)
  const waiting: (readonly [ResidentArray, Holding] | undefined)[] = Array(nursery).fill(undefined)
  let next = 0
  return (array, held) => {
    const bytes = held.block?.bytes ?? 0
    const old = waiting[next]
    if (old?.[1].block !== undefined) finaliser.register(...old)
    waiting[next] = bytes > smallBytes ? undefined : [array, held]
    if (bytes > smallBytes) finaliser.register(array, held)
    next = (next + 1) % nursery
  }
}

/** Arrays that wait, at most 256 kB together. */
const nursery = 64
const smallBytes = 4096
