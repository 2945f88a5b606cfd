/**
 * Profiles: each dispatch in a pass of its own, with a timestamp before and behind it.
 *
 *   profileCall(loaded, sizes, externals)   →   [{ name, from, to, bytes, flops }], in nanoseconds
 *
 * Passes of their own cost a little, so their sum is more than the call takes; what a loop on the
 * host submits counts too. At most 2048 dispatches of one call are timed, the first ones.
 */
import { dimProduct, dimValue, type Sizes } from '../../lib/data/dim.js'
import { flopsOf } from '../../lib/loop/schedule/index.js'
import type { KernelTime } from '../backend.js'
import { hasHalves } from './emit/index.js'
import type { PassFor } from './execute.js'
import type { Loaded } from './loaded.js'
import type { DeviceBuffer } from './pool.js'
import { readParts } from './read.js'
import type { RunCommand } from './record.js'
import { deviceBytes } from './storage.js'
import { usage } from './usage.js'

const most = 2048

/** Times one call; the device must offer timestamps. */
export async function profileCall(
  loaded: Loaded,
  sizes: Sizes,
  externals: readonly DeviceBuffer[],
): Promise<readonly KernelTime[]> {
  const { device } = loaded
  const { gpu } = device
  const queries = gpu.createQuerySet({ type: 'timestamp', count: 2 * most })
  const commands: RunCommand[] = []
  const passFor: PassFor = (encoder, command) => {
    const { label } = command.dispatch
    const first = 2 * commands.length
    if (commands.length >= most) return { pass: encoder.beginComputePass(), single: true }
    commands.push(command)
    const timestampWrites = {
      querySet: queries,
      beginningOfPassWriteIndex: first,
      endOfPassWriteIndex: first + 1,
    }
    return { pass: encoder.beginComputePass({ label, timestampWrites }), single: true }
  }
  const { checked } = await loaded.run(sizes, externals, { passFor })
  const fault = (await Promise.all(checked)).find((each) => each !== undefined)
  if (fault !== undefined) throw fault
  if (commands.length === 0) return []
  const bytes = 16 * commands.length
  const resolved = gpu.createBuffer({ size: bytes, usage: usage.queryResolve | usage.copyFrom })
  const encoder = gpu.createCommandEncoder({ label: 'timestamps' })
  encoder.resolveQuerySet(queries, 0, 2 * commands.length, resolved, 0)
  gpu.queue.submit([encoder.finish()])
  const held: DeviceBuffer = { id: -1, buffer: resolved, bytes, kind: 'array' }
  const times = new BigUint64Array(
    await readParts(device, [{ buffer: held, from: 0, bytes }], [loaded.compiled.running]),
  )
  resolved.destroy()
  queries.destroy()
  const zero = times[0] ?? 0n // passes run in order
  return commands.map((command, i) => ({
    ...workOf(loaded, command),
    from: Number((times[2 * i] ?? zero) - zero),
    to: Number((times[2 * i + 1] ?? zero) - zero),
  }))
}

/**
 * The name of a dispatch, the bytes that it binds, and its kernel's operations if it is the first.
 */
function workOf(
  { compiled }: Loaded,
  { dispatch, sizes }: RunCommand,
): Pick<KernelTime, 'name' | 'bytes' | 'flops'> {
  const name = dispatch.label
  const kernel = compiled.program.kernels.find((k) =>
    compiled.dispatches.get(k.name)?.includes(dispatch),
  )
  if (kernel === undefined) return { name, bytes: 0, flops: 0 } // a gate, a copy
  const held = [...kernel.buffers, ...dispatch.scratch]
  const bytes = dispatch.bindings.reduce((sum, { buffer }) => {
    const found = held.find((each) => each.name === buffer)
    if (found === undefined) return sum
    return (
      sum +
      dimValue(dimProduct(found.shape), sizes) *
        deviceBytes(found.dtype, hasHalves(compiled.limits))
    )
  }, 0)
  const isFirst = compiled.dispatches.get(kernel.name)?.[0] === dispatch
  return { name, bytes, flops: isFirst ? flopsOf(kernel, sizes) : 0 }
}
