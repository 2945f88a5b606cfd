/**
 * Programs of every kind of step, and what the interpreter makes of them.
 */
import type { Sizes } from '../lib/data/dim.js'
import type { TypedArray } from '../lib/data/dtype.js'
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
} from '../lib/loop/index.js'

/** A program with arrays for its external buffers. */
export interface Steps {
  readonly name: string
  readonly program: Program
  readonly sizes: Sizes
  /** Made anew at each call; `out` and `steps` are the results. */
  readonly arrays: () => Readonly<Record<string, TypedArray>>
}

/** Programs at several sizes and lengths of their loops. */
export const stepPrograms = (): readonly Steps[] => [
  ...[1, 7, 70].flatMap((n) => [
    stepsOf('counted loops', counted, n, 3),
    stepsOf('counted loops', counted, n, 0),
  ]),
  ...[0, 1, 3, 4, 5, 12, 13, 40].map((limit) =>
    stepsOf('loops ended by values', decided, 70, limit),
  ),
  ...[0, 1, 7].map((limit) => stepsOf('loops in branches in loops', nested, 3, limit)),
]

/** The results that the interpreter gives. */
export function expectedOf({ program, sizes, arrays }: Steps): Results {
  const { out, steps } = interpretProgram(program, sizes, arrays())
  return { out, steps }
}

export type Results = Readonly<Record<'out' | 'steps', TypedArray | undefined>>

const stepsOf = (name: string, program: Program, n: number, limit: number): Steps => ({
  name: `${name}: ${n}, ${limit}`,
  program,
  sizes: { n, T: 5 },
  arrays: () => ({
    a: Float32Array.from({ length: n }, (_, i) => i + 1),
    limit: Int32Array.of(limit),
    out: new Float32Array(n),
    steps: new Int32Array(1),
  }),
})

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

/** A loop of known length. */
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

/** A loop that its values end. */
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
