/**
 * Stochastic gradient descent.
 *
 *   θ ← θ − rate·g
 */
import { fail } from '../data/index.js'
import { describe, taking } from '../lang/index.js'
import { anything, required } from '../lang/options.js'
import { convert, mul, type Operand, sub } from '../ops/index.js'
import { isTerm, type Term } from '../term/index.js'
import type { Tensor } from '../types/tensor.js'
import type { GradesIn, Regraded, Tree } from '../types/tree.js'
import { mapTrees } from './tree.js'

/** A step size: a number, or a scalar tensor that a schedule computes. */
export type Rate = number | Tensor<[]>

/** Parameters after an update depend on what they did before, and on the gradients. */
export type Updated<P, G> = Regraded<P, GradesIn<P> | GradesIn<G>>

/** The parameters one step down the gradients, which have their structure. */
export const sgd = <P extends Tree, G extends Tree>(
  params: P,
  gradients: G,
  options: { readonly rate: Rate },
): Updated<P, G> =>
  // Leaf by leaf with unchanged types: the tree has the form of the parameters.
  taking('sgd', { 2: { rate: required(anything) } }, step)(params, gradients, options) as Updated<
    P,
    G
  >

const step = (params: unknown, gradients: unknown, { rate }: { readonly rate: Rate }): unknown =>
  mapTrees('sgd', [params, gradients], (p, g) => sub(p, mul(g, rateAs(rate, p))))

/** The rate in the dtype of a parameter. */
export function rateAs(rate: Rate, like: Term): Operand {
  if (typeof rate === 'number') return rate
  // A tensor is a term at run time; untyped callers may pass anything.
  const term: unknown = rate
  if (isTerm(term)) return convert(term, like.dtype)
  const expected = 'a number or a scalar tensor'
  return fail({ code: 'input', where: 'rate', what: describe(term), expected })
}
