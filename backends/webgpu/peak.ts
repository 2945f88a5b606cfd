/**
 * What a device can do at best: bytes that a copy moves, and f32 operations of chains of fma.
 */
import { type Device, openDevice } from './device.js'
import { closed } from './fault.js'
import { usage } from './usage.js'

export interface Peak {
  readonly adapter: string
  /** Computed by the processor: its times say nothing of a GPU. */
  readonly software: boolean
  /** Bytes read and written a second by copies of one buffer to another. */
  readonly bytesPerSecond: number
  /** A multiply-add counts as two. */
  readonly flopsPerSecond: number
}

/** Eight chains an invocation, so that latency is hidden; kept alive by a store nobody makes. */
const chains = (rounds: number): string => `
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let m = f32(id.x) * 1e-9 + 0.999;
  var a = vec4<f32>(m, m + 0.1, m + 0.2, m + 0.3);
  var b = vec4<f32>(m + 0.4, m + 0.5, m + 0.6, m + 0.7);
  for (var i = 0u; i < ${rounds}u; i++) {
    ${Array.from({ length: 16 }, () => 'a = fma(a, vec4<f32>(m), b); b = fma(b, vec4<f32>(m), a);').join('\n    ')}
  }
  if (a.x + b.x == 12345.678) { out[id.x] = a.y + b.y + a.z + b.z + a.w + b.w; }
}
`

export const isSoftware = (adapter: string): boolean =>
  /swiftshader|llvmpipe|software/i.test(adapter)

export async function measurePeak(): Promise<Peak> {
  const device = await openDevice({})
  const software = isSoftware(device.name)
  const { gpu } = device
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize)
  const bytes = software ? 2 ** 20 : Math.min(2 ** 30, most)
  const [from, to] = [0, 1].map(() =>
    gpu.createBuffer({ size: bytes, usage: usage.copyFrom | usage.copyTo | usage.storage }),
  )
  const copySeconds = await secondsOf(device, (encoder) => {
    encoder.copyBufferToBuffer(from, 0, to, 0, bytes)
  })
  const [groups, rounds] = software ? [4, 4] : [4096, 256]
  const layout = device.groups.layout({ access: ['read_write'], uniformBytes: 0 })
  const pipeline = await device.pipelines.open('fma', chains(rounds), layout)
  const entries = [{ binding: 0, resource: { buffer: to } }]
  const group = gpu.createBindGroup({ layout: layout.group, entries })
  const fmaSeconds = await secondsOf(device, (encoder) => {
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, group)
    pass.dispatchWorkgroups(groups)
    pass.end()
  })
  const adapter = device.name
  device.lose(closed())
  const flops = groups * 256 * rounds * 16 * 2 * 4 * 2
  return {
    adapter,
    software,
    bytesPerSecond: (2 * bytes) / copySeconds,
    flopsPerSecond: flops / fmaSeconds,
  }
}

/** The least time of one of several commands in a row. */
async function secondsOf(
  { gpu }: Device,
  fill: (encoder: GPUCommandEncoder) => void,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let sample = 0; sample < 5; sample++) {
    const encoder = gpu.createCommandEncoder()
    for (let i = 0; i < 10; i++) fill(encoder)
    const start = performance.now()
    gpu.queue.submit([encoder.finish()])
    await gpu.queue.onSubmittedWorkDone()
    least = Math.min(least, (performance.now() - start) / 10_000)
  }
  return least
}
