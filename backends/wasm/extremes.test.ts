import { describe, expect, it } from 'vitest'
import {
  accumulate,
  accumulator,
  constant,
  identityOf,
  input,
  type Kernel,
  kernel,
  load,
  output,
  parallel,
  sequential,
  store,
  variable,
} from '../../lib/loop/index.js'
import { applySchedule } from '../../lib/loop/schedule/index.js'
import { runWasm } from './run-kernel.js'

type Extreme = 'min' | 'max'
type Float = 'f32' | 'f64'

/** The greatest or least of each row. */
const extremes = (combine: Extreme, dtype: Float, n: number): Kernel =>
  applySchedule(
    kernel('extremes', {
      buffers: [input('x', dtype, ['m', n]), output('y', dtype, ['m'])],
      body: [
        parallel('i', 'm', (i) => [
          accumulator('s', combine, constant(dtype, identityOf(combine, dtype))),
          sequential('j', n, (j) => [accumulate('s', load('x', dtype, [i, j]))]),
          store('y', [i], variable('s', dtype)),
        ]),
      ],
    }),
    [{ tag: 'vector', loop: 'j', width: 16 }],
  )

/** Rows of one value with another at each place in turn. */
function rows(n: number, value: number, other: number): readonly number[] {
  return Array.from({ length: n * n }, (_, i) => (i % n === Math.floor(i / n) ? other : value))
}

const pairs: readonly (readonly [number, number])[] = [
  [1, 2],
  [2, 1],
  [-0, 0],
  [0, -0],
  [-0, -0],
  [-1, -0],
  [1, 0],
  [-3, 0],
  [3, -0],
  [0, Number.NaN],
  [Number.NaN, 1],
  [Infinity, -Infinity],
  [-Infinity, Infinity],
  [-Infinity, -Infinity],
  [Infinity, Number.NaN],
]

describe.each(['f32', 'f64'] as const)('the extremes of %s in lanes', (dtype) => {
  it.each(['min', 'max'] as const)('%s propagates NaN and orders zeros, wherever', (combine) => {
    const n = 23
    const make = dtype === 'f32' ? Float32Array : Float64Array
    for (const [value, other] of pairs) {
      const [x, y] = [make.from(rows(n, value, other)), new make(n)]
      runWasm(extremes(combine, dtype, n), { m: n }, { x, y })
      const expected = Math[combine](value, other)
      for (const [place, got] of y.entries()) {
        expect(got, `${combine} of ${value} and ${other} at ${place}`).toBe(expected)
      }
    }
  })
})
