/**
 * What is malformed is refused in words: a PullbackError, at once, and nothing else.
 *
 * The term parser, schedules from JSON and on kernels, case files from reading to verdict, and every
 * function of the published entries on arguments of any kind. What is accepted must be sound: a
 * parsed program verifies and reads back, a schedule that applies leaves a kernel that verifies.
 */
import * as Effect from 'effect/Effect'
import fc from 'fast-check'
import { Backend } from '../../backends/backend.js'
import { makeReference } from '../../backends/index.js'
import { laterLaw } from '../../laws/later.js'
import { type AnyLaw, law } from '../../laws/law.js'
import { agreed, broken, type Measured } from '../../laws/measured.js'
import { caseOf } from '../../laws/paste/index.js'
import { programs } from '../../laws/programs.js'
import { PullbackError } from '../../lib/data/index.js'
import { compile } from '../../lib/loop/compile.js'
import { verifyKernel } from '../../lib/loop/index.js'
import {
  chainKernel,
  enumerateSchedules,
  matmulKernel,
  programScheduleFromJson,
  programScheduleToJson,
  scheduleFromJson,
  scheduleToJson,
  sumsKernel,
  tryApply,
  wasmHardware,
} from '../../lib/loop/schedule/index.js'
import { ops } from '../../lib/ops/index.js'
import { sameFunc } from '../../lib/pass/index.js'
import { parse, show, verify } from '../../lib/term/index.js'
import { readCases } from '../conform/form.js'
import { judge } from '../conform/judge.js'
import { entries, functionsOf } from './entries.js'
import { brokenTexts, brokenTrees } from './junk.js'
import { values } from './values.js'

/** Milliseconds of processor time that a small input may take at most. */
const patience = 10_000

const processorTime = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** A value or a PullbackError, soon. */
function refused<A>(run: () => A, sound: (value: A) => Measured = () => agreed('it')): Measured {
  const start = processorTime()
  try {
    const value = run()
    const spent = processorTime() - start
    return spent > patience ? broken(`it took ${spent} ms`) : sound(value)
  } catch (error) {
    if (error instanceof PullbackError) return agreed('it is refused')
    return broken(error instanceof Error ? (error.stack ?? error.message) : `${error} was thrown`)
  }
}

/** The same of what may be a promise. */
async function refusedLater(run: () => unknown): Promise<Measured> {
  const start = processorTime()
  try {
    await run()
  } catch (error) {
    if (!(error instanceof PullbackError)) {
      return broken(error instanceof Error ? (error.stack ?? error.message) : `${error} was thrown`)
    }
  }
  const spent = processorTime() - start
  return spent > patience ? broken(`it took ${spent} ms`) : agreed('it')
}

const source = 'expected failures are typed errors (DESIGN §8, STYLE 11)'
const kernels = [matmulKernel('M', 'K', 'N'), sumsKernel('M', 'N', 1), chainKernel('M', 'N')]
const schedules = kernels.flatMap((k) => [...enumerateSchedules(k, wasmHardware, 12)])
const turned = parse(
  `fn turned(x: f32[2, 3]) {
    %0: f32[2, 3] = tanh(x)
    %1: f32[3, 2] = transpose(%0) {perm: [1, 0]}
    return %1
  }`,
  ops,
)

/** Good inputs, each made when it is first broken: to make one costs more than to break it often. */
function pooled<A>(good: fc.Arbitrary<A>): fc.Arbitrary<A> {
  const made = new Map<number, A>()
  return fc.nat(499).map((seed) => {
    const [each] = made.has(seed) ? [] : fc.sample(good, { numRuns: 1, seed })
    if (each !== undefined) made.set(seed, each)
    return made.get(seed) as A // sampled above
  })
}

/** Well-formed case files of small programs. */
const cases: fc.Arbitrary<unknown> = pooled(
  programs({ steps: 5 }).map(({ func, inputs, sizes }) => {
    const text = caseOf(func, inputs, sizes)
    return 'text' in text ? (JSON.parse(text.text) as unknown) : { cases: [] }
  }),
)

const printed = pooled(programs({ mixed: true, steps: 8 }).map(({ func }) => show(func)))

export const malformedLaws = (): readonly AnyLaw[] => [
  law(
    'malformed: programs as text',
    source,
    brokenTexts(printed, [
      ...ops.map((op) => op.name),
      'fn',
      'return',
      'f64',
      'f64[3]',
      'n',
      '-',
      '1e999',
    ]),
    (text) =>
      refused(
        () => parse(text, ops),
        (func) => {
          verify(func, 'parse')
          return sameFunc(parse(show(func), ops), func)
            ? agreed('the text')
            : broken('it reads back otherwise')
        },
      ),
  ),
  law(
    'malformed: schedules as text',
    source,
    brokenTexts(fc.constantFrom(...schedules).map(scheduleToJson), [
      'split',
      'tag',
      'loop',
      '"by":0',
      'null',
    ]),
    (text) => refused(() => scheduleFromJson(text)),
  ),
  law(
    'malformed: all decisions about a program as text',
    'what reads back is legal for the program, or refused with the reason',
    brokenTexts(
      fc.constantFrom(...schedules).map((kernel) => {
        const layout = { tag: 'layout', value: '%0', order: [1, 0] } as const
        return programScheduleToJson({ layouts: [layout], kernels: [kernel] })
      }),
      ['"layouts":', '"kernels":', '"tag":"layout"', '"order":[0]', '"%1"', '-1', '[]', 'null'],
    ),
    (text) => refused(() => compile(turned, { decisions: programScheduleFromJson(text) })),
  ),
  law(
    'malformed: schedules on kernels',
    'a schedule is legal, and leaves a well-formed kernel, or is refused with the reason',
    fc.tuple(
      fc.constantFrom(...kernels),
      brokenTrees(fc.constantFrom(...schedules).map((s): unknown => JSON.parse(scheduleToJson(s)))),
    ),
    ([kernel, tree]) =>
      refused(
        () => tryApply(kernel, scheduleFromJson(JSON.stringify(tree))),
        (applied) => {
          if (applied.tag === 'illegal') return agreed(applied.why)
          const [fault] = verifyKernel(applied.kernel)
          return fault === undefined ? agreed('it applies') : broken(JSON.stringify(fault))
        },
      ),
  ),
  law('malformed: case files', source, brokenTrees(cases), (tree) =>
    refused(
      () => readCases('input.json', JSON.stringify(tree) ?? ''),
      (forms) => verdicts(forms),
    ),
  ),
  law(
    'malformed: case files as text',
    source,
    brokenTexts(
      cases.map((c) => JSON.stringify(c)),
      ['"op"', '[]', 'NaN', '1e999'],
    ),
    (text) =>
      refused(
        () => readCases('input.json', text),
        (forms) => verdicts(forms),
      ),
  ),
  ...Object.keys(entries).map(callsOf),
]

/** Calls of whatever an entry publishes. */
function callsOf(entry: string): AnyLaw {
  const functions = functionsOf(entry)
  const calls = fc.record({
    name: fc.constantFrom(...functions.keys()),
    args: fc.array(values, { maxLength: 4 }),
  })
  return laterLaw(
    `malformed: calls of pullback${entry.slice(1)}, ${functions.size} functions`,
    source,
    calls,
    ({ name, args }) => refusedLater(() => functions.get(name)?.(...args)),
  )
}

/** Each check ends in a verdict; what it failed by is a PullbackError too. */
function verdicts(forms: ReturnType<typeof readCases>): Measured {
  for (const form of forms) {
    for (const check of form.checks) {
      const verdict = Effect.runSync(
        judge(form, check, 'f64').pipe(Effect.provideService(Backend, makeReference())),
      )
      if (verdict.tag !== 'failed' || verdict.cause === undefined) continue
      if (!(verdict.cause instanceof PullbackError)) {
        return broken(
          verdict.cause instanceof Error ? (verdict.cause.stack ?? '') : String(verdict.cause),
        )
      }
    }
  }
  return agreed('each check has a verdict')
}
