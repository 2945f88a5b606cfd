/**
 * Two ways to a fast gradient: optimise f and differentiate, or differentiate f and optimise.
 *
 *   compareOrders(f, active)  →  { late: optimise ∘ vjp, early: optimise ∘ vjp ∘ optimise }
 *
 * Both compute the same gradients (a law holds them to it); which is cheaper depends on f. Costs
 * are scalar operations, nodes (bodies included) and the elements of all intermediate results.
 */
import { type Dim, dimAdd, dimProduct } from '../data/index.js'
import { interpreters, type Vjp, vjp } from '../interpret/index.js'
import { bodiesOf, type Func } from '../term/index.js'
import { type OptimiseOptions, optimise, type Pass } from './pass.js'
import { beforeDerivatives, standard } from './standard.js'

export interface Gradient extends Vjp {
  readonly cost: ProgramCost
}

export interface ProgramCost {
  readonly flops: Dim
  readonly nodes: number
  /** Elements of all results of nodes, each counted once: what memory traffic grows with. */
  readonly elements: Dim
}

export interface Orders {
  /** Differentiated as written, then optimised. */
  readonly late: Gradient
  /** Optimised, differentiated, optimised again. */
  readonly early: Gradient
}

export interface OrderOptions extends OptimiseOptions {
  readonly before?: readonly Pass[]
  readonly after?: readonly Pass[]
}

/** The gradient of `func` in its active parameters, in both orders. */
export function compareOrders(
  func: Func,
  active: readonly boolean[],
  { before = beforeDerivatives, after = standard, ...options }: OrderOptions = {},
): Orders {
  const gradient = (f: Func): Gradient => {
    const back = vjp(f, active, interpreters)
    const best = optimise(back.func, after, options)
    return { ...back, func: best, cost: costOf(best) }
  }
  return { late: gradient(func), early: gradient(optimise(func, before, options)) }
}

export function costOf(func: Func): ProgramCost {
  let nodes = 0
  let elements: Dim = 0
  const open = [func]
  for (let f = open.pop(); f !== undefined; f = open.pop()) {
    for (const node of f.nodes) {
      nodes++
      for (const out of node.outs) elements = dimAdd(elements, dimProduct(out.shape))
      open.push(...bodiesOf(node.attrs))
    }
  }
  return { flops: interpreters.cost(func).flops, nodes, elements }
}
