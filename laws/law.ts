/**
 * Laws: plain values that say what must hold, why, and how to look for a counterexample.
 *
 *   for (const law of derivativeLaws(f)) test(law.name, () => hold(law, { runs: 100 }))
 *
 * `hold` throws under vitest, under node:test, or anywhere; `refute` gives the counterexample as a
 * value; `property` is a property of fast-check. A law of which no run could decide anything (all
 * at kinks, say) counts as refuted: it was not put to the test.
 */
import fc from 'fast-check'
import { fail, PullbackError } from '../lib/data/index.js'
import { holds, type Measured } from './measured.js'
import { pasteableOf, pasted } from './paste/index.js'

export interface Law {
  readonly name: string
  /** Why it holds: a formula, a definition or a paper. */
  readonly source: string
  readonly refute: (options?: RunOptions) => Refutation | undefined
  /** The same, and how much was tried. */
  readonly examine: (options?: RunOptions) => Examined
  readonly property: () => fc.IProperty<[unknown]>
}

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
}

/** How a law fared. */
export interface Examined {
  /** Inputs drawn, those of shrinking not counted. */
  readonly runs: number
  /** Inputs that the check could decide. */
  readonly decided: number
  readonly refutation: Refutation | undefined
}

/** Why a law does not hold. */
export interface Refutation {
  readonly law: Law
  /** What was compared, and how far apart it is; undefined where the law ended in an error. */
  readonly measured: Measured | undefined
  /** What was thrown instead of a measure. */
  readonly error: unknown
  readonly reason: string
  /** The smallest input found, pasteable where it is a program; empty if no run decided any. */
  readonly counterexample: string
  /** The same as TypeScript and as a case file, where it is a program; empty otherwise. */
  readonly pasteable: string
  readonly seed: number
  readonly path: string
  /** How many runs it took. */
  readonly runs: number
}

/** A law over inputs; a check that can decide nothing about its input gives undefined. */
export function law<A>(
  name: string,
  source: string,
  inputs: fc.Arbitrary<A>,
  check: (input: A) => Measured | undefined,
): Law {
  const decide = (input: A, decided: () => void): void => {
    const measured = check(input)
    if (measured === undefined) return
    decided()
    if (!holds(measured)) fail({ code: 'law', where: name, what: inWords(measured) })
  }
  // Properties of any input are properties of unknown ones to those who only run them.
  const property = (decided: () => void = () => {}) =>
    fc.property(inputs, (input) => decide(input, decided)) as fc.IProperty<[unknown]>
  const self: Law = { name, source, property: () => property(), refute, examine }

  function refute(options: RunOptions = {}): Refutation | undefined {
    return examine(options).refutation
  }

  function examine(options: RunOptions = {}): Examined {
    const { runs = 100, seed, path, patience, shrink = true } = options
    let count = 0
    const details = fc.check(
      property(() => {
        count++
      }),
      {
        numRuns: runs,
        endOnFailure: !shrink,
        ...(seed === undefined ? {} : { seed }),
        ...(path === undefined ? {} : { path }),
        ...(patience === undefined ? {} : { interruptAfterTimeLimit: patience }),
      },
    )
    const { counterexample, errorInstance } = details
    const found = { law: self, seed: details.seed, runs: details.numRuns }
    const tried = { runs: details.numRuns, decided: count }
    if (counterexample === null) {
      if (count > 0) return { ...tried, refutation: undefined }
      const reason = `none of ${details.numRuns} runs could decide it`
      const nothing = { measured: undefined, error: undefined, counterexample: '', pasteable: '' }
      return { ...tried, refutation: { ...found, ...nothing, reason, path: '' } }
    }
    const input = counterexample[0] as A // what the property above was drawn from
    const measured = measuredAt(() => check(input))
    const error = errorInstance instanceof Error ? wordsOf(errorInstance) : String(errorInstance)
    const refutation: Refutation = {
      ...found,
      measured,
      error: measured === undefined ? errorInstance : undefined,
      reason: measured === undefined ? error : inWords(measured),
      counterexample: fc.stringify(input),
      pasteable: pasteableText(input),
      path: details.counterexamplePath ?? '',
    }
    return { ...tried, refutation }
  }
  return self
}

/** Of programs and points. */
function pasteableText(input: unknown): string {
  const program = pasteableOf(input)
  return program === undefined ? '' : pasted(program)
}

function measuredAt(check: () => Measured | undefined): Measured | undefined {
  try {
    return check()
  } catch {
    return undefined
  }
}

/** Faults of a rule are told in a line; those of a law's own code need their stack. */
const wordsOf = (error: Error): string =>
  error instanceof PullbackError ? error.message : (error.stack ?? error.message)

/** `result 0[3]: 1.5 and 1.25 are 3e+13 ulps apart; 12 are allowed` */
export function inWords({ where, found, wanted, ulps, allowed }: Measured): string {
  if (ulps === Infinity && found === wanted) return where
  const apart = Number.isNaN(ulps) ? 'not comparable' : `${show(ulps)} ulps apart`
  return `${where}: ${found} and ${wanted} are ${apart}; ${show(allowed)} are allowed`
}

const show = (x: number): string => String(Number(x.toPrecision(3)))

/** Throws a PullbackError with the report where the law does not hold. */
export function hold(law: Law, options: RunOptions = {}): void {
  const refutation = law.refute(options)
  if (refutation !== undefined) fail({ code: 'law', what: report(refutation) })
}

/** Throws for the first law that does not hold. */
export const holdAll = (laws: readonly Law[], options: RunOptions = {}): void => {
  for (const each of laws) hold(each, options)
}

/** Those that do not hold, with their counterexamples. */
export const refutations = (
  laws: readonly Law[],
  options: RunOptions = {},
): readonly Refutation[] => laws.flatMap((each) => each.refute(options) ?? [])

/** Which law, where, how far off, at what input, and how to see it again. */
export function report(refutation: Refutation): string {
  const { law, reason, counterexample, pasteable, seed, path, runs } = refutation
  const again = path === '' ? `seed ${seed}` : `seed ${seed}, path '${path}'`
  const input = counterexample === '' ? '' : `\nat ${counterexample.trim()}`
  const paste = pasteable === '' ? '' : `\n${pasteable}`
  return `${law.name}\nis broken: ${reason}${input}\nsource: ${law.source}\nrun ${runs}, ${again}${paste}`
}
