/**
 * Recordings on a device: memory for what they need, then one encoder and one submit.
 *
 * What a recording uploads (the uniforms and the tables of gates) depends on sizes alone, so one
 * that is kept is replayed without uploading anything.
 */
import type { PullbackError } from '../../lib/data/index.js'
import type { Device } from './device.js'
import type { GpuDispatch } from './emit/index.js'
import { refused } from './fault.js'
import type { Layout } from './groups.js'
import type { DeviceBuffer } from './pool.js'
import { gatePlaces, type Recording, type RunCommand } from './record.js'

/** A shader, ready to run. */
export interface Shader {
  readonly pipeline: GPUComputePipeline
  readonly layout: Layout
}

/** Device memory of one recording. */
export interface Resources {
  readonly uniform: DeviceBuffer | undefined
  /** By place behind the program's buffers. */
  readonly places: readonly (DeviceBuffer | undefined)[]
}

export function openResources({ pool, gpu }: Device, recording: Recording): Resources {
  const { words, table, cells, scratch } = recording
  const filled = (array: Int32Array | Uint32Array, kind: 'uniform' | 'gate'): DeviceBuffer => {
    const held = pool.take(array.byteLength, kind)
    gpu.queue.writeBuffer(held.buffer, 0, array.buffer as ArrayBuffer, 0, array.byteLength) // made here
    return held
  }
  const gated = table.length > 0 || cells > 0
  const places: (DeviceBuffer | undefined)[] = []
  if (gated) {
    places[gatePlaces.table] = filled(
      Uint32Array.from(table.length > 0 ? table : [0, 0, 0, 0]),
      'gate',
    )
    places[gatePlaces.granted] = pool.take(Math.max(16, 4 * table.length), 'gate')
    places[gatePlaces.cells] = pool.take(Math.max(16, 4 * cells), 'gate')
  }
  scratch.forEach((bytes, i) => {
    places[gatePlaces.count + i] = pool.take(Math.max(16, bytes))
  })
  return {
    uniform: words.length === 0 ? undefined : filled(Int32Array.from(words), 'uniform'),
    places,
  }
}

export function closeResources({ pool }: Device, { uniform, places }: Resources): void {
  if (uniform !== undefined) pool.give(uniform)
  for (const held of places) if (held !== undefined) pool.give(held)
}

export interface Encoding {
  readonly device: Device
  readonly shaders: ReadonlyMap<GpuDispatch, Shader>
  readonly recording: Recording
  readonly resources: Resources
  /** Where each of the program's buffers is. */
  readonly buffers: readonly DeviceBuffer[]
}

/** Opens a compute pass for a dispatch; the profiler times each in a pass of its own. */
export type PassFor = (
  encoder: GPUCommandEncoder,
  command: RunCommand,
) => { readonly pass: GPUComputePassEncoder; readonly single: boolean }

const plainPass: PassFor = (encoder) => ({ pass: encoder.beginComputePass(), single: false })

export function encode(
  encoder: GPUCommandEncoder,
  e: Encoding,
  passFor: PassFor = plainPass,
): void {
  const { device, shaders, recording, resources, buffers } = e
  const granted = resources.places[gatePlaces.granted]?.buffer
  const at = (place: number): DeviceBuffer => {
    const held = buffers[place] ?? resources.places[place - buffers.length]
    if (held === undefined) throw new Error(`broken invariant: nothing in place ${place}`)
    return held
  }
  let pass: GPUComputePassEncoder | undefined
  const endPass = (): void => {
    pass?.end()
    pass = undefined
  }
  for (const command of recording.commands) {
    if (command.tag === 'copy') {
      endPass()
      const [from, to] = [at(command.from), at(command.to)]
      encoder.copyBufferToBuffer(from.buffer, 0, to.buffer, 0, command.bytes)
      continue
    }
    const { dispatch, offset, groups, entry } = command
    const shader = shaders.get(dispatch)
    if (shader === undefined) throw new Error(`broken invariant: ${dispatch.label} is not compiled`)
    const opened: ReturnType<PassFor> =
      pass === undefined ? passFor(encoder, command) : { pass, single: false }
    pass = opened.pass
    pass.setPipeline(shader.pipeline)
    const bound = command.buffers.map(at)
    if (offset >= 0 && resources.uniform !== undefined) {
      const group = device.groups.bind(shader.layout, [...bound, resources.uniform])
      pass.setBindGroup(0, group, [offset])
    } else pass.setBindGroup(0, device.groups.bind(shader.layout, bound))
    if (entry < 0 || granted === undefined) pass.dispatchWorkgroups(...groups)
    else pass.dispatchWorkgroupsIndirect(granted, 16 * entry)
    if (opened.single) endPass()
  }
  endPass()
}

/** Encodes and submits; what the device says against it comes later. */
export function submit(
  device: Device,
  program: string,
  fill: (encoder: GPUCommandEncoder) => void,
): Promise<PullbackError | undefined> {
  const { gpu, pool } = device
  gpu.pushErrorScope('validation')
  let said: Promise<GPUError | null>
  try {
    const encoder = gpu.createCommandEncoder({ label: program })
    fill(encoder)
    gpu.queue.submit([encoder.finish()])
  } finally {
    said = gpu.popErrorScope().catch(() => null) // lost, which is told elsewhere
  }
  const shortage = pool.shortage()
  const wrong = said.then((error) => (error === null ? undefined : refused(program, error.message)))
  return shortage === undefined
    ? wrong
    : Promise.all([shortage, wrong]).then(([short, other]) => short ?? other)
}
