/**
 * The process of one contestant: it prepares a workload, hands results out, and times calls.
 *
 *   { prepare }  →  { results, facts, firstMs } or { missing }
 *   { sample }   →  { ms } a call, over as many calls as take some milliseconds
 */
import type { Clock, Facts, Prepared, Settings } from './contestants/contestant.js'
import { open } from './contestants/index.js'
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
  | { readonly tag: 'sample'; readonly ms: number }

/** A sample is long enough for the clock, and a warm-up for engines that optimise as they go. */
const sampleMs = 5
const warmupMs = 400
/** What takes so long for its first results has run long enough. */
const slowMs = 10_000

let prepared: Prepared | undefined
let count = 1
let clock: Clock = 'wall'

async function answer(question: Question): Promise<Answer> {
  if (question.ask === 'sample') return { tag: 'sample', ms: await time(count) }
  const { contestant: name, workload: wanted, settings } = question
  clock = settings.clock
  const workload = workloads.find((w) => w.name === wanted)
  const contestant = await open(name, settings)
  if (workload === undefined || contestant === undefined) {
    return { tag: 'missing', why: 'not installed' }
  }
  const { inputs } = workload.make(settings.scale)
  const began = now()
  const made = await contestant.prepare(workload, inputs)
  if ('missing' in made) return { tag: 'missing', why: made.missing }
  const results = await made.results()
  const firstMs = now() - began
  prepared = made
  if (workload.measure === 'steady' && firstMs < slowMs) await warmUp()
  return { tag: 'ready', results, facts: made.facts, firstMs }
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

/**
 * Milliseconds a call. A call that is done at once is not awaited: that would cost more than it.
 */
async function time(calls: number): Promise<number> {
  if (prepared === undefined) throw new Error('nothing is prepared')
  const { call, repeat } = prepared
  const began = now()
  if (repeat !== undefined) await repeat(calls)
  else {
    for (let i = 0; i < calls; i++) {
      const pending = call()
      if (pending !== undefined) await pending
    }
  }
  return (now() - began) / calls
}

/** Milliseconds on the clock. Processor time is that of all threads of this process. */
function now(): number {
  if (clock === 'wall') return performance.now()
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
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
