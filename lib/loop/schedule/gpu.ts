/**
 * Schedules for a GPU, by rules of thumb: what each nest at the top of a kernel is divided among.
 *
 *   contraction       a workgroup a tile, an invocation a register block
 *   rows with loops   `gpu-rows.ts`
 *   a total           workgroups a run each, then one for their sums: `gpu-total.ts`
 *   elementwise       one flat loop, dealt out
 *   anything else     as it is: an invocation an iteration of the loops outside
 *
 * Each is a list of candidates, the best guess first, every one legal. A size by name counts as
 * large.
 */
import type { Kernel } from '../kernel.js'
import { addsUp } from '../reduction.js'
import type { Loop } from '../statement.js'
import { tryApply } from './apply.js'
import { type Contraction, contractionOf } from './contraction.js'
import type { Decision, Schedule } from './decision.js'
import { over, volumeOf } from './gpu-nest.js'
import { rowOptions } from './gpu-rows.js'
import { invocationsOf, sharedBytesOf, type Tiles } from './gpu-tiles.js'
import { totalOptions } from './gpu-total.js'
import type { GpuShape } from './hardware.js'
import { chainFrom } from './nest.js'

/** What may be done with the loop of that name at the top of a kernel. */
export function* gpuCandidates(
  kernel: Kernel,
  loop: Loop,
  gpu: GpuShape,
  applied: Map<Schedule, Kernel>,
): Generator<Schedule> {
  for (const schedule of optionsFor(kernel, loop, gpu)) {
    const legal = tryApply(kernel, schedule)
    if (legal.tag === 'illegal') continue
    applied.set(schedule, legal.kernel)
    yield schedule
  }
}

function optionsFor(kernel: Kernel, loop: Loop, gpu: GpuShape): Iterable<Schedule> {
  if (addsUp(loop)) return totalOptions(kernel, loop, gpu)
  if (loop.mode === 'sequential') return [[over(loop.index, 'invocations')]]
  const chain = chainFrom(loop).filter((l) => l.mode !== 'sequential')
  const body = chain.at(-1)?.body ?? []
  const contraction = contractionOf(kernel, chain)
  const inner = body.filter((s): s is Loop => s.tag === 'loop')
  return [
    ...(contraction === undefined ? [] : contractionOptions(loop, contraction, gpu)),
    ...(inner.length > 0
      ? rowOptions(kernel, chain, body, inner, gpu)
      : flatOptions(kernel, chain, gpu)),
  ]
}

/** Tiles, those with most work for a byte first. */
const tiles: readonly Omit<Tiles, 'ahead'>[] = [
  { rows: 128, columns: 128, depth: 16, height: 8, width: 8, lanes: 4 },
  { rows: 128, columns: 128, depth: 8, height: 8, width: 8, lanes: 4 },
  { rows: 64, columns: 64, depth: 16, height: 4, width: 4, lanes: 4 },
  { rows: 128, columns: 32, depth: 16, height: 8, width: 2, lanes: 1 },
  { rows: 32, columns: 128, depth: 16, height: 2, width: 8, lanes: 1 },
  { rows: 32, columns: 32, depth: 16, height: 2, width: 2, lanes: 1 },
  { rows: 16, columns: 16, depth: 16, height: 1, width: 1, lanes: 1 },
]

function contractionOptions(top: Loop, c: Contraction, gpu: GpuShape): readonly Schedule[] {
  if (c.rows === undefined) return []
  const m = volumeOf([...c.withRows, c.rows])
  const n = volumeOf([...c.withColumns, c.columns])
  const k = volumeOf(c.reduction)
  const batch = volumeOf(c.both)
  const { multiplications, filled } = gpu.least
  if (m * n * k * batch < multiplications) return []
  const fits = tiles.filter(
    (t) =>
      invocationsOf(t) <= gpu.invocations &&
      sharedBytesOf(t, c.contiguous) <= gpu.sharedBytes &&
      m > t.rows * filled &&
      n > t.columns * filled,
  )
  const groups = (t: (typeof tiles)[number]): number =>
    batch * Math.ceil(m / t.rows) * Math.ceil(n / t.columns)
  const busy = fits.filter((t) => groups(t) >= gpu.groups)
  const idle = fits.filter((t) => !busy.includes(t)).toSorted((a, b) => groups(b) - groups(a))
  return [true, false].flatMap((ahead) =>
    [...busy, ...idle].map((t): Schedule => [{ tag: 'cooperate', loop: top.index, ...t, ahead }]),
  )
}

function flatOptions(kernel: Kernel, chain: readonly Loop[], gpu: GpuShape): readonly Schedule[] {
  const schedule: Decision[] = []
  let target = chain.at(-1)?.index ?? ''
  for (const outer of chain.slice(0, -1).toReversed()) {
    const next: Decision = { tag: 'collapse', outer: outer.index, inner: target }
    if (tryApply(kernel, [...schedule, next]).tag === 'illegal') break
    schedule.push(next)
    target = outer.index
  }
  const isFlat = schedule.length === chain.length - 1
  const deal = (turns: number, lanes: number): Decision => ({
    tag: 'deal',
    loop: target,
    width: gpu.invocations,
    turns,
    lanes,
    outer: `${target}.group`,
  })
  const plain: readonly Schedule[] = schedule.length > 0 ? [schedule] : []
  return isFlat && volumeOf(chain) >= gpu.least.elements
    ? [[...schedule, deal(2, 4)], [...schedule, deal(4, 1)], ...plain]
    : plain
}
