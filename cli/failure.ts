/**
 * How a command ends, as exit codes that scripts can use.
 *
 *   0 done · 1 checks failed · 2 wrong usage or malformed input · 3 a defect of Pullback itself
 */
import * as Cause from 'effect/Cause'
import * as CliError from 'effect/cli/CliError'
import * as Data from 'effect/Data'
import * as Exit from 'effect/Exit'
import { PullbackError } from '../lib/data/index.js'

/** Some checks failed, and have been reported. */
export class ChecksFailed extends Data.TaggedError('ChecksFailed') {}

export interface Ending {
  readonly code: 0 | 1 | 2 | 3
  /** For standard error; nothing where all has been said. */
  readonly message: string | undefined
}

/** How a finished command ends. With `trace` messages carry their stack. */
export function endingOf(exit: Exit.Exit<unknown, unknown>, trace: boolean): Ending {
  if (Exit.isSuccess(exit)) return { code: 0, message: undefined }
  if (Cause.hasInterruptsOnly(exit.cause)) return { code: 1, message: 'interrupted' }
  const error = Cause.squash(exit.cause)
  if (error instanceof ChecksFailed) return { code: 1, message: undefined }
  if (CliError.isCliError(error)) {
    const shown = error._tag === 'ShowHelp'
    return { code: shown && error.errors.length === 0 ? 0 : 2, message: undefined }
  }
  if (error instanceof PullbackError) return { code: 2, message: said(error, trace) }
  return { code: 3, message: `a defect: ${said(error, trace)}` }
}

function said(error: unknown, trace: boolean): string {
  if (!(error instanceof Error)) return String(error)
  return trace ? (error.stack ?? error.message) : error.message
}
