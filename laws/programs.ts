/**
 * Random well-typed programs over the vocabulary, for laws that hold for every program.
 *
 *   fc.assert(fc.property(programs(), ({ func, inputs, sizes }) => …))
 *
 * A program is a list of steps; each picks a word and, among the terms built so far, arguments
 * that it can take; a step that nothing fits is left out. So every list of steps is a program, and
 * fast-check shrinks a failing one by leaving steps out. Failures print the program itself.
 */

import fc from 'fast-check'
import {
  arrayFrom,
  type DType,
  dimValue,
  isFloat,
  type NDArray,
  PullbackError,
  roundTo,
  type Sizes,
  sizeOf,
} from '../lib/data/index.js'
import { need } from '../lib/lang/index.js'
import { flag, listOf, type Options, oneOf, text, whole } from '../lib/lang/options.js'
import { words } from '../lib/ops/index.js'
import {
  closeStrict,
  type Func,
  parameter,
  show,
  showType,
  type TensorType,
  type Term,
} from '../lib/term/index.js'
import { control } from './control.js'
import type { Choose, Kind } from './maker.js'
import { makers, weightOf } from './makers.js'
import type { Pasteable } from './paste/index.js'

export interface Program {
  readonly func: Func
  readonly inputs: readonly NDArray[]
  /** What the named sizes of the inputs are bound to. */
  readonly sizes: Sizes
  /** What fast-check prints. */
  readonly toString: () => string
  /** Another program in its place: counterexamples are reduced. */
  readonly within: (program: Pasteable) => Program
}

export interface ProgramOptions {
  /** `smooth` leaves out jumps, kinks and poles, and draws inputs of moderate size. */
  readonly kind?: Kind
  readonly steps?: number
  /** Of reals. Default: f64. */
  readonly dtype?: 'f64' | 'f32'
  /** Inputs of every dtype and of named sizes too. Default: reals of fixed sizes. */
  readonly mixed?: boolean
  /** So many inputs of each type, beside more steps to use them: 1 unless said. */
  readonly copies?: number
  /** Results of the types of the inputs, in their order: such programs compose. Default: any. */
  readonly endo?: boolean
  /** The words that steps choose from; all, with control flow, where absent. */
  readonly words?: readonly string[]
  /** Ordinary numbers as inputs, or also those where algebra goes wrong; by default as `kind`. */
  readonly values?: 'moderate' | 'unusual'
}

const programOptions: Options<ProgramOptions> = {
  kind: oneOf('any', 'smooth'),
  steps: whole(1),
  dtype: oneOf('f64', 'f32'),
  mixed: flag,
  copies: whole(1),
  endo: flag,
  words: listOf(text),
  values: oneOf('moderate', 'unusual'),
}

interface Step {
  readonly word: number
  /** All choices of the step in one number, the first in its lowest digits. */
  readonly choices: number
}

/** What all steps of a program have in common. */
interface Setting {
  readonly names: readonly string[]
  readonly kind: Kind
  readonly float: DType
}

/** Shapes that meet each other: by broadcasting, contraction, reduction. */
const fixedInputs = (float: DType): readonly TensorType[] =>
  [[], [3], [2, 3], [3, 2]].map((shape) => ({ dtype: float, shape }))

const mixedInputs = (float: DType): readonly TensorType[] => [
  ...fixedInputs(float).slice(0, 3),
  { dtype: float, shape: ['n'] },
  { dtype: float, shape: ['n', 3] },
  { dtype: float, shape: ['m', 'n'] },
  { dtype: 'i32', shape: [] },
  { dtype: 'i32', shape: ['n'] },
  { dtype: 'u32', shape: [3] },
  { dtype: 'bool', shape: ['n', 3] },
]

/** Nothing, one, and both sides of the width of vectors. */
const extents: readonly number[] = [3, 1, 0, 2, 5, 9, 17]

/** Programs of one to four results; inputs are as the options say. */
export function programs(options: ProgramOptions = {}): fc.Arbitrary<Program> {
  need('programs', 0, programOptions, options)
  const { kind = 'any', steps = 16, dtype: float = 'f64', mixed = false } = options
  const { values = kind === 'smooth' ? 'moderate' : 'unusual' } = options
  const { words: chosen, endo = false, copies = 1 } = options
  const names = Object.keys(makers)
    .filter((n) => n in words && (kind === 'any' || makers[n].smooth))
    .filter((n) => chosen === undefined || chosen.includes(n))
    .flatMap((n) => new Array<string>(weightOf(n)).fill(n))
    .concat(chosen ? [] : Object.keys(control).flatMap((n) => new Array<string>(8).fill(n)))
  const once = mixed ? mixedInputs(float) : fixedInputs(float)
  const types = Array.from({ length: copies }, () => once).flat()
  const step: fc.Arbitrary<Step> = fc.record({
    word: fc.nat(names.length - 1),
    choices: fc.nat(2 ** 31 - 1),
  })
  const extent = mixed ? fc.constantFrom(...extents) : fc.constant(1)
  const given = fc.array(fc.nat(9999), { minLength: types.length, maxLength: types.length })
  return fc
    .record({
      list: fc.array(step, { minLength: 1, maxLength: steps, size: 'max' }),
      n: extent,
      m: extent,
      given,
      more: fc.nat(3),
    })
    .map(({ list, n, m, given, more }) => {
      const sizes: Sizes = mixed ? { n, m } : {}
      const func = build({ names, kind, float }, types, list, endo ? 'endo' : 1 + more)
      const inputs = types.map((type, i) =>
        filled(type, sizes, drawn(type.dtype, values, given[i])),
      )
      return programOf({ func, inputs, sizes })
    })
}

function programOf({ func, inputs, sizes }: Pasteable): Program {
  return { func, inputs, sizes, toString: () => paste(func, sizes, inputs), within: programOf }
}

/** Numbers at which algebra that is true of reals goes wrong. */
const special: readonly number[] = [
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  -3,
  NaN,
  Infinity,
  -Infinity,
  1e300,
  -1e-310,
]
const wholes: Readonly<Record<'i32' | 'u32', readonly number[]>> = {
  i32: [0, 1, 2, -1, 3, 7, 2147483647, -2147483648],
  u32: [0, 1, 2, 3, 4294967295, 7],
}

/** Entries for an input, in order, by a number that stands for them; 0 for the plainest. */
function drawn(dtype: DType, values: 'moderate' | 'unusual', given: number): () => number {
  let state = given
  const next = (n: number): number => {
    state = (state * 48271 + 11) % 2147483647
    return Math.floor(state / 127) % n
  }
  /** Ordinary numbers away from kinks at whole ones. */
  const moderate = () => (next(4001) - 2000 + 0.37) / 1000
  const unusual = () => (next(5) < 2 ? moderate() : special[next(special.length)])
  if (isFloat(dtype)) return values === 'moderate' ? moderate : unusual
  if (dtype === 'bool') return () => next(2)
  const extremes = wholes[dtype === 'u32' ? 'u32' : 'i32']
  const least = dtype === 'u32' ? 0 : -3
  const tame = () => least + next(5 - least)
  return () => (values === 'moderate' || next(2) === 0 ? tame() : extremes[next(extremes.length)])
}

function filled({ dtype, shape }: TensorType, sizes: Sizes, draw: () => number): NDArray {
  const bound = shape.map((d) => dimValue(d, sizes))
  const data = Array.from({ length: sizeOf(bound) }, draw)
  return arrayFrom(dtype, bound, data, (x) => roundTo(dtype, x))
}

function build(
  setting: Setting,
  types: readonly TensorType[],
  steps: readonly Step[],
  results: number | 'endo',
): Func {
  const binder = { name: 'program' }
  const params = types.map((type, i) => parameter(binder, letters(i), type))
  const pool: Term[] = [...params]
  for (const step of steps) pool.push(...attempt(setting, step, pool, 2))
  if (results === 'endo') {
    const newest = params.map((p) => pool.findLast((t) => showType(t) === showType(p)) ?? p)
    return closeStrict('program', params, newest)
  }
  const built = pool
    .slice(params.length)
    .filter((t) => setting.kind === 'any' || t.dtype === setting.float)
  return closeStrict(
    'program',
    params,
    built.length === 0 ? params.slice(0, 1) : built.slice(-results),
  )
}

/** a, b, …, z, a1, b1, … */
const letters = (i: number): string =>
  String.fromCharCode(97 + (i % 26)) + (i < 26 ? '' : Math.floor(i / 26))

/** The terms of one step; none where the word refuses the arguments it was offered. */
function attempt(
  setting: Setting,
  { word, choices }: Step,
  pool: readonly Term[],
  depth: number,
): readonly Term[] {
  const name = setting.names[word]
  let left = choices
  const choose = (n: number): number => {
    if (n === 0) return 0
    const chosen = left % n
    left = Math.floor(left / n)
    return chosen
  }
  try {
    const terms =
      name in control
        ? controlled(setting, name, pool, choose, depth)
        : called(setting, name, pool, choose)
    return terms.filter(isSmall)
  } catch (error) {
    if (error instanceof PullbackError) return []
    throw error
  }
}

/** Few elements, and few named sizes. */
const isSmall = ({ shape }: Term): boolean =>
  sizeOf(shape.map((d) => (typeof d === 'number' ? d : 4))) <= 64

function called(
  { float }: Setting,
  name: string,
  pool: readonly Term[],
  choose: Choose,
): readonly Term[] {
  const call = makers[name].call(pool, choose, float)
  if (call === undefined) return []
  const made = words[name](call.args, call.attrs ?? {})
  // Either one term or a list of them.
  return Array.isArray(made) ? (made as readonly Term[]) : [made as Term]
}

/** Bodies grow by steps of their own, one loop inside another at most, spread by odd multipliers. */
function controlled(
  setting: Setting,
  name: string,
  pool: readonly Term[],
  choose: Choose,
  depth: number,
): readonly Term[] {
  const seed = choose(997)
  const names = depth > 1 ? setting.names : setting.names.filter((n) => !(n in control))
  const inside = { ...setting, names }
  const grow = (start: readonly Term[], count: number): readonly Term[] => {
    const inner = [...start]
    for (let i = 0; i < count; i++) {
      const word = (seed * 31 + i * 17) % names.length
      const choices = ((seed + 1) * (i + 3) * 7_919_113) % 2147483647
      inner.push(...attempt(inside, { word, choices }, inner, depth - 1))
    }
    return inner
  }
  return control[name](pool, choose, grow, setting.kind)
}

const paste = (func: Func, sizes: Sizes, inputs: readonly NDArray[]): string => {
  const arrays = inputs.map(
    (x, i) =>
      `${func.params[i].node.attrs.name}: ${x.dtype}[${x.shape}] = ` +
      `[${Array.from(x.data, (v) => (Object.is(v, -0) ? '-0' : String(v)))}]`,
  )
  const bound = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`)
  return `\n${[show(func), ...bound, ...arrays].join('\n')}\n`
}
