/**
 * The webgpu backend: a program is a list of compute shaders, recorded once and replayed.
 *
 * A call encodes and submits, and returns before the device is done; results stay there until they
 * are read or let go. What the device says against a call comes with the reading of its results.
 * A lost device is replaced at the next call, which then starts as soon as the new one is there;
 * so do calls behind a program whose loops the device decides. All keep their order.
 */
import * as Effect from 'effect/Effect'
import { type DType, type NDArray, sizeOf } from '../../lib/data/index.js'
import { needOptions } from '../../lib/lang/options.js'
import type { BackendService, ResidentArray } from '../backend.js'
import { loadFunction } from './call.js'
import { type DeviceOptions, deviceOptions } from './device.js'
import { hasHalves } from './emit/index.js'
import { closed, notSynchronous } from './fault.js'
import { type Host, openHost, runJob, workOf } from './host.js'
import { upload } from './memory.js'
import { promised } from './promised.js'
import { type Part, readParts } from './read.js'
import { bufferOf, enter, fill, type Holding, leave } from './resident.js'
import { deviceBytes, fromDevice } from './storage.js'

export type WebgpuOptions = DeviceOptions

export interface WebgpuBackend extends BackendService {
  /** What the adapter calls itself. */
  readonly adapter: string
  /** Gives the device back; every array of the backend ends with it. */
  readonly close: () => void
  /** Bytes of device memory in use: arrays, programs and their arenas. */
  readonly usedBytes: () => number
}

const dtypes: readonly DType[] = ['f32', 'f16', 'i32', 'u32', 'bool']

/** Opens a device; fails with a PullbackError that says what is missing. */
export async function makeWebgpu(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  needOptions('makeWebgpu', 0, deviceOptions, options)
  const host = await openHost(options)
  return {
    name: 'webgpu',
    adapter: host.device.name,
    capabilities: { dtypes, synchronous: false },
    load: (func, loadOptions) =>
      Effect.acquireRelease(
        promised(() => loadFunction(host, func, loadOptions)),
        ({ release }) => Effect.sync(release),
      ).pipe(Effect.map(({ executable }) => executable)),
    place: (array) => place(host, array),
    read: (list) => promised(() => readArrays(host, list)),
    readSync: () => {
      throw notSynchronous()
    },
    close: () => {
      if (!host.open) return
      host.open = false
      host.arrays.close()
      host.device.lose(closed())
    },
    usedBytes: () => (host.device.fault() === undefined ? host.device.pool.used() : 0),
  }
}

function place(host: Host, { dtype, shape, data }: NDArray): ResidentArray {
  const resident = host.arrays.make(dtype, shape, {})
  const holding = host.arrays.holding(resident)
  let given = data
  runJob(host, {
    uses: [],
    makes: [holding],
    isReady: () => true,
    prepare: async () => {},
    defer: () => {
      given = data.slice()
    },
    start: (device) => {
      const buffer = upload(device, dtype, given)
      const shortage = device.pool.shortage()
      fill(holding, device, buffer, workOf(undefined, shortage === undefined ? [] : [shortage], []))
      return undefined
    },
  })
  return resident
}

/** Starts the transfer in its turn, and waits for it beside the work that follows. */
async function readArrays(host: Host, list: readonly ResidentArray[]): Promise<readonly NDArray[]> {
  const holdings = list.map(host.arrays.holding)
  for (const held of holdings) enter(held)
  const { words, parts, halves } = await new Promise<Transfer>((resolve, reject) => {
    host.jobs.run(() => {
      try {
        resolve(transfer(host, list, holdings))
      } catch (cause) {
        reject(cause)
      } finally {
        for (const held of holdings) leave(held)
      }
    })
  })
  const block = await words
  await Promise.all(holdings.map(({ work }) => work?.checked))
  const fault = holdings.find(({ work }) => work?.fault !== undefined)?.work?.fault
  if (fault !== undefined) throw fault
  let at = 0
  return list.map(({ dtype, shape }, i) => {
    const data = fromDevice(dtype, block, at, sizeOf(shape), halves)
    at += parts[i]?.bytes ?? 0
    return { dtype, shape, data }
  })
}

interface Transfer {
  readonly halves: boolean
  readonly parts: readonly Part[]
  /** In a record, so that the promise of a Transfer does not wait for it. */
  readonly words: Promise<ArrayBuffer>
}

function transfer(
  { device }: Host,
  list: readonly ResidentArray[],
  holdings: readonly Holding[],
): Transfer {
  const halves = hasHalves(device.limits)
  const parts = holdings.map((held, i) => {
    const { dtype, shape } = list[i] as ResidentArray // one for one
    const bytes = Math.ceil((sizeOf(shape) * deviceBytes(dtype, halves)) / 4) * 4
    return { buffer: bufferOf(held, device), from: 0, bytes }
  })
  const running = new Set(holdings.flatMap(({ work }) => work?.running ?? []))
  return { halves, parts, words: readParts(device, parts, [...running]) }
}
