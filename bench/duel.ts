/**
 * A duel: every contestant on one workload, each in its own process, timed in alternation.
 *
 *   results of all → compared with ours → rounds of one sample each → medians
 *
 * A peer whose results differ, or that has no such thing, is named with the reason and not timed.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, Question } from './child.js'
import { largestDifference } from './compare.js'
import type { Facts, Settings } from './contestants/contestant.js'
import type { Workload } from './workload.js'

export interface Outcome {
  readonly workload: string
  readonly oursMs: number
  readonly facts: Facts | undefined
  /** The median, or why there is none. */
  readonly peers: Readonly<Record<string, number | string>>
}

/** Samples a median is made of. */
const rounds = 9

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
  const ours = openChild()
  const theirs = new Map<string, Child>()
  const outcome: Record<string, number | string> = {}
  try {
    const ready = await ours.ask(ask('pullback'))
    if (ready.tag !== 'ready') throw new Error(`${workload.name}: ${reason(ready)}`)
    const { tolerance, exact } = workload.make(settings.scale)
    const [value = Number.NaN] = ready.results[0] ?? []
    if (exact !== undefined && !(Math.abs(value / exact.value - 1) <= exact.tolerance)) {
      throw new Error(`${workload.name}: ${value}, not ${exact.value}`)
    }
    for (const name of peers) {
      outcome[name] = 0
      const child = openChild()
      const reply = await child.ask(ask(name))
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
    for (const name of theirs.keys()) outcome[name] = medianOf(times, name)
    return {
      workload: workload.name,
      oursMs: ownMedian(workload, times),
      facts: ready.facts,
      peers: outcome,
    }
  } finally {
    for (const child of [ours, ...theirs.values()]) child.close()
  }
}

/** Samples of each, or why one stopped. */
type Times = Readonly<Record<string, readonly number[] | string>>

function medianOf(times: Times, name: string): number | string {
  const samples = times[name]
  return typeof samples === 'string' ? samples : median(samples)
}

function ownMedian(workload: Workload, times: Times): number {
  const ms = medianOf(times, 'pullback')
  if (typeof ms === 'number') return ms
  throw new Error(`${workload.name}: ${ms}`)
}

/** One sample each, in turn, again and again. */
async function timeCalls(children: ReadonlyMap<string, Child>): Promise<Times> {
  const times: Record<string, number[] | string> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, child] of children) {
      const before = times[name] ?? []
      if (typeof before === 'string') continue
      const reply = await child.ask({ ask: 'sample' })
      times[name] = reply.tag === 'sample' ? [...before, reply.ms] : reason(reply)
    }
  }
  return times
}

/** First results, each in a fresh process. */
async function timeFirsts(
  ask: (name: string) => Question,
  names: readonly string[],
): Promise<Times> {
  const times: Record<string, number[] | string> = {}
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const before = times[name] ?? []
      if (typeof before === 'string') continue
      const child = openChild()
      const reply = await child.ask(ask(name))
      child.close()
      times[name] = reply.tag === 'ready' ? [...before, reply.firstMs] : reason(reply)
    }
  }
  return times
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const reason = (answer: Answer): string => (answer.tag === 'missing' ? answer.why : answer.tag)

interface Child {
  readonly ask: (question: Question) => Promise<Answer>
  readonly close: () => void
}

const script = fileURLToPath(new URL('./child.js', import.meta.url))

function openChild(): Child {
  // Results are typed arrays, which JSON has none of. What libraries print must not mix with ours.
  const child: ChildProcess = fork(script, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return {
    ask: (question) =>
      new Promise((resolve) => {
        const ended = (code: number | null, signal: string | null) =>
          resolve({ tag: 'missing', why: `failed: the process ended with ${code ?? signal}` })
        child.once('exit', ended)
        child.once('message', (answer: Answer) => {
          child.off('exit', ended)
          resolve(answer)
        })
        child.send(question)
      }),
    close: () => child.kill(),
  }
}
