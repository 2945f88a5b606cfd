/**
 * Relaxed SIMD: multiply-adds that may round once. What an element becomes does not depend on
 * whether it lies in a vector or behind the last whole one, and accuracy holds as without.
 */
import { describe, expect, it, test } from 'vitest'
import { hard } from '../../lib/loop/elementary/hard.fixture.js'
import { elementaryRules } from '../../lib/loop/elementary/index.js'
import { input, type Kernel, kernel, load, output, parallel, store } from '../../lib/loop/index.js'
import { enableRelaxedSimd } from './detect.js'
import { runWasm } from './run-kernel.js'

const relaxed = enableRelaxedSimd()

function functionKernel(name: string, count: number, arity: number): Kernel {
  const names = ['x', 'y'].slice(0, arity)
  const value = (i: Parameters<Parameters<typeof parallel>[2]>[0]) =>
    elementaryRules[name](
      names.map((b) => load(b, 'f64', [i])),
      { attrs: { n: 2 } },
    )
  const buffers = [...names.map((b) => input(b, 'f64', [count])), output('out', 'f64', [count])]
  return kernel(name, {
    buffers,
    body: [parallel('i', count, (i) => [store('out', [i], value(i))])],
  })
}

function run(name: string, rows: readonly (readonly number[])[], width: number): Float64Array {
  const arity = (rows[0]?.length ?? 2) - 1
  const k = functionKernel(name, rows.length, arity)
  const mode = width > 1 ? 'vector' : 'parallel'
  const body = k.body.map((s) => (s.tag === 'loop' ? ({ ...s, mode, width } as const) : s))
  const out = new Float64Array(rows.length)
  const column = (i: number): Float64Array => Float64Array.from(rows, (row) => row[i] ?? Number.NaN)
  const arrays = { x: column(0), ...(arity > 1 ? { y: column(1) } : {}), out }
  runWasm({ ...k, body }, {}, arrays, { relaxed: true })
  return out
}

it('is there on this engine, switched on where it must be', () => {
  expect(relaxed).toBe(true)
})

describe.skipIf(!relaxed)('elementary functions over hard arguments', () => {
  test.each(Object.keys(hard))('%s is the same in lanes and alone, within 4 ulp', (name) => {
    const rows = hard[name] ?? []
    const [lanes, alone] = [run(name, rows, 8), run(name, rows, 1)]
    expect(lanes).toEqual(alone)
    if (cancelling.includes(name)) return
    rows.forEach((row, i) => {
      const want = row.at(-1) ?? Number.NaN
      const got = lanes[i] ?? Number.NaN
      if (Object.is(got, want) || Number.isNaN(want) || !Number.isFinite(want)) return
      const ulp = Math.max(2 ** (Math.floor(Math.log2(Math.abs(want))) - 52), 2 ** -1074)
      expect(Math.abs(got - want) / ulp, `${name}(${row.slice(0, -1)})`).toBeLessThanOrEqual(4)
    })
  })
})

/** Their error is measured against the terms that cancel: see the accuracy tests of the rules. */
const cancelling: readonly string[] = ['lgamma', 'digamma', 'logaddexp', 'polygamma']
