import { describe, expect, it } from 'vitest'
import { dimValue, type Sizes } from '../../data/dim.js'
import { constant, load, size, variable } from '../expression.js'
import { interpretKernel } from '../interpret.js'
import { input, type Kernel, kernel, output } from '../kernel.js'
import { spreadFaults } from '../spread.js'
import { accumulate, accumulator, type Loop, sequential, store } from '../statement.js'
import { statementsOf } from '../traverse.js'
import { verifyKernel } from '../verify.js'
import { applySchedule, tryApply } from './apply.js'
import { chooseSchedule } from './choose.js'
import { type Schedule, showSchedule } from './decision.js'
import { divideDecisions } from './divide.js'
import {
  batchedKernel,
  chainKernel,
  convKernel,
  matmulKernel,
  rowsKernel,
  shareKernel,
  sumsKernel,
  totalKernel,
  transposeKernel,
} from './examples.js'
import { wasmHardware } from './hardware.js'
import { scheduleFromJson, scheduleToJson } from './json.js'

const sizes: Sizes = { H: 3, M: 9, K: 21, N: 67, L: 9000, C: 3, W: 7 }
const hardware = { ...wasmHardware, threads: 2 }

/** A total whose rows are blocked too: accumulators within the loop that is divided. */
const areaKernel = applySchedule(
  kernel('area', {
    buffers: [input('x', 'f32', ['M', 'L']), output('y', 'f32', [])],
    body: [
      accumulator('s', 'add', constant('f32', 0)),
      sequential('i', 'M', (i) => [
        sequential('j', 'L', (j) => [accumulate('s', load('x', 'f32', [i, j]))]),
      ]),
      store('y', [], variable('s', 'f32')),
    ],
  }),
  [{ tag: 'block', loop: 'j', by: 4096, outer: 'j1' }],
)

const kernels: readonly (readonly [string, Kernel])[] = [
  ['a product', matmulKernel('M', 'K', 'N')],
  ['a product of numbers', matmulKernel(40, 21, 67)],
  ['one row times a matrix', matmulKernel(1, 40, 300)],
  ['products in a batch', batchedKernel('H', 'M', 'K', 'N')],
  ['a convolution', convKernel('H', 'C', 'W', 'W', 'M')],
  ['rows', rowsKernel('M', 'N')],
  ['shares of rows', shareKernel('M', 'N')],
  ['row sums', sumsKernel('M', 'N', 1)],
  ['column sums', sumsKernel('M', 'N', 0)],
  ['a total', totalKernel('L')],
  ['a total of a number of terms', totalKernel(20_000)],
  ['a total of two axes', areaKernel],
  ['a chain', chainKernel('M', 'N')],
  ['a transposition', transposeKernel('M', 'N')],
]

function run(kernel: Kernel): Readonly<Record<string, Float32Array>> {
  const buffers = Object.fromEntries(
    kernel.buffers.map((b) => {
      const length = b.shape.reduce<number>((n, d) => n * dimValue(d, sizes), 1)
      return [b.name, Float32Array.from({ length }, (_, i) => ((i * 7) % 11) - 5)]
    }),
  )
  interpretKernel(kernel, { sizes, buffers })
  return buffers
}

describe('dividing among threads', () => {
  it.each(kernels)('leaves what %s means, legally', (_, kernel) => {
    const schedule = chooseSchedule(kernel, hardware)
    expect(showSchedule(schedule)).toContain('over threads')
    const divided = applySchedule(kernel, schedule)
    expect(verifyKernel(divided)).toEqual([])
    expect(run(divided)).toEqual(run(kernel))
    expect(scheduleFromJson(scheduleToJson(schedule))).toEqual(schedule)
  })

  it('does nothing for one thread', () => {
    for (const [, kernel] of kernels) {
      expect(showSchedule(chooseSchedule(kernel, wasmHardware))).not.toContain('threads')
    }
  })

  it('keeps the blocks of a total, and the order of their sum', () => {
    const kernel = totalKernel('L')
    const [one, two] = [wasmHardware, hardware].map((h) => chooseSchedule(kernel, h))
    expect(showSchedule(two ?? [])).toBe(
      `${showSchedule(one ?? [])}; partials of i.b; spread i.b over threads`,
    )
  })

  it('lets threads fill a large tile together, and each fill a small one', () => {
    // Rows that are packed are packed for as many columns as the cache takes, so in one tile here.
    const { rowsInPlace: _, ...packing } = hardware
    const over = (k: number): readonly string[] => {
      const kernel = matmulKernel(256, k, 256)
      const divided = applySchedule(kernel, chooseSchedule(kernel, packing))
      return statementsOf(divided.body).flatMap((s) =>
        s.tag === 'loop' && s.spread === 'threads' ? [s.index] : [],
      )
    }
    expect(over(512)).toEqual(['j.block.b.tile', 'i.outer'])
    expect(over(256)).toEqual(['i.outer'])
  })
})

describe('a loop that fills a row and adds it up', () => {
  // p = f(x), kept for y = p − Σ p.
  const share = shareKernel(1, 67)
  const [row] = share.body.flatMap((s) => (s.tag === 'loop' ? [s.body] : []))
  const alone: Kernel = {
    ...share,
    body: [{ tag: 'let', name: 'i', value: size(0) }, ...(row ?? [])],
  }
  const [first, second] = alone.body.flatMap((s) => (s.tag === 'loop' ? [s.index] : []))
  const kept: Schedule = [
    { tag: 'vector', loop: first ?? '', width: 4 },
    { tag: 'keep', value: 'p', from: first ?? '', loop: second ?? '' },
    { tag: 'split', loop: first ?? '', by: 8, outer: 'runs' },
  ]

  it('is not spread: its iterations add to one number', () => {
    const applied = tryApply(alone, [...kept, { tag: 'spread', loop: 'runs', over: 'threads' }])
    expect(applied.tag === 'illegal' ? applied.why : 'legal').toContain('depend on one another')
    const [loop] = statementsOf(applySchedule(alone, kept).body).filter(
      (s) => s.tag === 'loop' && s.index === 'runs',
    )
    expect(loop).toMatchObject({ mode: 'sequential' })
    const forced = { ...loop, mode: 'parallel', spread: 'threads' } as Loop // as it must not be
    expect(spreadFaults([forced]).map((f) => f.what)).toEqual([
      "'runs' cannot be spread over threads: its iterations add to one 's'",
    ])
  })

  it('is left to one thread', () => {
    const schedule = divideDecisions(applySchedule(alone, kept.slice(0, 2)), hardware)
    expect(showSchedule(schedule)).not.toContain(first)
  })
})

describe('partials', () => {
  it('are of a reduction only, one addition a step', () => {
    const why = (kernel: Kernel, loop: string): string => {
      const applied = tryApply(kernel, [{ tag: 'partials', loop }])
      return applied.tag === 'illegal' ? applied.why : 'legal'
    }
    expect(why(matmulKernel('M', 'K', 'N'), 'i')).toContain("'i' is not a reduction")
    expect(why(totalKernel('L'), 'i')).toBe('legal')
  })
})
