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
import type { NDArray, Sizes } from '../lib/data/index.js'
import { need } from '../lib/lang/index.js'
import { flag, listOf, type Options, oneOf, text, whole } from '../lib/lang/options.js'
import { words } from '../lib/ops/index.js'
import { type Func, show } from '../lib/term/index.js'
import { control } from './control.js'
import type { Kind } from './maker.js'
import { makers, weightOf } from './makers.js'
import type { Pasteable } from './paste/index.js'
import { build, type Step } from './programs/build.js'
import { drawn, extents, filled, fixedInputs, mixedInputs } from './programs/inputs.js'

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

const paste = (func: Func, sizes: Sizes, inputs: readonly NDArray[]): string => {
  const arrays = inputs.map(
    (x, i) =>
      `${func.params[i].node.attrs.name}: ${x.dtype}[${x.shape}] = ` +
      `[${Array.from(x.data, (v) => (Object.is(v, -0) ? '-0' : String(v)))}]`,
  )
  const bound = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`)
  return `\n${[show(func), ...bound, ...arrays].join('\n')}\n`
}
