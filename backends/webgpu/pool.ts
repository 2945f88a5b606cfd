/**
 * Device memory: buffers handed out and taken back, so that a loop of calls creates none.
 *
 * One buffer an array, an arena slot or a scratch: WebGPU forbids a dispatch to read and write
 * parts of one buffer. Sizes are rounded up to a few classes, so that near sizes share. What is
 * given back is kept for the next of its class up to a bound, the oldest going first. Commands run
 * in order, so a buffer may be handed out again while the device still works on its last use.
 */
import type { PullbackError } from '../../lib/data/index.js'
import { outOfMemory, overBudget, tooLarge } from './fault.js'
import { arrayUsage, usage } from './usage.js'

export interface DeviceBuffer {
  readonly id: number
  readonly buffer: GPUBuffer
  /** Rounded up: what it takes. */
  readonly bytes: number
  readonly kind: Kind
}

/** What a buffer is for: arrays and scratch; sizes of dispatches; gates; copies for the host. */
export type Kind = 'array' | 'uniform' | 'gate' | 'staging'

export interface Pool {
  /** A buffer of at least so many bytes, its contents whatever was in it. */
  readonly take: (bytes: number, kind?: Kind) => DeviceBuffer
  readonly give: (buffer: DeviceBuffer) => void
  /** Whether the device had the memory for the buffers created since the last time of asking. */
  readonly shortage: () => Promise<PullbackError | undefined> | undefined
  /** Bytes handed out now. */
  readonly used: () => number
  /** Bytes that wait to be handed out again. */
  readonly spare: () => number
}

export interface PoolOptions {
  readonly maximumBytes: number | undefined
  readonly onDestroy: (id: number) => void
}

const usages: Readonly<Record<Kind, number>> = {
  array: arrayUsage,
  uniform: usage.uniform | usage.copyTo,
  gate: usage.storage | usage.indirect | usage.copyFrom | usage.copyTo,
  staging: usage.copyTo | usage.mapRead,
}

/** The most that waits to be handed out again, where less is in use. */
const spareBytes = 2 ** 28

/** At least 256; beyond, the next of four steps in each power of two. */
export function classOf(bytes: number): number {
  if (bytes <= 256) return 256
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes)) - 2)
  return Math.ceil(bytes / step) * step
}

export function bufferPool(gpu: GPUDevice, { maximumBytes, onDestroy }: PoolOptions): Pool {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits
  // In order of being given back; a pool is changed in place at every call.
  const spares = new Map<string, DeviceBuffer[]>()
  const waiting = new Set<DeviceBuffer>()
  let [used, spare, count] = [0, 0, 0]
  let scopes: Promise<PullbackError | undefined>[] = []

  const destroy = (held: DeviceBuffer): void => {
    waiting.delete(held)
    const list = spares.get(keyOf(held.kind, held.bytes))
    list?.splice(list.indexOf(held), 1)
    spare -= held.bytes
    held.buffer.destroy()
    onDestroy(held.id)
  }
  const shrink = (most: number): void => {
    for (const held of waiting) {
      if (spare <= most) return
      destroy(held)
    }
  }
  const create = (bytes: number, kind: Kind): DeviceBuffer => {
    gpu.pushErrorScope('out-of-memory')
    const buffer = gpu.createBuffer({ size: bytes, usage: usages[kind] })
    const inUse = used
    scopes.push(
      gpu.popErrorScope().then(
        (error) => {
          if (error === null) return undefined
          shrink(0)
          return outOfMemory(bytes, inUse)
        },
        () => undefined, // the device is lost, which is told elsewhere
      ),
    )
    return { id: count++, buffer, bytes, kind }
  }
  const limitOf = (kind: Kind): number =>
    kind === 'staging' ? maxBufferSize : Math.min(maxBufferSize, maxStorageBufferBindingSize)
  const check = (bytes: number, kind: Kind): void => {
    if (bytes > limitOf(kind)) {
      const binds = kind !== 'staging' && bytes <= maxBufferSize
      throw tooLarge(bytes, limitOf(kind), binds ? 'maxStorageBufferBindingSize' : 'maxBufferSize')
    }
    if (maximumBytes === undefined || used + bytes <= maximumBytes) return
    throw overBudget(bytes, used, maximumBytes)
  }

  return {
    take: (bytes, kind = 'array') => {
      check(bytes, kind)
      const size = Math.min(classOf(bytes), Math.floor(limitOf(kind) / 4) * 4)
      const known = spares.get(keyOf(kind, size))?.pop()
      if (known !== undefined) {
        waiting.delete(known)
        spare -= size
      }
      if (maximumBytes !== undefined) shrink(Math.max(0, maximumBytes - used - size))
      used += size
      return known ?? create(size, kind)
    },
    give: (held) => {
      used -= held.bytes
      spare += held.bytes
      waiting.add(held)
      const key = keyOf(held.kind, held.bytes)
      const list = spares.get(key)
      if (list === undefined) spares.set(key, [held])
      else list.push(held)
      shrink(Math.max(spareBytes, used))
    },
    shortage: () => {
      if (scopes.length === 0) return undefined
      const found = Promise.all(scopes)
      scopes = []
      return found.then((faults) => faults.find((fault) => fault !== undefined))
    },
    used: () => used,
    spare: () => spare,
  }
}

const keyOf = (kind: Kind, bytes: number): string => `${kind} ${bytes}`
