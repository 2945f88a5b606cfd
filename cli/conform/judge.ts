/**
 * Judge: one check of one case on a backend, to passed, failed in words, or skipped.
 *
 * The program is built, the question made a function of it, and that function run by the backend.
 * Whatever goes wrong on the way (an unknown op, a missing rule) fails this check and no other.
 * Skipped is only what the backend cannot hold: a dtype that it lacks.
 */
import * as Effect from 'effect/Effect'
import { Backend, type BackendService, callAwaited } from '../../backends/backend.js'
import {
  arrayFrom,
  type DType,
  fail,
  type NDArray,
  PullbackError,
  roundTo,
} from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { type Func, showType } from '../../lib/term/index.js'
import { buildFunc, type Float, runDType } from './build.js'
import { compare, type Emulated, type Mismatch } from './compare.js'
import { emulate } from './emulate.js'
import type { ArrayForm, CaseForm, CheckForm } from './form.js'
import { type Question, questionOf } from './question.js'

export type Verdict =
  | { readonly tag: 'passed' }
  | { readonly tag: 'skipped' }
  | { readonly tag: 'failed'; readonly why: string; readonly cause?: unknown }

export const judge = (
  form: CaseForm,
  check: CheckForm,
  float: Float,
): Effect.Effect<Verdict, never, Backend> =>
  Effect.gen(function* () {
    const backend = yield* Backend
    const question = ask(form, check, float)
    if (!holds(backend, question.func)) return { tag: 'skipped' } as const
    const results = yield* Effect.scoped(
      Effect.gen(function* () {
        const executable = yield* backend.load(question.func)
        const resident = yield* callAwaited(executable, question.args, {})
        const arrays = yield* backend.read(resident)
        for (const array of resident) array.release()
        return arrays
      }),
    )
    const why = differences(question.answers(results), form, check, float)
    return why === undefined ? ({ tag: 'passed' } as const) : ({ tag: 'failed', why } as const)
  }).pipe(
    Effect.catchCause((cause) => {
      const error = cause.reasons.flatMap((reason) =>
        reason._tag === 'Fail' ? [reason.error] : reason._tag === 'Die' ? [reason.defect] : [],
      )[0]
      return Effect.succeed({ tag: 'failed', why: inWords(error), cause: error } as const)
    }),
  )

/** The check's question in a dtype, its arguments checked against the function that it became. */
function ask(form: CaseForm, check: CheckForm, float: Float): Question {
  const inputs = form.inputs.map((input) => hostArray(input, float))
  const func = buildFunc(form.name, form.program, inputs, float)
  const wrt = (check.wrt ?? []).map((name) => form.program.params.indexOf(name))
  const question = questionOf(func, inputs, {
    kind: check.kind,
    wrt,
    tangents: (check.tangents ?? []).map((array) => hostArray(array, float)),
    cotangents: (check.cotangents ?? []).map((array) => hostArray(array, float)),
  })
  question.func.params.forEach((param, i) => {
    const given = question.args[i]
    if (given !== undefined && showType(given) === showType(param)) return
    fail({
      code: 'shape',
      what: `${given === undefined ? 'nothing' : showType(given)} for ${showType(param)} of '${param.node.attrs.name}'`,
    })
  })
  return question
}

function differences(
  answers: readonly NDArray[],
  form: CaseForm,
  check: CheckForm,
  float: Float,
): string | undefined {
  if (answers.length !== check.expect.length) {
    return `${answers.length} results, expected ${check.expect.length}`
  }
  const emulated = float === 'f32' ? emulations(form, check) : []
  const wrong = answers.flatMap((answer, i) => {
    const expected = exactArray(check.expect[i], float)
    const tolerance = { rtol: form.rtol, atol: form.atol, emulated: emulated[i] }
    const mismatch = compare(answer, expected, tolerance)
    return mismatch === undefined ? [] : [{ i, mismatch }]
  })
  const inType = wrong.find((w) => typeof w.mismatch === 'string')
  const [worst] = wrong.sort((a, b) => errorOf(b.mismatch) - errorOf(a.mismatch))
  const chosen = inType ?? worst
  if (chosen === undefined) return undefined
  const { i, mismatch } = chosen
  const at = answers.length > 1 ? ` in result ${i}` : ''
  if (typeof mismatch === 'string') return `${mismatch}${at}`
  const { error, index, actual, expected, allowed } = mismatch
  return `error ${digits(error)}${at} at [${index.join(', ')}]: got ${actual}, expected ${expected}, allowed ${digits(allowed)}`
}

const seeds = [0, 1, 2, 3, 4, 5, 6, 7]

/** For each answer what f32 rounding makes of the same question, asked in f64. */
function emulations(form: CaseForm, check: CheckForm): readonly Emulated[] {
  const question = ask(form, check, 'f64')
  const exact = question.answers(interpreters.evaluate(question.func, question.args, {}))
  const samples = seeds.map((seed) => question.answers(emulate(question.func, question.args, seed)))
  return exact.map((array, i) => ({
    exact: Array.from(array.data),
    samples: samples.map((sample) => Array.from(sample[i].data)),
  }))
}

/** Whether the backend has every dtype of the function. */
function holds({ capabilities }: BackendService, func: Func): boolean {
  const has = (dtype: DType) => capabilities.dtypes.includes(dtype)
  return [...func.params, ...func.nodes.flatMap((node) => node.outs)].every((t) => has(t.dtype))
}

const hostArray = (form: ArrayForm, float: Float): NDArray => {
  const dtype = runDType(form.dtype, float)
  return arrayFrom(dtype, form.shape, form.data.map(Number), (x) => roundTo(dtype, x))
}

/** Expected numbers, not rounded to the dtype that they carry. */
const exactArray = (form: ArrayForm, float: Float): NDArray => ({
  dtype: runDType(form.dtype, float),
  shape: form.shape,
  data: Float64Array.from(form.data, Number),
})

const errorOf = (mismatch: Mismatch | string): number => {
  if (typeof mismatch === 'string') return Infinity
  return Number.isNaN(mismatch.error) ? Infinity : mismatch.error
}

const digits = (x: number): string => (Number.isFinite(x) ? x.toExponential(2) : String(x))

const inWords = (error: unknown): string =>
  error instanceof PullbackError
    ? error.message
    : `broken: ${error instanceof Error ? error.message : String(error)}`
