import type { Kernel } from '../kernel.js'
import { lockstepFaults } from '../lockstep.js'
import type { Block, Loop } from '../statement.js'
import { statementsOf } from '../traverse.js'
import { applySchedule, tryApply } from './apply.js'
import { blockSchedule, type Contraction, contractionOf, type TileSizes } from './contraction.js'
import { windowSchedules } from './convolution.js'
import { cheapest } from './cost.js'
import type { Decision, Schedule } from './decision.js'
import { divideDecisions } from './divide.js'
import { gpuCandidates } from './gpu.js'
import type { Hardware } from './hardware.js'
import { keepDecisions } from './keep.js'
import { known, lanesFor } from './lanes.js'
import { chainFrom, extentOf } from './nest.js'
import { streamed } from './stream.js'
import { longSums } from './sums.js'
import { nextRows } from './touch.js'

/**
 * Legal alternatives for one nest of a kernel, best guess first; each is checked when asked for.
 */
export interface Choice {
  readonly kernel: Kernel
  readonly loop: string
  readonly candidates: Iterable<Schedule>
  /** The kernel under one of the candidates. */
  readonly under: (candidate: Schedule) => Kernel
}

/** One of the candidates; undefined leaves the nest as it is. */
export type SchedulePolicy = (choice: Choice) => Schedule | undefined

export const firstCandidate: SchedulePolicy = ({ candidates }) => {
  for (const schedule of candidates) return schedule
  return undefined
}

/** By cost where the hardware says what things cost; the model knows processors, not GPUs. */
const defaultPolicy = ({ gpu, rates, ...rest }: Hardware): SchedulePolicy =>
  gpu !== undefined || rates === undefined ? firstCandidate : cheapest(rest, rates)

export const chooseSchedule = (
  kernel: Kernel,
  hardware: Hardware,
  policy?: SchedulePolicy,
): Schedule => scheduleKernel(kernel, hardware, policy).schedule

/** The chosen schedule, and the kernel under it. */
export function scheduleKernel(
  kernel: Kernel,
  hardware: Hardware,
  policy: SchedulePolicy = defaultPolicy(hardware),
): { readonly schedule: Schedule; readonly kernel: Kernel } {
  const schedule: Decision[] = []
  let scheduled = kernel
  for (const loop of loopsToDecide(kernel, hardware)) {
    const applied = new Map<Schedule, Kernel>()
    const candidates = candidatesFor(scheduled, loop, hardware, applied)
    const before = scheduled
    const under = (s: Schedule): Kernel => applied.get(s) ?? applySchedule(before, s)
    const chosen = policy({ kernel: before, loop, candidates, under })
    if (chosen === undefined) continue
    schedule.push(...chosen)
    scheduled = under(chosen)
  }
  if (hardware.gpu !== undefined) return { schedule, kernel: scheduled }
  const sums = longSums(scheduled)
  const blocked = applySchedule(scheduled, sums)
  const kept = keeping(blocked)
  const rows = applySchedule(blocked, kept)
  const ahead = hardware.touch?.nextRows === true ? nextRows(rows) : []
  const next = ahead.filter((d) => legally(rows, [d]))
  scheduled = applySchedule(rows, next)
  const divided = divideDecisions(scheduled, hardware)
  return {
    schedule: [...schedule, ...sums, ...kept, ...next, ...divided],
    kernel: applySchedule(scheduled, divided),
  }
}

/** Values of one row loop that another computes again: kept, one after another. */
function keeping(kernel: Kernel): Schedule {
  const next = keepDecisions(kernel.body).find((d) => legally(kernel, [d]) !== undefined)
  return next === undefined ? [] : [next, ...keeping(applySchedule(kernel, [next]))]
}

/** Every schedule that `chooseSchedule` might give under some policy, up to a limit. */
export function enumerateSchedules(
  kernel: Kernel,
  hardware: Hardware,
  limit = 256,
): readonly Schedule[] {
  let found: readonly { readonly kernel: Kernel; readonly schedule: Schedule }[] = [
    { kernel, schedule: [] },
  ]
  for (const loop of loopsToDecide(kernel, hardware)) {
    found = found
      .flatMap(({ kernel: before, schedule }) => {
        const more = [[], ...candidatesFor(before, loop, hardware, new Map())]
        return more.map((decisions) => ({
          kernel: applySchedule(before, decisions),
          schedule: [...schedule, ...decisions],
        }))
      })
      .slice(0, limit)
  }
  return found.map(({ schedule }) => schedule)
}

/** On a GPU each nest at the top is decided about as a whole. */
const loopsToDecide = (kernel: Kernel, { gpu }: Hardware): readonly string[] =>
  gpu === undefined
    ? nestsOf(kernel.body)
    : kernel.body.flatMap((s) => (s.tag === 'loop' ? [s.index] : []))

/**
 * The loops to decide about: the top of each perfect nest; where a nest's body is a mixture of
 * statements and loops that is not one reduction, the loops of that body too.
 */
function nestsOf(block: Block): readonly string[] {
  return block.flatMap((s): readonly string[] => {
    if (s.tag === 'if') return [...nestsOf(s.yes), ...nestsOf(s.no)]
    if (s.tag === 'while') return nestsOf(s.body)
    if (s.tag !== 'loop') return []
    const body = chainFrom(s).at(-1)?.body ?? []
    const loops = body.filter((inner) => inner.tag === 'loop')
    return loops.length <= 1 && !hasDeepLoops(loops) ? [s.index] : [s.index, ...nestsOf(body)]
  })
}

/** Loops whose own bodies hold more than one loop side by side. */
const hasDeepLoops = (loops: Block): boolean =>
  loops.some(
    (l) => l.tag === 'loop' && (chainFrom(l).at(-1)?.body ?? []).some((s) => s.tag === 'loop'),
  )

function* candidatesFor(
  kernel: Kernel,
  name: string,
  hardware: Hardware,
  applied: Map<Schedule, Kernel>,
): Generator<Schedule> {
  const top = [...statementsOf(kernel.body)].find(
    (s): s is Loop => s.tag === 'loop' && s.index === name,
  )
  if (top === undefined || insideLanes(kernel, name)) return
  if (hardware.gpu !== undefined) {
    yield* gpuCandidates(kernel, top, hardware.gpu, applied)
    return
  }
  const chain = chainFrom(top)
  const parallel = chain.filter((l) => l.mode === 'parallel')
  const contraction = parallel.length === chain.length ? contractionOf(kernel, chain) : undefined
  const sources = [
    () => (contraction === undefined ? [] : contractionOptions(contraction, hardware)),
    () => (parallel.length === chain.length ? streamed(kernel, chain, hardware) : []),
    () => lanesFor(kernel, chain, hardware),
  ]
  for (const options of sources) {
    for (const schedule of options()) {
      const legal = legally(kernel, schedule)
      if (legal === undefined) continue
      applied.set(schedule, legal)
      yield schedule
    }
  }
}

/** Whether a loop lies inside one that already runs in lanes. */
const insideLanes = (kernel: Kernel, name: string): boolean =>
  [...statementsOf(kernel.body)].some(
    (s) =>
      s.tag === 'loop' &&
      s.mode === 'vector' &&
      [...statementsOf(s.body)].some((t) => t.tag === 'loop' && t.index === name),
  )

/** The kernel under a schedule, if it is legal. */
function legally(kernel: Kernel, schedule: Schedule): Kernel | undefined {
  const result = tryApply(kernel, schedule)
  if (result.tag === 'illegal' || lockstepFaults(result.kernel.body).length > 0) return undefined
  return result.kernel
}

function* contractionOptions(c: Contraction, hardware: Hardware): Iterable<Schedule> {
  if (c.rows === undefined || extentOf(c.rows) === 1) return
  const depth = c.reduction.reduce((n, l) => n * known(l), 1)
  const small = known(c.rows) <= 64 && depth <= 128 && known(c.columns) <= 256 && c.contiguous
  const few = (known(c.rows) <= 8 || known(c.columns) <= 16) && c.contiguous
  const deep = depth * 256 * c.bytes > hardware.cache.l3 / 4
  const sizes: readonly TileSizes[] = [
    { rows: 32, columns: 256, depth: deep ? 512 : undefined, packed: !(small || few) },
    { rows: 32, columns: 256, depth: undefined, packed: true },
    { rows: 64, columns: 512, depth: undefined, packed: true },
    { rows: 48, columns: 256, depth: 256, packed: true },
    { rows: 32, columns: 256, depth: undefined, packed: false },
  ]
  yield* windowSchedules(c, hardware)
  for (const size of sizes) yield blockSchedule(c, hardware, size)
  yield blockSchedule(c, { ...hardware, blockRows: 6 }, sizes[0])
}
