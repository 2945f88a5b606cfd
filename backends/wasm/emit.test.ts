import { describe, expect, it } from 'vitest'
import type { TypedArray } from '../../lib/data/dtype.js'
import {
  type Expr,
  input,
  interpretKernel,
  type Kernel,
  kernel,
  type Loop,
  load,
  mapBlocks,
  max,
  min,
  output,
  parallel,
  randomArrays,
  randomKernel,
  randomSource,
  type Stmt,
  showKernel,
  store,
} from '../../lib/loop/index.js'
import { runWasm } from './run-kernel.js'

/** Gives every parallel loop a mode that keeps its meaning, and reductions lanes. */
function randomModes(k: Kernel, seed: number): Kernel {
  const next = randomSource(seed)
  const pick = <A>(items: readonly A[]): A => items[Math.floor(next() * items.length)] as A
  const walk = (s: Stmt, inVector: boolean): Stmt => {
    if (s.tag !== 'loop') return s
    const [mode, width] = pick<readonly [Loop['mode'], number]>([
      [s.mode, 1],
      ['unrolled', 3],
      ['unrolled', 2],
      ...(inVector
        ? []
        : ([
            ['vector', 4],
            ['vector', 8],
            ['vector', 16],
          ] as const)),
    ])
    const inner = inVector || mode === 'vector'
    return mapBlocks({ ...s, mode, width }, (b) => b.map((t) => walk(t, inner)))
  }
  return { ...k, body: k.body.map((s) => walk(s, false)) }
}

describe('emitted WebAssembly', () => {
  it('is what the interpreter says, for random kernels, modes and odd sizes', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const next = randomSource(seed)
      const sizes = { n: 1 + Math.floor(next() * 9), m: 1 + Math.floor(next() * 37) }
      const source = randomKernel(seed)
      const scheduled = randomModes(source, seed)
      const expected = randomArrays(source, sizes, seed)
      const got = randomArrays(source, sizes, seed)
      interpretKernel(source, { sizes, buffers: expected })
      try {
        runWasm(scheduled, sizes, got)
        expect(got).toEqual(expected)
      } catch (e) {
        throw new Error(`seed ${seed} ${JSON.stringify(sizes)}\n${showKernel(scheduled)}\n${e}`)
      }
    }
  })

  it('keeps NaN and the signs of zeros in min and max against constants', () => {
    const bounds = [0, -0, 1]
    const k = kernel('bounds', {
      buffers: [
        input('x', 'f32', ['n']),
        ...bounds.flatMap((_, b) => [output(`a${b}`, 'f32', ['n']), output(`b${b}`, 'f32', ['n'])]),
      ],
      body: [
        vectorLoop('i', 'n', 4, (i) =>
          bounds.flatMap((bound, b) => [
            store(`a${b}`, [i], max(load('x', 'f32', [i]), bound)),
            store(`b${b}`, [i], min(load('x', 'f32', [i]), bound)),
          ]),
        ),
      ],
    })
    const values = [Number.NaN, 0, -0, 1, -1, Infinity, -Infinity, 2]
    const arrays = (): Record<string, TypedArray> => ({
      ...Object.fromEntries(k.buffers.map((b) => [b.name, new Float32Array(8)])),
      x: Float32Array.from(values),
    })
    const [got, expected] = [arrays(), arrays()]
    interpretKernel(k, { sizes: { n: 8 }, buffers: expected })
    runWasm(k, { n: 8 }, got)
    expect(got).toEqual(expected)
  })
})

const vectorLoop = (
  index: string,
  extent: string,
  width: number,
  body: (i: Expr) => readonly Stmt[],
): Loop => ({ ...parallel(index, extent, body), mode: 'vector', width })
