/**
 * Functions made from functions: the same inputs and captures, another body.
 */
import type { Term } from '../term/index.js'
import { specsOf } from './apply.js'
import type { Closure, RuntimeFn } from './closure.js'
import { fnOf, traceClosure } from './fn.js'
import { type InputSpec, type InputSpecs, specKind } from './spec.js'
import { flatten, unflatten } from './tree.js'

/** A function of the inputs of `from`; its name says what was done. */
export function derived(
  from: Closure,
  verb: string,
  body: (leaves: readonly Term[]) => unknown,
): RuntimeFn {
  const { inputs, input, paths } = from
  const name = `${verb} ${from.name}`
  const head = { name, inputs, input, paths }
  const made = traceClosure(head, specsOf(from), body)
  return fnOf(made.tag === 'closure' ? { ...made, origin: { verb, from } } : made)
}

/** A function of other inputs. */
export function made(
  name: string,
  inputs: InputSpecs,
  body: (leaves: readonly Term[]) => unknown,
): RuntimeFn {
  const { leaves: specs, paths, structure: input } = flatten(inputs, specKind, `'${name}'`)
  const head = { name, inputs, input, paths }
  return fnOf(traceClosure(head, specs, body))
}

/** The results of a function as inputs of another. */
export const resultSpecs = ({ output, func }: Closure): unknown =>
  unflatten(
    output,
    func.results.map(({ dtype, shape }): InputSpec => ({ dtype, shape })),
  )
