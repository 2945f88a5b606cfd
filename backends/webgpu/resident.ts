/**
 * Arrays on the device: made by calls or placed, used by calls, read, let go.
 *
 * A call returns before its work is done, perhaps before it has started: its results are promised
 * by a `Work`. An array's memory goes back when the array was released and no waiting call uses it.
 */
import { type Dim, type DType, dimValue, type Sizes } from '../../lib/data/index.js'
import type { ResidentArray } from '../backend.js'
import type { Device } from './device.js'
import { closed, deadArray, strangeArray } from './fault.js'
import type { DeviceBuffer } from './pool.js'

/** What makes an array: settled once the device has accepted or refused it. */
export interface Work {
  readonly program: string
  fault: unknown
  settled: boolean
  checked: Promise<void>
}

/** What an array holds, apart from it, so that a finaliser can know it. */
export interface Holding {
  readonly owner: Owner
  device: Device | undefined
  /** Undefined until the work has started, and after the end. */
  buffer: DeviceBuffer | undefined
  work: Work | undefined
  /** The array itself, and each call that waits with it. */
  users: number
}

/** Whose arrays they are. */
export interface Owner {
  open: boolean
}

export interface Residents {
  readonly make: (dtype: DType, shape: readonly Dim[], sizes: Sizes) => ResidentArray
  /** What a live array of this backend holds; fails for others. */
  readonly holding: (array: ResidentArray) => Holding
  readonly close: () => void
}

function drop(holding: Holding): void {
  holding.users--
  if (holding.users > 0) return
  const { buffer, device } = holding
  holding.buffer = undefined
  if (buffer !== undefined && device?.fault() === undefined) device?.pool.give(buffer)
}

/** The memory of an array now, for a job that runs now on the device. */
export function bufferOf({ buffer, device, work }: Holding, current: Device): DeviceBuffer {
  if (work?.fault !== undefined) throw work.fault
  const fault = device?.fault()
  if (fault !== undefined) throw fault
  if (buffer === undefined || device !== current) throw deadArray()
  return buffer
}

/** Keeps the memory for a job; give it back by `leave`. */
export const enter = (holding: Holding): void => {
  holding.users++
}
export const leave: (holding: Holding) => void = drop

/** Puts memory into an array whose work starts; at once given back where nobody waits for it. */
export function fill(holding: Holding, device: Device, buffer: DeviceBuffer, work: Work): void {
  holding.device = device
  holding.work = work
  if (holding.users > 0) holding.buffer = buffer
  else device.pool.give(buffer)
}

/** Marks an array whose work could not be done. */
export function failed(holding: Holding, fault: unknown): void {
  holding.work = { program: '', fault, settled: true, checked: Promise.resolve() }
}

class Resident implements ResidentArray {
  readonly tag = 'resident'
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly #holding: Holding
  readonly #state: { live: boolean }

  constructor(dtype: DType, shape: readonly number[], holding: Holding, state: { live: boolean }) {
    this.dtype = dtype
    this.shape = shape
    this.#holding = holding
    this.#state = state
  }

  static holdingOf(array: ResidentArray): Holding | undefined {
    return #holding in array ? array.#holding : undefined
  }

  get live(): boolean {
    return this.#state.live && this.#holding.owner.open
  }

  release(): void {
    letGo(this.#holding, this.#state)
  }

  [Symbol.dispose](): void {
    letGo(this.#holding, this.#state)
  }
}

function letGo(holding: Holding, state: { live: boolean }): void {
  if (!state.live) return
  state.live = false
  if (holding.owner.open) drop(holding)
}

export function residents(): Residents {
  const owner: Owner = { open: true }
  const finaliser = new FinalizationRegistry<readonly [Holding, { live: boolean }]>(
    ([holding, state]) => letGo(holding, state),
  )
  return {
    make: (dtype, shape, sizes) => {
      if (!owner.open) throw closed()
      const holding: Holding = {
        owner,
        device: undefined,
        buffer: undefined,
        work: undefined,
        users: 1,
      }
      const state = { live: true }
      const numbers = shape.map((d) => (typeof d === 'number' ? d : dimValue(d, sizes)))
      const array = new Resident(dtype, numbers, holding, state)
      finaliser.register(array, [holding, state])
      return array
    },
    holding: (array) => {
      const holding = Resident.holdingOf(array)
      if (holding === undefined || holding.owner !== owner) throw strangeArray()
      if (!array.live) throw deadArray()
      return holding
    },
    close: () => {
      owner.open = false
    },
  }
}
