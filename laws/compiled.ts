/**
 * The law of the compiler: a program compiled means what the reference says.
 *
 *   reference = kernels as lowered = kernels as scheduled = the WebAssembly module
 *   the module on one thread is the module on several, to the last bit
 *
 * The kernels run in the interpreter of the loop language, so a difference is blamed on the first
 * stage that shows it. Layouts and schedules may be any legal ones.
 */

import { type LinearMemory, linearMemory } from '../backends/wasm/memory.js'
import { runProgram } from '../backends/wasm/run-kernel.js'
import type { Team } from '../backends/wasm/team.js'
import type { TypedArray } from '../lib/data/dtype.js'
import { type NDArray, PullbackError, type Sizes } from '../lib/data/index.js'
import { compile } from '../lib/loop/compile.js'
import { interpretProgram, type Program, randomSource, showKernel } from '../lib/loop/index.js'
import { whyIllegal } from '../lib/loop/lower/enumerate.js'
import { type LayoutPolicy, layoutsByTerms } from '../lib/loop/lower/layout.js'
import {
  type Layout,
  type Schedule,
  type SchedulePolicy,
  wasmHardware,
} from '../lib/loop/schedule/index.js'
import { type Func, show } from '../lib/term/index.js'
import { agreement, type Expected, expectedOf } from './agree.js'

export type Outcome =
  | { readonly tag: 'agrees'; readonly compared: number; readonly open: number }
  /** The compiler says that it cannot: a kernel that is missing. */
  | { readonly tag: 'refused'; readonly why: string }
  /** The reference itself has no value: the largest of nothing. */
  | { readonly tag: 'undefined'; readonly why: string }
  | { readonly tag: 'fails'; readonly stage: Stage; readonly why: string }

export type Stage = 'compile' | 'lowered' | 'scheduled' | 'module' | 'threads'

export interface CompiledOptions {
  /** Where modules run; a memory of its own where absent. */
  readonly memory?: LinearMemory
  /** Picks schedules at random from here; the default schedules where absent. */
  readonly scheduleSeed?: number
  /** Threads over the memory, for which loops are divided and which run the module too. */
  readonly team?: Team | undefined
}

/** Compares one program at one point; what any stage throws is its failure. */
export function compiledAgrees(
  func: Func,
  inputs: readonly NDArray[],
  sizes: Sizes,
  { scheduleSeed, memory = linearMemory(), team }: CompiledOptions = {},
): Outcome {
  let expected: Expected
  try {
    expected = expectedOf(func, inputs, sizes)
  } catch (error) {
    if (error instanceof PullbackError) return { tag: 'undefined', why: error.message }
    throw error
  }
  let stage: Stage = 'compile'
  try {
    const hardware = { ...wasmHardware, threads: team?.count ?? 1 }
    const policies = scheduleSeed === undefined ? {} : anyDecisions(scheduleSeed)
    const compilation = compile(func, { verify: true, hardware, ...policies })
    const { lowered, program } = compilation
    const like = expected.results
    stage = 'scheduled'
    const kernels = agreement(expected, interpreted(program, inputs, sizes, like))
    if (kernels.fault !== undefined) {
      stage = 'lowered'
      const first = agreement(expected, interpreted(lowered, inputs, sizes, like))
      if (first.fault === undefined) stage = 'scheduled'
      return { tag: 'fails', stage, why: first.fault ?? kernels.fault }
    }
    stage = 'module'
    const alone = executed(program, memory, undefined, inputs, sizes, like)
    const { compared, open, fault } = agreement(expected, alone)
    if (fault !== undefined) return { tag: 'fails', stage, why: fault }
    stage = 'threads'
    const other = team && differing(alone, executed(program, memory, team, inputs, sizes, like))
    return other === undefined
      ? { tag: 'agrees', compared, open }
      : { tag: 'fails', stage, why: other }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const refused = error instanceof PullbackError && error.detail.what.includes('no kernel')
    if (refused) return { tag: 'refused', why: error.message }
    return { tag: 'fails', stage, why: error.stack ?? error.message }
  }
}

/** Legal decisions of every kind, at random. */
export const anyDecisions = (seed: number) => ({
  layout: anyLayouts(seed),
  schedule: anySchedule(seed),
})

/** Legal decisions at random, always the same for a program and a nest: such failures shrink. */
export function decisionsByText(salt: number): {
  readonly layout: LayoutPolicy
  readonly schedule: SchedulePolicy
} {
  return {
    layout: (func) => anyLayouts(numberOf(show(func), salt))(func),
    schedule: (choice) => {
      const text = `${choice.loop} ${showKernel(choice.kernel)}`
      return anySchedule(numberOf(text, salt))(choice)
    },
  }
}

/** FNV-1a. */
function numberOf(text: string, salt: number): number {
  let hash = (2166136261 ^ salt) >>> 0
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0
  }
  return hash % 2147483647
}

/** A few layouts that are legal together; now and then none. */
export function anyLayouts(seed: number): LayoutPolicy {
  return (func) => {
    const next = randomSource(seed)
    const candidates = layoutsByTerms(func)
    let chosen: readonly Layout[] = []
    const tries = candidates.length === 0 ? 0 : Math.floor(next() * 4)
    for (let i = 0; i < tries; i++) {
      const more = [...chosen, candidates[Math.floor(next() * candidates.length)]]
      if (whyIllegal(func, more) === undefined) chosen = more
    }
    return chosen
  }
}

/** One of the first legal schedules of each nest, or none. */
export function anySchedule(seed: number): SchedulePolicy {
  const next = randomSource(seed)
  return ({ candidates }) => {
    const list: Schedule[] = []
    for (const candidate of candidates) {
      list.push(candidate)
      if (list.length === 8) break
    }
    return list[Math.floor(next() * (list.length + 1))]
  }
}

function interpreted(
  program: Program,
  inputs: readonly NDArray[],
  sizes: Sizes,
  like: readonly NDArray[],
): readonly TypedArray[] {
  const buffers = interpretProgram(program, sizes, externalsOf(inputs, like))
  return like.map((_, i) => buffers[`r${i}`])
}

/** An array for each external buffer: copies of the inputs, and zeros for the results. */
const externalsOf = (
  inputs: readonly NDArray[],
  like: readonly NDArray[],
): Record<string, TypedArray> =>
  Object.fromEntries([
    ...inputs.map((x, i) => [`p${i}`, x.data.slice()] as const),
    ...like.map((r, i) => [`r${i}`, r.data.slice().fill(0)] as const),
  ])

/** Where two runs of one module differ. */
function differing(
  alone: readonly TypedArray[],
  together: readonly TypedArray[],
): string | undefined {
  for (const [r, array] of alone.entries()) {
    for (let i = 0; i < array.length; i++) {
      const [one, all] = [array[i], together[r][i]]
      if (!Object.is(one, all))
        return `result ${r} at ${i}: ${one} on one thread, ${all} on several`
    }
  }
  return undefined
}

function executed(
  program: Program,
  memory: LinearMemory,
  team: Team | undefined,
  inputs: readonly NDArray[],
  sizes: Sizes,
  like: readonly NDArray[],
): readonly TypedArray[] {
  const externals = externalsOf(inputs, like)
  const leastGain = Number.NEGATIVE_INFINITY
  runProgram(program, sizes, externals, memory, { relaxed: false, team, leastGain })
  return like.map((_, i) => externals[`r${i}`])
}
