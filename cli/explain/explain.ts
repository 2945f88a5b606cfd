/**
 * Explain: a function at each of its stages, with types, then what it costs.
 *
 *   pullback explain FILE#export [--derivative] [--orders] [--backend NAME]
 */
import * as Console from 'effect/Console'
import * as Effect from 'effect/Effect'
import { Backend } from '../../backends/backend.js'
import type { PullbackError } from '../../lib/data/index.js'
import { type Func, show } from '../../lib/term/index.js'
import { exported } from '../exported.js'
import { compareGradients } from './orders.js'
import { type Stage, termStages } from './stages.js'
import { showTally, tally } from './tally.js'

export interface ExplainOptions {
  readonly address: string
  /** Show what reverse mode makes of it, also if it is not a derivative itself. */
  readonly derivative: boolean
  /** Compare the two orders of differentiating and optimising. */
  readonly orders: boolean
  /** Append the user's line to each op. */
  readonly sources: boolean
}

export const explain = ({
  address,
  derivative,
  orders,
  sources,
}: ExplainOptions): Effect.Effect<void, PullbackError, Backend> =>
  Effect.gen(function* () {
    const closure = yield* exported(address)
    const { func } = closure
    const backend = yield* Backend
    const executable = yield* backend.load(func)
    const stages: readonly Stage[] = [
      ...termStages(closure, derivative),
      ...executable
        .describe()
        .stages.map(({ name, text }) => ({ name, note: `by ${backend.name}`, text })),
    ]
    for (const stage of stages) yield* Console.log(showStage(stage, sources))
    yield* Console.log(`\n── cost of '${func.name}' ──\n${costLines(func).join('\n')}`)
    if (!orders) return
    const lines = yield* compareGradients(func)
    yield* Console.log(`\n── two orders of differentiating and optimising ──\n${lines.join('\n')}`)
  }).pipe(Effect.scoped)

/** Arrays of more elements show their first few. */
const most = 8

const showStage = ({ name, note, func, text }: Stage, sources: boolean): string => {
  const size = func === undefined ? '' : ` (${func.nodes.length} ops)`
  const body = func === undefined ? (text ?? '') : show(func, { most, sources })
  return `\n── ${name}${size}: ${note} ──\n${body}`
}

const costLines = (func: Func): readonly string[] => showTally(tally(func))
