import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { add, f32, fn, forLoop, lt, matmul, mul, sub, sum, whileLoop } from '../../index.js'
import { closedOf } from '../../lib/lang/index.js'
import { compile } from '../../lib/loop/compile.js'
import { wasmRates } from '../../lib/loop/schedule/index.js'
import { type Measure, type Needs, needsOf } from './cost.js'
import { machineOf } from './hardware.js'
import { openHost } from './host.js'
import { compiler } from './run.fixture.js'

const folder = mkdtempSync(join(tmpdir(), 'pullback-rates-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hardware = { ...machineOf('#define __AVX2__ 1', '/nowhere').hardware, threads: 2 }
const measure: Measure = { hardware, rates: wasmRates }
const programOf = (f: Parameters<typeof closedOf>[0]) =>
  compile(closedOf(f, 'test').func, { hardware }).program

const product = programOf(fn({ x: f32('m', 'k'), y: f32('k', 'n') }, ({ x, y }) => matmul(x, y)))
const ofProduct = (size: number, by: Measure = measure): Needs =>
  needsOf(product, { m: size, k: size, n: size }, by)

describe('what a call takes', () => {
  it('is half as much on a machine twice as fast', () => {
    const { clock, l2, l3, memory } = wasmRates
    const rates = { ...wasmRates, clock: 2 * clock, l2: 2 * l2, l3: 2 * l3, memory: 2 * memory }
    for (const size of [16, 100, 1000]) {
      const twice = 2 * ofProduct(size, { hardware, rates }).nanoseconds
      // Each term is half its like; sums of some ten of them round as often.
      expect(Math.abs(twice / ofProduct(size).nanoseconds - 1)).toBeLessThan(16 * 2 ** -52)
    }
  })

  it('is no less than its operations and its bytes take', () => {
    const { clock, vectors, memory } = wasmRates
    // A vector instruction multiplies and adds in each lane.
    const most = 2 * vectors * clock * (hardware.vectorBytes / 4)
    expect(ofProduct(1000).nanoseconds).toBeGreaterThan((2 * 1000 ** 3) / most)
    const copy = programOf(fn({ x: f32('n') }, ({ x }) => add(x, 1)))
    const { nanoseconds } = needsOf(copy, { n: 2 ** 24 }, measure)
    expect(nanoseconds).toBeGreaterThanOrEqual((2 * 4 * 2 ** 24) / memory)
  })

  it('is that of the body so many times in a loop, and may be anything in a while', () => {
    const loop = (turns: number): number => {
      const f = fn({ x: f32(64, 64) }, ({ x }) => forLoop(turns, x, (_, y) => matmul(y, x)))
      return needsOf(programOf(f), {}, measure).nanoseconds
    }
    expect(loop(300) - loop(200)).toBeCloseTo(loop(200) - loop(100), 3)
    const open = fn({ x: f32(4) }, ({ x }) =>
      whileLoop(
        x,
        (y) => lt(sum(y), 9),
        (y) => mul(y, 2),
      ),
    )
    expect(needsOf(programOf(open), {}, measure).nanoseconds).toBe(Number.POSITIVE_INFINITY)
  })

  it('is saved by threads where it is more than their meeting', () => {
    expect(ofProduct(500).gain).toBeGreaterThan(0)
    expect(ofProduct(500).gain).toBeLessThan(ofProduct(500).nanoseconds)
    const little = programOf(fn({ x: f32(4) }, ({ x }) => sub(x, 1)))
    expect(needsOf(little, {}, measure).gain).toBeLessThan(0)
  })
})

it.skipIf(compiler.absent)(`rates are measured once for a machine${compiler.why}`, async () => {
  const options = { threads: 1, cacheFolder: folder }
  const { rates } = await openHost(options)
  for (const rate of Object.values(rates).flatMap((r) => (typeof r === 'number' ? [r] : []))) {
    expect(Number.isFinite(rate) && rate > 0).toBe(true)
  }
  // Two measures are not the same to the last digit.
  expect((await openHost(options)).rates).toEqual(rates)
})
