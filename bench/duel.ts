/**
 * A duel: every contestant on one workload, each in its own process, timed in alternation.
 *
 *   results of all → compared with ours → rounds of one sample each → medians
 *
 * A peer whose results differ, or that has no such thing, is named with the reason and not timed;
 * so is one found to keep more cores busy than it was given threads.
 */
import { setTimeout } from 'node:timers/promises'
import type { Answer, Question } from './child.js'
import { largestDifference } from './compare.js'
import type { Facts, Settings } from './contestants/contestant.js'
import { median } from './median.js'
import { type Child, openChild } from './spawned.js'
import type { Workload } from './workload.js'

export interface Outcome {
  readonly workload: string
  readonly oursMs: number
  readonly facts: Facts | undefined
  /** The median, or why there is none. */
  readonly peers: Readonly<Record<string, number | string>>
  /** Peers so slow that their medians are of fewer samples. */
  readonly few: readonly string[]
}

/** Samples a median is made of. */
const rounds = 9
/** Seconds: what a peer may take for its first results, and for its samples in all. */
const patience = { first: 300, samples: 30 }

export async function duel(
  workload: Workload,
  peers: readonly string[],
  settings: Settings,
): Promise<Outcome> {
  const ask = (contestant: string): Question => ({
    ask: 'prepare',
    contestant,
    workload: workload.name,
    settings,
  })
  const ours = openChild('pullback')
  const theirs = new Map<string, Child>()
  const outcome: Record<string, number | string> = {}
  try {
    const ready = await ours.ask(ask('pullback'))
    if (ready.tag !== 'ready') throw new Error(`${workload.name}: ${reason(ready)}`)
    const { tolerance, exact } = workload.make(settings.scale)
    const [value = Number.NaN] = ready.results[0] ?? []
    const wanted = exact?.value() ?? value
    if (exact !== undefined && !(Math.abs(value / wanted - 1) <= exact.tolerance)) {
      throw new Error(`${workload.name}: ${value}, not ${wanted}`)
    }
    for (const name of peers) {
      outcome[name] = 0
      const child = openChild(name)
      const reply = await child.ask(ask(name), patience.first)
      const difference =
        reply.tag === 'ready' ? largestDifference(ready.results, reply.results) : Number.NaN
      if (difference <= tolerance) theirs.set(name, child)
      else {
        outcome[name] =
          reply.tag === 'ready' ? `differs by ${difference.toExponential(1)}` : reason(reply)
        child.close()
      }
    }
    const times =
      workload.measure === 'first'
        ? await timeFirsts(ask, ['pullback', ...theirs.keys()])
        : await timeCalls(new Map([['pullback', ours], ...theirs]))
    for (const name of theirs.keys()) outcome[name] = verdict(times[name], settings.threads)
    return {
      workload: workload.name,
      oursMs: ownMedian(workload, times),
      facts: ready.facts,
      peers: outcome,
      few: [...theirs.keys()].filter((name) => isShort(times[name])),
    }
  } finally {
    for (const child of [ours, ...theirs.values()]) child.close()
  }
}

/** What a call takes, and how many cores it keeps busy, where that was seen. */
export interface Sample {
  readonly ms: number
  readonly cores?: number
}

/** Samples of each, or why one stopped. */
type Times = Readonly<Record<string, readonly Sample[] | string>>

/** Clocks are read one after the other, and an engine's own threads work a little. */
const slack = 0.25

/** The median of a peer, or why it does not count. */
export function verdict(samples: readonly Sample[] | string, threads: number): number | string {
  if (typeof samples === 'string') return samples
  const busy = samples.flatMap(({ cores }) => cores ?? [])
  const cores = busy.length === 0 ? 0 : median(busy)
  if (cores > threads + slack) return `keeps ${cores.toFixed(1)} cores busy`
  return medianMs(samples)
}

const medianMs = (samples: readonly Sample[]): number => median(samples.map(({ ms }) => ms))

const isShort = (samples: Times[string] | undefined): boolean =>
  typeof samples === 'object' && samples.length < rounds

/** Whether so many milliseconds a sample, after what was taken, are too many for one more. */
const isSpent = (samples: readonly Sample[]): boolean =>
  samples.reduce((sum, { ms }) => sum + ms, 0) > 1000 * patience.samples

function ownMedian(workload: Workload, { pullback }: Times): number {
  if (typeof pullback !== 'string') return medianMs(pullback)
  throw new Error(`${workload.name}: ${pullback}`)
}

/** Threads of some peers spin for a while after a call, on cores that the next in turn needs. */
const restMs = 100

/** One sample each, in turn, again and again. */
async function timeCalls(children: ReadonlyMap<string, Child>): Promise<Times> {
  const times: Record<string, Sample[] | string> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, child] of children) {
      const before = times[name] ?? []
      if (typeof before === 'string' || isSpent(before)) continue
      await setTimeout(restMs)
      const reply = await child.ask({ ask: 'sample' })
      times[name] = reply.tag === 'sample' ? [...before, reply] : reason(reply)
    }
  }
  return times
}

/** First results, each in a fresh process. */
async function timeFirsts(
  ask: (name: string) => Question,
  names: readonly string[],
): Promise<Times> {
  const times: Record<string, Sample[] | string> = {}
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const before = times[name] ?? []
      if (typeof before === 'string' || isSpent(before)) continue
      const child = openChild(name)
      const reply = await child.ask(ask(name))
      child.close()
      times[name] = reply.tag === 'ready' ? [...before, { ms: reply.firstMs }] : reason(reply)
    }
  }
  return times
}

const reason = (answer: Answer): string => (answer.tag === 'missing' ? answer.why : answer.tag)
