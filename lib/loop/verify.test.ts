import { describe, expect, it } from 'vitest'
import {
  add,
  clampIndex,
  constant,
  div,
  load,
  lt,
  min,
  mul,
  size,
  sub,
  variable,
} from './expression.js'
import { inout, input, type Kernel, kernel, output } from './kernel.js'
import { randomKernel } from './random.js'
import {
  accumulate,
  accumulator,
  assign,
  type Block,
  declare,
  type Loop,
  local,
  parallel,
  sequential,
  store,
  when,
} from './statement.js'
import { verifyKernel } from './verify.js'

const buffers = [input('x', 'f32', ['n']), input('k', 'i32', ['n']), output('y', 'f32', ['n'])]
const over = (body: Block): Kernel => kernel('k', { buffers, body })
const kinds = (k: Kernel): readonly string[] => verifyKernel(k).map((f) => f.kind)
const x = (i: Parameters<typeof load>[2][number]) => load('x', 'f32', [i])

const tiled = (mode: Loop['mode'], step: number, width: number): Kernel =>
  over([
    {
      tag: 'loop',
      index: 'o',
      from: size(0),
      to: size('n'),
      step,
      mode,
      width: 1,
      body: [
        {
          tag: 'loop',
          index: 'i',
          from: size(0),
          to: min(size(width), sub(size('n'), variable('o'))),
          step: 1,
          mode: 'parallel',
          width: 1,
          body: [
            store('y', [add(variable('o'), variable('i'))], x(add(variable('o'), variable('i')))),
          ],
        },
      ],
    },
  ])

describe('the verifier accepts', () => {
  it('random kernels', () => {
    for (let seed = 1; seed <= 60; seed++) expect(verifyKernel(randomKernel(seed))).toEqual([])
  })

  it('tiles with a remainder', () => {
    expect(kinds(tiled('parallel', 8, 8))).toEqual([])
  })

  it('clamped gathers, reversals and concatenations', () => {
    const k = kernel('k', {
      buffers: [...buffers.slice(0, 2), output('y', 'f32', ['2*n'])],
      body: [
        parallel('i', 'n', (i) => [store('y', [i], x(clampIndex(load('k', 'i32', [i]), 'n')))]),
        parallel('j', 'n', (j) => [store('y', [add(size('n'), j)], x(sub(sub(size('n'), 1), j)))]),
      ],
    })
    expect(kinds(k)).toEqual([])
  })

  it('flat indices of rows, and conditions that keep an index inside', () => {
    const flat = kernel('flat', {
      buffers: [input('x', 'f32', ['n']), output('y', 'f32', ['m*n'])],
      body: [
        parallel('i', 'm', (i) => [
          parallel('j', 'n', (j) => [store('y', [add(mul(i, size('n')), j)], x(j))]),
        ]),
      ],
    })
    expect(kinds(flat)).toEqual([])
    const shift = over([
      parallel('i', 'n', (i) => [
        when(lt(add(i, 1), size('n')), [store('y', [i], x(add(i, 1)))], [store('y', [i], x(i))]),
      ]),
    ])
    expect(kinds(shift)).toEqual([])
  })
})

describe('bounds of quotients', () => {
  const thirds = (count: number | string, extent: number | string): Kernel =>
    kernel('thirds', {
      buffers: [input('x', 'f32', [extent]), output('y', 'f32', [count])],
      body: [parallel('i', count, (i) => [store('y', [i], load('x', 'f32', [div(i, 3)]))])],
    })

  it('are those of whole numbers', () => {
    expect(kinds(thirds(6, 2))).toEqual([])
    expect(kinds(thirds('3*n', 'n'))).toEqual([])
    expect(kinds(thirds(7, 2))).toContain('bounds')
    expect(kinds(thirds('3*n+1', 'n'))).toContain('bounds')
  })
})

describe('the verifier refuses', () => {
  it('indices past the end and before the start', () => {
    expect(kinds(over([parallel('i', 'n', (i) => [store('y', [i], x(add(i, 1)))])]))).toContain(
      'bounds',
    )
    expect(kinds(over([parallel('i', 'n', (i) => [store('y', [i], x(sub(i, 1)))])]))).toContain(
      'bounds',
    )
    const gather = parallel('i', 'n', (i) => [store('y', [i], x(load('k', 'i32', [i])))])
    expect(kinds(over([gather]))).toContain('bounds')
  })

  it('tiles that overlap, which race, and tiles with gaps, which leave elements unwritten', () => {
    expect(kinds(tiled('parallel', 4, 8))).toContain('race')
    expect(kinds(tiled('sequential', 4, 8))).not.toContain('race')
    expect(kinds(tiled('parallel', 8, 4))).toContain('unwritten')
  })

  it('two iterations that write or assign one thing', () => {
    const one = parallel('i', 'n', (i) => [store('y', [size(0)], x(i))])
    expect(kinds(over([one]))).toContain('race')
    const neighbour = kernel('k', {
      buffers: [inout('x', 'f32', ['n'])],
      body: [parallel('i', sub0('n'), (i) => [store('x', [i], load('x', 'f32', [add(i, 1)]))])],
    })
    expect(kinds(neighbour)).toContain('race')
    const shared = over([
      declare('v', constant('f32', 0)),
      parallel('i', 'n', (i) => [assign('v', x(i)), store('y', [i], variable('v', 'f32'))]),
    ])
    expect(kinds(shared)).toContain('race')
    const running = over([
      accumulator('s', 'add', constant('f32', 0)),
      parallel('i', 'n', (i) => [accumulate('s', x(i)), store('y', [i], variable('s', 'f32'))]),
    ])
    expect(kinds(running)).toContain('race')
  })

  it('outputs that are written in part, or only in one branch', () => {
    const half = parallel('i', 'floor(n/2)', (i) => [store('y', [i], x(i))])
    expect(kinds(over([half]))).toEqual(['unwritten'])
    const branch = parallel('i', 'n', (i) => [when(lt(i, 3), [store('y', [i], x(i))])])
    expect(kinds(over([branch]))).toEqual(['unwritten'])
  })

  it('wrong dtypes, unknown names, stores to inputs, names defined twice', () => {
    const wrong = parallel('i', 'n', (i) => [store('y', [i], load('k', 'i32', [i]))])
    expect(kinds(over([wrong]))).toContain('type')
    const unknown = parallel('i', 'n', (i) => [store('y', [i], x(variable('z')))])
    expect(kinds(over([unknown]))).toContain('name')
    const readOnly = parallel('i', 'n', (i) => [store('x', [i], x(i)), store('y', [i], x(i))])
    expect(kinds(over([readOnly]))).toContain('type')
    const copy = parallel('i', 'n', (i) => [store('y', [i], x(i))])
    const twice = { ...over([copy]), body: [copy, copy] }
    expect(kinds(twice)).toContain('name')
  })

  it('bounds that differ between lanes, and scratch memory in lock step', () => {
    const lanes = (body: Block): Loop => ({
      ...parallel('i', 'n', () => body),
      mode: 'vector',
      width: 4,
    })
    const i = variable('i')
    const ragged = lanes([
      accumulator('s', 'add', constant('f32', 0)),
      { ...sequential('j', 'n', (j) => [accumulate('s', x(j))]), to: i },
      store('y', [i], variable('s', 'f32')),
    ])
    expect(kinds(over([ragged]))).toContain('lockstep')
    expect(kinds(over([lanes([local('t', 'f32', [4]), store('y', [i], x(i))])]))).toContain(
      'lockstep',
    )
  })
})

/** n − 1 as a size. */
const sub0 = (n: string): string => `${n}-1`
