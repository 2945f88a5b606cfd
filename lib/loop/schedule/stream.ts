/**
 * Stream: a matrix whose columns add up is read once, in the order that it lies in memory.
 *
 *   for j { s = 0; for k { s += x[k, j] }; y[j] = s }    →
 *   carry k by 8 in the loop around j    (and first: block k by 256, where there are many rows)
 *
 * A few of its rows at a time go into sums that stay in a tile: of the columns alone, or of one row
 * times a matrix. Sums over several axes go through all of them outside of the columns.
 */
import type { Kernel } from '../kernel.js'
import { isReduction } from '../reduction.js'
import type { Block, Loop } from '../statement.js'
import { statementsOf } from '../traverse.js'
import { tryApply } from './apply.js'
import type { Decision, Schedule } from './decision.js'
import type { Hardware } from './hardware.js'
import { known } from './lanes.js'
import { chainFrom, extentOf, findLoop } from './nest.js'
import { accessesIn, motionOf } from './stride.js'
import { longSums } from './sums.js'

/** Fewer terms or columns than these fit into registers. */
const least = { terms: 32, columns: 64 }
/** Columns of a tile that stays in the first cache. */
const mostColumns = 4096

/** Rows at a time: the more, the less often the tile is read; machines follow some streams only. */
const rowsAtOnce = [
  { by: 8, unrolled: false },
  { by: 8, unrolled: true },
  { by: 16, unrolled: true },
]

/** For the innermost of parallel loops, where it goes along the rows of what is added up. */
export function* streamed(
  kernel: Kernel,
  chain: readonly Loop[],
  hardware: Hardware,
): Iterable<Schedule> {
  const columns = chain.at(-1)
  const sums = columns === undefined ? undefined : sumOver(kernel, columns)
  if (columns === undefined || sums === undefined) return
  const width = (hardware.vectorBytes / sums.bytes) * hardware.interleave
  const alone = chain.every((l) => l === columns || extentOf(l) === 1)
  const runs = columnRuns(columns, alone, width, hardware)
  const blocks = longSums(kernel).filter((d) => sums.loops.some((l) => isPartOf(l, d)))
  const at = runs.outer ?? chain.at(-2)?.index ?? ''
  for (const { by, unrolled } of rowsAtOnce) {
    const carried = carries(kernel, columns, [...runs.schedule, ...blocks], at, by)
    if (carried === undefined) continue
    const { schedule, innermost, lanes } = carried
    yield [
      ...schedule,
      ...(unrolled ? ([{ tag: 'unroll', loop: innermost, width: by }] as const) : []),
      ...lanes.map((loop): Decision => ({ tag: 'vector', loop, width })),
    ]
  }
}

const isPartOf = (l: Loop, d: Decision): boolean =>
  d.tag === 'block' && (d.loop === l.index || d.loop.startsWith(`${l.index}.b`))

interface Sum {
  readonly loops: readonly Loop[]
  readonly bytes: number
}

/** The one reduction in the loop over columns, if it goes down them. */
function sumOver(kernel: Kernel, columns: Loop): Sum | undefined {
  const [first, ...more] = columns.body.filter((s): s is Loop => s.tag === 'loop')
  if (first === undefined || more.length > 0 || !isReduction(first)) return undefined
  const loops = chainFrom(first)
  const innermost = loops.at(-1) ?? first
  const loads = accessesIn(innermost.body)
  const along = loads.map((a) => motionOf(kernel, a, columns.index))
  const down = loads.map((a) => motionOf(kernel, a, innermost.index))
  const isMatrix = along.some((motion, i) => motion === 'next' && down[i] === 'far')
  const terms = loops.reduce((n, l) => n * known(l), 1)
  if (!isMatrix || along.includes('far')) return undefined
  if (terms < least.terms || known(columns) < least.columns) return undefined
  const wide = kernel.buffers.some(
    (b) => b.dtype === 'f64' && loads.some((a) => a.buffer === b.name),
  )
  return { loops, bytes: wide ? 8 : 4 }
}

interface Carried {
  readonly schedule: Schedule
  /** The loop over the terms of a block, and loops over columns. */
  readonly innermost: string
  readonly lanes: readonly string[]
}

/** Each level of blocks is carried in the one around it, the rows in the last. */
function carries(
  kernel: Kernel,
  columns: Loop,
  before: Schedule,
  around: string,
  by: number,
): Carried | undefined {
  const blocked = tryApply(kernel, before)
  if (blocked.tag === 'illegal') return undefined
  const levels = levelsIn(findLoop(blocked.kernel, columns.index).body)
  const innermost = levels.at(-1)
  if (innermost === undefined) return undefined
  const schedule = [...before]
  let at = around
  for (const level of levels) {
    const outer = `${level.index}.outer`
    schedule.push({
      tag: 'carry',
      loop: level.index,
      by: level === innermost ? by : level.step,
      outer,
      at,
    })
    at = outer
  }
  const applied = tryApply(kernel, schedule)
  if (applied.tag === 'illegal') return undefined
  const names = new Set(loopsIn(blocked.kernel).map((l) => l.index))
  const lanes = loopsIn(applied.kernel).flatMap((l) =>
    l.mode === 'parallel' && (!names.has(l.index) || l.index === columns.index) ? [l.index] : [],
  )
  return { schedule, innermost: innermost.index, lanes }
}

const loopsIn = (kernel: Kernel): readonly Loop[] =>
  statementsOf(kernel.body).filter((s): s is Loop => s.tag === 'loop')

/** The innermost loop of each level of blocks, outermost level first. */
function levelsIn(block: Block): readonly Loop[] {
  const [first, ...more] = block.filter((s): s is Loop => s.tag === 'loop')
  const last = first === undefined ? undefined : chainFrom(first).at(-1)
  return last === undefined || more.length > 0 ? [] : [last, ...levelsIn(last.body)]
}

/** Columns in runs that a tile has room for, or for threads to share, where there is nothing else to. */
function columnRuns(
  columns: Loop,
  alone: boolean,
  width: number,
  { threads }: Hardware,
): { readonly schedule: Schedule; readonly outer?: string } {
  const count = known(columns)
  const shared = threads > 1 && alone && count >= 256
  const tiled = typeof extentOf(columns) !== 'number' || count > mostColumns
  if (!shared && !tiled) return { schedule: [] }
  const part = shared ? Math.ceil(count / (threads * width)) * width : mostColumns
  const by = Math.max(64, Math.min(part, mostColumns))
  const outer = `${columns.index}.run`
  return { schedule: [{ tag: 'split', loop: columns.index, by, outer }], outer }
}
