/**
 * A case file on a backend: how many of its checks pass, and what is wrong with the others.
 */
import * as Effect from 'effect/Effect'
import { Backend, type BackendService } from '../../backends/backend.js'
import { makeWasm } from '../../backends/wasm/index.js'
import { makeWebgpu } from '../../backends/webgpu/index.js'
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

/** A backend for the page, to be closed. */
export interface Opened {
  readonly backend: BackendService
  /** What it runs on, for the title. */
  readonly name: string
  /** How many run every program. */
  readonly threads: () => number
  readonly close: () => void
}

/** WebAssembly on so many threads, or on one where the page may have no more. */
export async function openWasm(wanted: number): Promise<Opened> {
  const backend = makeWasm({ threads: wanted, leastGain: Number.NEGATIVE_INFINITY })
  await backend.ready()
  return { backend, name: 'WebAssembly', threads: backend.threads, close: backend.close }
}

/** The browser's GPU; fails where it offers none. */
export async function openWebgpu(): Promise<Opened> {
  const backend = await makeWebgpu()
  const name = `WebGPU (${backend.adapter})`
  return { backend, name, threads: () => 1, close: backend.close }
}

/** Runs every check of a file's text; `name` stands for it in errors. */
export async function runCases(
  { backend, threads }: Opened,
  name: string,
  source: string,
  float: Float,
): Promise<Tally> {
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
    const seconds = (performance.now() - start) / 1000
    return { ...counts, faults, threads: threads(), seconds }
  })
  return Effect.runPromise(judging.pipe(Effect.provideService(Backend, backend)))
}
