/**
 * How long a call takes at the least, on one thread: an estimate at bound sizes, from the features
 * of each kernel. Nothing is run.
 */
import { dimValue, type Sizes } from '../../lib/data/dim.js'
import { kernelNames, type Program, type Step } from '../../lib/loop/index.js'
import { featuresOf } from '../../lib/loop/schedule/index.js'

/** Operations and bytes a nanosecond, at the most that is common. */
const rates = { flops: 80, bytes: 30 }

/** Nanoseconds; a while may take any time. */
export function nanosecondsOf(program: Program, sizes: Sizes): number {
  const kernels = new Map(program.kernels.map((k) => [k.name, k]))
  const ofRun = (step: Step & { tag: 'run' }, bound: Sizes): number => {
    const kernel = kernels.get(step.kernel)
    if (kernel === undefined) return 0
    const names = kernelNames(kernel).map((n) => [n, dimValue(step.sizes[n] ?? n, bound)] as const)
    const { flops, compulsoryBytes } = featuresOf(kernel, Object.fromEntries(names))
    return Math.max(flops / rates.flops, compulsoryBytes / rates.bytes)
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
