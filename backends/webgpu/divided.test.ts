/** Long walks on a device: sums so far, sorts, scatters, divided among invocations. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrayFrom, type NDArray } from '../../lib/data/index.js'
import {
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
} from '../../lib/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { closureOf } from '../../lib/lang/index.js'
import { resultsOn, testGpu } from './gpu.fixture.js'
import { makeWebgpu, type WebgpuBackend } from './index.js'

const gpu = await testGpu()

/** Few different whole numbers, in no order: sums of them are exact, many are equal. */
const numbers = (count: number, most: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => ((i * 7919 + 13) % 104729) % most)

const table = fn({ x: f32(40, 2), i: i32('n') }, ({ x, i }) => sum(mul(take(x, i), 3)))

const vector = (count: number, most: number): NDArray =>
  arrayFrom('f32', [count], numbers(count, most))
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
] as const

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
      const got = await resultsOn(backend, func, args, { n })
      expect(got).toEqual(interpreters.evaluate(func, args, { n }))
    }
  })
})
