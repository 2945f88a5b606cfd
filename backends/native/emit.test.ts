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
import { openHost } from './host.js'
import { hasCompiler, type KernelRun, runKernels } from './run.fixture.js'

/** Gives every parallel loop a mode that keeps its meaning, and reductions lanes; spreads some. */
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
  const spread = (s: Stmt): Stmt =>
    s.tag === 'loop' && s.mode !== 'sequential' && next() < 0.7 ? { ...s, spread: 'threads' } : s
  return { ...k, body: k.body.map((s) => spread(walk(s, false))) }
}

describe.skipIf(!hasCompiler)('C from kernels', () => {
  for (const [threads, count] of [
    [1, 40],
    [3, 12],
  ] as const) {
    it(`is what the interpreter says on ${threads} threads, for random modes and odd sizes`, async () => {
      const host = await openHost({ threads, contract: false, leastGain: -Infinity })
      const cases = Array.from({ length: count }, (_, i) => {
        const seed = i + 1
        const next = randomSource(seed)
        const sizes = { n: 1 + Math.floor(next() * 9), m: 1 + Math.floor(next() * 37) }
        const source = randomKernel(seed)
        const expected = randomArrays(source, sizes, seed)
        interpretKernel(source, { sizes, buffers: expected })
        const arrays = randomArrays(source, sizes, seed)
        const run: KernelRun = { kernel: randomModes(source, seed), sizes, arrays }
        return { run, expected, seed }
      })
      runKernels(
        host,
        cases.map((c) => c.run),
      )
      for (const { run, expected, seed } of cases) {
        const about = `seed ${seed} ${JSON.stringify(run.sizes)}\n${showKernel(run.kernel)}`
        expect(run.arrays, about).toEqual(expected)
      }
    })
  }

  it('keeps NaN and the signs of zeros in min and max', async () => {
    const values = [Number.NaN, 0, -0, 1, -1, Infinity, -Infinity, 2]
    const bounds = [0, -0, 1]
    const pairs = values.flatMap((x) => values.map((y) => [x, y] as const))
    const k = kernel('bounds', {
      buffers: [
        input('x', 'f32', ['n']),
        input('y', 'f32', ['n']),
        output('low', 'f32', ['n']),
        output('high', 'f32', ['n']),
        ...bounds.flatMap((_, b) => [output(`a${b}`, 'f32', ['n']), output(`b${b}`, 'f32', ['n'])]),
      ],
      body: [
        vectorLoop('i', 'n', 8, (i) => {
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
    const sizes = { n: pairs.length - 1 }
    const arrays = (): Record<string, TypedArray> => ({
      ...Object.fromEntries(k.buffers.map((b) => [b.name, new Float32Array(sizes.n)])),
      x: Float32Array.from(pairs.slice(1), ([x]) => x),
      y: Float32Array.from(pairs.slice(1), ([, y]) => y),
    })
    const [got, expected] = [arrays(), arrays()]
    interpretKernel(k, { sizes, buffers: expected })
    runKernels(await openHost({}), [{ kernel: k, sizes, arrays: got }])
    expect(got).toEqual(expected)
  })
})

const vectorLoop = (
  index: string,
  extent: string,
  width: number,
  body: (i: Expr) => readonly Stmt[],
): Loop => ({ ...parallel(index, extent, body), mode: 'vector', width })
