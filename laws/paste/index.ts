/**
 * What a counterexample is, to paste elsewhere.
 */
import { type NDArray, PullbackError, type Sizes } from '../../lib/data/index.js'
import type { Func } from '../../lib/term/index.js'
import { caseOf } from './case.js'
import { typescriptOf } from './typescript.js'

export { type CaseText, caseOf } from './case.js'
export { typescriptOf } from './typescript.js'

/** A program and inputs. */
export interface Pasteable {
  readonly func: Func
  readonly inputs: readonly NDArray[]
  readonly sizes: Sizes
}

/** The program of an input that laws are tried on, where it has one. */
export function pasteableOf(input: unknown): Pasteable | undefined {
  if (typeof input !== 'object' || input === null || !('func' in input)) return undefined
  const { func, inputs, args, sizes } = input as Partial<Pasteable> & { args?: Pasteable['inputs'] }
  const given = inputs ?? args
  // Programs and points have them all.
  return func === undefined || given === undefined
    ? undefined
    : { func, inputs: given, sizes: sizes ?? {} }
}

/** TypeScript, and a case file or why there is none. */
export function pasted({ func, inputs, sizes }: Pasteable): string {
  return `as TypeScript:\n${typescriptOf(func, inputs)}as a case file:\n${fileOf(func, inputs, sizes)}`
}

function fileOf(func: Func, inputs: readonly NDArray[], sizes: Sizes): string {
  try {
    const text = caseOf(func, inputs, sizes)
    return 'text' in text ? text.text : `none: case files have no word for ${text.missing}`
  } catch (error) {
    if (!(error instanceof PullbackError)) throw error
    return `none: the reference has no value, ${error.message}`
  }
}
