/**
 * Apply: a kernel and a schedule give the kernel that does the same in another order.
 *
 * Each decision is checked by symbols as it is made; one that does not fit is an error that says
 * why. The result is still a kernel: it prints, verifies and runs in the interpreter.
 */
import { PullbackError } from '../../data/error.js'
import type { Kernel } from '../kernel.js'
import { carryReduction } from './carry.js'
import { collapseLoops } from './collapse.js'
import type { Decision, Schedule } from './decision.js'
import { fissionLoop } from './fission.js'
import { flattenLoops } from './flatten.js'
import { cooperate } from './gpu-cooperate.js'
import { dealLoop } from './gpu-deal.js'
import { keepValue } from './keep.js'
import { keepPartials } from './partials.js'
import { peelLoop } from './peel.js'
import { sinkInto } from './sink.js'
import { requireUnspread, spreadLoop } from './spread.js'
import { stageOperand } from './stage.js'
import { blockLoop, orderLoops, splitLoop, widenLoop } from './tile.js'
import { touchLines } from './touch.js'

export const applySchedule = (kernel: Kernel, schedule: Schedule): Kernel =>
  schedule.reduce(applyDecision, kernel)

export function applyDecision(kernel: Kernel, d: Decision): Kernel {
  requireUnspread(kernel, d)
  switch (d.tag) {
    case 'split':
      return splitLoop(kernel, d.loop, d.by, d.outer)
    case 'order':
      return orderLoops(kernel, d.loops)
    case 'collapse':
      return collapseLoops(kernel, d.outer, d.inner)
    case 'flatten':
      return flattenLoops(kernel, d.loops)
    case 'vector':
      return widenLoop(kernel, d.loop, 'vector', d.width)
    case 'unroll':
      return widenLoop(kernel, d.loop, 'unrolled', d.width)
    case 'block':
      return blockLoop(kernel, d.loop, d.by, d.outer)
    case 'stage':
      return stageOperand(kernel, d.buffer, d.at, d.loops)
    case 'peel':
      return peelLoop(kernel, d.loop)
    case 'keep':
      return keepValue(kernel, d.value, d.from, d.loop)
    case 'carry':
      return carryReduction(kernel, d.loop, d.by, d.outer, d.at)
    case 'touch':
      return touchLines(kernel, d.loop, d.by, d.of)
    case 'partials':
      return keepPartials(kernel, d.loop)
    case 'fission':
      return fissionLoop(kernel, d.loop, d.after)
    case 'sink':
      return sinkInto(kernel, d.loop)
    case 'cooperate':
      return cooperate(kernel, d.loop, d)
    case 'deal':
      return dealLoop(kernel, d.loop, d)
    case 'spread':
      return spreadLoop(kernel, d.loop, d.over)
  }
}

export type Applied =
  | { readonly tag: 'kernel'; readonly kernel: Kernel }
  | { readonly tag: 'illegal'; readonly why: string }

/** The scheduled kernel, or why the schedule does not fit. */
export function tryApply(kernel: Kernel, schedule: Schedule): Applied {
  try {
    return { tag: 'kernel', kernel: applySchedule(kernel, schedule) }
  } catch (cause) {
    if (cause instanceof PullbackError) return { tag: 'illegal', why: cause.message }
    throw cause
  }
}
