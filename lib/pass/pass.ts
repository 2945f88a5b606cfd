/**
 * A pass is a name, a sentence and a pure function; `optimise` runs passes in order.
 *
 *   optimise(f, standard, { verify: true, onPass: (change) => … })
 *
 * With `verify`, a pass that breaks the program, or changes its type, is blamed by name. `onPass`
 * hears of each pass that changed something; `difference` (difference.ts) says what.
 */
import { fail } from '../data/index.js'
import { type Func, showType, verify } from '../term/index.js'

export interface Pass {
  readonly name: string
  /** What it does, for people, in one sentence. */
  readonly sentence: string
  /** It changes no bit of any result. Others may change roundings. */
  readonly exact?: boolean
  /** It erases what derivatives read, and comes after them alone. */
  readonly late?: boolean
  readonly run: (func: Func) => Func
}

/** One pass that changed the program. */
export interface Change {
  readonly pass: Pass
  readonly before: Func
  readonly after: Func
}

export interface OptimiseOptions {
  /** Check the program after each pass. Default: false. */
  readonly verify?: boolean
  readonly onPass?: (change: Change) => void
}

/** The function after all passes; its parameters and the types of its results stay as they are. */
export function optimise(func: Func, passes: readonly Pass[], options: OptimiseOptions = {}): Func {
  return passes.reduce((before, pass) => {
    const after = pass.run(before)
    if (options.verify === true) blame(pass, before, after)
    if (options.onPass !== undefined && !sameFunc(before, after)) {
      options.onPass({ pass, before, after })
    }
    return after
  }, func)
}

/** Whether two functions are the same up to names. */
export function sameFunc(a: Func, b: Func): boolean {
  if (a === b) return true
  if (a.nodes.length !== b.nodes.length) return false
  const large = new Map<object, number>()
  return a.key(large) === b.key(large)
}

function blame(pass: Pass, before: Func, after: Func): void {
  const where = `pass '${pass.name}'`
  verify(after, where)
  const [was, is] = [before, after].map(signature)
  if (was === is) return
  fail({ code: 'verify', where, what: `it turned ${was} into ${is}`, expected: 'the same types' })
}

const signature = (func: Func): string =>
  `(${func.params.map(showType).join(', ')}) → (${func.results.map(showType).join(', ')})`
