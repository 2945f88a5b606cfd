/**
 * A case file on the wasm backend: how many of its checks pass, and what is wrong with the others.
 */
import * as Effect from 'effect/Effect'
import { wasm } from '../../backends/wasm/index.js'
import type { Float } from '../../cli/conform/build.js'
import { readCases } from '../../cli/conform/form.js'
import { judge } from '../../cli/conform/judge.js'

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly seconds: number
  /** One line a failing check. */
  readonly faults: readonly string[]
}

/** Runs every check of a file's text; `name` stands for it in errors. */
export function runCases(name: string, source: string, float: Float): Promise<Tally> {
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
    return { ...counts, faults, seconds: (performance.now() - start) / 1000 }
  })
  return Effect.runPromise(judging.pipe(Effect.provide(wasm())))
}
