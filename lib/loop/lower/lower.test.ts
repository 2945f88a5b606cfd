import { describe, expect, it } from 'vitest'
import { arrayFrom, type NDArray } from '../../data/index.js'
import { interpreters, vjp } from '../../interpret/index.js'
import { add, div, mul } from '../../ops/arithmetic.js'
import { broadcastTo, reshape, sumAxes } from '../../ops/broadcast.js'
import { closeStrict, type Func, parameter, type Term } from '../../term/index.js'
import { interpretProgram } from '../interpret-program.js'
import { lower } from './lower.js'

function trace(
  shapes: readonly (readonly (number | string)[])[],
  body: (...x: Term[]) => Term[],
): Func {
  const binder = { name: 'f' }
  const params = shapes.map((shape, i) => parameter(binder, `x${i}`, { dtype: 'f64', shape }))
  return closeStrict('f', params, body(...params))
}

function check(func: Func, sizes: Record<string, number>): number {
  let seed = 1
  const random = () => {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647 + 0.1
  }
  const value = (d: number | string) => (typeof d === 'number' ? d : sizes[d])
  const args = func.params.map((p): NDArray => {
    const shape = p.shape.map(value)
    const n = shape.reduce((a, b) => a * b, 1)
    return arrayFrom('f64', shape, Array.from({ length: n }, random))
  })
  const expected = interpreters.evaluate(func, args, sizes)
  const program = lower(func)
  const externals: Record<string, Float64Array> = {}
  args.forEach((a, i) => {
    externals[`p${i}`] = Float64Array.from(a.data)
  })
  expected.forEach((r, i) => {
    externals[`r${i}`] = new Float64Array(r.data.length)
  })
  const buffers = interpretProgram(program, sizes, externals)
  expected.forEach((r, i) => {
    const got = buffers[`r${i}`]
    r.data.forEach((v, k) => {
      expect(Math.abs(v - got[k])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(v)))
    })
  })
  return program.kernels.length
}

describe('lowering', () => {
  it('makes a normalisation of rows one kernel', () => {
    const f = trace([['b', 4]], (x) => {
      const total = reshape(sumAxes(x, [1]), ['b', 1])
      return [div(mul(x, x), broadcastTo(total, ['b', 4]))]
    })
    expect(check(f, { b: 3 })).toBe(1)
  })

  it('runs a gradient', () => {
    const f = trace([['b', 4], [4]], (x, w) => [
      sumAxes(sumAxes(div(mul(x, w), add(mul(x, x), 1)), [0]), [0]),
    ])
    const g = vjp(f, [false, true], interpreters).func
    expect(check(g, { b: 3 })).toBeLessThanOrEqual(2)
  })
})
