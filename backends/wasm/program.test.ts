import { describe, expect, it } from 'vitest'
import type { TypedArray } from '../../lib/data/dtype.js'
import { PullbackError } from '../../lib/data/error.js'
import {
  add,
  constant,
  convert,
  input,
  interpretProgram,
  type Kernel,
  kernel,
  load,
  lt,
  mul,
  output,
  type Program,
  type ProgramBuffer,
  parallel,
  type Step,
  select,
  size,
  store,
  sub,
} from '../../lib/loop/index.js'
import { loadProgram } from './executable.js'
import { type LinearMemory, linearMemory } from './memory.js'

const x = (i: ReturnType<typeof size>) => load('x', 'f32', [i])

/** y = 2x + c[t]. */
const step: Kernel = kernel('step', {
  counters: [{ name: 't', below: 'T' }],
  buffers: [input('x', 'f32', ['n']), input('c', 'f32', ['T']), output('y', 'f32', ['n'])],
  body: [
    parallel('i', 'n', (i) => [store('y', [i], add(mul(x(i), 2), load('c', 'f32', [size('t')])))]),
  ],
})

/** more = x[0] < limit; which = x[0] < 100 ? 0 : 7. */
const test: Kernel = kernel('test', {
  buffers: [input('x', 'f32', ['n']), output('more', 'bool', []), output('which', 'i32', [])],
  body: [
    store('more', [], lt(x(size(0)), 1000)),
    store('which', [], select(lt(x(size(0)), 100), constant('i32', 0), constant('i32', 7))),
  ],
})

const lower: Kernel = kernel('lower', {
  buffers: [input('x', 'f32', ['n']), output('y', 'f32', ['n'])],
  body: [parallel('i', 'n', (i) => [store('y', [i], sub(x(i), convert('f32', i)))])],
})

const buffer = (
  name: string,
  dtype: ProgramBuffer['dtype'],
  shape: ProgramBuffer['shape'],
  place: ProgramBuffer['place'],
): ProgramBuffer => ({ name, dtype, shape, place })

const run = (k: string, buffers: Readonly<Record<string, string>>, sizes = {}): Step => ({
  tag: 'run',
  kernel: k,
  buffers,
  sizes,
})

/** Every kind of step: a counted loop with a swap, a while with a branch and copies inside. */
const program: Program = {
  name: 'steps',
  buffers: [
    buffer('a', 'f32', ['n'], { tag: 'external' }),
    buffer('out', 'f32', ['n'], { tag: 'external' }),
    buffer('b', 'f32', ['n'], { tag: 'arena', slot: 0 }),
    buffer('more', 'bool', [], { tag: 'arena', slot: 1 }),
    buffer('which', 'i32', [], { tag: 'arena', slot: 2 }),
    buffer('c', 'f32', ['T'], { tag: 'constant', data: Float32Array.of(1, 2, 3, 4, 5) }),
  ],
  kernels: [step, test, lower],
  steps: [
    {
      tag: 'for',
      counter: 'round',
      below: 'T',
      body: [
        run('step', { x: 'a', c: 'c', y: 'b' }, { t: 'T-1-round' }),
        { tag: 'swap', a: 'a', b: 'b' },
      ],
    },
    {
      tag: 'while',
      test: [run('test', { x: 'a', more: 'more', which: 'which' })],
      condition: 'more',
      body: [
        {
          tag: 'branch',
          on: 'which',
          cases: [
            [run('step', { x: 'a', c: 'c', y: 'b' }, { t: 0 })],
            [run('lower', { x: 'a', y: 'b' }), run('step', { x: 'b', c: 'c', y: 'a' }, { t: 1 })],
          ],
        },
        run('step', { x: 'b', c: 'c', y: 'a' }, { t: 2 }),
      ],
    },
    { tag: 'copy', from: 'a', to: 'out' },
  ],
}

const execute = (memory: LinearMemory, n: number): { out: number[]; expected: number[] } => {
  const sizes = { n, T: 5 }
  const arrays = (): Record<string, TypedArray> => ({
    a: Float32Array.from({ length: n }, (_, i) => i + 1),
    out: new Float32Array(n),
  })
  const expected = interpretProgram(program, sizes, arrays())
  const executable = loadProgram(program, memory, { relaxed: false })
  const regions = [memory.allocate(4 * n), memory.allocate(4 * n)]
  const [a, out] = regions.map((r) => r.address)
  executable.workingBytes(sizes)
  new Float32Array(memory.memory.buffer, a, n).set(arrays().a ?? [])
  const [, moved] = executable.run(sizes, [a ?? 0, out ?? 0])
  const result = [...new Float32Array(memory.memory.buffer, moved, n)]
  executable.release()
  regions.forEach(memory.free)
  return { out: result, expected: [...(expected.out ?? [])] }
}

describe('a program as one module', () => {
  it('runs loops, branches, swaps and copies as the interpreter does, at several sizes', () => {
    const memory = linearMemory()
    for (const n of [1, 7, 64]) {
      const { out, expected } = execute(memory, n)
      expect(out).toEqual(expected)
      expect(out[0]).toBeGreaterThan(0)
    }
  })

  it('gives all memory back', () => {
    const memory = linearMemory()
    for (let i = 0; i < 20; i++) execute(memory, 100)
    expect(memory.used()).toBe(0)
    expect(memory.memory.buffer.byteLength).toBe(65536)
  })

  it('refuses what does not fit, and works afterwards', () => {
    const memory = linearMemory({ maximumBytes: 1 << 20 })
    expect(() => memory.allocate(1 << 21)).toThrow(PullbackError)
    const executable = loadProgram(program, memory, { relaxed: false })
    expect(() => executable.run({ n: 1 << 19, T: 5 }, [0, 0])).toThrow('do not fit in memory')
    executable.release()
    const { out, expected } = execute(memory, 5)
    expect(out).toEqual(expected)
  })
})
