/**
 * Arrays in native memory: made, filled, read, let go.
 *
 * An array holds its block until `release`, `using`, the backend's end or the garbage collector.
 */
import {
  allocate,
  byteSize,
  type Dim,
  type DType,
  dimValue,
  fail,
  type NDArray,
  type Sizes,
  sizeOf,
} from '../../lib/data/index.js'
import type { ResidentArray } from '../backend.js'
import type { Runtime } from './library.js'
import { type Block, type Memory, roomFor } from './memory.js'

export interface Residents {
  readonly make: (dtype: DType, shape: readonly Dim[], sizes: Sizes) => ResidentArray
  readonly place: (array: NDArray) => ResidentArray
  readonly read: (array: ResidentArray) => NDArray
  /** Where the elements are; fails for an array that is dead or somebody else's. */
  readonly address: (array: ResidentArray) => number
  /** Keeps an array's memory, released or not, until the function returned is called. */
  readonly pin: (array: ResidentArray) => () => void
  readonly close: () => void
}

/** What is freed when an array dies; apart from the array, so that a finaliser can hold it. */
interface Holding {
  block: Block | undefined
  /** Calls under way that use the memory. */
  pins: number
  /** The block of an array that died while it was in use. */
  leaving: Block | undefined
  readonly owner: Owner
}

interface Owner {
  readonly memory: Memory
  open: boolean
}

function letGo(holding: Holding): void {
  const { block, owner } = holding
  holding.block = undefined
  if (block === undefined) return
  if (holding.pins === 0) owner.memory.free(block)
  else holding.leaving = block
}

function unpin(holding: Holding): void {
  holding.pins--
  const { leaving } = holding
  if (holding.pins > 0 || leaving === undefined) return
  holding.leaving = undefined
  holding.owner.memory.free(leaving)
}

/** A class, because programs make arrays at every call: its methods are made once. */
class Resident implements ResidentArray {
  readonly tag = 'resident'
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly #holding: Holding

  constructor(dtype: DType, shape: readonly number[], holding: Holding) {
    this.dtype = dtype
    this.shape = shape
    this.#holding = holding
  }

  static holdingOf(array: ResidentArray): Holding | undefined {
    return #holding in array ? array.#holding : undefined
  }

  get live(): boolean {
    return this.#holding.block !== undefined && this.#holding.owner.open
  }

  release(): void {
    letGo(this.#holding)
  }

  [Symbol.dispose](): void {
    letGo(this.#holding)
  }
}

/**
 * Hands arrays to a finaliser. Most small ones are released soon after they are made, so the last
 * few wait here first: to register an array costs as much as a small program.
 */
function watcher(): (array: Resident, holding: Holding) => void {
  const finaliser = new FinalizationRegistry(letGo)
  const waiting: (readonly [Resident, Holding] | undefined)[] = Array(nursery).fill(undefined)
  let next = 0
  return (array, holding) => {
    const bytes = holding.block?.bytes ?? 0
    const old = waiting[next]
    if (old?.[1].block !== undefined) finaliser.register(...old)
    waiting[next] = bytes > smallBytes ? undefined : [array, holding]
    if (bytes > smallBytes) finaliser.register(array, holding)
    next = (next + 1) % nursery
  }
}

/** Arrays that wait, at most 256 kB together. */
const nursery = 64
const smallBytes = 4096

export function residents(runtime: Runtime, memory: Memory): Residents {
  const owner: Owner = { memory, open: true }
  const watch = watcher()

  const hold = (dtype: DType, shape: readonly number[]): Resident => {
    if (!owner.open) fail({ code: 'backend', where: 'native', what: 'the backend is closed' })
    const block = memory.allocate(roomFor(shape) * byteSize[dtype])
    const holding: Holding = { block, pins: 0, leaving: undefined, owner }
    const array = new Resident(dtype, shape, holding)
    watch(array, holding)
    return array
  }

  const address = (array: ResidentArray): number => {
    const holding = Resident.holdingOf(array)
    if (holding === undefined || holding.owner !== owner) return fail(strangeArray)
    return owner.open && holding.block !== undefined ? holding.block.address : fail(deadArray)
  }
  return {
    make: (dtype, shape, sizes) =>
      hold(dtype, isNumeric(shape) ? shape : shape.map((d) => dimValue(d, sizes))),
    place: (array) => {
      const resident = hold(array.dtype, array.shape)
      runtime.write(address(resident), array.data)
      return resident
    },
    read: (array) => {
      const data = allocate(array.dtype, sizeOf(array.shape))
      runtime.read(data, address(array))
      return { dtype: array.dtype, shape: array.shape, data }
    },
    address,
    pin: (array) => {
      const holding = Resident.holdingOf(array)
      if (holding === undefined) return fail(strangeArray)
      holding.pins++
      return () => unpin(holding)
    },
    close: () => {
      owner.open = false
    },
  }
}

const isNumeric = (shape: readonly Dim[]): shape is readonly number[] =>
  shape.every((size) => typeof size === 'number')

const deadArray = {
  code: 'backend',
  where: 'native',
  what: 'the array was released or donated',
  expected: 'a live one',
  fix: 'Read it before releasing it, or do not donate it',
} as const

const strangeArray = {
  code: 'backend',
  where: 'native',
  what: 'the array belongs to another backend',
  fix: 'Read it there and pass the copy',
} as const
