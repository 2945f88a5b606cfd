/**
 * Questions: random programs, and what is asked of them: their value, gradient or tangent.
 */
import fc from 'fast-check'
import { arrayFrom, dimValue, type NDArray, PullbackError, sizeOf } from '../lib/data/index.js'
import { interpreters, vjp } from '../lib/interpret/index.js'
import type { Func } from '../lib/term/index.js'
import type { Pasteable } from './paste/index.js'
import { type Program, programs } from './programs.js'
import type { Reducible } from './reduce/reduce.js'

export type Mode = 'value' | 'gradient' | 'tangent'

export const modes: fc.Arbitrary<Mode> = fc.constantFrom('value', 'value', 'gradient', 'tangent')

export interface Question extends Pasteable {
  readonly program: Program
  readonly mode: Mode
  readonly scheduleSeed: number | undefined
  readonly threads: number
  readonly toString: () => string
}

/** Threads of the teams that run modules beside one thread alone. */
export const teamSizes = [2, 3] as const

/** Programs of every kind, to be compiled as they are, differentiated or linearised. */
export const questions: fc.Arbitrary<Question> = fc
  .record({
    program: fc.oneof(
      programs({ mixed: true, dtype: 'f32', values: 'moderate' }),
      programs({ mixed: true, dtype: 'f64', values: 'moderate' }),
      programs({ mixed: true, dtype: 'f32', values: 'unusual' }),
      programs({ mixed: true, dtype: 'f64', values: 'unusual' }),
    ),
    mode: modes,
    scheduleSeed: fc.option(fc.nat(1000), { nil: undefined }),
    threads: fc.constantFrom(1, ...teamSizes),
  })
  .map(asked)

type Asked = Omit<Question, 'toString' | keyof Pasteable>

function asked(q: Asked): Question & Reducible {
  return {
    ...q,
    func: q.program.func,
    inputs: q.program.inputs,
    sizes: q.program.sizes,
    toString: () =>
      `${q.mode}, schedule ${q.scheduleSeed ?? 'by default'}, threads ${q.threads}, of${String(q.program)}`,
    within: (less) => asked({ ...q, program: q.program.within(less) }),
  }
}

/** The function asked about, with inputs for its further parameters; why there is none. */
export function taken(
  { func, inputs, sizes }: Program,
  mode: Mode,
): { readonly func: Func; readonly inputs: readonly NDArray[] } | string {
  if (mode === 'value') return { func, inputs }
  const active = func.params.map((p) => p.dtype === 'f32' || p.dtype === 'f64')
  try {
    const derived =
      mode === 'gradient'
        ? vjp(func, active, interpreters).func
        : interpreters.jvp(func, active).func
    const more = derived.params.slice(inputs.length).map((p, k): NDArray => {
      const shape = p.shape.map((d) => dimValue(d, sizes))
      const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => 1 + (i % 5) / 4 - k)
      return arrayFrom(p.dtype, shape, data)
    })
    return { func: derived, inputs: [...inputs, ...more] }
  } catch (error) {
    if (error instanceof PullbackError) return error.message
    throw error
  }
}
