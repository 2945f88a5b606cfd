/**
 * What threads save: an estimate at bound sizes, from the features of each kernel.
 *
 * A kernel saves the part of its work that other threads take, less a meeting; the body of a while
 * counts once, as its turns are not known, and of a branch the dearest case. Nothing is run.
 */
import { dimValue, type Sizes } from '../lib/data/dim.js'
import { type Kernel, kernelNames, type Program, type Step } from '../lib/loop/index.js'
import { featuresOf, wasmRates } from '../lib/loop/schedule/index.js'
import { holdsSpread } from './division.js'

/** Nanoseconds that a meeting takes when nobody sleeps. */
const meeting = 1000

/** Operations a nanosecond, in lanes. */
const flopsRate = 40

/**
 * Nanoseconds that a call saves on so many threads; less than none where they cost more. `timeOf`
 * says what a kernel takes on one.
 */
export function gainOf(
  program: Program,
  sizes: Sizes,
  threads: number,
  timeOf: (kernel: Kernel, sizes: Sizes) => number = leastTimeOf,
): number {
  const kernels = new Map(program.kernels.map((k) => [k.name, k]))
  const ofRun = (step: Step & { tag: 'run' }, bound: Sizes): number => {
    const kernel = kernels.get(step.kernel)
    if (kernel === undefined || !kernel.body.some(holdsSpread)) return -meeting
    return timeOf(kernel, argumentsOf(kernel, step.sizes, bound)) * (1 - 1 / threads) - meeting
  }
  const ofSteps = (steps: readonly Step[], bound: Sizes): number =>
    steps.reduce((sum, step) => {
      if (step.tag === 'run') return sum + ofRun(step, bound)
      if (step.tag === 'for') {
        const once = ofSteps(step.body, { ...bound, [step.counter]: 0 })
        return sum + dimValue(step.below, bound) * once
      }
      if (step.tag === 'while') return sum + ofSteps([...step.test, ...step.body], bound)
      if (step.tag === 'branch') {
        return sum + Math.max(...step.cases.map((body) => ofSteps(body, bound)))
      }
      return sum
    }, 0)
  return ofSteps(program.steps, sizes)
}

/** Nanoseconds that arithmetic and memory take at the least, on one thread. */
function leastTimeOf(kernel: Kernel, sizes: Sizes): number {
  const { flops, loadedBytes, storedBytes, compulsoryBytes } = featuresOf(kernel, sizes)
  // A step of a loop has whole buffers for parameters, and touches a row of them.
  const bytes = Math.min(compulsoryBytes, loadedBytes + storedBytes)
  return Math.max(flops / flopsRate, bytes / wasmRates.l3)
}

const argumentsOf = (kernel: Kernel, given: Readonly<Record<string, string | number>>, s: Sizes) =>
  Object.fromEntries(kernelNames(kernel).map((name) => [name, dimValue(given[name] ?? name, s)]))
