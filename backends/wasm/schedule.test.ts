import { describe, expect, it } from 'vitest'
import type { Dim } from '../../lib/data/dim.js'
import {
  interpretKernel,
  type Kernel,
  randomArrays,
  showKernel,
  verifyKernel,
} from '../../lib/loop/index.js'
import {
  applySchedule,
  batchedKernel,
  chainKernel,
  chooseSchedule,
  convKernel,
  enumerateSchedules,
  featuresOf,
  type Hardware,
  keptKernel,
  matmulKernel,
  peakKernel,
  polynomialKernel,
  rowsKernel,
  scheduleFromJson,
  scheduleToJson,
  shareKernel,
  showSchedule,
  slopeKernel,
  sumsKernel,
  totalKernel,
  transposeKernel,
  wasmHardware,
} from '../../lib/loop/schedule/index.js'
import { hardwareOf } from './detect.js'
import { runWasm } from './run-kernel.js'

type Sizes = Readonly<Record<string, number>>

/** Each kernel with its sizes written in and by name. */
const both = (
  names: readonly string[],
  values: readonly number[],
  make: (...dims: readonly Dim[]) => Kernel,
): readonly (readonly [Kernel, Sizes])[] => [
  [make(...values), {}],
  [make(...names), Object.fromEntries(names.map((name, i) => [name, values[i] ?? 1]))],
]

const mk = ['M', 'K', 'N']
const kernels: readonly (readonly [Kernel, Sizes])[] = [
  ...both(mk, [9, 7, 19], (m, k, n) => matmulKernel(m ?? 1, k ?? 1, n ?? 1)),
  ...both(mk, [8, 4, 16], (m, k, n) => matmulKernel(m ?? 1, k ?? 1, n ?? 1)),
  ...both(mk, [1, 37, 21], (m, k, n) => matmulKernel(m ?? 1, k ?? 1, n ?? 1)),
  ...both(mk, [37, 3, 260], (m, k, n) => matmulKernel(m ?? 1, k ?? 1, n ?? 1)),
  ...both(['H', ...mk], [3, 6, 5, 9], (h, m, k, n) =>
    batchedKernel(h ?? 1, m ?? 1, k ?? 1, n ?? 1),
  ),
  [convKernel(2, 3, 5, 11, 6), {}],
  [convKernel('B', 3, 5, 11, 6), { B: 2 }],
  [matmulKernel(5, 2100, 9), {}],
  [slopeKernel(2, 5, 17, 6), {}],
  [slopeKernel(3, 8, 3, 540), {}],
  ...both(['M', 'N'], [5, 23], (m, n) => rowsKernel(m ?? 1, n ?? 1)),
  ...both(['M', 'N'], [5, 23], (m, n) => shareKernel(m ?? 1, n ?? 1)),
  ...both(['M', 'N'], [5, 23], (m, n) => keptKernel(m ?? 1, n ?? 1)),
  ...both(['M', 'N'], [5, 61], (m, n) => polynomialKernel(m ?? 1, n ?? 1)),
  ...both(['M', 'N'], [5, 37], (m, n) => peakKernel(m ?? 1, n ?? 1)),
  ...both(['M', 'N'], [5, 23], (m, n) => sumsKernel(m ?? 1, n ?? 1, 0)),
  ...both(['M', 'N'], [5, 23], (m, n) => sumsKernel(m ?? 1, n ?? 1, 1)),
  ...both(['M', 'N'], [70, 600], (m, n) => sumsKernel(m ?? 1, n ?? 1, 0)),
  ...both(['M', 'N'], [600, 70], (m, n) => sumsKernel(m ?? 1, n ?? 1, 0)),
  ...both(['N'], [9000], (n) => totalKernel(n ?? 1)),
  ...both(['M', 'N'], [5, 23], (m, n) => chainKernel(m ?? 1, n ?? 1)),
  ...both(['M', 'N'], [6, 21], (m, n) => transposeKernel(m ?? 1, n ?? 1)),
  ...both(['M', 'N'], [150, 37], (m, n) => transposeKernel(m ?? 1, n ?? 1)),
  ...both(['M', 'N'], [37, 150], (m, n) => transposeKernel(m ?? 1, n ?? 1)),
]

/** What reads a product's rows where they lie, and convolutions from windows. */
const { rates: _, ...measured } = wasmHardware
const inPlace: Hardware = { ...measured, rowsInPlace: 'any' }

const describeRun = (k: Kernel, schedule: string): string => `${schedule}\n${showKernel(k)}`

describe('every schedule that a policy may choose', () => {
  for (const [source, sizes] of kernels) {
    const shape = `${source.name} ${source.buffers.map((b) => `[${b.shape}]`).join(' ')}`
    it(`keeps the meaning of ${shape}, in the interpreter and in wasm`, () => {
      const expected = randomArrays(source, sizes, 7)
      interpretKernel(source, { sizes, buffers: expected })
      const chosen = [
        chooseSchedule(source, wasmHardware),
        chooseSchedule(source, hardwareOf('Intel')),
        chooseSchedule(source, inPlace),
      ]
      const schedules = [...chosen, ...enumerateSchedules(source, wasmHardware, 14)]
      expect(schedules.length).toBeGreaterThan(1)
      const isShort = featuresOf(source, sizes).flops < 5_000
      for (const [i, schedule] of schedules.entries()) {
        const scheduled = applySchedule(source, scheduleFromJson(scheduleToJson(schedule)))
        const story = describeRun(scheduled, showSchedule(schedule))
        expect(verifyKernel(scheduled), story).toEqual([])
        // The interpreter is slow: of long kernels it runs what is chosen.
        if (isShort || i < chosen.length) {
          const interpreted = randomArrays(source, sizes, 7)
          interpretKernel(scheduled, { sizes, buffers: interpreted, order: 'backward' })
          expect(interpreted, story).toEqual(expected)
        }
        const emitted = randomArrays(source, sizes, 7)
        runWasm(scheduled, sizes, emitted)
        expect(emitted, story).toEqual(expected)
      }
    })
  }
})

describe('the heuristic', () => {
  const choice = (k: Kernel): string => showSchedule(chooseSchedule(k, wasmHardware))

  it('packs and blocks a large product, and leaves a small one in place', () => {
    expect(choice(matmulKernel(512, 512, 512))).toContain('stage')
    expect(choice(matmulKernel(64, 64, 64))).not.toContain('stage')
    expect(choice(matmulKernel(64, 64, 64))).toContain('unroll i by 4')
  })

  it('takes channels for lanes where the result has three elements side by side', () => {
    expect(choice(slopeKernel(32, 64, 64, 56))).toContain('vector o by 8')
    expect(choice(matmulKernel(512, 4096, 512))).toContain('carry k by 512')
    expect(choice(slopeKernel(32, 64, 64, 560))).toContain('carry n by 1')
  })

  it('reads rows of a product where they lie, unless they are elsewhere for each term', () => {
    expect(choice(matmulKernel(512, 512, 512))).not.toContain('stage a')
    expect(choice(matmulKernel(512, 2048, 512))).toContain('stage a')
    const { rowsInPlace: _, ...packing } = wasmHardware
    const packed = showSchedule(chooseSchedule(matmulKernel(512, 512, 512), packing))
    expect(packed).toContain('stage a')
    // The rows of a gradient in a kernel are an image, walked along its columns.
    expect(choice(slopeKernel(32, 64, 64, 56))).toContain('stage x')
  })

  it('cuts columns into several tiles a thread', () => {
    const on = (threads: number, columns = 512): string =>
      showSchedule(chooseSchedule(matmulKernel(512, 512, columns), { ...wasmHardware, threads }))
    expect(on(1)).toContain('split j by 256 as j.outer')
    expect(on(2)).toContain('split j by 32 as j.outer')
    expect(on(2)).toContain('spread j.outer over threads')
    // Twelve tiles of 40 and one of 33 would leave one thread with seven.
    expect(on(2, 513)).toContain('split j by 64 as j.outer')
  })

  it('runs an elementwise nest as one flat loop', () => {
    expect(choice(chainKernel('M', 'N'))).toContain('collapse')
  })

  it('sums rows along the row and columns across', () => {
    expect(choice(sumsKernel(64, 1024, 1))).toBe('vector j by 16')
    expect(choice(sumsKernel(64, 16, 0))).toBe('vector i by 16')
  })

  it('reads long columns row by row, in blocks where there are many rows', () => {
    expect(choice(sumsKernel(1024, 64, 0))).toContain('carry j by 8')
    expect(choice(sumsKernel(1024, 4096, 0))).toContain('block j by 256')
  })

  it('goes through what is read along one loop and written along another in tiles', () => {
    const tiled = 'order i.tile, j.tile, i, j; vector j by 4'
    expect(choice(transposeKernel(1024, 1024))).toContain(tiled)
    expect(choice(transposeKernel('M', 'N'))).toContain(tiled)
    expect(choice(transposeKernel(8, 1024))).not.toContain('tile')
  })

  it('takes lanes along rows that are stored and added up, though a number a row is stored too', () => {
    expect(choice(keptKernel(64, 1024))).toBe(
      'vector j by 16; vector j.1 by 16; keep v of j for j.1',
    )
  })

  it('copies a convolution its image once where rows are read in place', () => {
    const chosen = showSchedule(chooseSchedule(convKernel(32, 64, 56, 56, 64), inPlace))
    expect(chosen).toContain('stage x at w.outer as c, h, w;')
    expect(chosen).toContain('peel w.x.tile')
    expect(chosen).not.toContain('stage k')
  })

  it('keeps what a row computes twice', () => {
    expect(choice(shareKernel(8, 1024))).toContain('keep p of j for j.1')
  })

  it('asks for lines together where there is much work and more than a cache holds', () => {
    expect(choice(polynomialKernel(4096, 4096))).toContain('touch i by 128 of i; vector i by')
    expect(choice(polynomialKernel(64, 64))).not.toContain('touch')
    expect(choice(chainKernel(4096, 4096))).not.toContain('touch')
  })

  it('asks for the next row where the processor does not by itself', () => {
    const on = (name: string) =>
      showSchedule(chooseSchedule(peakKernel(64, 1024), hardwareOf(name)))
    expect(on('Intel(R) Xeon(R) Platinum 8481C CPU')).toContain('touch j.1 by 16 of i')
    expect(on('AMD EPYC 9R14')).not.toContain('touch')
  })

  it('sums very many numbers in blocks', () => {
    expect(choice(totalKernel(20_000_000))).toContain('block i by 4096')
  })
})
