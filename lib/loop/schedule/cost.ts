/**
 * Cost: nanoseconds that a scheduled kernel is expected to take, by interpreting its loops.
 *
 *   512³ product in place    →    memory 44 ms;    packed, in register blocks    →    work 6 ms
 *
 * A roofline with cache levels: work is bound by instructions, by what waits for one another and by
 * registers, traffic by each level of the caches. Features and rates are plain data, so that a
 * learned model can take the place of `costOf`, and a learned policy that of `cheapest`.
 */
import type { Sizes } from '../../data/dim.js'
import { dimNames } from '../../data/dim.js'
import { type Kernel, kernelNames } from '../kernel.js'
import type { SchedulePolicy } from './choose.js'
import type { Schedule } from './decision.js'
import { blockFeatures, type Features, featuresOf, flopsOf, trafficBeyond } from './features.js'
import type { Hardware, Rates } from './hardware.js'
import type { BlockWork } from './work.js'

/** Nanoseconds. */
export interface Cost {
  readonly work: number
  readonly l2: number
  readonly l3: number
  readonly memory: number
  readonly total: number
}

/** Instructions a vector, beyond which few reads are within the window of the machine. */
const muchWork = 12

/** Instructions around a step: its index, its pointers, the way back. */
const loopOverhead = 4

/** Cycles of one step of a block. */
export function cyclesOf(b: BlockWork, { cache }: Hardware, rates: Rates): number {
  const instructions = b.vectors + b.scalars + b.moves + loopOverhead
  const ahead = Math.max(1, rates.window / instructions)
  const beyond = Math.max(0, b.live + 3 - rates.registers)
  const leaps = b.leaps.reduce(
    (sum, bytes) => sum + (bytes > cache.l2 ? rates.leap.l2 : bytes > cache.l1 ? rates.leap.l1 : 0),
    0,
  )
  return (
    leaps +
    Math.max(
      b.vectors / rates.vectors,
      b.moves / rates.moves,
      instructions / rates.instructions,
      (b.chain * rates.latency) / ahead,
    ) +
    beyond * rates.spill * b.statements
  )
}

export function costFrom(
  features: Features,
  blocks: readonly BlockWork[],
  hardware: Hardware,
  rates: Rates,
): Cost {
  const cycles = blocks.reduce((sum, b) => sum + b.steps * cyclesOf(b, hardware, rates), 0)
  const beyond = (cache: number): number => trafficBeyond(features, cache)
  const { l1, l2, l3 } = hardware.cache
  const work = cycles / rates.clock
  const far = Math.max(beyond(l3), features.compulsoryBytes)
  // Data that the caches hold comes from memory once, and often not even then.
  const memory = features.compulsoryBytes > l2 ? far / rates.memory : 0
  const busy = blocks.some((b) => b.vectors > b.wide * muchWork)
  const hidden = !busy || blocks.some((b) => b.touches)
  const levels = { l2: beyond(l1) / rates.l2, l3: beyond(l2) / rates.l3, memory }
  const longest = Math.max(work, levels.l2, levels.l3, levels.memory)
  // What is not the bottleneck still counts a little: rates are averages.
  const rest = 0.1 * (work + levels.l2 + levels.l3 + levels.memory - longest)
  const stalled = hidden ? 0 : rates.stall * memory
  return { work, ...levels, total: longest + rest + stalled }
}

export function costOf(kernel: Kernel, sizes: Sizes, hardware: Hardware, rates: Rates): Cost {
  const features = featuresOf(kernel, sizes)
  const blocks = blockFeatures(kernel, sizes, features, hardware.vectorBytes)
  return costFrom(features, blocks, hardware, rates)
}

/** A name stands for so many where a schedule is chosen before the size is known. */
const nominalSize = 64

/** Every name of a kernel at the nominal size. */
export const nominalSizes = (kernel: Kernel): Sizes =>
  Object.fromEntries(
    [...kernelNames(kernel)].flatMap((name) => dimNames(name)).map((name) => [name, nominalSize]),
  )

/** Operations below which the first candidate is taken: comparing costs more than is gained. */
const littleWork = 1 << 25

/** The candidate of least cost among the first few; the earlier of two alike. */
export const cheapest =
  (hardware: Hardware, rates: Rates, most = 4): SchedulePolicy =>
  ({ kernel, candidates, under }) => {
    const sizes = nominalSizes(kernel)
    const little = flopsOf(kernel, sizes) < littleWork
    let best: { readonly schedule: Schedule; readonly cost: number } | undefined
    let seen = 0
    for (const schedule of candidates) {
      if (little) return schedule
      const cost = costOf(under(schedule), sizes, hardware, rates).total
      if (best === undefined || cost < best.cost * muchLess) best = { schedule, cost }
      if (++seen === most) break
    }
    return best?.schedule
  }

/** Nearer than this two costs are alike. */
const muchLess = 0.98
