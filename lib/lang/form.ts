/**
 * Call forms: how operands and attributes are written, data first or data last.
 *
 *   add(x, y)   x.pipe(add(y))      sum(x, { axes: 0 })   x.pipe(sum)   x.pipe(sum({ axes: 0 }))
 *
 * A form takes the name of a word and gives the function users call. `operation` gives it the
 * signature of that name.
 */
import { fail, isDType } from '../data/index.js'
import type { Operand } from '../ops/index.js'
import { type Attrs, isTerm } from '../term/index.js'
import type { Operations } from '../types/vocabulary.js'
import { call } from './call.js'
import { describe } from './tree.js'

/** From the name of a word to a function of whatever is passed. */
export type Form = (name: string) => (...args: readonly unknown[]) => unknown

/** The public function of a name, in the given form. */
export function operation<K extends keyof Operations>(name: K, form: Form): Operations[K] {
  // Signatures speak of shapes, dtypes and grades, which have no value at run time: there all
  // tensors are terms, and the word checks what it is given. Forms accept what signatures list.
  return form(name) as Operations[K]
}

/** `f(x)` */
export const unary: Form = (name) => (x) => call(name, [operand(name, x)])

/** `f(a, b)`, `f(b)` waiting for a. */
export const binary: Form = (name) => dataFirst(name, 2, (operands) => call(name, operands))

/** `f(a, b, c)`, `f(b, c)` waiting for a. */
export const ternary: Form = (name) => dataFirst(name, 3, (operands) => call(name, operands))

/** `f(x, attributes?)`, `f(attributes)` waiting for x. */
export const attributed =
  (read: (attrs: Attrs) => Attrs = (attrs) => attrs): Form =>
  (name) =>
  (first, second) => {
    if (isTerm(first)) return call(name, [first], read(record(name, second)))
    const attrs = read(record(name, first))
    return (x: unknown) => call(name, [operand(name, x)], attrs)
  }

/** `f(x, value)`, `f(value)` waiting for x, where the value is the attribute of the given name. */
export const valued =
  (attribute: string, isValue: (value: unknown) => boolean): Form =>
  (name) =>
  (first, second) => {
    const attrsOf = (value: unknown): Attrs => {
      if (isValue(value)) return { [attribute]: value }
      return wrong(name, value, `its ${attribute}`)
    }
    if (isTerm(first)) {
      return call(name, [first], second === undefined ? {} : attrsOf(second))
    }
    const attrs = attrsOf(first)
    return (x: unknown) => call(name, [operand(name, x)], attrs)
  }

/** `f([a, b, …], attributes?)` */
export const listed: Form = (name) => (list, attrs) => {
  if (!Array.isArray(list)) wrong(name, list, 'a list of tensors')
  return call(
    name,
    list.map((x) => operand(name, x)),
    record(name, attrs),
  )
}

/** `f(a, b, attributes?)`, `f(b, attributes?)` waiting for a. */
export const paired: Form = (name) => (first, second, third) => {
  if (isOperand(first) && isOperand(second)) return call(name, [first, second], record(name, third))
  const attrs = record(name, second)
  const b = operand(name, first)
  return (a: unknown) => call(name, [operand(name, a), b], attrs)
}

export const isOperand = (x: unknown): x is Operand => isTerm(x) || typeof x === 'number'

/** The argument as an operand; anything else is an error in words. */
export const operand = (name: string, x: unknown): Operand =>
  isOperand(x) ? x : wrong(name, x, 'a tensor')

/** The argument as a record of attributes; none where it is left out. */
export function record(name: string, x: unknown): Attrs {
  if (x === undefined) return {}
  if (typeof x === 'object' && x !== null && !Array.isArray(x) && !isTerm(x)) return { ...x }
  return wrong(name, x, 'a record of attributes')
}

export const isSizes = (x: unknown): boolean => Array.isArray(x)

export const isDTypeName = (x: unknown): boolean => typeof x === 'string' && isDType(x)

export function wrong(name: string, x: unknown, expected: string): never {
  return fail({ code: 'input', where: name, what: `an argument is ${describe(x)}`, expected })
}

function dataFirst(
  name: string,
  count: number,
  run: (operands: readonly Operand[]) => unknown,
): (...args: readonly unknown[]) => unknown {
  return (...args) => {
    const operands = args.map((x) => operand(name, x))
    if (operands.length === count) return run(operands)
    if (operands.length === count - 1) {
      return (first: unknown) => run([operand(name, first), ...operands])
    }
    return fail({
      code: 'input',
      where: name,
      what: `${args.length} arguments`,
      expected: `${count}, or ${count - 1} in a pipe`,
    })
  }
}
