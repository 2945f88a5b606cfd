/**
 * The form of a while loop: its attributes, its type rule, and how one is built from callbacks.
 */
import { type Dim, fail } from '../../data/index.js'
import {
  type Attrs,
  apply,
  type Func,
  type Op,
  showType,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { needInteger } from '../attributes.js'
import { closeTogether, named, needFunc, trace } from './body.js'
import { checkParameters } from './parameters.js'
import { checkCarry, checkCarryCount, needSize } from './scanType.js'

export interface WhileAttrs {
  /** (condition consts…, carry…) → bool */
  readonly condition: Func
  /** (body consts…, carry…) → carry… */
  readonly body: Func
  readonly conditionConsts: number
  readonly bodyConsts: number
  /** The loop stops after so many steps; null where only the condition stops it. */
  readonly maxSteps: Dim | null
}

/** A condition and a body over carried values, as callbacks. */
export interface Loop {
  readonly condition: (carry: readonly Term[]) => Term
  readonly body: (carry: readonly Term[]) => readonly Term[]
  readonly maxSteps?: Dim
}

/** The attributes, checked: a printed program may hold others. */
export const whileAttrs = (attrs: Attrs): WhileAttrs => ({
  condition: needFunc('whileLoop', attrs, 'condition'),
  body: needFunc('whileLoop', attrs, 'body'),
  conditionConsts: needInteger('whileLoop', attrs, 'conditionConsts'),
  bodyConsts: needInteger('whileLoop', attrs, 'bodyConsts'),
  maxSteps: attrs.maxSteps == null ? null : needSize('whileLoop', attrs, 'maxSteps'),
})

/** Builds the loop; `op` is the while op, which this file lies below. */
export function buildWhile(op: Op, loop: Loop, init: readonly Term[]): readonly Term[] {
  const condition = closeTogether('condition', [
    trace('condition', named('c', init), (carry) => [loop.condition(carry)]),
  ])
  const body = closeTogether('body', [trace('body', named('c', init), loop.body)])
  return apply(op, [...condition.captures, ...body.captures, ...init], {
    condition: condition.funcs[0],
    body: body.funcs[0],
    conditionConsts: condition.captures.length,
    bodyConsts: body.captures.length,
    maxSteps: loop.maxSteps ?? null,
  })
}

export function whileType(args: readonly TensorType[], a: WhileAttrs): readonly TensorType[] {
  const { condition, body, conditionConsts, bodyConsts } = a
  const init = args.slice(conditionConsts + bodyConsts)
  const [answer] = condition.results
  if (condition.results.length !== 1 || answer.dtype !== 'bool' || answer.shape.length > 0) {
    fail({
      code: 'dtype',
      where: 'whileLoop',
      what: `the condition gives ${condition.results.map(showType).join(', ') || 'nothing'}`,
      expected: 'bool[]',
      fix: 'Compare: lt(k, n); reduce an array of bools to one',
    })
  }
  checkCarryCount('whileLoop', init.length, body.results.length)
  checkParameters('whileLoop', 'condition', condition, [...args.slice(0, conditionConsts), ...init])
  checkParameters('whileLoop', 'body', body, args.slice(conditionConsts))
  body.results.forEach((result, i) => {
    checkCarry('whileLoop', i, init[i], result)
  })
  return body.results.map(({ dtype, shape }) => ({ dtype, shape }))
}
