/**
 * The command line: what each command takes, and which function it calls.
 */

import * as Argument from 'effect/cli/Argument'
import * as Command from 'effect/cli/Command'
import * as Flag from 'effect/cli/Flag'
import * as GlobalFlag from 'effect/cli/GlobalFlag'
import * as Effect from 'effect/Effect'
import * as Option from 'effect/Option'
import { backendNamed, backendNames } from './backends.js'
import { check } from './check/check.js'
import { conform } from './conform/conform.js'
import { explain } from './explain/explain.js'
import { train } from './train/train.js'

export const Trace = GlobalFlag.Setting('trace')({
  flag: Flag.Boolean('trace').pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription('Print the stack of errors'),
  ),
})

const backend = Flag.Literals('backend', backendNames).pipe(
  Flag.withDefault('wasm'),
  Flag.withDescription('Where programs run'),
)

const threads = Flag.Int('threads').pipe(
  Flag.optional,
  Flag.map(Option.getOrUndefined),
  Flag.withDescription('How many threads large programs run on'),
)

const checked = Flag.Boolean('checked').pipe(
  Flag.withDefault(false),
  Flag.withDescription('An index out of range is an error, not clamped or dropped'),
)

const conformCommand = Command.make('conform', {
  backend,
  threads: threads.pipe(Flag.withDescription('How many threads every program runs on')),
  checked,
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
  Command.withHandler(({ backend, threads, checked, dtype, paths }) =>
    Effect.gen(function* () {
      const trace = yield* Trace
      const opened = backendNamed(backend, { threads, checked, always: true })
      yield* conform({ paths, float: dtype, trace }).pipe(Effect.provide(opened))
    }),
  ),
)

const address = Argument.String('function').pipe(
  Argument.withDescription('FILE#export: a function made by fn'),
)

const explainCommand = Command.make('explain', {
  backend,
  threads,
  checked,
  derivative: Flag.Boolean('derivative').pipe(
    Flag.withDefault(false),
    Flag.withDescription('Show jvp, linearization and transposition too'),
  ),
  orders: Flag.Boolean('orders').pipe(
    Flag.withDefault(false),
    Flag.withDescription('Compare differentiate-then-optimise with optimise-then-differentiate'),
  ),
  sources: Flag.Boolean('sources').pipe(
    Flag.withDefault(false),
    Flag.withDescription('Show the line that each op came from'),
  ),
  kernel: Flag.String('kernel').pipe(
    Flag.optional,
    Flag.withDescription('The kernel whose code to show; the first one otherwise'),
  ),
  all: Flag.Boolean('all').pipe(
    Flag.withDefault(false),
    Flag.withDescription('Show the code of every kernel'),
  ),
  profile: Flag.String('profile').pipe(
    Flag.optional,
    Flag.withDescription('Time the kernels of a call, and write a Chrome trace to this file'),
  ),
  size: Flag.String('size').pipe(
    Flag.withDefault(''),
    Flag.withDescription('Named sizes of the call that is profiled, as batch=128,n=64; else small'),
  ),
  address,
}).pipe(
  Command.withDescription('Print a function at each stage, with types and costs'),
  Command.withHandler(({ backend, threads, checked, kernel, profile, size, ...options }) =>
    explain({
      ...options,
      kernel: Option.getOrUndefined(kernel),
      profile: Option.map(profile, (path) => ({ path, sizes: size })).pipe(Option.getOrUndefined),
    }).pipe(Effect.provide(backendNamed(backend, { threads, checked }))),
  ),
)

const checkCommand = Command.make('check', {
  samples: Flag.Int('samples').pipe(
    Flag.withDefault(5),
    Flag.withDescription('How many random inputs'),
  ),
  seed: Flag.Int('seed').pipe(Flag.withDefault(0), Flag.withDescription('What they start from')),
  low: Flag.Finite('low').pipe(Flag.withDefault(-1), Flag.withDescription('Floats from here')),
  high: Flag.Finite('high').pipe(Flag.withDefault(1), Flag.withDescription('Floats up to here')),
  address,
}).pipe(
  Command.withDescription('Check the derivatives of a function at random inputs'),
  Command.withHandler(check),
)

const whole = (name: string, otherwise: number, description: string) =>
  Flag.Int(name).pipe(Flag.withDefault(otherwise), Flag.withDescription(description))

const trainCommand = Command.make('train', {
  backend,
  threads,
  checked,
  epochs: whole('epochs', 6, 'How often to see every digit'),
  batch: whole('batch', 100, 'Digits a step'),
  rate: Flag.Finite('rate').pipe(
    Flag.withDefault(0.2),
    Flag.withDescription('The first step size; it falls along a cosine'),
  ),
  seed: whole('seed', 0, 'What weights and order start from'),
}).pipe(
  Command.withDescription('Train a classifier of handwritten digits and test it'),
  Command.withHandler(({ backend, threads, checked, ...options }) =>
    train(options).pipe(Effect.provide(backendNamed(backend, { threads, checked }))),
  ),
)

export const pullback = Command.make('pullback').pipe(
  Command.withDescription('Differentiable programs: check, look inside, train'),
  Command.withSubcommands([conformCommand, explainCommand, checkCommand, trainCommand]),
  Command.withGlobalFlags([Trace]),
)
