/**
 * The command line: what each command takes, and which function it calls.
 */

import * as Argument from 'effect/cli/Argument'
import * as Command from 'effect/cli/Command'
import * as Flag from 'effect/cli/Flag'
import * as GlobalFlag from 'effect/cli/GlobalFlag'
import * as Effect from 'effect/Effect'
import { backendNames, backends } from './backends.js'
import { conform } from './conform/conform.js'

export const Trace = GlobalFlag.Setting('trace')({
  flag: Flag.Boolean('trace').pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription('Print the stack of errors'),
  ),
})

const backend = Flag.Literals('backend', backendNames).pipe(
  Flag.withDefault('reference'),
  Flag.withDescription('Where programs run'),
)

const conformCommand = Command.make('conform', {
  backend,
  dtype: Flag.Literals('dtype', ['f64', 'f32']).pipe(
    Flag.withDefault('f64'),
    Flag.withDescription('What the files’ f64 is run as; tolerances follow'),
  ),
  paths: Argument.String('path').pipe(
    Argument.withDescription('Case files, and folders of them'),
    Argument.variadic({ min: 1 }),
  ),
}).pipe(
  Command.withDescription('Run conformance cases and print the checks that fail'),
  Command.withHandler(({ backend, dtype, paths }) =>
    Effect.gen(function* () {
      const trace = yield* Trace
      yield* conform({ paths, float: dtype, trace }).pipe(Effect.provide(backends[backend]))
    }),
  ),
)

export const pullback = Command.make('pullback').pipe(
  Command.withDescription('Differentiable programs: check, look inside, train'),
  Command.withSubcommands([conformCommand]),
  Command.withGlobalFlags([Trace]),
)
