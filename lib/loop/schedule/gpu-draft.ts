/** Schedules that are written decision by decision, each asked of the kernel as the last left it. */
import { PullbackError } from '../../data/error.js'
import type { Kernel } from '../kernel.js'
import type { Loop } from '../statement.js'
import { applyDecision } from './apply.js'
import type { Decision, Schedule } from './decision.js'
import { lengthOf, over } from './gpu-nest.js'
import type { GpuShape } from './hardware.js'
import { findLoop } from './nest.js'
import { accessesIn, isAligned, motionOf } from './stride.js'
import { isInSteps } from './tile.js'

export interface Draft {
  readonly schedule: Decision[]
  kernel: Kernel
}

export function decide(draft: Draft, ...decisions: readonly Decision[]): void {
  for (const d of decisions) {
    draft.kernel = applyDecision(draft.kernel, d)
    draft.schedule.push(d)
  }
}

/** The one schedule that is written, or none where a decision is illegal. */
export function drafted(kernel: Kernel, write: (draft: Draft) => void): readonly Schedule[] {
  const draft: Draft = { schedule: [], kernel }
  try {
    write(draft)
  } catch (cause) {
    if (cause instanceof PullbackError) return []
    throw cause
  }
  return [draft.schedule]
}

/**
 * The iterations of a loop shared by the invocations of a workgroup, each with so many neighbours
 * at a time where these are vectors in memory.
 */
export function share(draft: Draft, name: string, lanes: number, { least }: GpuShape): void {
  const loop = findLoop(draft.kernel, name)
  const isVector = lengthOf([loop]) >= least.vectors && hasVectors(draft.kernel, loop, lanes)
  const outer = `${name}.four`
  const vectors: Schedule = [
    { tag: 'split', loop: name, by: lanes, outer },
    { tag: 'vector', loop: name, width: lanes },
    over(outer, 'invocations'),
  ]
  decide(draft, ...(lanes > 1 && isVector ? vectors : [over(name, 'invocations')]))
}

/** Whether what moves with a loop moves to the next element, in whole vectors. */
function hasVectors(kernel: Kernel, loop: Loop, lanes: number): boolean {
  const { body, index, step, width } = loop
  const straight = body.every((s) => ['let', 'accumulate', 'store'].includes(s.tag))
  if (!straight || step !== 1 || width !== 1 || !isInSteps(kernel, loop, lanes)) return false
  const moving = accessesIn(body).filter((a) => motionOf(kernel, a, index) !== 'still')
  return moving.length > 0 && moving.every((a) => isAligned(kernel, a, index, lanes))
}
