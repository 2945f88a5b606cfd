/**
 * The command line in this process, for its tests: arguments in, lines and ending out.
 */

import * as CliConfig from 'effect/cli/CliConfig'
import * as Command from 'effect/cli/Command'
import * as GlobalFlag from 'effect/cli/GlobalFlag'
import * as Effect from 'effect/Effect'
import * as Layer from 'effect/Layer'
import { TestConsole } from 'effect/testing'
import { pullback } from './command.js'
import { type Ending, endingOf } from './failure.js'
import { platform } from './platform.js'

export interface Ended extends Ending {
  readonly lines: readonly string[]
}

export const runCommand = (...args: readonly string[]): Promise<Ended> =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(Command.runWith(pullback, { version: '1.2.3' })(args))
    const lines = yield* TestConsole.logLines
    return { ...endingOf(exit, false), lines: lines.map(String) }
  }).pipe(
    Effect.provide(
      Layer.mergeAll(
        platform,
        TestConsole.layer,
        CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version] }),
      ),
    ),
    Effect.runPromise,
  )
