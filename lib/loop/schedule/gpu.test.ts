import { describe, expect, it } from 'vitest'
import { type Dim, dimMul } from '../../data/dim.js'
import { add, constant, div, type Expr, load, mul, sub, variable } from '../expression.js'
import { interpretKernel } from '../interpret.js'
import { input, type Kernel, kernel, output } from '../kernel.js'
import { showKernel } from '../print.js'
import { randomArrays } from '../random.js'
import {
  accumulate,
  accumulator,
  bind,
  identityOf,
  parallel,
  sequential,
  store,
} from '../statement.js'
import { verifyKernel } from '../verify.js'
import {
  applySchedule,
  batchedKernel,
  chainKernel,
  chooseSchedule,
  convKernel,
  type Decision,
  enumerateSchedules,
  type Hardware,
  keptKernel,
  matmulKernel,
  matrixTotalKernel,
  rowsKernel,
  runningKernel,
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
  gpu: { invocations: 256, sharedBytes: 12032, groups: 96, least: usualLeast },
}

/** Where little work is divided too. */
const small: Hardware = {
  ...wasmHardware,
  gpu: {
    invocations: 8,
    sharedBytes: 12032,
    groups: 96,
    least: { ...usualLeast, row: 4, divided: 16, vectors: 4, terms: 16, run: 12 },
  },
}

/** y = (x − max x) / Σ (x − max x)² of the rows of many matrices. */
const normsKernel = (b: Dim, m: Dim, n: Dim): Kernel => {
  const shape = [b, m, n]
  return kernel('norms', {
    buffers: [input('x', 'f32', shape), output('y', 'f32', shape)],
    body: [
      parallel('b', b, (p) => [
        parallel('i', m, (i) => {
          const less = (j: Expr): Expr => sub(load('x', 'f32', [p, i, j]), variable('g', 'f32'))
          return [
            accumulator('g', 'max', constant('f32', identityOf('max', 'f32'))),
            sequential('j', n, (j) => [accumulate('g', load('x', 'f32', [p, i, j]))]),
            accumulator('s', 'add', constant('f32', 0)),
            sequential('j', n, (j) => [accumulate('s', mul(less(j), less(j)))]),
            bind('scale', div(1, variable('s', 'f32'))),
            parallel('j', n, (j) => [
              store('y', [p, i, j], mul(less(j), variable('scale', 'f32'))),
            ]),
          ]
        }),
      ]),
    ],
  })
}

/** y[i] = Σ x[i, j + 1]: no row begins at a whole vector. */
const shiftedKernel = (m: number, n: number): Kernel =>
  kernel('shifted', {
    buffers: [input('x', 'f32', [m, n + 4]), output('y', 'f32', [m])],
    body: [
      parallel('i', m, (i) => [
        accumulator('s', 'add', constant('f32', 0)),
        sequential('j', n, (j) => [accumulate('s', load('x', 'f32', [i, add(j, 1)]))]),
        store('y', [i], variable('s', 'f32')),
      ]),
    ],
  })

/** y[i] = Σ (x[j, i] − max x[j, i])². */
const deviationsKernel = (m: Dim, n: Dim): Kernel => {
  const less = (i: Expr, j: Expr): Expr => sub(load('x', 'f32', [j, i]), variable('g', 'f32'))
  return kernel('deviations', {
    buffers: [input('x', 'f32', [m, n]), output('y', 'f32', [n])],
    body: [
      parallel('i', n, (i) => [
        accumulator('g', 'max', constant('f32', identityOf('max', 'f32'))),
        sequential('j', m, (j) => [accumulate('g', load('x', 'f32', [j, i]))]),
        accumulator('s', 'add', constant('f32', 0)),
        sequential('j', m, (j) => [accumulate('s', mul(less(i, j), less(i, j)))]),
        store('y', [i], variable('s', 'f32')),
      ]),
    ],
  })
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
  ...[rowsKernel(3, 260), shareKernel(3, 256), keptKernel(2, 260)].map((k) => [k, {}] as const),
  ...both((m = 1, n = 1) => keptKernel(m, n), { M: 3, N: 67 }),
  [rowsKernel(3, 'N'), { N: 50 }],
  [normsKernel(2, 2, 37), {}],
  ...both((m = 1, n = 1) => sumsKernel(m, n, 0), { M: 40, N: 23 }),
  ...both((m = 1, n = 1) => sumsKernel(m, n, 1), { M: 5, N: 40 }),
  ...both((m = 1, n = 1) => deviationsKernel(m, n), { M: 40, N: 37 }),
  ...both((n = 1) => totalKernel(n), { N: 9001 }),
  ...both((m = 1, n = 1) => matrixTotalKernel(m, n, false), { M: 37, N: 300 }),
  ...both((m = 1, n = 1) => matrixTotalKernel(m, n, true), { M: 37, N: 300 }),
  ...both((m = 1, n = 1) => chainKernel(m, n), { M: 5, N: 230 }),
  ...both((m = 1, n = 1) => transposeKernel(m, n), { M: 6, N: 21 }),
]

/** Tiles that the interpreter is done with soon. */
const withSmallTiles = (d: Decision, ahead: boolean): Decision =>
  d.tag === 'cooperate' ? { ...d, rows: 16, columns: 16, depth: 4, height: 4, width: 4, ahead } : d

describe('every schedule for a GPU', () => {
  for (const [source, sizes] of kernels) {
    it(`keeps the meaning of ${source.name} ${source.buffers.map((b) => `[${b.shape}]`)}`, () => {
      const expected = randomArrays(source, sizes, 7)
      interpretKernel(source, { sizes, buffers: expected })
      const all = [enumerateSchedules(source, gpu, 6), enumerateSchedules(source, small, 3)].flat()
      const tiled = all.map((s, n) => s.map((d) => withSmallTiles(d, n % 2 === 0)))
      const different = new Map(tiled.map((s) => [showSchedule(s), s]))
      for (const schedule of different.values()) {
        const scheduled = applySchedule(source, scheduleFromJson(scheduleToJson(schedule)))
        // What holds indices by a minimum or a branch is beyond the verifier.
        const shown = !schedule.some((d) => d.tag === 'cooperate' || d.tag === 'deal')
        if (shown) expect(verifyKernel(scheduled)).toEqual([])
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
      'cooperate at i: 8 × 8 of 128 × 128 by 8 in lanes of 4, reading ahead',
    )
    expect(choice(matmulKernel(512, 512, 512))).toContain('of 32 × 32')
    expect(choice(matmulKernel(4, 4, 4))).toBe('')
  })

  it('tiles a convolution over all places of all examples', () => {
    expect(choice(convKernel(32, 64, 56, 56, 128))).toContain('of 128 × 128 by 8')
  })

  it('gives a row to a workgroup, and keeps what the row computes twice', () => {
    expect(choice(rowsKernel(512, 8190))).toBe(
      'spread j over invocations; spread j.1 over invocations; spread j.2 over invocations; ' +
        'spread i over groups',
    )
    expect(choice(shareKernel(512, 8192))).toContain('keep p of j for j.1')
  })

  it('lets an invocation take four neighbours of a row that is made of vectors', () => {
    const shared = (j: string): string =>
      `split ${j} by 4 as ${j}.four; vector ${j} by 4; spread ${j}.four over invocations; `
    expect(choice(rowsKernel(512, 8192))).toBe(
      `${shared('j')}${shared('j.1')}${shared('j.2')}spread i over groups`,
    )
    expect(choice(totalKernel(1000))).toBe(shared('i').slice(0, -2))
    // Rows that begin anywhere, short ones, columns, and what is read one element further on.
    const others = [rowsKernel(512, 8190), rowsKernel(512, 64), sumsKernel(400, 64, 0)]
    for (const k of others) expect(choice(k)).not.toContain('vector')
    expect(choice(shiftedKernel(512, 8192))).not.toContain('vector')
    expect(choice(rowsKernel(512, dimMul(4, 'N')))).toContain('vector')
  })

  it('divides few long rows among workgroups, one loop of the row after another', () => {
    expect(choice(sumsKernel(2, 10_000_000, 1))).toBe(
      'block j by 19712 as j.run; partials of j.run; spread j.run.all over invocations; ' +
        'fission i after j.run; split j by 4 as j.four; vector j by 4; ' +
        'spread j.four over invocations; spread i over groups; spread j.run over groups; ' +
        'spread i.rest over groups',
    )
    const rows = choice(rowsKernel(4, 1_000_000))
    expect(rows).toContain('fission i.rest after j.1.run')
    expect(rows).toContain('sink into j.2.run')
    // As many as keep a device busy, short ones, or rows of a size by name have a workgroup each.
    for (const whole of [rowsKernel(96, 1_000_000), rowsKernel(4, 8192), rowsKernel('M', 'N')]) {
      expect(choice(whole)).not.toContain('.run')
    }
    expect(choice(rowsKernel(4, 'N'))).toContain('block j by 16384 as j.run')
  })

  it('divides few long columns among invocations side by side', () => {
    expect(choice(sumsKernel(1_000_000, 64, 0))).toBe(
      'block j by 652 as j.run; partials of j.run; spread j.run.all over invocations; ' +
        'fission i after j.run; order j.run, i; spread i.rest over groups',
    )
    expect(choice(sumsKernel('M', 'N', 0))).toBe(
      'block j by 256 as j.run; partials of j.run; fission i after j.run; order j.run, i',
    )
    // Short ones, and as many as keep a device busy.
    expect(choice(sumsKernel(500, 4096, 0))).toBe('')
    expect(choice(sumsKernel(4096, 32768, 0))).toBe('')
  })

  it('divides what is stored and added up in one walk', () => {
    const walk = kernel('walk', {
      buffers: [input('x', 'f32', [1e6]), output('y', 'f32', [1e6]), output('t', 'f32', [])],
      body: [
        accumulator('s', 'add', constant('f32', 0)),
        sequential('i', 1e6, (i) => [
          bind('v', mul(load('x', 'f32', [i]), 2)),
          store('y', [i], variable('v', 'f32')),
          accumulate('s', variable('v', 'f32')),
        ]),
        store('t', [], variable('s', 'f32')),
      ],
    })
    expect(choice(walk)).toContain('spread i.run over groups')
    expect(verifyKernel(applySchedule(walk, chooseSchedule(walk, gpu)))).toEqual([])
    // What one iteration stores the next reads: in order.
    expect(choice(runningKernel(1e6))).toBe('')
  })

  it('adds up a long total in two stages, a short one in one workgroup', () => {
    expect(choice(totalKernel(20_000_000))).toContain('spread i.run over groups')
    expect(choice(totalKernel(1001))).toBe('spread i over invocations')
  })

  it('adds up a matrix as one list, or along its rows where something else is read', () => {
    expect(choice(matrixTotalKernel(8192, 8192, false))).toBe(
      'collapse i, j; block i by 65536 as i.run; partials of i.run; spread i.run over groups; ' +
        'split i by 4 as i.four; vector i by 4; spread i.four over invocations; ' +
        'spread i.run.all over invocations',
    )
    expect(choice(matrixTotalKernel(512, 1022, true))).toBe(
      'block i by 5 as i.run; partials of i.run; spread i.run over groups; ' +
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

describe('legality of fission and sinking', () => {
  const fission: Decision = { tag: 'fission', loop: 'i', after: 'j' }
  const sink: Decision = { tag: 'sink', loop: 'j.2' }

  it('asks for a parallel loop, and for something behind the other', () => {
    expect(() => applySchedule(totalKernel(9), [fission])).toThrow('not a plain parallel loop')
    expect(() => applySchedule(chainKernel(3, 4), [fission])).toThrow('nothing in')
  })

  it('keeps what the loop adds up, computes again what stands before it', () => {
    const k = applySchedule(rowsKernel(3, 5), [
      fission,
      { ...fission, loop: 'i.rest', after: 'j.1' },
    ])
    const text = showKernel(k)
    expect(text).toContain('g.kept[i] = g')
    expect(text).toContain('g.rest = g.kept[i.rest.rest]')
    expect(verifyKernel(k)).toEqual([])
    const [expected, got] = [0, 1].map(() => randomArrays(k, {}, 3))
    interpretKernel(rowsKernel(3, 5), { sizes: {}, buffers: expected })
    interpretKernel(k, { sizes: {}, buffers: got })
    expect(got).toEqual(expected)
  })

  it('computes nothing again of what the loop changes', () => {
    const k = kernel('later', {
      buffers: [input('x', 'f32', [3, 5]), output('y', 'f32', [3])],
      body: [
        parallel('i', 3, (i) => [
          accumulator('s', 'add', load('x', 'f32', [i, 0])),
          accumulator('t', 'add', mul(variable('s', 'f32'), 2)),
          sequential('j', 5, (j) => [accumulate('s', load('x', 'f32', [i, j]))]),
          store('y', [i], sub(variable('s', 'f32'), variable('t', 'f32'))),
        ]),
      ],
    })
    expect(() => applySchedule(k, [fission])).toThrow("'s' has another value later")
  })

  it('moves nothing that stores, and only into the last loop', () => {
    const rows = applySchedule(rowsKernel(3, 5), [sink])
    expect(verifyKernel(rows)).toEqual([])
    expect(() => applySchedule(rowsKernel(3, 5), [{ ...sink, loop: 'j.1' }])).toThrow(
      'not the last',
    )
    expect(() => applySchedule(keptKernel(3, 5), [{ ...sink, loop: 'j.1' }])).toThrow(
      'cannot be computed again',
    )
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
    ahead: false,
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
