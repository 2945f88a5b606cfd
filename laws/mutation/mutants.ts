/**
 * The proof that the kits can fail: every wrong rule, pass and backend, and the law that sees it.
 */
import type { BackendService } from '../../backends/backend.js'
import { PullbackError } from '../../lib/data/index.js'
import { ops } from '../../lib/ops/index.js'
import type { Pass } from '../../lib/pass/index.js'
import type { Op } from '../../lib/term/index.js'
import { backendLaws } from '../backend.js'
import { handlerLaws } from '../effect/handler.js'
import { monadLaws } from '../effect/monad.js'
import type { AnyLaw, RunOptions } from '../law.js'
import { opLaws } from '../op.js'
import { passLaws } from '../pass.js'
import { wrongHandlers, wrongMonads } from './handlers.js'
import { kernelLaws, miscompilations } from './kernels.js'
import { opMutations } from './ops.js'
import { wrongBackends, wrongPasses } from './others.js'

export interface Mutant {
  readonly name: string
  readonly laws: () => readonly AnyLaw[]
}

export interface Caught {
  readonly mutant: string
  /** Undefined where no law saw it. */
  readonly law: string | undefined
  /** Of that law, up to the counterexample. */
  readonly runs: number
}

/** Ops with a sample of several floats: where an order, a sign or a factor can be seen. */
const chosen: readonly Op[] = ops.filter((op) =>
  op.samples.some((s) => s.args.some((a) => a.kind === 'float' && a.shape.some((n) => n > 1))),
)

/** Each mutation on each of the ops named. */
export const opMutants = (names: readonly string[]): readonly Mutant[] =>
  chosen
    .filter((op) => names.includes(op.name))
    .flatMap((op) =>
      opMutations.flatMap(({ name, mutate }): readonly Mutant[] => {
        const wrong = mutate(op)
        return wrong === undefined
          ? []
          : [{ name: `${op.name}: ${name}`, laws: () => opLaws(wrong) }]
      }),
    )

const passMutant = (pass: Pass): Mutant => ({
  name: `pass: ${pass.name}`,
  laws: () => passLaws(pass, { exact: true }),
})

const backendMutant = (backend: BackendService): Mutant => ({
  name: `backend: ${backend.name}`,
  laws: () => backendLaws(backend, { of: [] }),
})

export const otherMutants: readonly Mutant[] = [
  ...wrongPasses.map(passMutant),
  ...wrongBackends.map(backendMutant),
  ...miscompilations.map(({ name, change }) => ({
    name: `kernels: ${name}`,
    laws: () => kernelLaws(change),
  })),
  ...wrongHandlers.map((h) => ({ name: `handler: ${h.name}`, laws: () => handlerLaws(h) })),
  ...wrongMonads.map(([name, monad]) => ({
    name: `monad: ${name}`,
    laws: () => monadLaws(monad),
  })),
]

/** The first law that a mutant breaks. */
export async function caught({ name, laws }: Mutant, options: RunOptions): Promise<Caught> {
  for (const law of laws()) {
    const refutation = await law.refute({ ...options, shrink: false })
    if (refutation === undefined || refutation.counterexample === '') continue
    // A mutant that stumbles over its own code shows nothing.
    if (refutation.measured === undefined && !(refutation.error instanceof PullbackError)) continue
    return { mutant: name, law: law.name.split(': ').at(-1), runs: refutation.runs }
  }
  return { mutant: name, law: undefined, runs: 0 }
}

/** One line a mutant, and how many of them were caught. */
export function table(list: readonly Caught[]): string {
  const width = Math.max(...list.map((c) => c.mutant.length))
  const lines = list.map(
    ({ mutant, law, runs }) =>
      `${mutant.padEnd(width)}  ${law === undefined ? 'SURVIVES' : `${law}, run ${runs}`}`,
  )
  const killed = list.filter((c) => c.law !== undefined).length
  return [...lines, `${killed} of ${list.length} caught`].join('\n')
}
