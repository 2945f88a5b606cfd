/**
 * What the parts of a backend share: the device in use, its arrays, and the order of work.
 *
 *   job ready to run, nothing before it   →   runs now, and what it throws reaches the caller
 *   device lost, or a job before it       →   runs in its turn; its results hold what went wrong
 */
import type { PullbackError } from '../../lib/data/index.js'
import { type CompilationLog, compilationLog } from '../log.js'
import { type Device, type DeviceOptions, openDevice } from './device.js'
import { closed, type Running } from './fault.js'
import {
  bufferOf,
  enter,
  failed,
  type Holding,
  leave,
  type Residents,
  residents,
  type Work,
} from './resident.js'
import { type Stream, stream } from './stream.js'

export interface Host {
  device: Device
  readonly options: DeviceOptions
  readonly arrays: Residents
  readonly jobs: Stream
  readonly log: CompilationLog
  open: boolean
}

export async function openHost(options: DeviceOptions): Promise<Host> {
  const device = await openDevice(options)
  const log = compilationLog()
  return { device, options, arrays: residents(), jobs: stream(), log, open: true }
}

/** The device in use; a new one where the last was lost. */
export async function liveDevice(host: Host): Promise<Device> {
  if (!host.open) throw closed()
  if (host.device.fault() !== undefined) host.device = await openDevice(host.options)
  return host.device
}

export interface Job {
  /** Arrays that it uses, and arrays that it makes. */
  readonly uses: readonly Holding[]
  readonly makes: readonly Holding[]
  /** Whether it can start on the device as it is. */
  readonly isReady: (device: Device) => boolean
  /** Makes it ready: at load, and after a loss. */
  readonly prepare: (device: Device) => Promise<void>
  /** Copies what the caller may change, since it will start later. */
  readonly defer: () => void
  readonly start: (device: Device) => undefined | Promise<void>
}

/** Starts a job now or in its turn. */
export function runJob(host: Host, job: Job): void {
  const { uses, makes } = job
  const isNow = host.jobs.isIdle() && isReady(host, job)
  if (!isNow) job.defer()
  for (const held of uses) enter(held)
  let thrown: unknown
  let isDone = false
  const settle = (cause?: unknown): void => {
    isDone = true
    thrown = cause
    if (cause !== undefined) for (const held of makes) failed(held, cause)
    for (const held of uses) leave(held)
  }
  const start = (device: Device): undefined | Promise<void> => {
    const wait = job.start(device)
    if (wait === undefined) settle()
    return wait?.then(() => settle())
  }
  const late = async (): Promise<void> => {
    const device = await liveDevice(host)
    await job.prepare(device)
    await start(device)
  }
  host.jobs.run(() => {
    try {
      return (isReady(host, job) ? start(host.device) : late())?.catch(settle)
    } catch (cause) {
      settle(cause)
      return undefined
    }
  })
  if (isNow && isDone && thrown !== undefined) throw thrown
}

const isReady = ({ device, open }: Host, job: Job): boolean =>
  open && device.fault() === undefined && job.isReady(device)

/** The memory of arrays for a job that starts now. */
export const buffersOf = (uses: readonly Holding[], device: Device) =>
  uses.map((held) => bufferOf(held, device))

/** Work that stands or falls with what the device says of it and of the work before it. */
export function workOf(
  running: Running | undefined,
  checks: readonly Promise<PullbackError | undefined>[],
  uses: readonly Holding[],
): Work {
  const before = uses.flatMap(({ work }) => (work === undefined || work.settled ? [] : [work]))
  const all: Promise<unknown>[] = [
    ...checks,
    ...before.map((work) => work.checked.then(() => work.fault)),
  ]
  const work: Work = { running, fault: undefined, settled: false, checked: Promise.resolve() }
  work.checked = Promise.all(all).then((faults) => {
    work.fault = faults.find((fault) => fault !== undefined)
    work.settled = true
  })
  return work
}
