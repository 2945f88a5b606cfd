/**
 * A case file on the wasm backend: how many of its checks pass, and what is wrong with the others.
 */
import * as Effect from 'effect/Effect'
import { Backend } from '../../backends/backend.js'
import { makeWasm } from '../../backends/wasm/index.js'
import type { Float } from '../../cli/conform/build.js'
import { readCases } from '../../cli/conform/form.js'
import { judge } from '../../cli/conform/judge.js'

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly seconds: number
  /** How many ran every program. */
  readonly threads: number
  /** One line a failing check. */
  readonly faults: readonly string[]
}

/**
 * Runs every check of a file's text on so many threads, or on one where the page may have no more;
 * `name` stands for it in errors.
 */
export async function runCases(
  name: string,
  source: string,
  float: Float,
  wanted: number,
): Promise<Tally> {
  const backend = makeWasm({ threads: wanted, leastGain: Number.NEGATIVE_INFINITY })
  await backend.ready()
  const threads = backend.threads()
  const start = performance.now()
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const faults: string[] = []
  const judging = Effect.gen(function* () {
    for (const form of readCases(name, source)) {
      for (const check of form.checks) {
        const verdict = yield* judge(form, check, float)
        counts[verdict.tag]++
        if (verdict.tag === 'failed') faults.push(`${form.name}  ${check.kind}  ${verdict.why}`)
      }
    }
    return { ...counts, faults, threads, seconds: (performance.now() - start) / 1000 }
  })
  try {
    return await Effect.runPromise(judging.pipe(Effect.provideService(Backend, backend)))
  } finally {
    backend.close()
  }
}
