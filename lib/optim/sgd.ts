/**
 * Stochastic gradient descent.
 *
 *   θ ← θ − rate·g
 */
import { convert, mul, type Operand, sub } from '../ops/index.js'
import type { Term } from '../term/index.js'
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
  { rate }: { readonly rate: Rate },
): Updated<P, G> =>
  // Leaf by leaf with unchanged types: the tree has the form of the parameters.
  mapTrees('sgd', [params, gradients], (p, g) => sub(p, mul(g, rateAs(rate, p)))) as Updated<P, G>

/** The rate in the dtype of a parameter. */
export const rateAs = (rate: Rate, like: Term): Operand =>
  // A tensor is a term at run time.
  typeof rate === 'number' ? rate : convert(rate as unknown as Term, like.dtype)
