/**
 * One kernel by itself, on host arrays: what tests, the profiler and the tuner call.
 */
import type { Sizes } from '../../lib/data/dim.js'
import type { TypedArray } from '../../lib/data/dtype.js'
import type { Kernel, Program } from '../../lib/loop/index.js'
import { type ExecutableOptions, loadProgram } from './executable.js'
import { linearMemory } from './memory.js'

/** A program that is one kernel over external buffers. */
export const programOf = (k: Kernel): Program => ({
  name: k.name,
  buffers: k.buffers.map(({ name, dtype, shape }) => ({
    name,
    dtype,
    shape,
    place: { tag: 'external' },
  })),
  kernels: [k],
  steps: [
    {
      tag: 'run',
      kernel: k.name,
      buffers: Object.fromEntries(k.buffers.map((b) => [b.name, b.name])),
      sizes: {},
    },
  ],
})

/** Runs a kernel once, in a memory of its own; arrays of `write` and `update` buffers change. */
export function runWasm(
  k: Kernel,
  sizes: Sizes,
  arrays: Readonly<Record<string, TypedArray>>,
  options: ExecutableOptions = { relaxed: false },
): void {
  const memory = linearMemory()
  const executable = loadProgram(programOf(k), memory, options)
  const regions = k.buffers.map((b) => memory.allocate(arrays[b.name]?.byteLength ?? 0))
  const bytes = (): Uint8Array => new Uint8Array(memory.memory.buffer)
  const view = (array: TypedArray | undefined): Uint8Array =>
    new Uint8Array(array?.buffer ?? new ArrayBuffer(0))
  k.buffers.forEach((b, i) => {
    bytes().set(view(arrays[b.name]), regions[i]?.address ?? 0)
  })
  executable.run(
    sizes,
    regions.map((r) => r.address),
  )
  k.buffers.forEach((b, i) => {
    const target = view(arrays[b.name])
    const from = regions[i]?.address ?? 0
    target.set(bytes().subarray(from, from + target.length))
  })
}
