/**
 * Arrays in linear memory: made, filled, read, let go.
 *
 * An array holds its region until `release`, `using`, the backend's end or the garbage collector.
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
import { type LinearMemory, type Region, roomFor } from './memory.js'

export interface Residents {
  readonly make: (dtype: DType, shape: readonly Dim[], sizes: Sizes) => ResidentArray
  readonly place: (array: NDArray) => ResidentArray
  /** The same memory as another array, which dies. */
  readonly take: (array: ResidentArray) => ResidentArray
  readonly read: (array: ResidentArray) => NDArray
  /** Where the elements are; fails for an array that is dead or somebody else's. */
  readonly address: (array: ResidentArray) => number
  readonly close: () => void
}

/** What is freed when an array dies; apart from the array, so that a finaliser can hold it. */
interface Holding {
  region: Region | undefined
  readonly owner: Owner
}

interface Owner {
  readonly memory: LinearMemory
  open: boolean
}

function letGo(holding: Holding): void {
  const { region, owner } = holding
  holding.region = undefined
  if (region !== undefined && owner.open) owner.memory.free(region)
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
    return this.#holding.region !== undefined && this.#holding.owner.open
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
    const bytes = holding.region?.bytes ?? 0
    const old = waiting[next]
    if (old?.[1].region !== undefined) finaliser.register(...old)
    waiting[next] = bytes > smallBytes ? undefined : [array, holding]
    if (bytes > smallBytes) finaliser.register(array, holding)
    next = (next + 1) % nursery
  }
}

/** Arrays that wait, at most 256 kB together. */
const nursery = 64
const smallBytes = 4096

export function residents(memory: LinearMemory): Residents {
  const owner: Owner = { memory, open: true }
  const watch = watcher()

  const hold = (dtype: DType, shape: readonly number[]): Resident => {
    if (!owner.open) fail({ code: 'backend', where: 'wasm', what: 'the backend is closed' })
    const holding = { region: memory.allocate(roomFor(shape) * byteSize[dtype]), owner }
    const array = new Resident(dtype, shape, holding)
    watch(array, holding)
    return array
  }

  const address = (array: ResidentArray): number => {
    const holding = Resident.holdingOf(array)
    if (holding === undefined || holding.owner !== owner) return fail(strangeArray)
    return owner.open && holding.region !== undefined ? holding.region.address : fail(deadArray)
  }
  /** A view of the elements; invalid once memory grows. */
  const view = (array: ResidentArray): NDArray['data'] => {
    const count = sizeOf(array.shape)
    const { buffer } = memory.memory
    const at = address(array)
    switch (array.dtype) {
      case 'f32':
        return new Float32Array(buffer, at, count)
      case 'f64':
        return new Float64Array(buffer, at, count)
      case 'i32':
        return new Int32Array(buffer, at, count)
      case 'u32':
        return new Uint32Array(buffer, at, count)
      case 'bool':
        return new Uint8Array(buffer, at, count)
      case 'f16':
        throw new Error('broken invariant: no f16 in linear memory')
    }
  }

  return {
    make: (dtype, shape, sizes) =>
      hold(dtype, isNumeric(shape) ? shape : shape.map((d) => dimValue(d, sizes))),
    place: (array) => {
      const resident = hold(array.dtype, array.shape)
      view(resident).set(array.data)
      return resident
    },
    take: (array) => {
      address(array)
      const old = Resident.holdingOf(array)
      const holding = { region: old?.region, owner }
      if (old !== undefined) old.region = undefined
      const taken = new Resident(array.dtype, array.shape, holding)
      watch(taken, holding)
      return taken
    },
    read: (array) => {
      const data = allocate(array.dtype, sizeOf(array.shape))
      data.set(view(array))
      return { dtype: array.dtype, shape: array.shape, data }
    },
    address,
    close: () => {
      owner.open = false
    },
  }
}

const isNumeric = (shape: readonly Dim[]): shape is readonly number[] =>
  shape.every((size) => typeof size === 'number')

const deadArray = {
  code: 'backend',
  where: 'wasm',
  what: 'the array was released or donated',
  expected: 'a live one',
  fix: 'Read it before releasing it, or do not donate it',
} as const

const strangeArray = {
  code: 'backend',
  where: 'wasm',
  what: 'the array belongs to another backend',
  fix: 'Read it there and pass the copy',
} as const
