/**
 * Arrays on the device: made by calls or placed, used by calls, read, let go.
 *
 * A call returns before its work is done, perhaps before it has started: its results are promised
 * by a `Work`. An array's memory goes back when the array was released and no waiting call uses it.
 */
import { type Dim, type DType, fail, type Sizes } from '../../lib/data/index.js'
import type { ResidentArray } from '../backend.js'
import { boundShape, deadArray, keeper } from '../resident.js'
import type { Device } from './device.js'
import { closed, type Running } from './fault.js'
import type { DeviceBuffer } from './pool.js'

/** What makes an array: settled once the device has accepted or refused it. */
export interface Work {
  /** What is said where it does not end. */
  readonly running: Running | undefined
  fault: unknown
  settled: boolean
  checked: Promise<void>
}

/** What an array holds, apart from it, so that a finaliser can know it. */
export interface Holding {
  /** Until the array is released. */
  live: boolean
  device: Device | undefined
  /** Undefined until the work has started, and after the end. */
  buffer: DeviceBuffer | undefined
  work: Work | undefined
  /** The array itself, and each call that waits with it. */
  users: number
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
  if (buffer === undefined || device !== current) return fail(deadArray('webgpu'))
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
  holding.work = { running: undefined, fault, settled: true, checked: Promise.resolve() }
}

export function residents(): Residents {
  let open = true
  const letGo = (holding: Holding): void => {
    if (!holding.live) return
    holding.live = false
    if (open) drop(holding)
  }
  const arrays = keeper('webgpu', { isLive: (holding: Holding) => open && holding.live, letGo })
  const finaliser = new FinalizationRegistry(letGo)
  return {
    make: (dtype, shape, sizes) => {
      if (!open) throw closed()
      const nothing = { device: undefined, buffer: undefined, work: undefined }
      const holding: Holding = { ...nothing, live: true, users: 1 }
      const array = arrays.array(dtype, boundShape(shape, sizes), holding)
      finaliser.register(array, holding)
      return array
    },
    holding: arrays.holding,
    close: () => {
      open = false
    },
  }
}
