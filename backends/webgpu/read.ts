/**
 * Copies from the device to the host: one staging buffer and one transfer for all that is read.
 */
import type { PullbackError } from '../../lib/data/index.js'
import type { Device } from './device.js'
import { submit } from './execute.js'
import { deviceLost, type Running, timedOut } from './fault.js'
import type { DeviceBuffer } from './pool.js'
import { mapRead } from './usage.js'

export interface Part {
  readonly buffer: DeviceBuffer
  readonly from: number
  /** A multiple of 4. */
  readonly bytes: number
}

/**
 * Starts the transfer; the words come in one block, part after part. Fails with the device's fault
 * where it is lost on the way, or where what is running has not come to an end in time.
 */
export function readParts(
  device: Device,
  parts: readonly Part[],
  running: readonly Running[],
): Promise<ArrayBuffer> {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total === 0) return Promise.resolve(new ArrayBuffer(0))
  const staging = device.pool.take(total, 'staging')
  const checked = submit(device, 'read', (encoder) => {
    let at = 0
    for (const { buffer, from, bytes } of parts) {
      if (bytes > 0) encoder.copyBufferToBuffer(buffer.buffer, from, staging.buffer, at, bytes)
      at += bytes
    }
  })
  return inTime(device, running, staging, finish(device, staging, total, checked))
}

async function finish(
  device: Device,
  staging: DeviceBuffer,
  total: number,
  checked: Promise<PullbackError | undefined>,
): Promise<ArrayBuffer> {
  try {
    await staging.buffer.mapAsync(mapRead, 0, total)
  } catch (cause) {
    const fault = device.fault() ?? (await checked) ?? (await soon(device))
    if (fault !== undefined) throw fault
    throw deviceLost(cause instanceof Error ? cause.message : String(cause))
  }
  const words = staging.buffer.getMappedRange(0, total).slice(0)
  staging.buffer.unmap()
  device.pool.give(staging)
  const fault = await checked
  if (fault !== undefined) throw fault
  return words
}

/**
 * Gives the device up when the answer does not come: something on it has no end. The mapping is
 * called off, since Node would wait for it before it ends.
 */
function inTime<A>(
  device: Device,
  running: readonly Running[],
  staging: DeviceBuffer,
  answer: Promise<A>,
): Promise<A> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      device.abandon(timedOut(device.timeout, running))
      reject(device.fault())
      staging.buffer.destroy()
    }, device.timeout)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** A mapping fails a moment before the loss is told. */
const soon = (device: Device): Promise<PullbackError | undefined> =>
  Promise.race([
    device.gone,
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 100)),
  ])

/** Some words of a buffer, as i32. */
export async function readWords(
  device: Device,
  buffer: DeviceBuffer | undefined,
  firstWord: number,
  words: number,
  running: Running,
): Promise<Int32Array> {
  if (buffer === undefined) throw new Error('broken invariant: nothing to read')
  const part = { buffer, from: 4 * firstWord, bytes: 4 * words }
  return new Int32Array(await readParts(device, [part], [running]))
}
