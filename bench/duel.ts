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
    if (exact !== undefined && !(Math.abs(value / exact.value - 1) <= exact.tolerance)) {
      throw new Error(`${workload.name}: ${value}, not ${exact.value}`)
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
    for (const name of theirs.keys()) outcome[name] = medianOf(times, name)
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

/** Samples of each, or why one stopped. */
type Times = Readonly<Record<string, readonly number[] | string>>

const isShort = (samples: Times[string] | undefined): boolean =>
  typeof samples === 'object' && samples.length < rounds

/** Whether so many milliseconds a sample, after what was taken, are too many for one more. */
const isSpent = (samples: readonly number[]): boolean =>
  samples.reduce((sum, ms) => sum + ms, 0) > 1000 * patience.samples

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
      if (typeof before === 'string' || isSpent(before)) continue
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
      if (typeof before === 'string' || isSpent(before)) continue
      const child = openChild(name)
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
  /** Given up after so many seconds, where they are said. */
  readonly ask: (question: Question, seconds?: number) => Promise<Answer>
  readonly close: () => void
}

const script = fileURLToPath(new URL('./child.js', import.meta.url))

/** Its derivative of a loop written out is a recursion over the steps. */
const flagsOf = (name: string): readonly string[] =>
  name === 'jax-js' ? ['--stack-size=7000'] : []

function openChild(name: string): Child {
  // Results are typed arrays, which JSON has none of. What libraries print must not mix with ours.
  const child: ChildProcess = fork(script, {
    serialization: 'advanced',
    execArgv: [...flagsOf(name)],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return {
    ask: (question, seconds) =>
      new Promise((resolve) => {
        const settle = (answer: Answer): void => {
          clearTimeout(timer)
          child.off('exit', ended)
          child.off('message', settle)
          resolve(answer)
        }
        const ended = (code: number | null, signal: string | null): void =>
          settle({ tag: 'missing', why: `failed: the process ended with ${code ?? signal}` })
        const late = (): void => settle({ tag: 'missing', why: `nothing in ${seconds} s` })
        const timer = seconds === undefined ? undefined : setTimeout(late, 1000 * seconds)
        child.once('exit', ended)
        child.once('message', settle)
        child.send(question)
      }),
    close: () => child.kill('SIGKILL'),
  }
}
