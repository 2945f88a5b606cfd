/**
 * Backends that answer later, against the reference: the samples of every op, and random programs.
 *
 *   await samplesOn(backend)                      →  how many entries were compared, first faults
 *   await fuzzOn(backend, { runs: 100, seed: 1 })  →  counts, and the first failure
 *
 * What the backend has no dtype for is left out; random programs beyond its limits are counted.
 */
import * as Effect from 'effect/Effect'
import fc from 'fast-check'
import type { BackendService } from '../backends/backend.js'
import { type NDArray, PullbackError, type Sizes } from '../lib/data/index.js'
import { ops } from '../lib/ops/index.js'
import type { Func, Op } from '../lib/term/index.js'
import { type Agreement, agreement, type Expected, expectedOf } from './agree.js'
import { type FuzzOptions, type FuzzReport, pointOf, type Question } from './fuzz.js'
import { dtypesOf, samplePoints } from './op.js'
import { programs } from './programs.js'

export interface SampleReport {
  readonly compared: number
  readonly open: number
  /** A line for each sample at fault. */
  readonly faults: readonly string[]
}

export interface SampleOptions {
  readonly of?: readonly Op[]
  readonly seed?: number
  /** Of all reals: f32 unless said. */
  readonly float?: 'f32' | 'f16'
}

/** Each sample of each op at one random point. */
export async function samplesOn(
  backend: BackendService,
  { of = ops, seed = 1, float = 'f32' }: SampleOptions = {},
): Promise<SampleReport> {
  let [compared, open] = [0, 0]
  const faults: string[] = []
  for (const op of of) {
    for (const [i, sample] of op.samples.entries()) {
      const points = samplePoints(op, sample, dtypesOf(sample, [float]))
      const [point] = fc.sample(points, { numRuns: 1, seed })
      if (point === undefined || !isRunnable(backend, point.func)) continue
      const expected = expectedOf(point.func, point.args, point.sizes)
      const found = await on(backend, point.func, point.args, point.sizes, expected)
      if (typeof found === 'string') {
        faults.push(`${op.name}, sample ${i}: ${found}`)
        continue
      }
      compared += found.compared
      open += found.open
      if (found.fault !== undefined) faults.push(`${op.name}, sample ${i}: ${found.fault}`)
    }
  }
  return { compared, open, faults }
}

const questions = (copies: number): fc.Arbitrary<Pick<Question, 'program' | 'mode'>> => {
  const options = { mixed: true, dtype: 'f32', copies, steps: 16 * copies } as const
  return fc
    .record({
      program: fc.oneof(
        programs({ ...options, values: 'moderate' }),
        programs({ ...options, values: 'unusual' }),
      ),
      mode: fc.constantFrom<Question['mode']>('value', 'value', 'gradient', 'tangent'),
    })
    .map((q) => ({ ...q, toString: () => `${q.mode} of${String(q.program)}` }))
}

/** Random programs of f32, their gradients and tangents; of many inputs where `copies` says so. */
export async function fuzzOn(
  backend: BackendService,
  { runs, seed, copies = 1 }: FuzzOptions & { readonly copies?: number },
): Promise<FuzzReport> {
  let [compared, open] = [0, 0]
  const skipped = new Map<string, number>()
  const skip = (why: string): void => {
    skipped.set(why, (skipped.get(why) ?? 0) + 1)
  }
  const property = fc.asyncProperty(questions(copies), async (question) => {
    const found = await asked(backend, question)
    if (typeof found === 'string') return skip(found)
    compared += found.compared
    open += found.open
    if (found.fault !== undefined) throw new Error(found.fault)
  })
  const details = await fc.check(property, { numRuns: runs, seed, endOnFailure: true })
  const failure = details.failed
    ? `seed ${seed}, path ${details.counterexamplePath}\n` +
      `${String(details.counterexample?.[0])}\n${String(details.errorInstance)}`
    : undefined
  return { programs: details.numRuns, compared, open, skipped, failure }
}

/** The agreement, or why there is nothing to compare. */
async function asked(
  backend: BackendService,
  question: Pick<Question, 'program' | 'mode'>,
): Promise<Agreement | string> {
  const { program, mode } = question
  const { sizes } = program
  const point = pointOf(program, mode)
  if (typeof point === 'string') return point
  if (!isRunnable(backend, point.func)) return `a dtype that ${backend.name} has not`
  let expected: Expected
  try {
    expected = expectedOf(point.func, point.inputs, sizes)
  } catch (error) {
    if (error instanceof PullbackError) return error.message
    throw error
  }
  return on(backend, point.func, point.inputs, sizes, expected)
}

async function on(
  backend: BackendService,
  func: Func,
  args: readonly NDArray[],
  sizes: Sizes,
  expected: Expected,
): Promise<Agreement | string> {
  const running = Effect.gen(function* () {
    const program = yield* backend.load(func)
    const made = program.call(args, sizes)
    const read = yield* backend.read(made)
    for (const array of made) array.release()
    return read
  })
  try {
    const results = await Effect.runPromise(Effect.scoped(running))
    return agreement(
      expected,
      results.map((r) => r.data),
    )
  } catch (error) {
    if (error instanceof PullbackError && error.code === 'limit') return error.detail.what
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { compared: 0, open: 0, fault }
  }
}

const isRunnable = ({ capabilities }: BackendService, func: Func): boolean =>
  [...func.params, ...func.nodes.flatMap((n) => n.outs)].every((t) =>
    capabilities.dtypes.includes(t.dtype),
  )
