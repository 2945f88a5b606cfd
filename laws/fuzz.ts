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
import { compiledAgrees, type Outcome } from './compiled.js'
import { type Question, questions, taken, teamSizes } from './question.js'

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
  const point = taken(program, mode)
  if (typeof point === 'string') return { tag: 'undefined', why: point }
  const team = teams.find((t) => t.count === threads)
  const options = { memory, team, ...(scheduleSeed === undefined ? {} : { scheduleSeed }) }
  return compiledAgrees(point.func, point.inputs, program.sizes, options)
}
