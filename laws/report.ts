/**
 * Report: what became of a law, and a refutation in words.
 *
 *   sin, sample 0: the jvp agrees with differences
 *   is broken: tangent 0[1] and a difference: 1.5 and 1.25 are 3e+13 ulps apart; 12 are allowed
 */
import fc from 'fast-check'
import { fail, PullbackError } from '../lib/data/index.js'
import {
  called,
  flag,
  integer,
  needOptions,
  type Options,
  positive,
  text,
  whole,
} from '../lib/lang/options.js'
import { needsMembers } from './given.js'
import type { AnyLaw, RunOptions } from './law.js'
import { holds, type Measured } from './measured.js'
import { pasteableOf, pasted } from './paste/index.js'

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
  readonly law: AnyLaw
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

/** Passes where a check could not decide or agrees, counting the latter; fails in words. */
export function decide(name: string, measured: Measured | undefined, decided: () => void): void {
  if (measured === undefined) return
  decided()
  if (!holds(measured)) fail({ code: 'law', where: name, what: inWords(measured) })
}

const runOptions: Options<RunOptions> = {
  runs: whole(1),
  seed: integer,
  path: text,
  shrink: flag,
  patience: positive,
  onInput: called,
}

/** As fast-check names them; refuses what is no options of a run of the law. */
export function parametersOf(law: string, options: RunOptions) {
  needOptions(law, 1, runOptions, options)
  const { runs = 100, seed, path, patience, shrink = true } = options
  return {
    numRuns: runs,
    ...(shrink ? {} : { endOnFailure: true }),
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
    ...(patience === undefined ? {} : { interruptAfterTimeLimit: patience }),
  }
}

/** A counterexample, with what is measured there if the law ends in a measure. */
export interface Found {
  readonly input: unknown
  readonly measured: Measured | undefined
}

/** What fast-check found, reduced; null where the law held. */
export function examined(
  law: AnyLaw,
  details: fc.RunDetails<[unknown]>,
  decided: number,
  counterexample: Found | null,
): Examined {
  const { errorInstance } = details
  const found = { law, seed: details.seed, runs: details.numRuns }
  const tried = { runs: details.numRuns, decided }
  if (counterexample === null) {
    if (decided > 0) return { ...tried, refutation: undefined }
    const reason = `none of ${details.numRuns} runs could decide it`
    const nothing = { measured: undefined, error: undefined, counterexample: '', pasteable: '' }
    return { ...tried, refutation: { ...found, ...nothing, reason, path: '' } }
  }
  const { input, measured } = counterexample
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

/** Which law, where, how far off, at what input, and how to see it again. */
export function report(refutation: Refutation): string {
  const members = { law: 'object', reason: 'string', counterexample: 'string' } as const
  needsMembers('report', refutation, members, 'a refutation')
  const { law, reason, counterexample, pasteable, seed, path, runs } = refutation
  const again = path === '' ? `seed ${seed}` : `seed ${seed}, path '${path}'`
  const input = counterexample === '' ? '' : `\nat ${counterexample.trim()}`
  const paste = pasteable === '' ? '' : `\n${pasteable}`
  return `${law.name}\nis broken: ${reason}${input}\nsource: ${law.source}\nrun ${runs}, ${again}${paste}`
}

/** Faults of a rule are told in a line; those of a law's own code need their stack. */
const wordsOf = (error: Error): string =>
  error instanceof PullbackError ? error.message : (error.stack ?? error.message)

/** `result 0[3]: 1.5 and 1.25 are 3e+13 ulps apart; 12 are allowed` */
export function inWords(measured: Measured): string {
  const members = { where: 'string', ulps: 'number', allowed: 'number' } as const
  needsMembers('inWords', measured, members, 'a measure')
  const { where, found, wanted, ulps, allowed } = measured
  if (ulps === Infinity && found === wanted) return where
  const apart = Number.isNaN(ulps) ? 'not comparable' : `${show(ulps)} ulps apart`
  return `${where}: ${found} and ${wanted} are ${apart}; ${show(allowed)} are allowed`
}

/** Three digits: `12`, `0.5`, `3e+13`. */
const show = (x: number): string =>
  Math.abs(x) < 1e6 ? String(Number(x.toPrecision(3))) : x.toExponential(2).replace(/\.?0*e/, 'e')

/** Of programs and points. */
function pasteableText(input: unknown): string {
  const program = pasteableOf(input)
  return program === undefined ? '' : pasted(program)
}
