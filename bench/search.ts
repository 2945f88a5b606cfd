/**
 * How far the schedule that the compiler picks is from the best that a search finds.
 *
 *   softmax   5.81 ms   best of all 37: 5.76 ms   1.01
 *
 * One kernel of each workload, the one with the most work. Every schedule of `enumerateSchedules`
 * is timed, or the pick and a random sample where there are more; left out is what the model takes
 * to be ten times as slow as the pick, which would take the bench minutes, and what takes several
 * times as long at first. One process, in alternation, medians, processor time.
 */

import { enableRelaxedSimd } from '../backends/wasm/detect.js'
import { loadProgram } from '../backends/wasm/executable.js'
import { linearMemory } from '../backends/wasm/memory.js'
import { programOf } from '../backends/wasm/run-kernel.js'
import { byteSize, dimProduct, dimValue } from '../lib/data/index.js'
import { closureOf } from '../lib/lang/index.js'
import { compile } from '../lib/loop/compile.js'
import { type Kernel, randomSource } from '../lib/loop/index.js'
import {
  applySchedule,
  costOf,
  enumerateSchedules,
  flopsOf,
  type Schedule,
  showSchedule,
  wasmHardware,
  wasmRates,
} from '../lib/loop/schedule/index.js'
import { median } from './median.js'
import type { Workload } from './workload.js'

/** A kernel from each of these. */
export const searched: readonly string[] = [
  'matmul-256',
  'matmul-512',
  'matvec-4096',
  'matmul-odd',
  'matmul-batch',
  'matmul-at',
  'chain',
  'gelu',
  'softmax',
  'layernorm',
  'rowsum',
  'conv',
]

export interface Finding {
  readonly workload: string
  readonly pickMs: number
  readonly bestMs: number
  readonly best: Schedule
  readonly timed: number
  readonly of: number
}

const mostTimed = 12
const mostEnumerated = 48
const rounds = 9
/** Milliseconds of a sample. */
const sampleMs = 4
/** Slower than this many times the pick is out. */
const hopeless = 3

export function search(workload: Workload, seed = 1): Finding {
  const { kernel, pick } = heaviest(workload)
  const expected = (s: Schedule): number =>
    costOf(applySchedule(kernel, s), {}, wasmHardware, wasmRates).total
  const limit = 10 * expected(pick)
  const all = enumerateSchedules(kernel, wasmHardware, mostEnumerated).filter(
    (s) => expected(s) < limit,
  )
  const chosen = [
    pick,
    ...sample(
      all.filter((s) => !isSame(s, pick)),
      mostTimed,
      seed,
    ),
  ]
  const relaxed = enableRelaxedSimd()
  const memory = linearMemory()
  const addresses = kernel.buffers.map((b) => {
    const count = dimValue(dimProduct(b.shape), {})
    const { address } = memory.allocate(count * byteSize[b.dtype])
    if (b.dtype === 'f32') fill(new Float32Array(memory.memory.buffer, address, count))
    return address
  })
  const runs = chosen.map((schedule) => {
    const program = programOf(applySchedule(kernel, schedule))
    const { run } = loadProgram(program, memory, { relaxed: relaxed })
    return { schedule, times: [] as number[], call: () => void run({}, addresses) }
  })
  const [own] = runs.map(({ call }) => warm(call))
  const running = runs.filter(({ call }) => warm(call) < hopeless * own)
  const count = Math.max(1, Math.round(sampleMs / own))
  for (let round = 0; round < rounds; round++) {
    for (const { call, times } of running) times.push(timed(call, count))
  }
  const results = running.map(({ schedule, times }) => ({ schedule, ms: median(times) }))
  const best = results.reduce((a, b) => (b.ms < a.ms ? b : a))
  return {
    workload: workload.name,
    pickMs: results[0].ms,
    bestMs: best.ms,
    best: best.schedule,
    timed: chosen.length,
    of: all.length,
  }
}

/** The kernel with the most operations, and the schedule that the compiler gave it. */
function heaviest(workload: Workload): { readonly kernel: Kernel; readonly pick: Schedule } {
  const { func } = closureOf(workload.make('full').program, 'bench')
  const { lowered, decisions } = compile(func)
  const work = lowered.kernels.map((k) => flopsOf(k, {}))
  const at = work.indexOf(Math.max(...work))
  return { kernel: lowered.kernels[at], pick: decisions.kernels[at] }
}

const isSame = (a: Schedule, b: Schedule): boolean => showSchedule(a) === showSchedule(b)

/** So many at random, without repetition; all where there are no more. */
function sample<A>(from: readonly A[], count: number, seed: number): readonly A[] {
  const next = randomSource(seed)
  const left = [...from]
  const taken: A[] = []
  while (left.length > 0 && taken.length < count) {
    taken.push(...left.splice(Math.floor(next() * left.length), 1))
  }
  return taken
}

function fill(data: Float32Array): void {
  for (let i = 0; i < data.length; i++) data[i] = ((i * 2654435761) % 1024) / 512 - 1
}

/** Milliseconds a call, after the engine has had some. */
function warm(call: () => void): number {
  call()
  const first = timed(call, 1)
  const calls = Math.max(1, Math.min(50, Math.round(30 / first)))
  return first > 400 ? first : timed(call, calls)
}

function timed(call: () => void, count: number): number {
  const began = process.cpuUsage()
  for (let i = 0; i < count; i++) call()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000 / count
}

export const searchHead = `${'kernel'.padEnd(16)}${'pick, ms'.padStart(10)}${'best, ms'.padStart(10)}${'ratio'.padStart(8)}  of`

export const searchRow = (f: Finding): string =>
  [
    f.workload.padEnd(16),
    f.pickMs.toPrecision(3).padStart(10),
    f.bestMs.toPrecision(3).padStart(10),
    (f.pickMs / f.bestMs).toFixed(2).padStart(8),
    f.timed > f.of ? `  all ${f.of}` : `  ${f.timed} of ${f.of}`,
    f.pickMs > 1.05 * f.bestMs ? `; best: ${showSchedule(f.best)}` : '',
  ].join('')
