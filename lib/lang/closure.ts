/**
 * What a function made by `fn` (or by a transformation of one) is at run time.
 *
 *   fn(inputs, body)  →  a callable with the fields of `FnFields`; its program is `closureOf(f)`
 *
 * Everything that takes functions (run, explain, laws, the transformations) reads the closure.
 */
import { fail } from '../data/index.js'
import type { Func, Term } from '../term/index.js'
import type { InputSpecs } from './spec.js'
import { describe, type Structure } from './tree.js'

/** What a function takes. */
export interface Head {
  readonly name: string
  /** The specifications as declared: a tree whose leaves have `dtype` and `shape`. */
  readonly inputs: InputSpecs
  /** The structure of `inputs`, and the path of each of its leaves: `x`, `params.w`. */
  readonly input: Structure
  readonly paths: readonly string[]
}

export interface Closure extends Head {
  readonly tag: 'closure'
  /** One parameter a leaf of `inputs`, in that order, then one a capture. */
  readonly func: Func
  /** Terms of enclosing functions that the body uses; a function that has any cannot run alone. */
  readonly captures: readonly Term[]
  /** How `func.results` make up the result. */
  readonly output: Structure
  /** What it was derived from, and how: `explain` shows the way. */
  readonly origin?: { readonly verb: string; readonly from: Closure }
}

/** A function with effects left: calling it gives a program, and it is none itself. */
export interface Effectful extends Head {
  readonly tag: 'effectful'
  /** The effect that it asks for first. */
  readonly effect: string
}

/** The fields that a function carries beside being callable. */
export interface FnFields {
  readonly inputs: InputSpecs
  /** The result for symbolic inputs: terms over the closure's parameters, or a program. */
  readonly result: unknown
  readonly closure: Closure | Effectful
}

/** A function at run time: callable with a record of tensors. */
export type RuntimeFn = FnFields & ((args: unknown) => unknown)

export const isFn = (x: unknown): x is RuntimeFn =>
  typeof x === 'function' && 'closure' in x && 'inputs' in x

/** The program of a function without effects; `where` names who asks. */
export function closureOf(f: unknown, where: string): Closure {
  if (!isFn(f)) {
    return fail({
      code: 'input',
      where,
      what: `${describe(f)} is not a function made by fn`,
      fix: 'Write fn({ x: f32(3) }, ({ x }) => …)',
    })
  }
  const { closure } = f
  if (closure.tag === 'closure') return closure
  return fail({
    code: 'effect',
    where: `'${closure.name}'`,
    what: `unhandled effect ${closure.effect}`,
    fix: `Handle it before ${where}`,
  })
}

/** The program of a function that can run by itself. */
export function closedOf(f: unknown, where: string): Closure {
  const closure = closureOf(f, where)
  const outer = closure.captures[0]
  if (outer === undefined) return closure
  const owner = outer.node.binders[0]?.name
  return fail({
    code: 'trace',
    where: `'${closure.name}'`,
    what:
      owner === undefined
        ? 'it uses a tensor from outside'
        : `it uses a tensor of '${owner}', which has no value outside '${owner}'`,
    expected: 'only its own inputs and closed expressions',
    fix: 'Pass it as an input',
  })
}
