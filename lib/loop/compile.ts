/**
 * Compile: a closed function to a program that a backend can emit, with every stage kept.
 *
 *   terms → passes → terms → kernels → schedules → memory plan
 *
 * Pure: the same function and choices give the same program. Nothing is timed or measured here.
 */
import { fail } from '../data/index.js'
import { type Change, optimise, type Pass, standard } from '../pass/index.js'
import type { Func } from '../term/index.js'
import { type Reuse, reuseDonated } from './donate.js'
import { type LayoutPolicy, layoutPolicy } from './lower/layout.js'
import { lower } from './lower/lower.js'
import { type FusionPolicy, fusionPolicy } from './lower/policy.js'
import { inOrder, sideBySide } from './lower/walk.js'
import { planMemory } from './plan.js'
import type { Program } from './program.js'
import {
  applySchedule,
  type Hardware,
  type ProgramSchedule,
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
  /** Picks the layouts of computed arrays. */
  readonly layout?: LayoutPolicy
  /** Picks among the legal schedules of each loop nest. */
  readonly schedule?: SchedulePolicy
  /** What was decided before: taken instead of any policy's, and refused where it does not fit. */
  readonly decisions?: ProgramSchedule
  /** Parameters whose memory results may take. */
  readonly donate?: readonly number[]
}

export interface Compilation {
  readonly source: Func
  /** The passes that changed something: they run again for those who ask, whom few programs meet. */
  readonly changes: () => readonly Change[]
  /** The function after the graph passes. */
  readonly optimised: Func
  /** Kernels and steps as lowered. */
  readonly lowered: Program
  /** What was decided: layouts, and the schedule of each kernel, in order. It can be replayed. */
  readonly decisions: ProgramSchedule
  /** What is emitted: scheduled kernels, slots shared. */
  readonly program: Program
  /** Results that are written where a donated parameter lived. */
  readonly reuse: Reuse
}

export function compile(func: Func, options: CompileOptions = {}): Compilation {
  const passes = options.passes ?? standard
  const optimised = optimise(func, passes, { verify: options.verify ?? false })
  const { decisions: given, layout = layoutPolicy, fusion = fusionPolicy } = options
  const layouts = given?.layouts ?? layout(optimised)
  const hardware = options.hardware ?? wasmHardware
  const walks = hardware.gpu === undefined ? inOrder : sideBySide
  const lowered = lower(optimised, { fusion, layouts, walks })
  const scheduled =
    given === undefined
      ? lowered.kernels.map((k) => scheduleKernel(k, hardware, options.schedule))
      : replayed(lowered, given.kernels)
  const decisions = { layouts, kernels: scheduled.map((s) => s.schedule) }
  const program = planMemory({ ...lowered, kernels: scheduled.map((s) => s.kernel) })
  const reuse = reuseDonated(lowered, func.params.length, options.donate ?? [])
  const changes = () => changesBy(passes, func)
  return { source: func, changes, optimised, lowered, decisions, program, reuse }
}

function changesBy(passes: readonly Pass[], func: Func): readonly Change[] {
  const changes: Change[] = []
  optimise(func, passes, { onPass: (change) => changes.push(change) })
  return changes
}

function replayed({ name, kernels }: Program, schedules: readonly Schedule[]) {
  if (schedules.length !== kernels.length) {
    fail({
      code: 'verify',
      where: `the schedules of '${name}'`,
      what: `there are ${schedules.length}`,
      expected: `one for each of its ${kernels.length} kernels`,
    })
  }
  return kernels.map((k, i) => ({ schedule: schedules[i], kernel: applySchedule(k, schedules[i]) }))
}
