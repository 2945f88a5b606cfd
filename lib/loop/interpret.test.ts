import { describe, expect, it } from 'vitest'
import { convertValue, evaluateBinary, evaluateUnary, nearestEven } from './evaluate.js'
import { add, constant, div, load, mul, size, variable } from './expression.js'
import { interpretKernel } from './interpret.js'
import { interpretProgram } from './interpret-program.js'
import { inout, input, kernel, output } from './kernel.js'
import type { Program } from './program.js'
import { accumulate, accumulator, local, parallel, sequential, store } from './statement.js'

describe('values', () => {
  it('rounds halves to even and keeps the sign of zero', () => {
    expect([-2.5, -0.5, 0.5, 1.5, 2.5, 3.4].map(nearestEven)).toEqual([-2, -0, 0, 2, 2, 3])
    expect(nearestEven(Number.NaN)).toBeNaN()
    expect(nearestEven(-Infinity)).toBe(-Infinity)
  })

  it('wraps, saturates and divides totally on integers', () => {
    expect(evaluateBinary('div', 'i32', 7, 0)).toBe(0)
    expect(evaluateBinary('div', 'i32', -(2 ** 31), -1)).toBe(-(2 ** 31))
    expect(evaluateBinary('mul', 'u32', 0xffffffff, 0xffffffff)).toBe(1)
    expect(evaluateUnary('neg', 'u32', 1)).toBe(0xffffffff)
    expect(convertValue('f32', 'i32', 1e20)).toBe(2 ** 31 - 1)
    expect(convertValue('f64', 'u32', -3)).toBe(0)
    expect(convertValue('f64', 'i32', Number.NaN)).toBe(0)
  })
})

const rowMean = kernel('mean', {
  buffers: [input('x', 'f32', ['m', 'n']), output('y', 'f32', ['m'])],
  body: [
    parallel('i', 'm', (i) => [
      accumulator('s', 'add', constant('f32', 0)),
      sequential('j', 'n', (j) => [accumulate('s', load('x', 'f32', [i, j]))]),
      store('y', [i], div(variable('s', 'f32'), 2)),
    ]),
  ],
})

describe('the interpreter of kernels', () => {
  it('runs loops and accumulators, backwards too', () => {
    for (const order of ['forward', 'backward'] as const) {
      const y = new Float32Array(2)
      const x = Float32Array.of(1, 2, 3, 4, 5, 6)
      interpretKernel(rowMean, { sizes: { m: 2, n: 3 }, buffers: { x, y }, order })
      expect([...y]).toEqual([3, 7.5])
    }
  })

  it('refuses an index out of bounds and a local element that was never written', () => {
    const past = kernel('past', {
      buffers: [input('x', 'f32', ['n']), output('y', 'f32', ['n'])],
      body: [parallel('i', 'n', (i) => [store('y', [i], load('x', 'f32', [add(i, 1)]))])],
    })
    const buffers = { x: new Float32Array(3), y: new Float32Array(3) }
    expect(() => interpretKernel(past, { sizes: { n: 3 }, buffers })).toThrow('x[3]')
    const unwritten = kernel('unwritten', {
      buffers: [output('y', 'f32', [])],
      body: [local('t', 'f32', [2]), store('y', [], load('t', 'f32', [1]))],
    })
    expect(() =>
      interpretKernel(unwritten, { sizes: {}, buffers: { y: buffers.y.subarray(2) } }),
    ).toThrow('t[1]')
  })
})

describe('the interpreter of programs', () => {
  it('runs counted loops with counters and swaps', () => {
    const step = kernel('step', {
      counters: [{ name: 't', below: 'T' }],
      buffers: [input('h', 'f32', []), input('x', 'f32', ['T']), inout('next', 'f32', [])],
      body: [store('next', [], add(mul(load('h', 'f32', []), 2), load('x', 'f32', [size('t')])))],
    })
    const scalar = { dtype: 'f32', shape: [], place: { tag: 'external' } } as const
    const program: Program = {
      name: 'scan',
      buffers: [
        { name: 'a', ...scalar },
        { name: 'b', ...scalar, place: { tag: 'arena', slot: 0 } },
        { name: 'xs', dtype: 'f32', shape: ['T'], place: { tag: 'external' } },
      ],
      kernels: [step],
      steps: [
        {
          tag: 'for',
          counter: 't',
          below: 'T',
          body: [
            { tag: 'run', kernel: 'step', buffers: { h: 'a', x: 'xs', next: 'b' }, sizes: {} },
            { tag: 'swap', a: 'a', b: 'b' },
          ],
        },
      ],
    }
    const result = interpretProgram(
      program,
      { T: 3 },
      {
        a: Float32Array.of(1),
        xs: Float32Array.of(1, 2, 3),
      },
    )
    expect(result.a?.[0]).toBe(19)
  })
})
