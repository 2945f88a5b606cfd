/**
 * Random well-typed programs over the vocabulary, for laws that hold for every program.
 *
 *   fc.assert(fc.property(programs(), ({ func, inputs }) => …))
 *
 * A program is a list of steps; each picks a word and, among the terms built so far, arguments
 * that it can take; a step that nothing fits is left out. So every list of steps is a program, and
 * fast-check shrinks a failing one by leaving steps out. Failures print the program itself.
 */
import fc from 'fast-check'
import { arrayFrom, type NDArray, PullbackError, sizeOf } from '../lib/data/index.js'
import { words } from '../lib/ops/index.js'
import { closeStrict, type Func, parameter, show, type Term } from '../lib/term/index.js'
import { control } from './control.js'
import { type Kind, makers, weightOf } from './makers.js'

export interface Program {
  readonly func: Func
  readonly inputs: readonly NDArray[]
  /** What fast-check prints. */
  readonly toString: () => string
}

export interface ProgramOptions {
  /** `smooth` leaves out jumps, kinks and poles, and draws inputs of moderate size. */
  readonly kind?: Kind
  readonly steps?: number
  /** Of the inputs. Default: f64. */
  readonly dtype?: 'f64' | 'f32'
}

interface Step {
  readonly word: number
  readonly choices: readonly number[]
}

/** Shapes that meet each other: by broadcasting, contraction, reduction. */
const inputShapes: readonly (readonly number[])[] = [[], [3], [2, 3], [3, 2]]

/** Programs of one to four results over inputs of the shapes above. */
export function programs(options: ProgramOptions = {}): fc.Arbitrary<Program> {
  const { kind = 'any', steps = 16, dtype = 'f64' } = options
  const names = Object.keys(makers)
    .filter((n) => n in words && (kind === 'any' || makers[n].smooth))
    .flatMap((n) => new Array<string>(weightOf(n)).fill(n))
    .concat(Object.keys(control).flatMap((n) => new Array<string>(8).fill(n)))
  const step: fc.Arbitrary<Step> = fc.record({
    word: fc.nat(names.length - 1),
    choices: fc.array(fc.nat(1000), { minLength: 6, maxLength: 6 }),
  })
  const values = kind === 'smooth' ? moderate : unusual
  const inputs = fc.tuple(
    ...inputShapes.map((shape) =>
      fc
        .array(values, { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
        .map((data) => arrayFrom(dtype, shape, data)),
    ),
  )
  return fc
    .tuple(fc.array(step, { minLength: 1, maxLength: steps }), inputs, fc.nat(3))
    .map(([list, arrays, more]) => {
      const func = build(names, list, { kind, dtype }, 1 + more)
      return { func, inputs: arrays, toString: () => paste(func, arrays) }
    })
}

/** Ordinary numbers away from kinks at whole ones. */
const moderate = fc.integer({ min: -2000, max: 2000 }).map((n) => (n + 0.37) / 1000)

/** Numbers at which algebra that is true of reals goes wrong. */
const unusual = fc.oneof(
  { weight: 2, arbitrary: moderate },
  {
    weight: 3,
    arbitrary: fc.constantFrom(0, -0, 1, -1, 2, 0.5, -3, NaN, Infinity, -Infinity, 1e300, -1e-310),
  },
)

function build(
  names: readonly string[],
  steps: readonly Step[],
  { kind, dtype }: { readonly kind: Kind; readonly dtype: 'f64' | 'f32' },
  results: number,
): Func {
  const binder = { name: 'program' }
  const params = inputShapes.map((shape, i) => parameter(binder, 'abcd'[i], { dtype, shape }))
  const pool: Term[] = [...params]
  for (const step of steps) pool.push(...attempt(names, step, pool))
  const built = pool.slice(params.length).filter((t) => kind === 'any' || t.dtype === dtype)
  return closeStrict(
    'program',
    params,
    built.length === 0 ? params.slice(0, 1) : built.slice(-results),
  )
}

/** The terms of one step; none where the word refuses the arguments it was offered. */
function attempt(
  names: readonly string[],
  { word, choices }: Step,
  pool: readonly Term[],
): readonly Term[] {
  const name = names[word]
  let next = 0
  const choose = (n: number) => (n === 0 ? 0 : choices[next++ % choices.length] % n)
  try {
    const terms =
      name in control ? controlled(names, name, pool, choose) : called(name, pool, choose)
    return terms.filter((t) => sizeOf(t.shape.filter((d) => typeof d === 'number')) <= 64)
  } catch (error) {
    if (error instanceof PullbackError) return []
    throw error
  }
}

function called(
  name: string,
  pool: readonly Term[],
  choose: (n: number) => number,
): readonly Term[] {
  const call = makers[name].call(pool, choose)
  if (call === undefined) return []
  const made = words[name](call.args, call.attrs ?? {})
  // Either one term or a list of them.
  return Array.isArray(made) ? (made as readonly Term[]) : [made as Term]
}

/** Bodies grow by steps of their own, without loops within loops, spread by odd multipliers. */
function controlled(
  names: readonly string[],
  name: string,
  pool: readonly Term[],
  choose: (n: number) => number,
): readonly Term[] {
  const seed = choose(997)
  const plain = names.filter((n) => !(n in control))
  return control[name](pool, choose, (start, count) => {
    const inner = [...start]
    for (let i = 0; i < count; i++) {
      const word = (seed * 31 + i * 17) % plain.length
      const choices = [3, 5, 7, 11, 13, 19].map((k) => (seed + i * 29) * k)
      inner.push(...attempt(plain, { word, choices }, inner))
    }
    return inner
  })
}

const paste = (func: Func, inputs: readonly NDArray[]): string =>
  `\n${show(func)}\n${inputs
    .map((x) => `[${Array.from(x.data, (v) => (Object.is(v, -0) ? '-0' : String(v)))}]`)
    .join('\n')}\n`
