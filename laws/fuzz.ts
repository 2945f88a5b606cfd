/**
 * Fuzz: random programs, their gradients and tangents, at random sizes under random schedules on
 * random counts of threads, compiled and compared with the reference.
 *
 *   const report = fuzz({ runs: 1000, seed: 1 })    →    counts, and the first failure made small
 *
 * A failure is shrunk to a small program that prints as text which `parse` reads.
 */
import fc from 'fast-check'
import { platformSpawn } from '../backends/wasm/member.js'
import { type LinearMemory, linearMemory } from '../backends/wasm/memory.js'
import { makeTeam, type Team } from '../backends/wasm/team.js'
import { arrayFrom, dimValue, type NDArray, PullbackError, sizeOf } from '../lib/data/index.js'
import { interpreters, vjp } from '../lib/interpret/index.js'
import type { Func } from '../lib/term/index.js'
import { compiledAgrees, type Outcome } from './compiled.js'
import { type Program, programs } from './programs.js'

export interface FuzzOptions {
  readonly runs: number
  readonly seed: number
}

export interface FuzzReport {
  readonly programs: number
  /** Entries compared, and entries that rounding decides. */
  readonly compared: number
  readonly open: number
  /** Programs without a value in the reference, or with ops without a kernel: why, how often. */
  readonly skipped: ReadonlyMap<string, number>
  /** The smallest failing program found, printed, with what is wrong. */
  readonly failure: string | undefined
}

/** What is done with a program before it is compiled. */
type Mode = 'value' | 'gradient' | 'tangent'

export interface Question {
  readonly program: Program
  readonly mode: Mode
  readonly scheduleSeed: number | undefined
  readonly threads: number
  readonly toString: () => string
}

/** Threads of the teams that run modules beside one thread alone. */
const teamSizes = [2, 3] as const

/** Programs of every kind, to be compiled as they are, differentiated or linearised. */
export const questions: fc.Arbitrary<Question> = fc
  .record({
    program: fc.oneof(
      programs({ mixed: true, dtype: 'f32', values: 'moderate' }),
      programs({ mixed: true, dtype: 'f64', values: 'moderate' }),
      programs({ mixed: true, dtype: 'f32', values: 'unusual' }),
      programs({ mixed: true, dtype: 'f64', values: 'unusual' }),
    ),
    mode: fc.constantFrom<Mode>('value', 'value', 'gradient', 'tangent'),
    scheduleSeed: fc.option(fc.nat(1000), { nil: undefined }),
    threads: fc.constantFrom(1, ...teamSizes),
  })
  .map((q) => ({
    ...q,
    ...q.program,
    toString: () =>
      `${q.mode}, schedule ${q.scheduleSeed ?? 'by default'}, threads ${q.threads}, of${String(q.program)}`,
  }))

export function fuzz({ runs, seed }: FuzzOptions): FuzzReport {
  let [compared, open] = [0, 0]
  const machine = openMachine()
  const skipped = new Map<string, number>()
  const skip = (why: string) => skipped.set(why, (skipped.get(why) ?? 0) + 1)
  const property = fc.property(questions, (question) => {
    const outcome = ask(question, machine)
    if (outcome.tag === 'agrees') {
      compared += outcome.compared
      open += outcome.open
    } else if (outcome.tag === 'fails') {
      throw new Error(`${outcome.stage}: ${outcome.why}`)
    } else skip(outcome.why)
  })
  const found = fc.check(property, { numRuns: runs, seed, endOnFailure: true })
  const failure = found.failed ? shrunk(property, found) : undefined
  for (const team of machine.teams) team.close()
  return { programs: found.numRuns, compared, open, skipped, failure }
}

/** Milliseconds to look for a smaller failing program. */
const patience = 30_000

function shrunk(
  property: fc.IProperty<[Question]>,
  { seed, counterexamplePath }: fc.RunDetails<[Question]>,
): string {
  const path = counterexamplePath ?? ''
  const small = fc.check(property, { seed, path, skipAllAfterTimeLimit: patience })
  return (
    `seed ${seed}, path ${small.counterexamplePath}\n` +
    `${String(small.counterexample?.[0])}\n${String(small.errorInstance)}`
  )
}

/** One memory, and teams of threads over it where the platform has threads. */
interface Machine {
  readonly memory: LinearMemory
  readonly teams: readonly Team[]
}

function openMachine(): Machine {
  const spawn = platformSpawn()
  const memory = linearMemory({ shared: spawn !== undefined })
  return { memory, teams: spawn ? teamSizes.map((count) => makeTeam(memory, count, spawn)) : [] }
}

function ask(
  { program, mode, scheduleSeed, threads }: Question,
  { memory, teams }: Machine,
): Outcome {
  const point = pointOf(program, mode)
  if (typeof point === 'string') return { tag: 'undefined', why: point }
  const team = teams.find((t) => t.count === threads)
  const options = { memory, team, ...(scheduleSeed === undefined ? {} : { scheduleSeed }) }
  return compiledAgrees(point.func, point.inputs, program.sizes, options)
}

/** The function asked about, with inputs for its further parameters; why there is none. */
export function pointOf(
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
