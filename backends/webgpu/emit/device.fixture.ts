/**
 * One kernel by itself on a device, for tests of the emitter: every buffer by itself, no caches.
 */
import { afterAll } from 'vitest'
import { dimProduct, dimValue, type Sizes } from '../../../lib/data/dim.js'
import { allocate, type DType, type TypedArray } from '../../../lib/data/dtype.js'
import type { Kernel } from '../../../lib/loop/index.js'
import { fromDevice, toDevice } from '../storage.js'
import {
  type GpuDispatch,
  type GpuKernel,
  type GpuLimits,
  hasHalves,
  workgroupsOf,
} from './dispatch.js'

export interface TestDevice {
  readonly device: GPUDevice
  readonly limits: GpuLimits
  readonly name: string
  /** Compiles the modules and pipelines of a kernel; what Dawn says against them. */
  readonly check: (emitted: GpuKernel) => Promise<readonly string[]>
  /** Runs a kernel; arrays of buffers that it writes change. */
  readonly run: (
    kernel: Kernel,
    emitted: GpuKernel,
    sizes: Sizes,
    arrays: Readonly<Record<string, TypedArray>>,
  ) => Promise<void>
}

/** Dawn keeps what `create` returns alive only as long as we do, and crashes without it. */
const alive: unknown[] = []

/** Dawn's null device, which compiles and runs nothing, for the tests of a file. */
export async function nullDevice(): Promise<TestDevice> {
  const opened = await openDevice(['backend=null'])
  if (opened === undefined) throw new Error('Dawn has no null device')
  afterAll(() => opened.device.destroy())
  return opened
}

/** A device of Dawn's; `backend=null` compiles and runs nothing. Undefined where there is none. */
export async function openDevice(options: readonly string[]): Promise<TestDevice | undefined> {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  const gpu = create([...options])
  alive.push(gpu)
  const adapter = await gpu.requestAdapter()
  if (adapter === null) return undefined
  const wanted: readonly GPUFeatureName[] = ['shader-f16', 'subgroups']
  const offered = wanted.filter((name) => adapter.features.has(name))
  const { maxStorageBuffersPerShaderStage: storageBuffers } = adapter.limits
  const device = await adapter.requestDevice({
    requiredFeatures: [...offered],
    requiredLimits: { maxStorageBuffersPerShaderStage: storageBuffers },
  })
  const limits: GpuLimits = {
    workgroupInvocations: device.limits.maxComputeInvocationsPerWorkgroup,
    workgroupSizeX: device.limits.maxComputeWorkgroupSizeX,
    workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
    storageBuffers,
    groupsPerDimension: device.limits.maxComputeWorkgroupsPerDimension,
    ...(offered.includes('subgroups') ? { subgroupSize: adapter.info.subgroupMaxSize } : {}),
    features: new Set(offered.filter((f) => f === 'shader-f16' || f === 'subgroups')),
  }
  return {
    device,
    limits,
    name: adapter.info.description,
    check: (emitted) => checkKernel(device, emitted),
    run: (kernel, emitted, sizes, arrays) =>
      runKernel(device, limits, kernel, emitted, sizes, arrays),
  }
}

async function checkKernel(device: GPUDevice, emitted: GpuKernel): Promise<readonly string[]> {
  const faults: string[] = []
  for (const dispatch of emitted.dispatches) {
    device.pushErrorScope('validation')
    pipelineOf(device, dispatch)
    const error = await device.popErrorScope()
    if (error !== null) faults.push(`${error.message}\n${dispatch.wgsl}`)
  }
  return faults
}

function pipelineOf(device: GPUDevice, { label, wgsl: code }: GpuDispatch): GPUComputePipeline {
  const module = device.createShaderModule({ label, code })
  return device.createComputePipeline({
    label,
    layout: 'auto',
    compute: { module, entryPoint: 'main' },
  })
}

async function runKernel(
  device: GPUDevice,
  limits: GpuLimits,
  kernel: Kernel,
  emitted: GpuKernel,
  sizes: Sizes,
  arrays: Readonly<Record<string, TypedArray>>,
): Promise<void> {
  device.pushErrorScope('validation')
  const buffers = new Map<string, GPUBuffer>()
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  const make = (name: string, words: Uint8Array<ArrayBuffer>): void => {
    const buffer = device.createBuffer({ size: Math.max(16, roundUp(words.length)), usage })
    const padded = new Uint8Array(roundUp(words.length))
    padded.set(words)
    device.queue.writeBuffer(buffer, 0, padded)
    buffers.set(name, buffer)
  }
  for (const b of kernel.buffers) {
    make(b.name, bytesOf(toDevice(b.dtype, arrays[b.name], hasHalves(limits))))
  }
  for (const { scratch } of emitted.dispatches) {
    for (const s of scratch) {
      if (buffers.has(s.name)) continue
      make(s.name, new Uint8Array(4 * dimValue(dimProduct(s.shape), sizes)))
    }
  }
  const encoder = device.createCommandEncoder()
  for (const dispatch of emitted.dispatches) {
    const [x, y, z] = workgroupsOf(dispatch, sizes, limits)
    if (x * y * z === 0) continue
    const pipeline = pipelineOf(device, dispatch)
    const entries = dispatch.bindings.map(
      ({ buffer }, binding): GPUBindGroupEntry => ({
        binding,
        resource: { buffer: buffers.get(buffer) as GPUBuffer }, // made above
      }),
    )
    if (dispatch.sizes.length > 0) {
      const words = Int32Array.from(dispatch.sizes, (name) => sizes[name] ?? 0)
      const uniform = device.createBuffer({
        size: roundUp(words.byteLength),
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      })
      device.queue.writeBuffer(uniform, 0, words)
      entries.push({ binding: dispatch.bindings.length, resource: { buffer: uniform } })
    }
    const layout = pipeline.getBindGroupLayout(0)
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    if (entries.length > 0) pass.setBindGroup(0, device.createBindGroup({ layout, entries }))
    pass.dispatchWorkgroups(x, y, z)
    pass.end()
  }
  device.queue.submit([encoder.finish()])
  for (const b of kernel.buffers) {
    if (b.access === 'read') continue
    const from = buffers.get(b.name) as GPUBuffer // made above
    await readBack(device, b.dtype, from, arrays[b.name], hasHalves(limits))
  }
  const error = await device.popErrorScope()
  for (const buffer of buffers.values()) buffer.destroy()
  if (error !== null) throw new Error(error.message)
}

const roundUp = (bytes: number): number => Math.ceil(bytes / 16) * 16

const bytesOf = (array: ArrayBufferView): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(array.byteLength)
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  return bytes
}

async function readBack(
  device: GPUDevice,
  dtype: DType,
  from: GPUBuffer,
  to: TypedArray,
  halves: boolean,
): Promise<void> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
  const staging = device.createBuffer({ size: from.size, usage })
  const encoder = device.createCommandEncoder()
  encoder.copyBufferToBuffer(from, 0, staging, 0, from.size)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  to.set(fromDevice(dtype, staging.getMappedRange(), 0, to.length, halves))
  staging.destroy()
}

/** Arrays of a kernel's buffers, all zeros. */
export const zerosFor = (kernel: Kernel, sizes: Sizes): Record<string, TypedArray> =>
  Object.fromEntries(
    kernel.buffers.map((b) => [b.name, allocate(b.dtype, dimValue(dimProduct(b.shape), sizes))]),
  )
