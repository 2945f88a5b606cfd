import { afterAll, describe, expect, it } from 'vitest'
import { add, f32, fn, matmul, mul, run, sin, sum } from '../../index.js'
import { makeNative, type NativeBackend } from './index.js'
import { compilersHere, compiler as here } from './run.fixture.js'

const opened: NativeBackend[] = []
afterAll(() => {
  for (const backend of opened) backend.close()
})

/** Lengths around the lanes of a vector, so that whole vectors and what is left over are met. */
const lengths = [1, 3, 16, 31, 67]

const numbers = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(12.9898 * (i + 1) + seed) * 3)

const wholes = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => (i % 11) - 4)

describe.skipIf(here.absent).each(compilersHere)(`compiled by %s${here.why}`, (compiler) => {
  it.each([true, false])('a product rounds before the sum behind it; contract: %s', async (c) => {
    const backend = await makeNative({ compiler, threads: 1, contract: c })
    opened.push(backend)
    const f = fn({ x: f32('n'), y: f32('n'), z: f32('n') }, ({ x, y, z }) => add(mul(x, y), z))
    for (const n of lengths) {
      const [x, y, z] = [numbers(n, 1), numbers(n, 2), numbers(n, 3)]
      const found = await run(f, { x, y, z }, { backend })
      const expected = x.map((a, i) => Math.fround(a * (y[i] ?? 0)) + (z[i] ?? 0))
      expect([...found.data]).toEqual([...expected])
    }
  })

  it.each([5, 8, 12, 23, 56])(
    'what %s columns leave over of vectors is computed too',
    async (n) => {
      const backend = await makeNative({ compiler, threads: 1 })
      opened.push(backend)
      const f = fn({ x: f32(9, 3), y: f32(3, n) }, ({ x, y }) => add(matmul(x, y), sum(y)))
      const [x, y] = [wholes(9 * 3), wholes(3 * n)]
      const inputs = { x: { data: x, shape: [9, 3] }, y: { data: y, shape: [3, n] } }
      const found = await run(f, inputs, { backend })
      const all = y.reduce((total, v) => total + v, 0)
      // Whole numbers this small are exact, in any order.
      const expected = Array.from({ length: 9 * n }, (_, at) => {
        const [row, column] = [Math.floor(at / n), at % n]
        return [0, 1, 2].reduce((t, k) => t + (x[row * 3 + k] ?? 0) * (y[k * n + column] ?? 0), all)
      })
      expect([...found.data]).toEqual(expected)
    },
  )

  it('sums of products and elementary functions agree with the reference', async () => {
    const backend = await makeNative({ compiler, threads: 1 })
    opened.push(backend)
    const f = fn({ x: f32('m', 'k'), y: f32('k', 'n') }, ({ x, y }) => sin(matmul(x, y)))
    for (const n of lengths) {
      const [m, k] = [5, 7]
      const x = { data: numbers(m * k, 1), shape: [m, k] }
      const y = { data: numbers(k * n, 2), shape: [k, n] }
      const found = await run(f, { x, y }, { backend })
      for (let at = 0; at < m * n; at++) {
        const [row, column] = [Math.floor(at / n), at % n]
        let [sum, size] = [0, 0]
        for (let i = 0; i < k; i++) {
          const product = (x.data[row * k + i] ?? 0) * (y.data[i * n + column] ?? 0)
          sum += product
          size += Math.abs(product)
        }
        // k products and sums, each off by half an ulp of at most `size`; then sin by 2 ulp.
        const bound = (k * size + 2) * 2 ** -23
        expect(Math.abs((found.data[at] ?? Number.NaN) - Math.sin(sum))).toBeLessThanOrEqual(bound)
      }
    }
  })

  it('takes the long way to a sine where a lane needs it, and where another does not', async () => {
    const backend = await makeNative({ compiler, threads: 1 })
    opened.push(backend)
    const f = fn({ x: f32('m', 2), y: f32(2, 'n') }, ({ x, y }) => sin(matmul(x, y)))
    for (const n of lengths) {
      // Arguments are whole and exact, to 2²⁴: every seventh is beyond what the short way takes.
      const y = {
        data: wholes(2 * n).map((v, i) => (i % 7 === 3 ? v * 2 ** 19 : v)),
        shape: [2, n],
      }
      for (const m of [1, 9]) {
        const x = { data: Float32Array.from({ length: 2 * m }, (_, i) => i % 3), shape: [m, 2] }
        const { data } = await run(f, { x, y }, { backend })
        data.forEach((found, at) => {
          const [row, column] = [Math.floor(at / n), at % n]
          const term = (k: number): number =>
            (x.data[2 * row + k] ?? 0) * (y.data[k * n + column] ?? 0)
          const sine = Math.sin(term(0) + term(1))
          // 2 ulp of what may be twice as large as the power of two below it.
          expect(Math.abs(found - sine)).toBeLessThanOrEqual(2 * 2 ** -23 * Math.abs(sine))
        })
      }
    }
  })
})
