/**
 * Emitted code for the CPU is to the last bit what the interpreter says of its kernels.
 */
import { describe, it } from 'vitest'
import { allocate, type TypedArray } from '../lib/data/dtype.js'
import { elementaryRules } from '../lib/loop/elementary/index.js'
import {
  input,
  type Kernel,
  kernel,
  load,
  max,
  min,
  output,
  parallel,
  randomArrays,
  randomKernel,
  randomSource,
  store,
} from '../lib/loop/index.js'
import { type Case, emitters, expectSame, inLanes, randomModes } from './emitted.fixture.js'

/** A random kernel in random modes at odd sizes. */
function randomCase(seed: number): Case {
  const next = randomSource(seed)
  const sizes = { n: 1 + Math.floor(next() * 9), m: 1 + Math.floor(next() * 37) }
  const source = randomKernel(seed)
  const arrays = () => randomArrays(source, sizes, seed)
  return { source, scheduled: randomModes(source, seed), sizes, arrays }
}

/** Minima and maxima of all pairs of special values, and against constants. */
function extremesCase(): Case {
  const values = [Number.NaN, 0, -0, 1, -1, Infinity, -Infinity, 2]
  const bounds = [0, -0, 1]
  const pairs = values.flatMap((x) => values.map((y) => [x, y] as const)).slice(1)
  const source = kernel('extremes', {
    buffers: [
      input('x', 'f32', ['n']),
      input('y', 'f32', ['n']),
      output('low', 'f32', ['n']),
      output('high', 'f32', ['n']),
      ...bounds.flatMap((_, b) => [output(`a${b}`, 'f32', ['n']), output(`b${b}`, 'f32', ['n'])]),
    ],
    body: [
      parallel('i', 'n', (i) => {
        const [x, y] = [load('x', 'f32', [i]), load('y', 'f32', [i])]
        return [
          store('low', [i], min(x, y)),
          store('high', [i], max(x, y)),
          ...bounds.flatMap((bound, b) => [
            store(`a${b}`, [i], max(x, bound)),
            store(`b${b}`, [i], min(x, bound)),
          ]),
        ]
      }),
    ],
  })
  const n = pairs.length
  const arrays = () => ({
    ...Object.fromEntries(source.buffers.map((b) => [b.name, new Float32Array(n)])),
    x: Float32Array.from(pairs, ([x]) => x),
    y: Float32Array.from(pairs, ([, y]) => y),
  })
  return { source, scheduled: inLanes(source, 8), sizes: { n }, arrays }
}

/** Seven groups of eight lanes, and five by themselves. */
const count = 61

function functionKernel(name: string, dtype: 'f32' | 'f64'): Kernel {
  const loop = parallel('i', count, (i) => {
    const arguments_ = ['x', 'y'].map((b) => load(b, dtype, [i]))
    return [store('out', [i], elementaryRules[name](arguments_, { attrs: { n: 2 } }))]
  })
  const buffers = [input('x', dtype, [count]), input('y', dtype, [count])]
  return kernel(name, { buffers: [...buffers, output('out', dtype, [count])], body: [loop] })
}

/** Special values in the first lanes and the last elements, others of all sizes between. */
function argumentsOf(dtype: 'f32' | 'f64', seed: number): Record<string, TypedArray> {
  const next = randomSource(seed)
  const fixed = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 2 ** -149, 1e300, 2.5]
  const draw = (): TypedArray =>
    allocate(dtype, count).map((_, i) => {
      const last = count - 1 - i
      if (i < fixed.length) return fixed[i]
      if (last < 5) return fixed[last]
      return (next() - 0.5) * 2 ** Math.floor(next() * 60 - 20)
    })
  return { x: draw(), y: draw(), out: allocate(dtype, count) }
}

/** Their accuracy is tested beside them. */
const functionCases = (dtype: 'f32' | 'f64', width: number): readonly Case[] =>
  Object.keys(elementaryRules).map((name) => {
    const source = functionKernel(name, dtype)
    return {
      source,
      scheduled: inLanes(source, width),
      sizes: {},
      arrays: () => argumentsOf(dtype, 1),
    }
  })

describe.each(emitters)('$name', (emitter) => {
  const { absent, kernels } = emitter

  it.skipIf(absent)('keeps random kernels in random modes at odd sizes', () =>
    expectSame(
      emitter,
      Array.from({ length: kernels }, (_, i) => randomCase(i + 1)),
    ),
  )

  it.skipIf(absent)('keeps NaN and the signs of zeros in min and max', () =>
    expectSame(emitter, [extremesCase()]),
  )

  for (const dtype of ['f32', 'f64'] as const) {
    for (const width of [1, 8]) {
      it.skipIf(absent)(`keeps elementary functions of ${dtype}, ${width} wide`, () =>
        expectSame(emitter, functionCases(dtype, width)),
      )
    }
  }
})
