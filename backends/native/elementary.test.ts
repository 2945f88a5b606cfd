/**
 * The elementary functions as compiled code, eight lanes at a time and by themselves, to the last
 * bit what the interpreter says where nothing is contracted. Their accuracy is tested beside them.
 */
import { describe, expect, it } from 'vitest'
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
import { openHost } from './host.js'
import { hasCompiler, runKernels } from './run.fixture.js'

type Float = 'f32' | 'f64'

/** Seven groups of eight lanes, and five by themselves. */
const count = 61

function functionKernel(name: string, dtype: Float): Kernel {
  const loop = parallel('i', count, (i) => {
    const arguments_ = ['x', 'y'].map((b) => load(b, dtype, [i]))
    return [store('out', [i], elementaryRules[name](arguments_, { attrs: { n: 2 } }))]
  })
  const buffers = [input('x', dtype, [count]), input('y', dtype, [count])]
  const body = [{ ...loop, mode: 'vector', width: 8 } as const]
  return kernel(name, { buffers: [...buffers, output('out', dtype, [count])], body })
}

function randomArguments(dtype: Float, seed: number): Record<string, TypedArray> {
  const next = randomSource(seed)
  const make = dtype === 'f32' ? Float32Array : Float64Array
  const fixed = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 2 ** -149, 1e300, 2.5]
  const draw = (): TypedArray =>
    new make(count).map((_, i) => {
      const last = count - 1 - i
      if (i < fixed.length) return fixed[i]
      if (last < 5) return fixed[last]
      return (next() - 0.5) * 2 ** Math.floor(next() * 60 - 20)
    })
  return { x: draw(), y: draw(), out: new make(count) }
}

describe.skipIf(!hasCompiler)('elementary functions in C', () => {
  it.each(['f32', 'f64'] as const)('are what the interpreter says, in %s', async (dtype) => {
    const names = Object.keys(elementaryRules)
    const runs = names.map((name) => ({
      kernel: functionKernel(name, dtype),
      sizes: {},
      arrays: randomArguments(dtype, 1),
    }))
    runKernels(await openHost({ threads: 1, contract: false }), runs)
    for (const { kernel, arrays } of runs) {
      const expected = randomArguments(dtype, 1)
      interpretKernel(kernel, { sizes: {}, buffers: expected })
      expect(arrays.out, `${kernel.name}, seed 1`).toEqual(expected.out)
    }
  })
})
