/**
 * A process that examines laws for `main.ts`, one at a time, by the names of their groups.
 *
 *   { tag: 'open', group }                    →  { tag: 'opened', laws } or { tag: 'absent', why }
 *   { tag: 'examine', group, at, options }    →  { tag: 'input', runs } …, { tag: 'examined', … }
 *
 * What a group is of (a backend) stays open until the process ends. Inputs are told now and then,
 * so that the parent sees that one of them takes too long.
 */
import type { AnyLaw, RunOptions } from '../../laws/law.js'
import { report } from '../../laws/report.js'
import { groups } from './groups.js'

export type Ask =
  | { readonly tag: 'open'; readonly group: string }
  | { readonly tag: 'examine'; readonly group: string; readonly at: number; readonly options: Run }

export type Run = Pick<RunOptions, 'runs' | 'seed' | 'patience'>

export type Answer =
  | { readonly tag: 'opened'; readonly laws: readonly string[] }
  | { readonly tag: 'absent'; readonly why: string }
  | { readonly tag: 'input'; readonly runs: number }
  | ({ readonly tag: 'examined' } & Outcome)

/** How a law fared, as a message: the refutation in words, undefined where it holds. */
export interface Outcome {
  readonly runs: number
  readonly decided: number
  readonly seconds: number
  readonly refutation: string | undefined
}

const opened = new Map<string, readonly AnyLaw[]>()

/** The laws of a group, or why there are none; what they are of stays open. */
function open(name: string): Promise<readonly AnyLaw[] | string> {
  const known = opened.get(name)
  if (known !== undefined) return Promise.resolve(known)
  const group = groups.find((g) => g.name === name)
  return new Promise((resolve, reject) => {
    const put = group?.put((laws) => {
      opened.set(name, laws)
      resolve(laws)
      return new Promise<void>(() => {})
    })
    put?.then((why) => resolve(why ?? 'it has no laws'), reject)
  })
}

/** Milliseconds between two words that inputs go on. */
const pause = 500

async function examine(law: AnyLaw, run: Run): Promise<Answer> {
  const start = performance.now()
  let [count, told] = [0, start]
  const onInput = () => {
    count++
    const now = performance.now()
    if (now - told < pause) return
    told = now
    process.send?.({ tag: 'input', runs: count } satisfies Answer)
  }
  const { runs, decided, refutation } = await law.examine({ ...run, onInput })
  const seconds = (performance.now() - start) / 1000
  const words = refutation && report(refutation)
  return { tag: 'examined', runs, decided, seconds, refutation: words }
}

async function answer(ask: Ask): Promise<Answer> {
  const laws = await open(ask.group)
  if (typeof laws === 'string') return { tag: 'absent', why: laws }
  if (ask.tag === 'open') return { tag: 'opened', laws: laws.map((law) => law.name) }
  return examine(laws[ask.at], ask.options)
}

process.on('message', (ask: Ask) => {
  void answer(ask).then((found) => process.send?.(found))
})
