/** Long walks on a device: sums so far, sorts, scatters, divided among invocations. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrayFrom, type NDArray } from '../../lib/data/index.js'
import {
  argmax,
  argmin,
  argsort,
  cumsum,
  f32,
  fn,
  grad,
  i32,
  mul,
  scatterAdd,
  sort,
  sum,
  take,
  vmap,
} from '../../lib/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { closureOf } from '../../lib/lang/index.js'
import { type CompileOptions, compile } from '../../lib/loop/compile.js'
import { type Block, blocksOf, showKernel } from '../../lib/loop/index.js'
import { countOf } from './emit/grid.js'
import { defaultLimits, gpuHardware } from './emit/index.js'
import { resultsOn, testGpu } from './gpu.fixture.js'
import { makeWebgpu, type WebgpuBackend } from './index.js'

const gpu = await testGpu()

/** Few different whole numbers, in no order: sums of them are exact, many are equal. */
const numbers = (count: number, most: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => ((i * 7919 + 13) % 104729) % most)

const table = fn({ x: f32(40, 2), i: i32('n') }, ({ x, i }) => sum(mul(take(x, i), 3)))

const vector = (count: number, most: number): NDArray =>
  arrayFrom('f32', [count], numbers(count, most))
const matrix = (rows: number, columns: number): NDArray =>
  arrayFrom('f32', [rows, columns], numbers(rows * columns, 999))
const places = (count: number, below: number): NDArray =>
  arrayFrom('i32', [count], numbers(count, below))

/** Functions, and their arguments for so many elements. */
const cases = [
  ['a sum so far', fn({ x: f32('n') }, ({ x }) => cumsum(x)), (n: number) => [vector(n, 50)]],
  [
    'its derivative, a sum from the end',
    grad(
      fn({ x: f32('n') }, ({ x }) => sum(mul(cumsum(x), 2))),
      'x',
    ),
    (n: number) => [vector(n, 50)],
  ],
  [
    'a sort',
    fn({ x: f32('n') }, ({ x }) => [sort(x), argsort(x)] as const),
    (n: number) => [vector(n, 50)],
  ],
  [
    'a sort of known length',
    fn({ x: f32(1500) }, ({ x }) => [sort(x), argsort(x)] as const),
    () => [vector(1500, 50)],
  ],
  [
    'a histogram',
    fn({ x: f32('n'), i: i32('n') }, ({ x, i }) => scatterAdd(x, i, x)),
    (n: number) => [vector(n, 50), places(n, n)],
  ],
  [
    'the gradient of a table',
    grad(table, 'x'),
    (n: number) => [arrayFrom('f32', [40, 2], numbers(80, 50)), places(n, 40)],
  ],
  [
    'the places of extremes',
    fn({ x: f32('n'), y: f32(3, 700) }, ({ x, y }) => [
      argmax(x, { axis: 0 }),
      argmin(x, { axis: 0 }),
      argmin(y, { axis: 1 }),
    ]),
    (n: number) => [vector(n, 50), arrayFrom('f32', [3, 700], numbers(2100, 40))],
  ],
  [
    'the places of extremes of columns',
    fn({ x: f32('n', 40), y: f32('n', 'm') }, ({ x, y }) => [
      argmax(x, { axis: 0 }),
      argmin(x, { axis: 0 }),
      argmax(y, { axis: 0 }),
      sum(y, { axes: [0] }),
    ]),
    (n: number) => [matrix(n, 40), matrix(n, 3)],
  ],
  [
    'a histogram of each row',
    vmap(
      fn({ x: f32(40), i: i32(1500) }, ({ x, i }) => scatterAdd(x, i, take(x, i))),
      {
        size: 3,
      },
    ),
    () => [
      arrayFrom('f32', [3, 40], numbers(120, 50)),
      arrayFrom('i32', [3, 1500], numbers(4500, 40)),
    ],
  ],
] as const

/** Ops that walk over a million elements. */
const million = 1_000_000
const long = [
  ['a sum so far', fn({ x: f32(million) }, ({ x }) => cumsum(x))],
  ['a sort', fn({ x: f32(million) }, ({ x }) => sort(x))],
  ['a place', fn({ x: f32(million) }, ({ x }) => argmax(x, { axis: 0 }))],
  ['a histogram', fn({ x: f32(million), i: i32(million) }, ({ x, i }) => scatterAdd(x, i, x))],
] as const

/** Steps that one invocation makes, where each that a device has is used. */
function stepsOf(block: Block): number {
  return block.reduce((sum, s) => {
    const inner = blocksOf(s).reduce((n, b) => n + stepsOf(b), 0)
    if (s.tag !== 'loop') return sum + Math.max(1, inner)
    const count = Number(countOf(s, new Set())?.count)
    if (s.spread === 'invocations') return sum + Math.ceil(count / 256) * inner
    return sum + (s.mode === 'sequential' ? count * inner : inner)
  }, 0)
}

describe('a walk over a million elements', () => {
  // What one kernel writes anywhere another may read only once all of it is done: only dispatches
  // wait for one another. So a sort is a kernel for the first places, one for each pass of merges,
  // which the program's steps repeat, and one for the values; a scatter ranks its updates so first.
  it.each([
    ['a sum so far', 1, 1],
    ['a place', 1, 1],
    ['a sort', 3, 1],
    ['a histogram', 3, 2],
  ])('%s is %d kernels, and %d on a processor', (name, here, there) => {
    const f = long.find(([each]) => each === name)?.[1]
    const { func } = closureOf(f, name)
    const count = (options: CompileOptions): number => compile(func, options).program.kernels.length
    expect([count({ hardware: gpuHardware(defaultLimits) }), count({})]).toEqual([here, there])
  })

  it.each(long)('%s makes no invocation take a five-hundredth of it', (name, f) => {
    const { func } = closureOf(f, name)
    const { program } = compile(func, { hardware: gpuHardware(defaultLimits) })
    for (const k of program.kernels) {
      expect(stepsOf(k.body), showKernel(k)).toBeLessThan(million / 500)
    }
  })
})

describe.skipIf(gpu.absent)(`a long walk on a device${gpu.why}`, () => {
  let backend: WebgpuBackend
  beforeAll(async () => {
    backend = await makeWebgpu()
  })
  afterAll(() => backend.close())

  it.each(cases)('%s is that of the reference', async (name, f, argumentsFor) => {
    const { func } = closureOf(f, name)
    for (const n of [1500, 257, 1]) {
      const args = argumentsFor(n)
      const got = await resultsOn(backend, func, args, { n, m: 3 })
      expect(got).toEqual(interpreters.evaluate(func, args, { n, m: 3 }))
    }
  })
})
