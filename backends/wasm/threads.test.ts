import { describe, expect, it } from 'vitest'
import { dimValue } from '../../lib/data/index.js'
import { interpretProgram, type Kernel, type Program, statementsOf } from '../../lib/loop/index.js'
import {
  applySchedule,
  batchedKernel,
  chainKernel,
  chooseSchedule,
  type Hardware,
  matmulKernel,
  sumsKernel,
  totalKernel,
  wasmHardware,
} from '../../lib/loop/schedule/index.js'
import { isOverThreads } from '../division.js'
import { leastRange } from './entry.js'
import { nodeSpawn } from './member.js'
import { linearMemory } from './memory.js'
import { runProgram } from './run-kernel.js'
import { makeTeam } from './team.js'

const sizes = { M: 12, K: 9, N: 300, L: 9000 }
const hardware: Hardware = { ...wasmHardware, threads: 3 }
const kernels = [matmulKernel('M', 'K', 'N'), totalKernel('L'), sumsKernel('M', 'N', 1)].map((k) =>
  applySchedule(k, chooseSchedule(k, hardware)),
)
const external = { tag: 'external' } as const
const shapes = { a: ['M', 'K'], b: ['K', 'N'], c: ['M', 'N'], bias: ['L'], sum: [], rows: ['M'] }

/** The product twice, each run waiting for the one before, then a total and row sums. */
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
      below: 2,
      body: [
        { tag: 'run', kernel: 'matmul', buffers: { a: 'a', b: 'b', c: 'c' }, sizes: {} },
        { tag: 'run', kernel: 'total', buffers: { x: 'bias', y: 'sum' }, sizes: {} },
        { tag: 'run', kernel: 'sums', buffers: { x: 'c', y: 'rows' }, sizes: {} },
      ],
    },
  ],
}

const arrays = Object.fromEntries(
  Object.entries(shapes).map(([name, shape]) => {
    const length = shape.reduce((n, d) => n * dimValue(d, sizes), 1)
    return [name, Float32Array.from({ length }, (_, i) => (i % 7) - 3)]
  }),
)
const expected = interpretProgram(program, sizes, arrays)

describe('threads in lock step', () => {
  it.each([1, 2, 3])('give what the program means, on %i', async (count) => {
    const memory = linearMemory({ shared: true, maximumBytes: 1 << 28 })
    const team = makeTeam(memory, count, nodeSpawn())
    await team.ready()
    expect(team.assembled()).toBe(true)
    const got = Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, x.slice()]))
    const leastGain = Number.NEGATIVE_INFINITY
    runProgram(program, sizes, got, memory, { relaxed: false, team, leastGain })
    for (const name of Object.keys(arrays)) expect(got[name]).toEqual(expected[name])
    team.close()
  })
})

describe('a piece of a loop over threads', () => {
  const leastOf = (kernel: Kernel): number => {
    const scheduled = applySchedule(kernel, chooseSchedule(kernel, { ...wasmHardware, threads: 2 }))
    const range = statementsOf(scheduled.body).find(isOverThreads)
    if (range === undefined) throw new Error(`${kernel.name} is not divided`)
    return leastRange(range) / range.step
  }

  it('is one step where much work lies inside, however short the loop right inside', () => {
    expect(leastOf(matmulKernel(1024, 1024, 1024))).toBeLessThanOrEqual(1)
    expect(leastOf(batchedKernel(64, 64, 64, 64))).toBe(1)
    expect(leastOf(matmulKernel(1, 4096, 4096))).toBeLessThanOrEqual(1)
  })

  it('is many steps where each does little', () => {
    expect(leastOf(chainKernel(64, 64))).toBeGreaterThan(1)
  })
})
