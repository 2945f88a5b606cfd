/**
 * Train: the main job. A classifier of handwritten digits, from random weights to its test.
 *
 *   pullback train [--epochs N] [--batch N] [--rate X] [--seed N] [--backend NAME]
 *
 * On a terminal the progress is one line that moves; elsewhere, a line an epoch. Below 95 % on the
 * test digits the command fails.
 */
import * as Console from 'effect/Console'
import * as Effect from 'effect/Effect'
import * as Stdio from 'effect/Stdio'
import { attempt, Backend } from '../../backends/backend.js'
import { fail, PullbackError } from '../../lib/data/index.js'
import { ChecksFailed } from '../failure.js'
import { readDigits } from './digits.js'
import { type LearnOptions, learn } from './learn.js'
import { step } from './model.js'
import { compiledLines, confusion, type Progress, percent, progressLine } from './report.js'

const wanted = 0.95

export const train = (options: LearnOptions) =>
  Effect.gen(function* () {
    const { training, test } = yield* attempt(() => {
      checkOptions(options)
      return readDigits()
    })
    const backend = yield* Backend
    const moving = yield* (yield* Stdio.Stdio).stdoutIsTerminal
    const many = (n: number) => n.toLocaleString('en-US')
    yield* Console.log(
      `${many(training.count)} digits to train with, every tenth of all, ${many(test.count)}, ` +
        `to test; on ${backend.name}`,
    )
    const { predicted, seconds, compiled } = yield* Effect.tryPromise({
      try: () => learn(backend, training, test, options, reporter(moving)),
      catch: (error) => error,
    }).pipe(Effect.catch((e) => (e instanceof PullbackError ? Effect.fail(e) : Effect.die(e))))
    const right = test.labels.filter((label, i) => label === predicted[i]).length
    const accuracy = right / test.count
    yield* Console.log(`\n${confusion(test.labels, predicted)}\n`)
    yield* Console.log(compiledLines(step, options.batch, compiled))
    yield* Console.log(
      `\ntest accuracy ${percent(accuracy)}: ${right} of ${test.count}, ` +
        `after ${seconds.toFixed(1)} s of training`,
    )
    if (accuracy < wanted) {
      yield* Console.log(`below the ${percent(wanted)} that it must reach`)
      yield* Effect.fail(new ChecksFailed())
    }
  })

/** Shows progress: in place on a terminal, else when an epoch is done. */
const reporter =
  (moving: boolean) =>
  (progress: Progress): void => {
    const isLast = progress.done === progress.total
    const line = progressLine(progress)
    if (moving) process.stdout.write(`\r${line}${isLast ? '\n' : ''}`)
    else if (isLast) process.stdout.write(`${line}\n`)
  }

function checkOptions({ epochs, batch, rate }: LearnOptions): void {
  const counts = epochs >= 1 && batch >= 1
  if (counts && rate > 0) return
  fail({
    code: 'input',
    where: 'train',
    what: counts ? `--rate is ${rate}` : `--epochs ${epochs} --batch ${batch}`,
    expected: counts ? 'a positive number' : 'whole numbers from 1',
  })
}
