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
import type { LinearMemory, Region } from './memory.js'

export interface Residents {
  readonly make: (dtype: DType, shape: readonly Dim[], sizes: Sizes) => ResidentArray
  readonly place: (array: NDArray) => ResidentArray
  readonly read: (array: ResidentArray) => NDArray
  /** Where the elements are; fails for an array that is dead or somebody else's. */
  readonly address: (array: ResidentArray) => number
  readonly close: () => void
}

/** What is freed when an array dies; apart from the array, so that a finaliser can hold it. */
interface Holding {
  region: Region | undefined
}

export function residents(memory: LinearMemory): Residents {
  let open = true
  const holdings = new WeakMap<ResidentArray, Holding>()
  const live = new Set<Holding>()
  const letGo = (holding: Holding): void => {
    if (holding.region !== undefined) memory.free(holding.region)
    holding.region = undefined
    live.delete(holding)
  }
  const finaliser = new FinalizationRegistry(letGo)

  const hold = (dtype: DType, shape: readonly number[]): ResidentArray => {
    if (!open) fail({ code: 'backend', where: 'wasm', what: 'the backend is closed' })
    const holding: Holding = { region: memory.allocate(sizeOf(shape) * byteSize[dtype]) }
    live.add(holding)
    const release = () => letGo(holding)
    const array: ResidentArray = {
      tag: 'resident',
      dtype,
      shape,
      get live() {
        return holding.region !== undefined
      },
      release,
      [Symbol.dispose]: release,
    }
    holdings.set(array, holding)
    finaliser.register(array, holding)
    return array
  }

  const address = (array: ResidentArray): number => {
    const holding = holdings.get(array) ?? fail(strangeArray)
    return holding.region?.address ?? fail(deadArray)
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
      hold(
        dtype,
        shape.map((d) => dimValue(d, sizes)),
      ),
    place: (array) => {
      const resident = hold(array.dtype, array.shape)
      view(resident).set(array.data)
      return resident
    },
    read: (array) => {
      const data = allocate(array.dtype, sizeOf(array.shape))
      data.set(view(array))
      return { dtype: array.dtype, shape: array.shape, data }
    },
    address,
    close: () => {
      open = false
      for (const holding of live) letGo(holding)
    },
  }
}

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
