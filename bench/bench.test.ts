import { describe, expect, it } from 'vitest'
import { largestDifference } from './compare.js'
import { load } from './contestants/contestant.js'
import { encodeModel } from './contestants/model.js'
import { pullback } from './contestants/pullback.js'
import { median } from './median.js'
import { begin, between, end, linesOf, named, sections } from './readme.js'
import { jsonLine, tableRow } from './report.js'
import { workloads } from './workloads/index.js'

async function resultsOn(backend: string, name: string): Promise<readonly Float32Array[]> {
  const workload = workloads.find((w) => w.name === name)
  if (workload === undefined) throw new Error(name)
  const { inputs } = workload.make('tiny')
  const { prepare } = await pullback({ backend, threads: 1, scale: 'tiny', clock: 'wall' })
  const prepared = await prepare(workload, inputs)
  if ('missing' in prepared) throw new Error(prepared.missing)
  await prepared.call()
  return prepared.results()
}

describe('each workload', () => {
  it.each(workloads.map(({ name, make }) => ({ name, make })))(
    '$name gives on wasm what the reference gives',
    async ({ name, make }) => {
      const results = await resultsOn('wasm', name)
      expect(results.some((array) => array.some((x) => x !== 0))).toBe(true)
      const difference = largestDifference(results, await resultsOn('reference', name))
      const { tolerance, exact } = make('tiny')
      expect(difference).toBeLessThanOrEqual(tolerance)
      if (exact === undefined) return
      expect(Math.abs(results[0][0] / exact.value() - 1)).toBeLessThanOrEqual(exact.tolerance)
    },
  )
})

describe('results are compared', () => {
  const of = (...data: number[]) => [Float32Array.from(data)]

  it('by the largest difference, as a part of the largest element', () => {
    expect(largestDifference(of(1, 4), of(2, 4))).toBe(0.25)
    expect(largestDifference(of(Number.NaN), of(Number.NaN))).toBe(0)
  })

  it('and are far apart where one has NaN, more elements or more arrays', () => {
    const far = Number.POSITIVE_INFINITY
    expect(largestDifference(of(1), of(Number.NaN))).toBe(far)
    expect(largestDifference(of(Number.NaN), of(1))).toBe(far)
    expect(largestDifference(of(1), of(1, 1))).toBe(far)
    expect(largestDifference(of(1), [])).toBe(far)
    expect(largestDifference(of(1), of(Number.POSITIVE_INFINITY))).toBe(far)
  })
})

describe('what is not there', () => {
  it('a package that is not installed is none', async () => {
    expect(await load('no-such-package')).toBeUndefined()
  })
})

it('the median is the middle, or between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
})

const wasm = { backend: 'wasm', threads: 1 }

describe('an outcome', () => {
  const outcome = {
    workload: 'chain',
    oursMs: 20,
    facts: { kernels: 1, peakBytes: 2 ** 20, compileMs: 30 },
    few: ['tfjs-wasm'],
    peers: { 'jax-js': 100, 'tfjs-wasm': 'failed: no such kernel as this in the backend' },
  }

  it('is one JSON object', () => {
    expect(JSON.parse(jsonLine(outcome, wasm))).toEqual({
      workload: 'chain',
      dtype: 'f32',
      backend: 'wasm',
      threads: 1,
      ours_ms: 20,
      peers: outcome.peers,
      limit_ms: 18.8,
      kernels: 1,
      peak_bytes: 2 ** 20,
      compile_ms: 30,
    })
  })

  it('is a row that marks a target missed and never takes a failure for a win', () => {
    const row = tableRow(outcome, wasm)
    expect(row).toContain('5.00 (9)!')
    expect(row).toContain('failed: no such ker…')
    expect(row).toContain('94 %')
  })
})

describe('the table of README', () => {
  const base = {
    workload: 'chain',
    oursMs: 20,
    facts: { kernels: 1, peakBytes: 2 ** 20, compileMs: 30 },
    peers: { 'jax-js': 100, 'tfjs-wasm': 80, 'onnxruntime-node': 'no gradient' },
    few: [],
  }
  const line = (threads: number, backend = 'wasm') => jsonLine(base, { backend, threads })

  it('has a section a count of threads, with targets, misses and reasons', () => {
    const table = sections([linesOf(`> bench\n${line(1)}\n`), linesOf(line(2))], 'a machine')
    expect(table).toContain('Measured on a machine.')
    expect(table).toContain('1 thread, f32:')
    expect(table).toContain('2 threads, f32:')
    expect(table).toContain(
      '| chain | 20.0 | **5.00 (9)** | 4.00 (3) | no gradient | 94 % | 1 | 1.0 | 30 |',
    )
  })

  it('has a section for native code, with targets of its own and no limit of WebAssembly', () => {
    const table = sections([linesOf(line(1)), linesOf(line(1, 'native'))], 'a machine')
    expect(table).toContain('1 thread, f32:')
    expect(table).toContain('native, 1 thread, f32:')
    expect(table).toContain('| chain | 20.0 | 5.00 | 4.00 | no gradient |  | 1 | 1.0 | 30 |')
  })

  it('has a column and a version for each peer that was there', () => {
    const outcome = { ...base, peers: { jax: 60, torch: 'keeps 1.9 cores busy' } }
    const lines = linesOf(jsonLine(outcome, { backend: 'wasm', threads: 1 }))
    expect(sections([lines], 'it')).toContain(
      '| chain | 20.0 | 3.00 (2.5) | keeps 1.9 cores busy |',
    )
    expect(named(lines, { jax: '0.10.2', 'jax-js': '1.0.0' })).toEqual(['jax 0.10.2'])
  })

  it('says how much faster two threads are than one on the same backend', () => {
    const half = jsonLine({ ...base, oursMs: 10 }, { backend: 'wasm', threads: 2 })
    const table = sections([linesOf(line(1)), linesOf(line(1, 'native')), linesOf(half)], 'it')
    expect(table).toContain('| workload | ours, ms | over 1 thread | jax-js |')
    expect(table).toContain('| chain | 10.0 | 2.00 | 10.0 (9) |')
    expect(sections([linesOf(half)], 'it')).toContain('| chain | 10.0 |  | 10.0 (9) |')
  })

  it('goes between its marks and nowhere else', () => {
    const text = `a\n${begin}\nold\n${end}\nb`
    expect(between(text, 'new')).toBe(`a\n${begin}\nnew\n${end}\nb`)
    expect(() => between('a', 'new')).toThrow('README.md has no')
  })
})

it('a model is bytes in the encoding of protobuf', () => {
  const node = { op: 'Relu', inputs: ['x'], outputs: ['y'] }
  const bytes = encodeModel({ inputs: { x: [300] }, outputs: ['y'], nodes: [node] })
  // Version 9; the graph of 14 + 10 + 18 + 11 bytes (node, name, x, y), the node in front.
  expect([...bytes.slice(0, 18)]).toEqual([
    8, 9, 58, 53, 10, 12, 10, 1, 120, 18, 1, 121, 34, 4, 82, 101, 108, 117,
  ])
})
