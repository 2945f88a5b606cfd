/**
 * Kernels and programs by themselves, on host arrays: what tests, laws and the tuner call.
 */
import type { Sizes } from '../../lib/data/dim.js'
import type { TypedArray } from '../../lib/data/dtype.js'
import type { Kernel, Program } from '../../lib/loop/index.js'
import { bufferBytes } from '../room.js'
import { type ExecutableOptions, loadProgram } from './executable.js'
import { type LinearMemory, linearMemory } from './memory.js'

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
export const runWasm = (
  k: Kernel,
  sizes: Sizes,
  arrays: Readonly<Record<string, TypedArray>>,
  options: ExecutableOptions = { relaxed: false },
): void => runProgram(programOf(k), sizes, arrays, linearMemory(), options)

/** Runs a program once on arrays by the names of its external buffers, which change. */
export function runProgram(
  program: Program,
  sizes: Sizes,
  arrays: Readonly<Record<string, TypedArray>>,
  memory: LinearMemory,
  options: ExecutableOptions,
): void {
  const executable = loadProgram(program, memory, options)
  const externals = program.buffers.filter((b) => b.place.tag === 'external')
  const blocks = externals.map((b) => memory.allocate(bufferBytes(b, sizes)))
  const starts = blocks.map((b) => b.address)
  /** The elements on the host, and in memory at an address. */
  const views = (i: number, address: number): readonly [Uint8Array, Uint8Array] => {
    const { buffer, byteOffset, byteLength } = arrays[externals[i]?.name ?? ''] ?? nothing
    const outside = new Uint8Array(buffer, byteOffset, byteLength)
    return [outside, new Uint8Array(memory.memory.buffer, address, byteLength)]
  }
  starts.forEach((start, i) => {
    const [outside, inside] = views(i, start)
    inside.set(outside)
  })
  // A swap leaves the elements of one buffer where those of another were.
  executable.run(sizes, starts).forEach((end, i) => {
    const [outside, inside] = views(i, end)
    outside.set(inside)
  })
  executable.release()
  blocks.forEach(memory.free)
}

const nothing = new Uint8Array()
