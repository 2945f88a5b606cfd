/**
 * Application: a function meets its arguments, inside another function or in a closed expression.
 *
 *   dense({ x, w })   →   dense's body over x and w, in the caller's graph
 *
 * Numbers may stand for scalar inputs. Nothing of the function stays: an application costs what
 * its body costs.
 */

import { fail } from '../data/index.js'
import { literal } from '../ops/index.js'
import { isTerm, showType, type Term } from '../term/index.js'
import type { Closure, Head } from './closure.js'
import { type InputSpec, specKind } from './spec.js'
import { inlineAt, type Renaming } from './substitute.js'
import { flatten, flattenAs, type LeafKind, unflatten } from './tree.js'
import { unifySizes } from './unify.js'

const argumentKind: LeafKind<Term | number> = {
  noun: 'a tensor',
  isLeaf: (x): x is Term | number => isTerm(x) || typeof x === 'number',
}

/** The result of a function at a tree of arguments. */
export function applyClosure(closure: Closure, args: unknown): unknown {
  return unflatten(closure.output, applyFlat(closure, argumentsOf(closure, args)))
}

/** The results at the leaves of its inputs. */
export function applyFlat(closure: Closure, leaves: readonly Term[]): readonly Term[] {
  const { args, sizes } = bind(closure, leaves)
  return inlineAt(closure.func, args, sizes)
}

/** What a call binds: every parameter of the closure's function, and every named size. */
export interface Bound {
  /** The leaves, then the captures. */
  readonly args: readonly Term[]
  readonly sizes: Renaming
}

/** Meets the leaves with the specifications; fails at the one at fault. */
export function bind(closure: Closure, leaves: readonly Term[]): Bound {
  const args = [...leaves, ...closure.captures]
  return { args, sizes: meet(closure, closure.func.params, args) }
}

/** What each named size of the parameters stands for. */
export const meet = (head: Head, params: readonly Term[], args: readonly Term[]): Renaming =>
  unifySizes(
    `'${head.name}'`,
    params.map((spec, i) => ({
      path: head.paths[i] ?? String(spec.node.attrs.name),
      spec,
      given: args[i],
    })),
  )

/** The leaves of the arguments, numbers as scalars of the dtype that the input has. */
export function argumentsOf(head: Head, args: unknown): readonly Term[] {
  const where = `'${head.name}'`
  const specs = specsOf(head)
  return flattenAs(head.input, args, argumentKind, where).map((arg, i) => {
    if (isTerm(arg)) return arg
    const spec = specs[i]
    if (spec.shape.length === 0) return literal(arg, spec.dtype, `${where}: '${head.paths[i]}'`)
    return fail({
      code: 'shape',
      where,
      what: `'${head.paths[i]}' needs ${showType(spec)}, got a number`,
    })
  })
}

/** The specifications of the inputs, leaf by leaf. */
export const specsOf = (head: Head): readonly InputSpec[] =>
  flatten(head.inputs, specKind, `'${head.name}'`).leaves
