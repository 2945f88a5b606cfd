/**
 * The entry of the command line: arguments in, exit code out.
 */
import { readFileSync } from 'node:fs'
import * as CliConfig from 'effect/cli/CliConfig'
import * as Command from 'effect/cli/Command'
import * as GlobalFlag from 'effect/cli/GlobalFlag'
import * as Effect from 'effect/Effect'
import * as Layer from 'effect/Layer'
import { pullback } from './command.js'
import { endingOf } from './failure.js'
import { platform } from './platform.js'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const args = process.argv.slice(2)

// A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

// No await at the top: a command may load this very file, which must be done by then.
void Command.runWith(pullback, { version })(args)
  .pipe(
    Effect.provide(
      Layer.merge(platform, CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version] })),
    ),
    Effect.runPromiseExit,
  )
  .then((exit) => {
    const { code, message } = endingOf(exit, args.includes('--trace'))
    if (message !== undefined) process.stderr.write(`pullback: ${message}\n`)
    process.exitCode = code
  })
