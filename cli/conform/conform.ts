/**
 * Conform: case files against a backend.
 *
 *   pullback conform [--backend NAME] [--dtype f64|f32] FILE|FOLDER …
 *
 * A line for each failing check, none for a passing one, and the count. All files are read before
 * anything runs: a malformed one ends the command.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as Console from 'effect/Console'
import * as Effect from 'effect/Effect'
import { attempt, type Backend } from '../../backends/backend.js'
import { fail, type PullbackError } from '../../lib/data/index.js'
import { ChecksFailed } from '../failure.js'
import type { Float } from './build.js'
import { type CaseForm, readCases } from './form.js'
import { judge } from './judge.js'

export interface ConformOptions {
  readonly paths: readonly string[]
  readonly float: Float
  /** Print the stack of what a check threw. */
  readonly trace: boolean
}

export const conform = ({
  paths,
  float,
  trace,
}: ConformOptions): Effect.Effect<void, PullbackError | ChecksFailed, Backend> =>
  Effect.gen(function* () {
    const forms = yield* attempt(() => formsOf(paths))
    const count = { passed: 0, failed: 0, skipped: 0 }
    for (const form of forms) {
      for (const check of form.checks) {
        const verdict = yield* judge(form, check, float)
        count[verdict.tag]++
        if (verdict.tag !== 'failed') continue
        yield* Console.log(`FAIL  ${form.name}  ${check.kind}${wrtOf(check)}  ${verdict.why}`)
        if (trace && verdict.cause instanceof Error) yield* Console.log(verdict.cause.stack)
      }
    }
    const skipped = count.skipped === 0 ? '' : `, ${count.skipped} skipped`
    yield* Console.log(`${count.passed} passed, ${count.failed} failed${skipped}`)
    if (count.failed > 0) yield* Effect.fail(new ChecksFailed())
  })

/** The cases of files and folders; nothing to check is an error. */
export function formsOf(paths: readonly string[]): readonly CaseForm[] {
  const forms = paths.flatMap(caseFiles).flatMap(readFile)
  if (forms.some(({ checks }) => checks.length > 0)) return forms
  return fail({ code: 'input', where: paths.join(', ') || 'no file', what: 'no checks' })
}

const wrtOf = ({ wrt }: CaseForm['checks'][number]): string =>
  wrt === undefined ? '' : ` in ${wrt.join(', ')}`

/** Bytes beyond which a file is refused: V8 has no string of 2²⁹ characters. */
const limit = 2 ** 28

/** A file as it is; of a folder its `.json` files, by name, and those of the folders in it. */
function caseFiles(path: string): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) {
    return fail({ code: 'input', where: path, what: 'no such file or folder' })
  }
  if (!stat.isDirectory()) {
    if (stat.size <= limit) return [path]
    return fail({
      code: 'limit',
      where: path,
      what: `${stat.size} bytes`,
      expected: `at most ${limit}`,
      fix: 'Split the file',
    })
  }
  const entries = readdirSync(path, { withFileTypes: true })
  const inside = entries
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.json'))
    .map((entry) => join(path, entry.name))
    .sort()
    .flatMap(caseFiles)
  if (inside.length > 0) return inside
  return fail({ code: 'input', where: path, what: 'a folder without .json files' })
}

function readFile(path: string): readonly CaseForm[] {
  try {
    return readCases(path, readFileSync(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error
    return fail({ code: 'input', where: path, what: `cannot be read: ${String(error.code)}` })
  }
}
