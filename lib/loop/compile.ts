/**
 * Compile: a closed function to a program that a backend can emit, with every stage kept.
 *
 *   terms → passes → terms → kernels → schedules → memory plan
 *
 * Pure: the same function and choices give the same program. Nothing is timed or measured here.
 */
import { type Change, optimise, type Pass, standard } from '../pass/index.js'
import type { Func } from '../term/index.js'
import { type Reuse, reuseDonated } from './donate.js'
import { lower } from './lower/lower.js'
import { type FusionPolicy, fusionPolicy } from './lower/policy.js'
import { planMemory } from './plan.js'
import type { Program } from './program.js'
import {
  applySchedule,
  type Hardware,
  type Schedule,
  type SchedulePolicy,
  scheduleKernel,
  wasmHardware,
} from './schedule/index.js'

export interface CompileOptions {
  readonly passes?: readonly Pass[]
  /** Check the program after each pass. */
  readonly verify?: boolean
  readonly fusion?: FusionPolicy
  readonly hardware?: Hardware
  /** Picks among the legal schedules of each loop nest. */
  readonly schedule?: SchedulePolicy
  /** Parameters whose memory results may take. */
  readonly donate?: readonly number[]
}

export interface Compilation {
  readonly source: Func
  /** The passes that changed something. */
  readonly changes: readonly Change[]
  /** The function after the graph passes. */
  readonly optimised: Func
  /** Kernels and steps as lowered. */
  readonly lowered: Program
  /** The schedule of each kernel, in order; kernel by kernel it can be replayed. */
  readonly schedules: readonly Schedule[]
  /** What is emitted: scheduled kernels, slots shared. */
  readonly program: Program
  /** Results that are written where a donated parameter lived. */
  readonly reuse: Reuse
}

export function compile(func: Func, options: CompileOptions = {}): Compilation {
  const changes: Change[] = []
  const optimised = optimise(func, options.passes ?? standard, {
    verify: options.verify ?? false,
    onPass: (change) => changes.push(change),
  })
  const lowered = lower(optimised, options.fusion ?? fusionPolicy)
  const hardware = options.hardware ?? wasmHardware
  const scheduled = lowered.kernels.map((k) => scheduleKernel(k, hardware, options.schedule))
  const schedules = scheduled.map((s) => s.schedule)
  const program = planMemory({ ...lowered, kernels: scheduled.map((s) => s.kernel) })
  const reuse = reuseDonated(lowered, func.params.length, options.donate ?? [])
  return { source: func, changes, optimised, lowered, schedules, program, reuse }
}

/** The program with each kernel under its schedule. */
export function replay(program: Program, schedules: readonly Schedule[]): Program {
  const kernels = program.kernels.map((k, i) => applySchedule(k, schedules[i] ?? []))
  return { ...program, kernels }
}
