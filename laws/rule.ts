/**
 * The kit for derivatives by the author's word: each custom rule that a function uses, by itself.
 *
 *   for (const law of customRuleLaws(customJvp(f, rule))) test(law.name, () => hold(law))
 *
 * The rule's function is the truth: `customJvp` and `customVjp` are held to its differences,
 * `customTranspose` to its adjoint, `customBatching` to the map of it. A rule that means to differ
 * (a straight-through estimator, a clipped gradient) breaks them, and should not be put to them.
 */
import { fail, isFloat } from '../lib/data/index.js'
import { closedOf } from '../lib/lang/index.js'
import {
  bodiesOf,
  closeStrict,
  type Func,
  type Node,
  parameter,
  rebuild,
} from '../lib/term/index.js'
import { type Interval, needInterval } from './arbitraries.js'
import { functionLaws } from './derivative.js'
import type { Law } from './law.js'

const rules: ReadonlySet<string> = new Set([
  'customJvp',
  'customVjp',
  'linearCall',
  'customBatching',
])

/** The laws of every custom rule in a function made by `fn`, its bodies included. */
export function customRuleLaws(f: unknown, interval: Interval = {}): readonly Law[] {
  const { func, name } = closedOf(f, 'customRuleLaws')
  needInterval('customRuleLaws', 1, interval)
  const nodes = rulesIn(func)
  if (nodes.length === 0) {
    fail({
      code: 'input',
      where: `'${name}'`,
      what: 'it uses no custom rule',
      expected: 'customJvp, customVjp, customTranspose or customBatching',
      fix: 'For a function without one, write derivativeLaws(f)',
    })
  }
  return nodes.flatMap((node, i) => {
    const own = alone(node)
    const active = movingIn(node, own)
    return functionLaws(`${node.op.name} ${i} of '${name}'`, own, active, interval)
  })
}

export const rulesIn = (func: Func): readonly Node[] =>
  func.nodes.flatMap((node) => [
    ...(rules.has(node.op.name) ? [node] : []),
    ...(rules.has(node.op.name) ? [] : bodiesOf(node.attrs).flatMap(rulesIn)),
  ])

/** Which parameters a rule is about: floating ones that are not captured from outside. */
export function movingIn({ attrs }: Node, own: Func): readonly boolean[] {
  const consts = typeof attrs.consts === 'number' ? attrs.consts : 0
  return own.params.map((p, i) => i >= consts && isFloat(p.dtype))
}

/** A function of one node. */
export function alone(node: Node): Func {
  const binder = { name: node.op.name }
  const params = node.args.map((arg, i) => parameter(binder, `x${i}`, arg))
  return closeStrict(binder.name, params, rebuild(node, params))
}
