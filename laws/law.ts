/**
 * Laws: plain values that say what must hold, why, and how to look for a counterexample.
 *
 *   for (const law of derivativeLaws(f)) test(law.name, () => hold(law, { runs: 100 }))
 *
 * `hold` throws under vitest, under node:test, or anywhere; `refute` gives the counterexample as a
 * value; `property` is a property of fast-check. A law of what answers later (`later.ts`) gives
 * promises of the same. A law of which no run could decide anything (all at kinks, say) counts as
 * refuted: it was not put to the test.
 */
import fc from 'fast-check'
import { fail } from '../lib/data/index.js'
import { needs, needsMembers } from './given.js'
import type { LaterLaw } from './later.js'
import type { Measured } from './measured.js'
import { type Pasteable, pasteableOf } from './paste/index.js'
import { faultOf, isReducible, reductions } from './reduce/reduce.js'
import { decide, type Examined, examined, parametersOf, type Refutation, report } from './report.js'

export interface Law {
  readonly name: string
  /** Why it holds: a formula, a definition or a paper. */
  readonly source: string
  readonly refute: (options?: RunOptions) => Refutation | undefined
  /** The same, and how much was tried. */
  readonly examine: (options?: RunOptions) => Examined
  readonly property: () => fc.IProperty<[unknown]>
}

/** Of what answers at once, or later: `hold`, `refute` and `examine` of the latter are awaited. */
export type AnyLaw = Law | LaterLaw

export interface RunOptions {
  /** Default: 100. */
  readonly runs?: number
  /** Default: another one each time; a refutation says which. */
  readonly seed?: number
  /** With the seed, leads straight to the counterexample. */
  readonly path?: string
  /** Look for a smaller counterexample. Default: true. */
  readonly shrink?: boolean
  /** Milliseconds after which no further input is drawn. Default: none. */
  readonly patience?: number
  /** Called before each input, those of shrinking included: to show that it goes on. */
  readonly onInput?: () => void
}

/** A law over inputs; a check that can decide nothing about its input gives undefined. */
export function law<A>(
  name: string,
  source: string,
  inputs: fc.Arbitrary<A>,
  check: (input: A) => Measured | undefined,
): Law {
  // Properties of any input are properties of unknown ones to those who only run them.
  const property = (decided: () => void = () => {}, onInput: () => void = () => {}) =>
    fc.property(inputs, (input) => {
      onInput()
      decide(name, check(input), decided)
    }) as fc.IProperty<[unknown]>
  const self: Law = { name, source, property: () => property(), refute, examine }

  function refute(options: RunOptions = {}): Refutation | undefined {
    return examine(options).refutation
  }

  function examine(options: RunOptions = {}): Examined {
    const parameters = parametersOf(name, options)
    let count = 0
    const details = fc.check(
      property(() => {
        count++
      }, options.onInput),
      parameters,
    )
    const found = details.counterexample && smallest(details.counterexample[0] as A, options)
    return examined(self, details, count, found && { input: found, measured: measuredAt(found) })
  }

  /** What is left of a random program where nothing more can be taken away. */
  function smallest(input: A, { shrink = true }: RunOptions): A {
    const program = shrink && isReducible(input) ? pasteableOf(input) : undefined
    if (program === undefined || !isReducible(input)) return input
    const fault = faultAt(input)
    const search = reductions(program)
    const at = (less: Pasteable) => input.within(less) as A // inputs of the law stay such
    let step = search.next()
    while (!step.done) step = search.next(faultAt(at(step.value)) === fault)
    return at(step.value)
  }

  function faultAt(input: A): string | undefined {
    try {
      return faultOf({ measured: check(input) })
    } catch (error) {
      return faultOf({ error })
    }
  }

  function measuredAt(input: A): Measured | undefined {
    try {
      return check(input)
    } catch {
      return undefined
    }
  }
  return self
}

/** Throws a PullbackError with the report where the law does not hold; rejects where it is of later. */
export function hold(law: Law, options?: RunOptions): void
export function hold(law: LaterLaw, options?: RunOptions): Promise<void>
export function hold(law: AnyLaw, options?: RunOptions): void | Promise<void>
export function hold(law: AnyLaw, options: RunOptions = {}): void | Promise<void> {
  needsLaw('hold', law)
  const found = law.refute(options)
  return found instanceof Promise ? found.then(refuse) : refuse(found)
}

function refuse(refutation: Refutation | undefined): void {
  if (refutation !== undefined) fail({ code: 'law', what: report(refutation) })
}

/** Throws for the first law that does not hold. */
export function holdAll(laws: readonly Law[], options: RunOptions = {}): void {
  needs('holdAll', laws, Array.isArray(laws), 'a list of laws')
  for (const each of laws) hold(each, options)
}

/** Those that do not hold, with their counterexamples. */
export function refutations(laws: readonly Law[], options: RunOptions = {}): readonly Refutation[] {
  needs('refutations', laws, Array.isArray(laws), 'a list of laws')
  return laws.flatMap((each) => {
    needsLaw('refutations', each)
    return each.refute(options) ?? []
  })
}

const needsLaw = (where: string, law: AnyLaw): void =>
  needsMembers(where, law, { name: 'string', refute: 'function' }, 'a law')
