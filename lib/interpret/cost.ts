/**
 * Cost: the scalar operations of a function, as a size (a polynomial where sizes are named).
 */
import { type Dim, dimAdd } from '../data/index.js'
import { type Cost, type Func, fold, type Interpreters } from '../term/index.js'

export function cost(func: Func, interpret: Interpreters): Cost {
  let flops: Dim = 0
  fold<null>(
    func,
    func.params.map(() => null),
    (node) => {
      const { op, args, outs, attrs } = node
      flops = dimAdd(flops, op.cost({ args, results: outs, attrs, interpret }).flops)
      return outs.map(() => null)
    },
  )
  return { flops }
}
