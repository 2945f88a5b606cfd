import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TypedArray } from '../../lib/data/dtype.js'
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
  rem,
  type Step,
  size,
  store,
  sub,
} from '../../lib/loop/index.js'
import { type Device, openDevice } from './device.js'
import { closed } from './fault.js'
import { testGpu } from './gpu.fixture.js'
import { loadOn } from './loaded.js'
import { upload } from './memory.js'
import { readParts } from './read.js'

const gpu = await testGpu()

const x = (i: ReturnType<typeof size>) => load('x', 'f32', [i])

/** y = x/2 + c[t]. */
const step: Kernel = kernel('step', {
  counters: [{ name: 't', below: 'T' }],
  buffers: [input('x', 'f32', ['n']), input('c', 'f32', ['T']), output('y', 'f32', ['n'])],
  body: [
    parallel('i', 'n', (i) => [
      store('y', [i], add(mul(x(i), 0.5), load('c', 'f32', [size('t')]))),
    ]),
  ],
})

/** next = k + 1; more = k < limit; which = k mod 3. */
const count: Kernel = kernel('count', {
  buffers: [
    input('k', 'i32', []),
    input('limit', 'i32', []),
    output('next', 'i32', []),
    output('more', 'bool', []),
    output('which', 'i32', []),
  ],
  body: [
    store('next', [], add(load('k', 'i32', []), 1)),
    store('more', [], lt(load('k', 'i32', []), load('limit', 'i32', []))),
    store('which', [], rem(load('k', 'i32', []), 3)),
  ],
})

const lower: Kernel = kernel('lower', {
  buffers: [input('x', 'f32', ['n']), output('y', 'f32', ['n'])],
  body: [parallel('i', 'n', (i) => [store('y', [i], sub(x(i), convert('f32', i)))])],
})

const zero: Kernel = kernel('zero', {
  buffers: [output('k', 'i32', [])],
  body: [store('k', [], constant('i32', 0))],
})

const arena = (
  name: string,
  dtype: ProgramBuffer['dtype'],
  shape: ProgramBuffer['shape'],
  slot: number,
): ProgramBuffer => ({ name, dtype, shape, place: { tag: 'arena', slot } })

const external = (name: string, dtype: ProgramBuffer['dtype'], shape: ProgramBuffer['shape']) =>
  ({ name, dtype, shape, place: { tag: 'external' } }) as const

const run = (k: string, buffers: Readonly<Record<string, string>>, sizes = {}): Step => ({
  tag: 'run',
  kernel: k,
  buffers,
  sizes,
})

const stepTo = (from: string, to: string, t: number) =>
  run('step', { x: from, c: 'c', y: to }, { t })

const counting = (k: string, next: string) =>
  run('count', { k, limit: 'limit', next, more: 'more', which: 'which' })

/** Cases that swap once, copy and do nothing; all inside leave what they swapped where it was. */
const branch: Step = {
  tag: 'branch',
  on: 'which',
  cases: [
    [stepTo('a', 'b', 0), { tag: 'swap', a: 'a', b: 'b' }],
    [run('lower', { x: 'a', y: 'b' }), { tag: 'copy', from: 'b', to: 'a' }],
    [
      { tag: 'branch', on: 'more', cases: [[stepTo('a', 'b', 4)], [stepTo('a', 'b', 3)]] },
      { tag: 'copy', from: 'b', to: 'a' },
    ],
  ],
}

const buffers: readonly ProgramBuffer[] = [
  external('a', 'f32', ['n']),
  external('limit', 'i32', []),
  external('out', 'f32', ['n']),
  external('steps', 'i32', []),
  arena('b', 'f32', ['n'], 0),
  arena('k', 'i32', [], 1),
  arena('next', 'i32', [], 2),
  arena('more', 'bool', [], 3),
  arena('which', 'i32', [], 4),
  {
    name: 'c',
    dtype: 'f32',
    shape: ['T'],
    place: { tag: 'constant', data: Float32Array.of(1, 2, 3, 4, 5) },
  },
]

const program = (steps: readonly Step[]): Program => ({
  name: 'steps',
  buffers,
  kernels: [step, count, lower, zero],
  steps: [
    run('zero', { k: 'k' }),
    ...steps,
    { tag: 'copy', from: 'a', to: 'out' },
    { tag: 'copy', from: 'k', to: 'steps' },
  ],
})

const advance: Step = { tag: 'swap', a: 'k', b: 'next' }

const counted = program([
  {
    tag: 'for',
    counter: 'round',
    below: 'T',
    body: [
      run('step', { x: 'a', c: 'c', y: 'b' }, { t: 'T-1-round' }),
      { tag: 'swap', a: 'a', b: 'b' },
      counting('k', 'next'),
      branch,
      advance,
    ],
  },
])

const decided = program([
  {
    tag: 'while',
    test: [counting('k', 'next')],
    condition: 'more',
    body: [stepTo('a', 'b', 2), { tag: 'swap', a: 'a', b: 'b' }, branch, advance],
  },
])

/** A while in a case of a branch in a while. */
const nested = program([
  {
    tag: 'while',
    test: [counting('k', 'next')],
    condition: 'more',
    body: [
      {
        tag: 'branch',
        on: 'which',
        cases: [
          [
            {
              tag: 'while',
              test: [counting('k', 'next')],
              condition: 'which',
              body: [stepTo('a', 'b', 1), { tag: 'swap', a: 'a', b: 'b' }, advance],
            },
          ],
          [stepTo('a', 'b', 2), { tag: 'swap', a: 'a', b: 'b' }],
        ],
      },
      counting('k', 'next'),
      advance,
    ],
  },
])

describe.skipIf(gpu.absent)(`steps of a program on a device${gpu.why}`, () => {
  let device: Device
  beforeAll(async () => {
    device = await openDevice({})
  })
  afterAll(() => device.lose(closed()))

  const arrays = (n: number, limit: number): Record<string, TypedArray> => ({
    a: Float32Array.from({ length: n }, (_, i) => i + 1),
    limit: Int32Array.of(limit),
    out: new Float32Array(n),
    steps: new Int32Array(1),
  })

  async function same(what: Program, n: number, limit: number): Promise<void> {
    const sizes = { n, T: 5 }
    const expected = interpretProgram(what, sizes, arrays(n, limit))
    const loaded = await loadOn(device, what)
    const before = device.pool.used()
    const held = buffers.flatMap(({ name, dtype, place }) =>
      place.tag === 'external' ? [upload(device, dtype, arrays(n, limit)[name] ?? [])] : [],
    )
    // Twice: recorded, then as it was kept.
    for (let time = 0; time < 2; time++) {
      device.gpu.queue.writeBuffer(
        held[0].buffer,
        0,
        arrays(n, limit).a as Float32Array<ArrayBuffer>,
      )
      const { externals, checked } = await loaded.run(sizes, held)
      expect(await Promise.all(checked)).toEqual(checked.map(() => undefined))
      const parts = [
        { buffer: externals[2], from: 0, bytes: 4 * n },
        { buffer: externals[3], from: 0, bytes: 4 },
      ]
      const words = await readParts(device, parts, [what.name])
      expect([...new Float32Array(words, 0, n)]).toEqual([...(expected.out ?? [])])
      expect(new Int32Array(words, 4 * n)[0]).toBe(expected.steps?.[0])
    }
    for (const each of held) device.pool.give(each)
    loaded.release()
    expect(device.pool.used()).toBeLessThanOrEqual(before)
  }

  it.each([1, 70])('counted loops, swaps, copies and branches, at %d', async (n) => {
    await same(counted, n, 3)
    await same(counted, n, 0)
  })

  it.each([0, 1, 3, 4, 5, 12, 13, 40])('a loop that the device ends after %d', async (limit) => {
    await same(decided, 70, limit)
  })

  it.each([0, 1, 7])('loops in branches in loops, up to %d', async (limit) => {
    await same(nested, 3, limit)
  })
})
