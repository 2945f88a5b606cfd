/**
 * Explain: a function at each of its stages, with types, then what it costs.
 *
 *   pullback explain FILE#export [--derivative] [--orders] [--kernel NAME | --all]
 *     [--profile TRACE [--size NAME=NUMBER,…]] [--backend NAME]
 */
import * as Console from 'effect/Console'
import * as Effect from 'effect/Effect'
import { attempt, Backend, type Stage as Described } from '../../backends/backend.js'
import { fail, type PullbackError } from '../../lib/data/index.js'
import { type Func, show } from '../../lib/term/index.js'
import { exported } from '../exported.js'
import { compareGradients } from './orders.js'
import { type ProfileOptions, profileLines } from './profile.js'
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
  /** The kernel whose code to print; the first one where undefined. */
  readonly kernel: string | undefined
  /** Print the code of all of them. */
  readonly all: boolean
  /** The call whose kernels are timed; none where undefined. */
  readonly profile: ProfileOptions | undefined
}

export const explain = ({
  address,
  derivative,
  orders,
  sources,
  kernel,
  all,
  profile,
}: ExplainOptions): Effect.Effect<void, PullbackError, Backend> =>
  Effect.gen(function* () {
    const closure = yield* exported(address)
    const { func } = closure
    const backend = yield* Backend
    const executable = yield* backend.load(func)
    const described = executable.describe()
    const stages: readonly Stage[] = [
      ...termStages(closure, derivative),
      ...(yield* attempt(() =>
        described.stages.map((stage) => ({
          name: stage.name,
          note: `by ${backend.name}`,
          text: [stage.text, ...partsOf(stage, kernel, all)].join('\n\n'),
        })),
      )),
    ]
    for (const stage of stages) yield* Console.log(showStage(stage, sources))
    if (described.stages.length > 0) {
      const compiled = described.compilations.map((reason, i) => `${i + 1}. ${reason}`)
      yield* Console.log(`\n── compilations ──\n${compiled.join('\n')}`)
    }
    yield* Console.log(`\n── cost of '${func.name}' ──\n${costLines(func).join('\n')}`)
    if (profile !== undefined) {
      const lines = yield* profileLines(executable, func, profile)
      yield* Console.log(`\n── profile of '${func.name}' ──\n${lines.join('\n')}`)
    }
    if (!orders) return
    const lines = yield* compareGradients(func)
    yield* Console.log(`\n── two orders of differentiating and optimising ──\n${lines.join('\n')}`)
  }).pipe(Effect.scoped)

/** The texts of the parts asked for: one, by name or the first; or all. */
function partsOf(stage: Described, kernel: string | undefined, all: boolean): readonly string[] {
  const { parts = [] } = stage
  const [first] = parts
  if (all || first === undefined) return parts.map((part) => part.text)
  const wanted = kernel === undefined ? first : parts.find((part) => part.name === kernel)
  if (wanted !== undefined) return [wanted.text]
  return fail({
    code: 'input',
    where: '--kernel',
    what: `there is no kernel '${kernel}'`,
    expected: parts.map((part) => part.name).join(', '),
  })
}

/** Arrays of more elements show their first few. */
const most = 8

const showStage = ({ name, note, func, text }: Stage, sources: boolean): string => {
  const size = func === undefined ? '' : ` (${func.nodes.length} ops)`
  const body = func === undefined ? (text ?? '') : show(func, { most, sources })
  return `\n── ${name}${size}: ${note} ──\n${body}`
}

const costLines = (func: Func): readonly string[] => showTally(tally(func))
