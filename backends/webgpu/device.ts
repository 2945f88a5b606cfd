/**
 * A device: opened with all that the adapter offers, watched until it is lost.
 *
 * A lost device stays lost; whoever needs one opens another.
 */
import type { PullbackError } from '../../lib/data/index.js'
import { anything, type Options, oneOf, positive, whole } from '../../lib/lang/options.js'
import type { LayoutPolicy } from '../../lib/loop/lower/layout.js'
import type { GpuLeast, SchedulePolicy } from '../../lib/loop/schedule/index.js'
import type { GpuFeature, GpuLimits } from './emit/index.js'
import { deviceLost, deviceRefused, noAdapter } from './fault.js'
import { endRegardless, findGpu } from './find.js'
import { type Groups, groupCache } from './groups.js'
import { type Pipelines, pipelineCache } from './pipelines.js'
import { bufferPool, type Pool } from './pool.js'

export interface DeviceOptions {
  /** Instead of the browser's or Node's. */
  readonly gpu?: GPU
  readonly powerPreference?: 'low-power' | 'high-performance'
  /** The most bytes that arrays and programs may take on the device; unbounded unless given. */
  readonly maximumBytes?: number
  /** Milliseconds to wait for an answer before the device is given up; 60 000 unless said. */
  readonly timeout?: number
  /** The most arrays that a shader binds at once; as many as the adapter offers unless said. */
  readonly storageBuffers?: number
  /** What decides how programs are compiled, instead of the usual rules. */
  readonly choices?: Choices
}

export const deviceOptions: Options<DeviceOptions> = {
  gpu: anything,
  powerPreference: oneOf('low-power', 'high-performance'),
  maximumBytes: positive,
  timeout: positive,
  storageBuffers: whole(1),
  choices: anything,
}

/** Policies of the compiler, and the least work that is divided. */
export interface Choices {
  readonly layout?: LayoutPolicy
  readonly schedule?: SchedulePolicy
  readonly least?: GpuLeast
}

export interface Device {
  readonly gpu: GPUDevice
  /** Vendor and description, as far as the adapter tells. */
  readonly name: string
  readonly limits: GpuLimits
  readonly hasTimestamps: boolean
  readonly pool: Pool
  readonly pipelines: Pipelines
  readonly groups: Groups
  /** Why it is of no use any more. */
  readonly fault: () => PullbackError | undefined
  /** Settles when it is lost. */
  readonly gone: Promise<PullbackError>
  /** Ends it; arrays on it are dead for the reason given. */
  readonly lose: (fault: PullbackError) => void
  /**
   * Leaves it to its endless work, and forgets it: to end it could wait for that work, and where no
   * watchdog of the driver ends it (SwiftShader has none), it goes on until the process ends. Node
   * ends without it then: no object of the device is taken down.
   */
  readonly abandon: (fault: PullbackError) => void
  /** Milliseconds to wait for an answer. */
  readonly timeout: number
}

const wanted: readonly GpuFeature[] = ['shader-f16', 'subgroups']

export async function openDevice(options: DeviceOptions): Promise<Device> {
  const gpu = options.gpu ?? (await findGpu())
  const powerPreference = options.powerPreference ?? 'high-performance'
  const adapter = await gpu.requestAdapter({ powerPreference })
  if (adapter === null) throw noAdapter()
  const features = [...wanted, 'timestamp-query' as const].filter((f) => adapter.features.has(f))
  const device = await adapter
    .requestDevice({ requiredFeatures: features, requiredLimits: realLimits(adapter.limits) })
    .catch((cause: unknown) => {
      throw deviceRefused(cause instanceof Error ? cause.message : String(cause))
    })
  return watch(device, nameOf(adapter.info), options)
}

const nameOf = ({ vendor, architecture, description }: GPUAdapterInfo): string =>
  description || [vendor, architecture].filter((part) => part !== '').join(' ') || 'unknown adapter'

/** What the adapter can do, not what every adapter can. */
const realLimits = (limits: GPUSupportedLimits): Record<string, number> => ({
  maxBufferSize: limits.maxBufferSize,
  maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
  maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
  maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
  maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
  maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
  maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
  maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
})

export const limitsOf = ({ limits, features, adapterInfo }: GPUDevice): GpuLimits => ({
  workgroupInvocations: limits.maxComputeInvocationsPerWorkgroup,
  workgroupSizeX: limits.maxComputeWorkgroupSizeX,
  workgroupBytes: limits.maxComputeWorkgroupStorageSize,
  storageBuffers: limits.maxStorageBuffersPerShaderStage,
  groupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
  ...subgroupsOf(features, adapterInfo),
  features: new Set(wanted.filter((f) => features.has(f))),
})

/** Where an adapter does not say how large they are, they are not used. */
const subgroupsOf = (
  features: ReadonlySet<string>,
  info: Partial<GPUAdapterInfo> | undefined,
): Pick<GpuLimits, 'subgroupSize'> =>
  features.has('subgroups') && info?.subgroupMaxSize ? { subgroupSize: info.subgroupMaxSize } : {}

function watch(
  gpu: GPUDevice,
  name: string,
  { maximumBytes, timeout = 60_000, storageBuffers = Number.POSITIVE_INFINITY }: DeviceOptions,
): Device {
  const limits = limitsOf(gpu)
  let fault: PullbackError | undefined
  const gone = gpu.lost.then(({ message, reason }) => {
    fault ??= deviceLost(message || reason)
    return fault
  })
  const groups = groupCache(gpu)
  return {
    gpu,
    name,
    limits: { ...limits, storageBuffers: Math.min(storageBuffers, limits.storageBuffers) },
    hasTimestamps: gpu.features.has('timestamp-query'),
    pool: bufferPool(gpu, { maximumBytes, onDestroy: groups.forget }),
    pipelines: pipelineCache(gpu),
    groups,
    fault: () => fault,
    gone,
    lose: (why) => {
      fault ??= why
      gpu.destroy()
    },
    abandon: (why) => {
      fault ??= why
      endRegardless()
    },
    timeout,
  }
}
