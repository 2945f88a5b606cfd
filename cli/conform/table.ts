/**
 * Case files on every backend and dtype: how many checks pass, as a table. CI prints it.
 *
 *   npm run -s table -- ../shared/cases
 *
 *   backend    dtype  passed  failed  skipped
 *   reference  f64      1204       0        0
 *
 * A report: `conform` is the check. A backend that this machine has not is named so. Exit code 2
 * where there is nothing to check.
 */
import * as Effect from 'effect/Effect'
import { PullbackError } from '../../lib/data/index.js'
import { backendNamed, backendNames } from '../backends.js'
import { formsOf } from './conform.js'
import type { CaseForm } from './form.js'
import { judge } from './judge.js'

function formsOrEnd(): readonly CaseForm[] {
  try {
    return formsOf(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof PullbackError)) throw error
    process.stderr.write(`table: ${error.message}\n`)
    return process.exit(2)
  }
}

const forms = formsOrEnd()
const rows = [['backend', 'dtype', 'passed', 'failed', 'skipped']]

for (const name of backendNames) {
  for (const float of ['f64', 'f32'] as const) {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    const all = Effect.gen(function* () {
      for (const form of forms) {
        for (const check of form.checks) counts[(yield* judge(form, check, float)).tag]++
      }
    }).pipe(Effect.provide(backendNamed(name, { threads: undefined })))
    const exit = await Effect.runPromiseExit(all)
    const cells = [counts.passed, counts.failed, counts.skipped].map(String)
    rows.push([name, float, ...(exit._tag === 'Success' ? cells : ['not on this machine', '', ''])])
  }
}

const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
for (const row of rows) {
  const cells = row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
  console.log(cells.join('  ').trimEnd())
}
