/**
 * Whether two functions made from programs are the same: results of one form, no bit apart.
 */
import type { NDArray } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import type { Closure } from '../../lib/lang/index.js'
import { agreed, broken, type Measured, worst } from '../measured.js'

export const evaluate = ({ func }: Closure, inputs: readonly NDArray[]) =>
  interpreters.evaluate(func, inputs, {})

export function alike(left: Closure, right: Closure, inputs: readonly NDArray[]): Measured {
  const [a, b] = [left, right].map((c) => JSON.stringify(c.output))
  if (a !== b) return broken(`results of the form ${a} and ${b}`)
  return bits(evaluate(left, inputs), evaluate(right, inputs), 'the left side')
}

/** No bit apart. */
export function bits(
  found: readonly NDArray[],
  wanted: readonly NDArray[],
  what: string,
): Measured {
  if (found.length !== wanted.length) {
    return broken(`${found.length} tensors on one side, ${wanted.length} on the other`)
  }
  const all = wanted.flatMap((array, r) =>
    Array.from(array.data, (y, i): Measured => {
      const x = found[r].data[i]
      const where = `${what}: tensor ${r}[${i}]`
      return Object.is(x, y)
        ? agreed(where)
        : { where, found: x, wanted: y, ulps: Infinity, allowed: 0 }
    }),
  )
  return worst(all) ?? agreed('no elements')
}
