/**
 * Emitted kernels on a device: to the last bit what the interpreter says.
 *
 * Values are chosen so that no order of a sum matters. Subnormal numbers, which a device may flush,
 * are made 0 in the inputs.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dim, dimMul, type Sizes } from '../../../lib/data/dim.js'
import type { DType, TypedArray } from '../../../lib/data/dtype.js'
import { cos, sin } from '../../../lib/loop/elementary/trigonometric.js'
import {
  accumulate,
  accumulator,
  add,
  type Combine,
  constant,
  convert,
  div,
  type Expr,
  elementOf,
  identityOf,
  inout,
  input,
  interpretKernel,
  type Kernel,
  kernel,
  load,
  mul,
  narrowTypes,
  output,
  parallel,
  randomArrays,
  randomKernel,
  randomSource,
  type ScalarType,
  sequential,
  showKernel,
  store,
  variable,
} from '../../../lib/loop/index.js'
import {
  applySchedule,
  chainKernel,
  convKernel,
  type Decision,
  keptKernel,
  matmulKernel,
  matrixTotalKernel,
  rowsKernel,
  type Schedule,
  shareKernel,
  showSchedule,
  slopeKernel,
  totalKernel,
} from '../../../lib/loop/schedule/index.js'
import { testGpu } from '../gpu.fixture.js'
import { openDevice, type TestDevice } from './device.fixture.js'
import { emitKernel, type GpuLimits } from './index.js'

const gpu = await testGpu()

const withoutSubnormals = (arrays: Record<string, TypedArray>): Record<string, TypedArray> => {
  for (const array of Object.values(arrays)) {
    array.forEach((x, i) => {
      if (Math.abs(x) < 2 ** -126) array[i] = Object.is(x, -0) || x < 0 ? -0 : 0
    })
  }
  return arrays
}

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
const ahead: Decision = { ...tile, ahead: true }
const over = (loop: string, to: 'groups' | 'invocations'): Decision => ({
  tag: 'spread',
  loop,
  over: to,
})
const rows: Schedule = [
  over('i', 'groups'),
  ...['j', 'j.1', 'j.2'].map((loop) => over(loop, 'invocations')),
]
const deal: Schedule = [
  { tag: 'collapse', outer: 'i', inner: 'j' },
  { tag: 'deal', loop: 'i', width: 64, turns: 4, lanes: 1, outer: 'g' },
]
const dealVectors: Schedule = [
  { tag: 'collapse', outer: 'i', inner: 'j' },
  { tag: 'deal', loop: 'i', width: 32, turns: 2, lanes: 4, outer: 'g' },
]
const staged: Schedule = [
  { tag: 'block', loop: 'i', by: 1024, outer: 'run' },
  { tag: 'partials', loop: 'run' },
  over('run', 'groups'),
  over('i', 'invocations'),
  over('run.all', 'invocations'),
]

/** y = sin x, z = cos x of a matrix: the long reduction is needed by few elements. */
const turnsKernel = (m: Dim, n: Dim): Kernel =>
  kernel('turns', {
    buffers: [input('z_x', 'f32', [m, n]), output('y', 'f32', [m, n]), output('z', 'f32', [m, n])],
    body: [
      parallel('i', m, (i) => [
        parallel('j', n, (j) => {
          const x = load('z_x', 'f32', [i, j])
          return [store('y', [i, j], sin(x)), store('z', [i, j], cos(x))]
        }),
      ]),
    ],
  })

/** Loops that invocations share four neighbours at a time. */
const inFours = (...loops: readonly string[]): Schedule =>
  loops.flatMap((loop) => [
    { tag: 'split', loop, by: 4, outer: `${loop}.four` },
    { tag: 'vector', loop, width: 4 },
    over(`${loop}.four`, 'invocations'),
  ])

/** A row divided among workgroups: runs of its loops one after another. */
const divided: Schedule = [
  { tag: 'block', loop: 'j', by: 64, outer: 'j.run' },
  { tag: 'partials', loop: 'j.run' },
  over('j.run.all', 'invocations'),
  { tag: 'fission', loop: 'i', after: 'j.run' },
  ...[over('i', 'groups'), over('j.run', 'groups'), over('j', 'invocations')],
  { tag: 'split', loop: 'j.1', by: 100, outer: 'j.1.run' },
  { tag: 'sink', loop: 'j.1.run' },
  ...[over('i.rest', 'groups'), over('j.1.run', 'groups'), over('j.1', 'invocations')],
]

const cases: readonly (readonly [Kernel, Sizes, Schedule])[] = [
  [matmulKernel(32, 16, 32), {}, [tile]],
  [matmulKernel('M', 'K', 'N'), { M: 37, K: 19, N: 23 }, [tile]],
  [matmulKernel(32, 16, 32), {}, [{ ...tile, lanes: 4 }]],
  [matmulKernel(37, 20, 40), {}, [{ ...tile, lanes: 4 }]],
  [matmulKernel('M', 20, 'N'), { M: 37, N: 23 }, [{ ...tile, lanes: 4 }]],
  [convKernel('B', 3, 5, 11, 6), { B: 2 }, [{ ...tile, loop: 'n', columns: 32 }]],
  [convKernel('B', 3, 5, 11, 6), { B: 2 }, [{ ...tile, loop: 'n', columns: 32, lanes: 4 }]],
  [slopeKernel(2, 5, 17, 6), {}, [{ ...tile, loop: 'o' }]],
  [matmulKernel(32, 16, 32), {}, [ahead]],
  [matmulKernel('M', 'K', 'N'), { M: 37, K: 19, N: 23 }, [ahead]],
  [matmulKernel('M', 'K', 'N'), { M: 5, K: 3, N: 2 }, [ahead]],
  [matmulKernel(37, 20, 40), {}, [{ ...ahead, lanes: 4 }]],
  [matmulKernel(33, 68, 20), {}, [{ ...ahead, lanes: 4 }]],
  [convKernel('B', 3, 5, 11, 6), { B: 2 }, [{ ...ahead, loop: 'n', columns: 32, lanes: 4 }]],
  [slopeKernel(2, 5, 17, 6), {}, [{ ...ahead, loop: 'o' }]],
  [chainKernel('M', 'N'), { M: 5, N: 230 }, deal],
  [chainKernel(16, 64), {}, deal],
  [chainKernel(16, 64), {}, dealVectors],
  [chainKernel('M', 12), { M: 43 }, dealVectors],
  [turnsKernel('M', 'N'), { M: 5, N: 13 }, []],
  [turnsKernel(16, 64), {}, deal],
  [turnsKernel(16, 64), {}, dealVectors],
  [turnsKernel(4, 256), {}, [...inFours('j'), over('i', 'groups')]],
  [rowsKernel('M', 'N'), { M: 5, N: 300 }, rows],
  [
    shareKernel(3, 700),
    {},
    [{ tag: 'keep', value: 'p', from: 'j', loop: 'j.1' }, ...rows.slice(0, 3)],
  ],
  [rowsKernel(5, 300), {}, [...inFours('j', 'j.1', 'j.2'), over('i', 'groups')]],
  [
    rowsKernel('M', dimMul(4, 'N')),
    { M: 3, N: 75 },
    [...inFours('j', 'j.1', 'j.2'), over('i', 'groups')],
  ],
  // Rows that begin anywhere, the last of their vectors not whole.
  [rowsKernel(5, 299), {}, [...inFours('j', 'j.1', 'j.2'), over('i', 'groups')]],
  [
    shareKernel(3, 700),
    {},
    [
      { tag: 'keep', value: 'p', from: 'j', loop: 'j.1' },
      ...inFours('j', 'j.1'),
      over('i', 'groups'),
    ],
  ],
  [keptKernel(3, 700), {}, [...inFours('j', 'j.1'), over('i', 'groups')]],
  [shareKernel(3, 700), {}, divided],
  [shareKernel('M', 'N'), { M: 2, N: 301 }, divided],
  [totalKernel('N'), { N: 9000 }, staged],
  [
    matrixTotalKernel('M', 'N', true),
    { M: 21, N: 100 },
    [
      { tag: 'block', loop: 'i', by: 4, outer: 'run' },
      { tag: 'partials', loop: 'run' },
      over('run', 'groups'),
      over('j', 'invocations'),
      over('run.all', 'invocations'),
    ],
  ],
]

describe.skipIf(gpu.absent)(`an emitted kernel on a device${gpu.why}`, () => {
  let device: TestDevice
  beforeAll(async () => {
    const opened = await openDevice([])
    if (opened === undefined) throw new Error('the adapter is gone')
    device = opened
  })
  afterAll(() => device.device.destroy())

  const agree = async (
    source: Kernel,
    scheduled: Kernel,
    sizes: Sizes,
    seed: number,
    change: Partial<GpuLimits> = {},
  ) => {
    const expected = withoutSubnormals(randomArrays(source, sizes, seed))
    const got = withoutSubnormals(randomArrays(source, sizes, seed))
    interpretKernel(source, { sizes, buffers: expected })
    const limits = { ...device.limits, ...change }
    const emitted = emitKernel(scheduled, limits)
    for (const d of emitted.dispatches) {
      expect(d.bindings.length).toBeLessThanOrEqual(limits.storageBuffers)
    }
    expect(await device.check(emitted)).toEqual([])
    await device.run(scheduled, emitted, sizes, got)
    expect(got, `seed ${seed} ${JSON.stringify(sizes)}\n${showKernel(scheduled)}`).toEqual(expected)
  }

  it('is what the interpreter says, for random kernels and odd sizes', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const next = randomSource(seed)
      const sizes = { n: 1 + Math.floor(next() * 9), m: 1 + Math.floor(next() * 37) }
      const k = randomKernel(seed, narrowTypes)
      await agree(k, k, sizes, seed)
    }
  })

  it.each([4, 2])('is so in parts that bind %d buffers each', async (most) => {
    for (let seed = 31; seed <= 40; seed++) {
      const k = randomKernel(seed, narrowTypes)
      await agree(k, k, { n: 3, m: 5 }, seed, { storageBuffers: most })
    }
  })

  it('is so for one result of forty arrays, small and large', async () => {
    const inputs = Array.from({ length: 40 }, (_, i) => {
      const shape = [[], ['n'], ['m'], ['n', 'm']][i % 4]
      return input(`x${i}`, narrowTypes[(i >> 2) % 4], shape)
    })
    const k = kernel('many', {
      buffers: [...inputs, inout('y', 'f32', ['n', 'm'])],
      body: [
        parallel('i', 'n', (i) => [
          parallel('j', 'm', (j) => {
            const read = ({ name, dtype, shape }: (typeof inputs)[number]) =>
              load(
                name,
                elementOf(dtype),
                shape.map((d) => (d === 'n' ? i : j)),
              )
            const sum = inputs.reduce(
              (total, x) => add(total, convert('f32', read(x))),
              load('y', 'f32', [i, j]),
            )
            return [store('y', [i, j], sum)]
          }),
        ]),
      ],
    })
    for (const most of [8, 4, 2]) await agree(k, k, { n: 3, m: 5 }, most, { storageBuffers: most })
  })

  it('is so with both zeros in one shader', async () => {
    const k = kernel('zeros', {
      buffers: [input('x', 'f32', ['n']), output('y', 'f32', ['n']), output('z', 'f32', ['n'])],
      body: [
        parallel('i', 'n', (i) => {
          const x = load('x', 'f32', [i])
          return [store('y', [i], add(x, 0)), store('z', [i], div(x, constant('f32', -0)))]
        }),
      ],
    })
    await agree(k, k, { n: 5 }, 3)
  })

  it('is so for quotients by an infinity, of NaN and infinities too', async () => {
    const x = (i: Expr) => load('z_x', 'f32', [i])
    const k = kernel('quotients', {
      buffers: [input('z_x', 'f32', ['n']), output('y', 'f32', ['n']), output('z', 'f32', ['n'])],
      body: [
        parallel('i', 'n', (i) => [
          store('y', [i], div(x(i), constant('f32', Number.POSITIVE_INFINITY))),
          store('z', [i], div(x(i), constant('f32', Number.NEGATIVE_INFINITY))),
        ]),
      ],
    })
    await agree(k, k, { n: 200 }, 3)
  })

  it('is so for products with either zero, of NaN and infinities too', async () => {
    const x = (i: Expr) => load('z_x', 'f32', [i])
    const k = kernel('products', {
      buffers: [input('z_x', 'f32', ['n']), ...['s', 'y', 'z'].map((o) => output(o, 'f32', ['n']))],
      body: [
        parallel('i', 'n', (i) => [
          store('y', [i], mul(x(i), constant('f32', 0))),
          store('z', [i], mul(x(i), constant('f32', -0))),
          accumulator('sum', 'add', constant('f32', 0)),
          sequential('j', 1, () => [accumulate('sum', mul(x(i), constant('f32', 0)))]),
          store('s', [i], variable('sum', 'f32')),
        ]),
      ],
    })
    await agree(k, k, { n: 200 }, 3)
  })

  const sums: readonly (readonly [Combine, DType & ScalarType])[] = [
    ['min', 'f32'],
    ['max', 'f32'],
    ['add', 'i32'],
    ['xor', 'u32'],
    ['and', 'bool'],
    ['or', 'bool'],
  ]

  /** More sums than are joined at once, in one loop over invocations. */
  const manySums = kernel('sums', {
    buffers: sums.flatMap(([way, dtype]) => [
      input(`x ${way} ${dtype}`, dtype, ['n']),
      output(`y ${way} ${dtype}`, dtype, []),
    ]),
    body: [
      ...sums.map(([way, dtype]) =>
        accumulator(`${way} ${dtype}`, way, constant(dtype, identityOf(way, dtype))),
      ),
      sequential('i', 'n', (i) =>
        sums.map(([way, dtype]) =>
          accumulate(`${way} ${dtype}`, load(`x ${way} ${dtype}`, dtype, [i])),
        ),
      ),
      ...sums.map(([way, dtype]) =>
        store(`y ${way} ${dtype}`, [], variable(`${way} ${dtype}`, dtype)),
      ),
    ],
  })

  it.each(['in subgroups', 'without them'])('is so for many sums %s', async (form) => {
    const scheduled = applySchedule(manySums, [over('i', 'invocations')])
    const { subgroupSize, ...rest } = device.limits
    const limits: GpuLimits =
      form === 'in subgroups' && subgroupSize !== undefined ? { ...rest, subgroupSize } : rest
    for (const n of [31, 1000]) await agree(manySums, scheduled, { n }, n, limits)
  })

  for (const [source, sizes, schedule] of cases) {
    it(`is so under a schedule: ${source.name}: ${showSchedule(schedule)}`, () =>
      agree(source, applySchedule(source, schedule), sizes, 7))
  }
})
