import { describe, expect, it } from 'vitest'
import type { Dim } from '../../data/dim.js'
import { interpretKernel } from '../interpret.js'
import type { Kernel } from '../kernel.js'
import { showKernel } from '../print.js'
import { randomArrays } from '../random.js'
import {
  applySchedule,
  batchedKernel,
  chainKernel,
  chooseSchedule,
  convKernel,
  type Decision,
  enumerateSchedules,
  type Hardware,
  matmulKernel,
  matrixTotalKernel,
  rowsKernel,
  type Schedule,
  scheduleFromJson,
  scheduleToJson,
  shareKernel,
  showSchedule,
  slopeKernel,
  sumsKernel,
  totalKernel,
  transposeKernel,
  usualLeast,
  wasmHardware,
} from './index.js'

const gpu: Hardware = {
  ...wasmHardware,
  gpu: { invocations: 256, sharedBytes: 12032, least: usualLeast },
}

type Sizes = Readonly<Record<string, number>>

/** A kernel with its sizes written in, and one with them by name. */
const both = (
  make: (...dims: readonly Dim[]) => Kernel,
  values: Sizes,
): readonly (readonly [Kernel, Sizes])[] => [
  [make(...Object.values(values)), {}],
  [make(...Object.keys(values)), values],
]

const kernels: readonly (readonly [Kernel, Sizes])[] = [
  ...both((m = 1, k = 1, n = 1) => matmulKernel(m, k, n), { M: 41, K: 21, N: 43 }),
  ...both((m = 1, k = 1, n = 1) => matmulKernel(m, k, n), { M: 1, K: 70, N: 5 }),
  ...both((h = 1, m = 1, k = 1, n = 1) => batchedKernel(h, m, k, n), { H: 2, M: 3, K: 5, N: 7 }),
  [convKernel(2, 3, 5, 11, 20), {}],
  [convKernel('B', 3, 5, 11, 20), { B: 2 }],
  [slopeKernel(2, 20, 17, 6), {}],
  ...both((m = 1, n = 1) => rowsKernel(m, n), { M: 3, N: 67 }),
  ...both((m = 1, n = 1) => shareKernel(m, n), { M: 3, N: 67 }),
  ...both((m = 1, n = 1) => sumsKernel(m, n, 0), { M: 40, N: 23 }),
  ...both((m = 1, n = 1) => sumsKernel(m, n, 1), { M: 5, N: 40 }),
  ...both((n = 1) => totalKernel(n), { N: 9001 }),
  ...both((m = 1, n = 1) => matrixTotalKernel(m, n, false), { M: 37, N: 300 }),
  ...both((m = 1, n = 1) => matrixTotalKernel(m, n, true), { M: 37, N: 300 }),
  ...both((m = 1, n = 1) => chainKernel(m, n), { M: 5, N: 230 }),
  ...both((m = 1, n = 1) => transposeKernel(m, n), { M: 6, N: 21 }),
]

/** Tiles that the interpreter is done with soon. */
const withSmallTiles = (d: Decision): Decision =>
  d.tag === 'cooperate' ? { ...d, rows: 16, columns: 16, depth: 4, height: 4, width: 4 } : d

describe('every schedule for a GPU', () => {
  for (const [source, sizes] of kernels) {
    it(`keeps the meaning of ${source.name} ${source.buffers.map((b) => `[${b.shape}]`)}`, () => {
      const expected = randomArrays(source, sizes, 7)
      interpretKernel(source, { sizes, buffers: expected })
      for (const chosen of enumerateSchedules(source, gpu, 6)) {
        const schedule = chosen.map(withSmallTiles)
        const scheduled = applySchedule(source, scheduleFromJson(scheduleToJson(schedule)))
        const got = randomArrays(source, sizes, 7)
        interpretKernel(scheduled, { sizes, buffers: got, order: 'backward' })
        expect(got, `${showSchedule(schedule)}\n${showKernel(scheduled)}`).toEqual(expected)
      }
    })
  }
})

describe('the choice for a GPU', () => {
  const choice = (k: Kernel): string => showSchedule(chooseSchedule(k, gpu))

  it('tiles a product as large as keeps the device busy', () => {
    expect(choice(matmulKernel(4096, 4096, 4096))).toBe(
      'cooperate at i: 8 × 8 of 128 × 128 by 8 in lanes of 4',
    )
    expect(choice(matmulKernel(512, 512, 512))).toContain('of 32 × 32')
    expect(choice(matmulKernel(4, 4, 4))).toBe('')
  })

  it('tiles a convolution over all places of all examples', () => {
    expect(choice(convKernel(32, 64, 56, 56, 128))).toContain('of 128 × 128 by 8')
  })

  it('gives a row to a workgroup, and keeps what the row computes twice', () => {
    expect(choice(rowsKernel(512, 8192))).toBe(
      'spread i over groups; spread j over invocations; spread j.1 over invocations; ' +
        'spread j.2 over invocations',
    )
    expect(choice(shareKernel(512, 8192))).toContain('keep p of j for j.1')
  })

  it('adds up a long total in two stages, a short one in one workgroup', () => {
    expect(choice(totalKernel(20_000_000))).toContain('spread i.run over groups')
    expect(choice(totalKernel(1000))).toBe('spread i over invocations')
  })

  it('adds up a matrix as one list, or along its rows where something else is read', () => {
    expect(choice(matrixTotalKernel(8192, 8192, false))).toBe(
      'collapse i, j; block i by 65536 as i.run; partials of i.run; spread i.run over groups; ' +
        'spread i over invocations; spread i.run.all over invocations',
    )
    expect(choice(matrixTotalKernel(512, 1024, true))).toBe(
      'block i by 4 as i.run; partials of i.run; spread i.run over groups; ' +
        'spread j over invocations; spread i.run.all over invocations',
    )
    expect(choice(matrixTotalKernel(64, 8192, true))).toContain('block i by 1 as i.run; partials')
  })

  it('deals out the elements of a large array', () => {
    expect(choice(chainKernel(1024, 1024))).toBe(
      'collapse i, j; deal i to 256 for 2 turns in lanes of 4 as i.group',
    )
    expect(choice(chainKernel(8, 8))).toBe('collapse i, j')
  })
})

describe('legality for a GPU', () => {
  const apply = (k: Kernel, schedule: Schedule) => () => applySchedule(k, schedule)
  const tile: Decision = {
    tag: 'cooperate',
    loop: 'i',
    rows: 16,
    columns: 16,
    depth: 8,
    height: 4,
    width: 4,
    lanes: 1,
  }

  it('asks for a contraction, and for tiles that the invocations divide', () => {
    expect(apply(chainKernel(64, 64), [tile])).toThrow('not the top of a contraction')
    expect(apply(matmulKernel(64, 64, 64), [{ ...tile, height: 5 }])).toThrow('do not divide')
    expect(apply(matmulKernel(64, 64, 64), [{ ...tile, lanes: 2 }])).toThrow('2 lanes')
    expect(apply(matmulKernel(64, 64, 64), [{ ...tile, width: 2, lanes: 4 }])).toThrow('lanes')
  })

  it('deals out loops of lets and stores only', () => {
    const deal: Decision = { tag: 'deal', loop: 'i', width: 64, turns: 4, lanes: 1, outer: 'g' }
    expect(apply(rowsKernel(64, 64), [deal])).toThrow('holds more than lets and stores')
  })
})
