/**
 * Functions: a program closed over named inputs.
 *
 *   fn({ w: f32(784, 10), x: f32('batch', 784) }, ({ w, x }) => matmul(x, w))
 *
 * The body runs once, on parameters. Its result is a tensor, or tensors in arrays and records. The
 * function is callable: `f({ w, x })` copies its body into the caller's graph. Inside another
 * function's body it may use that one's tensors; such a function runs only as part of it.
 */
import { fail } from '../data/index.js'
import { sink } from '../interpret/index.js'
import { close, closeStrict, isTerm, parameter, type TensorType, type Term } from '../term/index.js'
import { applyClosure } from './apply.js'
import type { Closure, RuntimeFn } from './closure.js'
import { type InputSpecs, specKind } from './spec.js'
import { flatten, type LeafKind, type Structure, unflatten } from './tree.js'

export interface FnOptions {
  /** For messages and listings; the body's own name where it has one. */
  readonly name?: string
  /** Whether terms note the line that built them; true unless said otherwise. */
  readonly lines?: boolean
}

export const termKind: LeafKind<Term> = { noun: 'a tensor', isLeaf: isTerm }

/** Closes a body over its inputs. */
export function closeBody(
  inputs: InputSpecs,
  body: (inputs: never) => unknown,
  options: FnOptions = {},
): RuntimeFn {
  const name = options.name ?? (body.name || 'fn')
  const { leaves, paths, structure } = flatten(inputs, specKind, `'${name}'`)
  if (structure.tag !== 'record') {
    fail({
      code: 'input',
      where: 'fn',
      what: 'the inputs are not a record',
      fix: 'Write { x: f32(3) }',
    })
  }
  const trace = (params: readonly Term[]): Traced => {
    // The body is typed by its specifications; its parameters are built from the same ones.
    const result = body(unflatten(structure, params) as never)
    const flat = flatten(result, termKind, `the result of '${name}'`)
    return { leaves: flat.leaves, output: flat.structure }
  }
  const lines = options.lines ?? true
  return fnOf(traceClosure({ name, inputs, input: structure, paths }, leaves, trace, lines))
}

/** What tracing a body gives. */
export interface Traced {
  readonly leaves: readonly Term[]
  readonly output: Structure
}

/** Runs a body on parameters of the given types and closes over what it used. */
export function traceClosure(
  head: Pick<Closure, 'name' | 'inputs' | 'input' | 'paths'>,
  types: readonly TensorType[],
  body: (params: readonly Term[]) => Traced,
  lines = true,
): Closure {
  const binder = { name: head.name, lines }
  const params = types.map((type, i) => parameter(binder, head.paths[i], type))
  const { leaves, output } = body(params)
  const own = leaves.every((term) => term.node.binders.every((b) => b === binder))
  const { func, captures } = own
    ? { func: closeStrict(head.name, params, leaves), captures: [] }
    : close(head.name, params, leaves)
  return { tag: 'closure', ...head, func: sink(func), captures, output }
}

/** The callable of a closure. */
export function fnOf(closure: Closure): RuntimeFn {
  const call = (args: unknown): unknown => applyClosure(closure, args)
  Object.defineProperty(call, 'name', { value: closure.name })
  return Object.assign(call, {
    inputs: closure.inputs,
    result: unflatten(closure.output, closure.func.results),
    closure,
  })
}
