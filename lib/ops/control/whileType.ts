/**
 * The form of a while loop: its attributes, its type rule, and how one is built from callbacks.
 */
import { type Dim, fail } from '../../data/index.js'
import {
  type Attrs,
  apply,
  closeStrict,
  type Func,
  type Op,
  showType,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { needInteger } from '../attributes.js'
import { closeTogether, fixCarries, named, needFunc, trace } from './body.js'
import { align, chosen, not, sections } from './lists.js'
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
  const goesOn = trace('condition', named('c', init), (carry) => [loop.condition(carry)])
  const step = trace('body', named('c', init), loop.body)
  checkCarryCount('whileLoop', init.length, step.results.length)
  const condition = closeTogether('condition', [goesOn])
  const body = closeTogether('body', [step])
  // A carry that stays as it is, is a constant to both.
  const kept = init.map((_, i) => step.results[i] !== step.params[i])
  const fixed = chosen(kept.map(not), init)
  const [forCondition, forBody] = [condition.captures, body.captures]
  const outs = apply(op, [...forCondition, ...fixed, ...forBody, ...fixed, ...chosen(kept, init)], {
    condition: asConsts(condition.funcs[0], forCondition.length, kept),
    body: fixCarries(body.funcs[0], forBody.length, kept),
    conditionConsts: forCondition.length + fixed.length,
    bodyConsts: forBody.length + fixed.length,
    maxSteps: loop.maxSteps ?? null,
  })
  return align(kept, outs).map((x, i) => x ?? init[i])
}

/** The condition, with the carries that are not kept behind its consts. */
function asConsts(condition: Func, consts: number, kept: readonly boolean[]): Func {
  const [own, carry] = sections(condition.params, [consts])
  const params = [...own, ...chosen(kept.map(not), carry), ...chosen(kept, carry)]
  return closeStrict(condition.name, params, condition.results)
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
