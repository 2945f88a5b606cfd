/**
 * The process of one contestant: it prepares a workload, hands results out, and times calls.
 *
 *   { prepare }  →  { results, facts, firstMs } or { missing }
 *   { sample }   →  { ms } a call, over as many calls as take some milliseconds, and { cores } busy
 */
import type { Clock, Facts, Prepared, Settings, Spent } from './contestants/contestant.js'
import { open } from './contestants/index.js'
import type { Inputs } from './workload.js'
import { workloads } from './workloads/index.js'

export type Question =
  | {
      readonly ask: 'prepare'
      readonly contestant: string
      readonly workload: string
      readonly settings: Settings
    }
  | { readonly ask: 'sample' }

export type Answer =
  | {
      readonly tag: 'ready'
      readonly results: readonly Float32Array[]
      readonly facts: Facts | undefined
      /** From the source of the program to its first result. */
      readonly firstMs: number
    }
  | { readonly tag: 'missing'; readonly why: string }
  | { readonly tag: 'sample'; readonly ms: number; readonly cores: number }

/** A sample is long enough for the clock, and a warm-up for engines that optimise as they go. */
const sampleMs = 5
const warmupMs = 400
/** Untimed calls before a sample. */
const wakeMs = 100
/** What takes so long for its first results has run long enough. */
const slowMs = 10_000

let prepared: Prepared | undefined
let count = 1
let clock: Clock = 'wall'

async function answer(question: Question): Promise<Answer> {
  if (question.ask === 'sample') {
    await wake()
    const spent = await time(count)
    const cores = spent.cpu / spent.wall
    return { tag: 'sample', ms: spent[clock] / count, cores }
  }
  const { contestant: name, workload: wanted, settings } = question
  clock = settings.clock
  const workload = workloads.find((w) => w.name === wanted)
  const contestant = await open(name, settings)
  if (workload === undefined || contestant === undefined) {
    return { tag: 'missing', why: 'not installed' }
  }
  const { inputs } = workload.make(settings.scale)
  draw(inputs)
  const since = stopwatch()
  const made = await contestant.prepare(workload, inputs)
  if ('missing' in made) return { tag: 'missing', why: made.missing }
  const results = await made.results()
  const firstMs = (made.there?.first ?? since())[clock]
  prepared = made
  if (workload.measure === 'steady' && firstMs < slowMs) await warmUp()
  return { tag: 'ready', results, facts: made.facts?.(), firstMs }
}

/** Inputs are drawn when first asked for: now, so that no contestant's time has it. */
function draw(inputs: Inputs): void {
  for (const input of Object.values(inputs)) input.data.at(0)
}

/** After a rest threads sleep, and may wake on one core: calls until they have spread. */
async function wake(): Promise<void> {
  const began = performance.now()
  do await time(1)
  while (performance.now() - began < wakeMs)
}

async function warmUp(): Promise<void> {
  const began = performance.now()
  let calls = 0
  while (calls < 2 || performance.now() - began < warmupMs) {
    await time(1)
    calls++
    // The results were the first call: what is slow has run by now.
    if (performance.now() - began > 2 * warmupMs) break
  }
  count = Math.max(1, Math.ceil((sampleMs * calls) / (performance.now() - began)))
}

/** What calls take. One that is done at once is not awaited: that would cost more than it. */
async function time(calls: number): Promise<Spent> {
  if (prepared === undefined) throw new Error('nothing is prepared')
  const { call, there } = prepared
  if (there !== undefined) return there.calls(calls)
  const since = stopwatch()
  for (let i = 0; i < calls; i++) {
    const pending = call()
    if (pending !== undefined) await pending
  }
  return since()
}

/** Started at once; read, it says what passed here since. */
function stopwatch(): () => Spent {
  const began = performance.now()
  const before = process.cpuUsage()
  return () => {
    const wall = performance.now() - began
    const { user, system } = process.cpuUsage(before)
    return { wall, cpu: (user + system) / 1000 }
  }
}

process.on('message', (question: Question) => {
  answer(question).then(
    (reply) => process.send?.(reply),
    (cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      process.send?.({ tag: 'missing', why: `failed: ${why.split('\n')[0]}` })
    },
  )
})

// Given up: what it started ends with it.
process.on('disconnect', () => process.exit())
