/**
 * How long a call takes on one thread, what threads save of it, and what memory it wants: estimates
 * at bound sizes, from what each kernel executes and from the rates of the machine. Nothing is run.
 */
import { dimValue, type Sizes } from '../../lib/data/dim.js'
import { type Kernel, kernelNames, type Program, type Step } from '../../lib/loop/index.js'
import {
  blockFeatures,
  costFrom,
  featuresOf,
  type Hardware,
  type Rates,
} from '../../lib/loop/schedule/index.js'
import { gainOf } from '../gain.js'
import { scratchBytes } from './emit/kernel.js'

/** What a call at given sizes takes. */
export interface Needs {
  /** On one thread; a while may take any time. */
  readonly nanoseconds: number
  /** Nanoseconds that the threads save. */
  readonly gain: number
  /** Of each thread. */
  readonly scratchBytes: number
}

/** The machine that a call runs on. */
export interface Measure {
  readonly hardware: Hardware
  readonly rates: Rates
}

export function needsOf(program: Program, sizes: Sizes, measure: Measure): Needs {
  const times = new Map<string, number>()
  const timeOf = (kernel: Kernel, bound: Sizes): number => {
    const key = JSON.stringify([kernel.name, bound])
    const time = times.get(key) ?? timeOfKernel(kernel, bound, measure)
    times.set(key, time)
    return time
  }
  return {
    nanoseconds: nanosecondsOf(program, sizes, timeOf),
    gain: gainOf(program, sizes, measure.hardware.threads, timeOf),
    scratchBytes: Math.max(0, ...program.kernels.map((k) => scratchBytes(k, sizes))),
  }
}

/** Nanoseconds of a kernel at the sizes of its own names. */
export function timeOfKernel(kernel: Kernel, sizes: Sizes, { hardware, rates }: Measure): number {
  const features = featuresOf(kernel, sizes)
  const blocks = blockFeatures(kernel, sizes, features, hardware.vectorBytes)
  // A step of a loop has whole buffers for parameters, and touches a row of them.
  const touched = features.loadedBytes + features.storedBytes
  const compulsoryBytes = Math.min(features.compulsoryBytes, touched)
  return costFrom({ ...features, compulsoryBytes }, blocks, hardware, rates).total
}

function nanosecondsOf(
  program: Program,
  sizes: Sizes,
  timeOf: (kernel: Kernel, sizes: Sizes) => number,
): number {
  const kernels = new Map(program.kernels.map((k) => [k.name, k]))
  const ofRun = (step: Step & { tag: 'run' }, bound: Sizes): number => {
    const kernel = kernels.get(step.kernel)
    if (kernel === undefined) return 0
    const names = kernelNames(kernel).map((n) => [n, dimValue(step.sizes[n] ?? n, bound)] as const)
    return timeOf(kernel, Object.fromEntries(names))
  }
  const ofSteps = (steps: readonly Step[], bound: Sizes): number =>
    steps.reduce((sum, step) => {
      if (step.tag === 'run') return sum + ofRun(step, bound)
      if (step.tag === 'while') return Number.POSITIVE_INFINITY
      if (step.tag === 'branch') {
        return sum + Math.max(...step.cases.map((body) => ofSteps(body, bound)))
      }
      if (step.tag !== 'for') return sum
      const turns = dimValue(step.below, bound)
      return turns === 0 ? sum : sum + turns * ofSteps(step.body, { ...bound, [step.counter]: 0 })
    }, 0)
  return ofSteps(program.steps, sizes)
}
