/**
 * How the arguments of an op meet the parameters of its bodies: errors in words.
 */
import { fail } from '../../data/index.js'
import { type Func, showType, type TensorType } from '../../term/index.js'
import { sameType } from './body.js'

const show = (types: readonly TensorType[]): string => `(${types.map(showType).join(', ')})`

/** Fails unless a body takes exactly the given types. */
export function checkParameters(
  op: string,
  role: string,
  body: Func,
  given: readonly TensorType[],
): void {
  if (sameTypes(body.params, given)) return
  const what = `the ${role} takes ${show(body.params)}`
  fail({ code: 'shape', where: op, what, expected: show(given) })
}

/** Fails unless a body gives exactly the wanted types, which `what` names. */
export function checkResults(
  op: string,
  role: string,
  given: readonly TensorType[],
  wanted: readonly TensorType[],
  what: string,
): void {
  if (sameTypes(given, wanted)) return
  fail({
    code: 'shape',
    where: op,
    what: `the ${role} gives ${show(given)}`,
    expected: `${show(wanted)}, ${what}`,
  })
}

const sameTypes = (a: readonly TensorType[], b: readonly TensorType[]): boolean =>
  a.length === b.length && a.every((type, i) => sameType(type, b[i]))
