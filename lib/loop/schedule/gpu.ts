/**
 * Schedules for a GPU, by rules of thumb: what each nest at the top of a kernel is divided among.
 *
 *   contraction       a workgroup a tile, an invocation a register block
 *   rows with loops   a workgroup a row, its invocations the loops inside
 *   a total           workgroups a run each, then one for their sums
 *   elementwise       one flat loop, dealt out
 *   anything else     as it is: an invocation an iteration of the loops outside
 *
 * Each is a list of candidates, the best guess first, every one legal. A size by name counts as
 * large.
 */
import type { Kernel } from '../kernel.js'
import { isReduction } from '../reduction.js'
import type { Block, Loop } from '../statement.js'
import { statementsOf } from '../traverse.js'
import { tryApply } from './apply.js'
import { type Contraction, contractionOf } from './contraction.js'
import type { Decision, Schedule } from './decision.js'
import { invocationsOf, sharedBytesOf, type Tiles } from './gpu-tiles.js'
import type { GpuShape } from './hardware.js'
import { keepDecisions } from './keep.js'
import { chainFrom, extentOf } from './nest.js'
import { laneScore } from './stride.js'

/** Iterations that a size by name counts as. */
const many = 4096

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
  if (isReduction(loop)) return totalOptions(kernel, loop, gpu)
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

const over = (loop: string, level: 'groups' | 'invocations'): Decision => ({
  tag: 'spread',
  loop,
  over: level,
})

const countOf = (loop: Loop): number => {
  const extent = extentOf(loop)
  return typeof extent === 'number' ? extent : many
}

const volumeOf = (loops: readonly Loop[]): number => loops.reduce((n, l) => n * countOf(l), 1)

/** Tiles, those with most work for a byte first. */
const tiles: readonly Tiles[] = [
  { rows: 128, columns: 128, depth: 16, height: 8, width: 8, lanes: 4 },
  { rows: 128, columns: 128, depth: 8, height: 8, width: 8, lanes: 4 },
  { rows: 64, columns: 64, depth: 16, height: 4, width: 4, lanes: 4 },
  { rows: 128, columns: 32, depth: 16, height: 8, width: 2, lanes: 1 },
  { rows: 32, columns: 128, depth: 16, height: 2, width: 8, lanes: 1 },
  { rows: 32, columns: 32, depth: 16, height: 2, width: 2, lanes: 1 },
  { rows: 16, columns: 16, depth: 16, height: 1, width: 1, lanes: 1 },
]

/** So many workgroups keep a GPU busy. */
const enoughGroups = 96

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
  const groups = (t: Tiles): number => batch * Math.ceil(m / t.rows) * Math.ceil(n / t.columns)
  const busy = fits.filter((t) => groups(t) >= enoughGroups)
  const idle = fits.filter((t) => !busy.includes(t)).toSorted((a, b) => groups(b) - groups(a))
  return [...busy, ...idle].map((t) => [{ tag: 'cooperate', loop: top.index, ...t }])
}

/** With so many results side by side, each is an invocation's, whatever its row. */
const wideResults = 2048
/** Elements of a row that are kept. */
const longestKept = 16384

function rowOptions(
  kernel: Kernel,
  chain: readonly Loop[],
  body: Block,
  inner: readonly Loop[],
  { least }: GpuShape,
): readonly Schedule[] {
  const longest = Math.max(...inner.map((l) => volumeOf(chainFrom(l))))
  const last = chain.at(-1)
  if (last === undefined || longest < least.row) return []
  if (statementsOf(body).some((s) => s.tag === 'while')) return []
  const along = Math.max(...inner.map((l) => laneScore(kernel, l.body, l.index)))
  const across = laneScore(kernel, last.body, last.index)
  const results = volumeOf(chain)
  if (across > along && results >= wideResults) return []
  const merged = inner.map((l) =>
    asOne(
      kernel,
      chainFrom(l).filter((x) => x.mode !== 'sequential' || isReduction(x)),
    ),
  )
  const flat = merged.flatMap((m) => m.schedule)
  const names = merged.map((m) => m.name)
  const spread = [
    ...chain.map((l) => over(l.index, 'groups')),
    ...names.map((name) => over(name, 'invocations')),
  ]
  const kept = keepDecisions([...chain.slice(0, 1)]).filter((d) => {
    const row = d.tag === 'keep' ? inner.find((l) => l.index === d.from) : undefined
    const extent = row === undefined ? undefined : extentOf(row)
    return typeof extent === 'number' && extent <= longestKept
  })
  return [...(kept.length > 0 ? [[...flat, ...kept, ...spread]] : []), [...flat, ...spread]]
}

/** What makes a perfect nest one loop, and its name; nothing, and the outermost's, where none does. */
function asOne(
  kernel: Kernel,
  nest: readonly Loop[],
): { readonly schedule: Schedule; readonly name: string; readonly merges: boolean } {
  const names = nest.map((l) => l.index)
  const [outermost = ''] = names
  if (nest.length < 2) return { schedule: [], name: outermost, merges: true }
  const flattened: Schedule = [{ tag: 'flatten', loops: names }]
  if (tryApply(kernel, flattened).tag === 'kernel') {
    return { schedule: flattened, name: names.at(-1) ?? outermost, merges: true }
  }
  const collapsed = names
    .slice(0, -1)
    .map((outer, i): Decision => ({ tag: 'collapse', outer, inner: names[i + 1] ?? '' }))
    .toReversed()
  return tryApply(kernel, collapsed).tag === 'kernel'
    ? { schedule: collapsed, name: outermost, merges: true }
    : { schedule: [], name: outermost, merges: false }
}

function totalOptions(kernel: Kernel, loop: Loop, gpu: GpuShape): readonly Schedule[] {
  const nest = chainFrom(loop).filter(isReduction)
  const { schedule: before, name, merges } = asOne(kernel, nest)
  const last = nest.at(-1)
  if (!merges && last !== undefined && liesAlong(kernel, last, loop)) {
    return rowwiseTotal(loop, last, gpu)
  }
  const terms = merges ? volumeOf(nest) : countOf(loop)
  const single: Schedule = [...before, over(name, 'invocations')]
  if (volumeOf(nest) <= gpu.least.terms && terms <= gpu.least.terms) return [single]
  const inside = terms === 0 ? 1 : volumeOf(nest) / terms
  const least = Math.max(1, Math.ceil(gpu.least.run / inside / gpu.invocations)) * gpu.invocations
  const by = Math.max(least, Math.ceil(terms / 1024 / gpu.invocations) * gpu.invocations)
  const outer = `${name}.run`
  const staged: Schedule = [
    ...before,
    { tag: 'block', loop: name, by, outer },
    { tag: 'partials', loop: outer },
    over(outer, 'groups'),
    over(name, 'invocations'),
    over(`${outer}.all`, 'invocations'),
  ]
  return [staged, single]
}

/** Whether what a nest reads lies along its innermost loop rather than its outermost. */
const liesAlong = (kernel: Kernel, { body, index }: Loop, outermost: Loop): boolean =>
  laneScore(kernel, body, index) > laneScore(kernel, body, outermost.index)

/** A total over rows that are no one loop with the others: a workgroup some, together along each. */
function rowwiseTotal(rows: Loop, row: Loop, { least }: GpuShape): readonly Schedule[] {
  const [count, length] = [countOf(rows), countOf(row)]
  const alone: Schedule = [over(row.index, 'invocations')]
  if (count * length <= least.terms) return [alone]
  const by = Math.max(Math.ceil(least.run / Math.max(1, length)), Math.ceil(count / 1024))
  const outer = `${rows.index}.run`
  const staged: Schedule = [
    { tag: 'block', loop: rows.index, by, outer },
    { tag: 'partials', loop: outer },
    over(outer, 'groups'),
    over(row.index, 'invocations'),
    over(`${outer}.all`, 'invocations'),
  ]
  return [staged, alone]
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
