/**
 * What a program takes on the device beside its arguments and results.
 */
import { type Dim, dimProduct, dimValue, type Sizes } from '../../lib/data/dim.js'
import type { DType, TypedArray } from '../../lib/data/index.js'
import type { Program } from '../../lib/loop/index.js'
import type { Device } from './device.js'
import { type GpuLimits, hasHalves } from './emit/index.js'
import type { DeviceBuffer } from './pool.js'
import { deviceBytes, toDevice } from './storage.js'

/** Bytes of an array on the device: never none, since bindings are never empty. */
export const arrayBytes = (dtype: DType, elements: number, limits: GpuLimits): number =>
  Math.max(16, Math.ceil((elements * deviceBytes(dtype, hasHalves(limits))) / 4) * 4)

const bufferBytes = (
  { dtype, shape }: { readonly dtype: DType; readonly shape: readonly Dim[] },
  sizes: Sizes,
  limits: GpuLimits,
): number => arrayBytes(dtype, dimValue(dimProduct(shape), sizes), limits)

/** Bytes of each arena slot: that of its largest buffer. */
export function slotBytes(program: Program, sizes: Sizes, limits: GpuLimits): readonly number[] {
  const slots: number[] = []
  for (const b of program.buffers) {
    if (b.place.tag !== 'arena') continue
    slots[b.place.slot] = Math.max(slots[b.place.slot] ?? 16, bufferBytes(b, sizes, limits))
  }
  return Array.from(slots, (bytes) => bytes ?? 16)
}

/** A buffer for each slot. */
export function openSlots(
  { pool, limits }: Device,
  program: Program,
  sizes: Sizes,
): DeviceBuffer[] {
  const slots: DeviceBuffer[] = []
  try {
    for (const bytes of slotBytes(program, sizes, limits)) slots.push(pool.take(bytes))
  } catch (cause) {
    for (const held of slots) pool.give(held)
    throw cause
  }
  return slots
}

/** The program's constants, uploaded; by name. */
export function openConstants(device: Device, program: Program): Map<string, DeviceBuffer> {
  const held = new Map<string, DeviceBuffer>()
  for (const { name, dtype, place } of program.buffers) {
    if (place.tag !== 'constant') continue
    held.set(name, upload(device, dtype, place.data))
  }
  return held
}

/** Bytes of each constant. */
export const constantBytes = (program: Program, limits: GpuLimits): readonly number[] =>
  program.buffers.flatMap(({ dtype, place }) =>
    place.tag === 'constant' ? [arrayBytes(dtype, place.data.length, limits)] : [],
  )

/** A buffer with the elements of a host array. */
export function upload(
  { pool, gpu, limits }: Device,
  dtype: DType,
  data: TypedArray,
): DeviceBuffer {
  const held = pool.take(arrayBytes(dtype, data.length, limits))
  const stored = toDevice(dtype, data, hasHalves(limits))
  // Arrays of the host may lie in any kind of memory that WebGPU reads from.
  const memory = stored.buffer as ArrayBuffer
  if (stored.byteLength > 0) {
    gpu.queue.writeBuffer(held.buffer, 0, memory, stored.byteOffset, stored.byteLength)
  }
  return held
}
