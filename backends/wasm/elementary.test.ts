/**
 * The elementary functions as emitted code: four and two lanes at a time and by themselves, to the
 * last bit what the interpreter says. Their accuracy is tested beside them.
 */
import { expect, test } from 'vitest'
import type { TypedArray } from '../../lib/data/dtype.js'
import { elementaryRules } from '../../lib/loop/elementary/index.js'
import {
  input,
  interpretKernel,
  type Kernel,
  kernel,
  load,
  output,
  parallel,
  randomSource,
  store,
} from '../../lib/loop/index.js'
import { runWasm } from './run-kernel.js'

type Float = 'f32' | 'f64'

const count = 61

function functionKernel(name: string, dtype: Float): Kernel {
  const loop = parallel('i', count, (i) => {
    const arguments_ = ['x', 'y'].map((b) => load(b, dtype, [i]))
    return [store('out', [i], elementaryRules[name](arguments_, { attrs: { n: 2 } }))]
  })
  const buffers = [input('x', dtype, [count]), input('y', dtype, [count])]
  return kernel(name, { buffers: [...buffers, output('out', dtype, [count])], body: [loop] })
}

function randomArguments(dtype: Float, seed: number): Record<string, TypedArray> {
  const next = randomSource(seed)
  const make = dtype === 'f32' ? Float32Array : Float64Array
  const fixed = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 2 ** -149, 1e300, 2.5]
  const draw = (): TypedArray =>
    new make(count).map((_, i) => {
      if (i < fixed.length) return fixed[i]
      return (next() - 0.5) * 2 ** Math.floor(next() * 60 - 20)
    })
  return { x: draw(), y: draw(), out: new make(count) }
}

test.each(Object.keys(elementaryRules))('%s', (name) => {
  for (const dtype of ['f32', 'f64'] as const) {
    const k = functionKernel(name, dtype)
    const expected = randomArguments(dtype, 1)
    interpretKernel(k, { sizes: {}, buffers: expected })
    for (const width of [1, 8]) {
      const mode = width > 1 ? 'vector' : 'parallel'
      const body = k.body.map((s) => (s.tag === 'loop' ? ({ ...s, mode, width } as const) : s))
      const got = randomArguments(dtype, 1)
      runWasm({ ...k, body }, {}, got)
      expect(got.out, `${dtype}, ${width} wide, seed 1`).toEqual(expected.out)
    }
  }
})
