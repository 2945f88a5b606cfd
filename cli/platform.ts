/**
 * What `effect/cli` wants of the platform, on Node's own modules.
 *
 * The commands ask no questions and take no editor, so terminal input and child processes are
 * refused; files are read by the commands themselves. `@effect/platform-node` would bring these
 * services with undici and a newer Node than Pullback asks for.
 */
import * as Effect from 'effect/Effect'
import * as FileSystem from 'effect/FileSystem'
import * as Layer from 'effect/Layer'
import * as Path from 'effect/Path'
import * as ChildProcessSpawner from 'effect/process/ChildProcessSpawner'
import * as Stdio from 'effect/Stdio'
import * as Terminal from 'effect/Terminal'

const refused = Effect.die('Pullback asks no questions')

export const platform = Layer.mergeAll(
  FileSystem.layerNoop({}),
  Path.layer,
  Stdio.layerTest({
    stdinIsTerminal: Effect.sync(() => process.stdin.isTTY),
    stdoutIsTerminal: Effect.sync(() => process.stdout.isTTY),
    stderrIsTerminal: Effect.sync(() => process.stderr.isTTY),
  }),
  Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: Effect.sync(() => process.stdout.columns ?? 80),
      rows: Effect.sync(() => process.stdout.rows ?? 24),
      size: refused,
      readInput: refused,
      readLine: refused,
      display: (text) => Effect.sync(() => void process.stdout.write(text)),
    }),
  ),
  Layer.succeed(
    ChildProcessSpawner.ChildProcessSpawner,
    ChildProcessSpawner.make(() => refused),
  ),
)
