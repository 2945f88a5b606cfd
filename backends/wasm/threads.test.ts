import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { interpretProgram, type Program } from '../../lib/loop/index.js'
import {
  applySchedule,
  chooseSchedule,
  matmulKernel,
  totalKernel,
  wasmHardware,
} from '../../lib/loop/schedule/index.js'
import { scratchBytes } from './kernel.js'
import { linearMemory } from './memory.js'
import { compileProgram } from './module.js'

const sizes = { M: 12, K: 9, N: 300 }
const kernels = [matmulKernel('M', 'K', 'N'), totalKernel('N')].map((k) =>
  applySchedule(k, chooseSchedule(k, wasmHardware)),
)
const external = { tag: 'external' } as const
const shapes = { a: ['M', 'K'], b: ['K', 'N'], c: ['M', 'N'], bias: ['N'], sum: [] }

/** The product four times, each run waiting for the one before, then a sum that one thread does. */
const program: Program = {
  name: 'threads',
  buffers: Object.entries(shapes).map(([name, shape]) => ({
    name,
    dtype: 'f32',
    shape,
    place: external,
  })),
  kernels,
  steps: [
    {
      tag: 'for',
      counter: 'round',
      below: 4,
      body: [
        { tag: 'run', kernel: 'matmul', buffers: { a: 'a', b: 'b', c: 'c' }, sizes: {} },
        { tag: 'run', kernel: 'total', buffers: { x: 'bias', y: 'sum' }, sizes: {} },
      ],
    },
  ],
}

/** Runs the program as thread `index` of `count` once word `go` is set. */
const workerSource = `
  const { workerData, parentPort } = require('node:worker_threads')
  const { binary, memory, table, barrier, go, index, count } = workerData
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } })
  exports.global0.value = index
  exports.global1.value = count
  exports.global2.value = barrier
  parentPort.postMessage('ready')
  Atomics.wait(new Int32Array(memory.buffer), go / 4, 0)
  exports.run(table)
  parentPort.postMessage('done')
`

const message = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })

describe('threads in lock step', () => {
  it('give what one thread gives, with a barrier after each kernel', async () => {
    const count = 3
    const linear = linearMemory({ shared: true, maximumBytes: 1 << 26 })
    const { memory } = linear
    const compiled = compileProgram(program, { relaxed: false, memory: linear.limits })
    const arrays = {
      a: Float32Array.from({ length: 12 * 9 }, (_, i) => (i % 7) - 3),
      b: Float32Array.from({ length: 9 * 300 }, (_, i) => (i % 5) - 2),
      c: new Float32Array(12 * 300),
      bias: Float32Array.from({ length: 300 }, (_, i) => i),
      sum: new Float32Array(1),
    }
    const scratch = Math.max(...kernels.map((k) => scratchBytes(k, sizes)))
    const constants = linear.allocate(compiled.constants.length)
    const scratchRegion = linear.allocate(scratch * count)
    const barrier = linear.allocate(8)
    const go = linear.allocate(4)
    const table = linear.allocate(4 * 16)
    const buffers = Object.values(arrays).map((x) => linear.allocate(x.byteLength))
    new Uint8Array(memory.buffer).set(compiled.constants, constants.address)
    Object.values(arrays).forEach((x, i) => {
      new Float32Array(memory.buffer).set(x, (buffers[i]?.address ?? 0) / 4)
    })
    const words = new Int32Array(memory.buffer)
    words.set(
      [
        constants.address,
        scratchRegion.address,
        scratch,
        ...buffers.map((r) => r.address),
        ...compiled.sizes.map((name) => sizes[name as keyof typeof sizes]),
      ],
      table.address / 4,
    )
    const shared = { binary: compiled.binary, memory, table: table.address, go: go.address }
    const workers = Array.from(
      { length: count },
      (_, index) =>
        new Worker(workerSource, {
          eval: true,
          workerData: { ...shared, barrier: barrier.address, index, count },
        }),
    )
    await Promise.all(workers.map(message))
    const done = workers.map(message)
    words[go.address / 4] = 1
    Atomics.notify(words, go.address / 4)
    await Promise.all(done)
    await Promise.all(workers.map((w) => w.terminate()))
    const expected = interpretProgram(program, sizes, arrays)
    const at = (i: number): number => (buffers[i]?.address ?? 0) / 4
    const got = new Float32Array(memory.buffer)
    expect(got.slice(at(2), at(2) + 12 * 300)).toEqual(expected.c)
    expect(got[at(4)]).toBe(expected.sum?.[0])
  })
})
