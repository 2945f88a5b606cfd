/**
 * Windows: what moves with two loops only as it does with their sum.
 *
 *   x[j + q] of q in 0..3 beside j in 0..n    →    n + 2 elements, not 3·n
 */

import { alternatives } from '../bounds.js'
import { add, type Expr, min, size, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { labelOf } from '../label.js'
import { keyOf, polynomialOf } from '../polynomial.js'
import type { Loop } from '../statement.js'
import { childrenOf, substitute } from '../traverse.js'
import { extentOf, illegal, isZero, zeroIndex } from './nest.js'

/** Whether an expression takes a step of either loop for a step of the other. */
export function isSum(e: Expr, into: string, other: string): boolean {
  const merged = substitute(
    new Map([
      [into, add(variable(into), variable(other))],
      [other, zeroIndex],
    ]),
  )
  return shapeOf(merged(e)) === shapeOf(e)
}

/** Text that expressions share whose indices are equal as polynomials. */
function shapeOf(e: Expr): string {
  const known = new Map<Expr, string>()
  const go = (x: Expr): string => {
    const before = known.get(x)
    if (before !== undefined) return before
    const text = x.dtype === 'i32' ? `{${keyOf(polynomialOf(x, apart))}}` : apart(x)
    known.set(x, text)
    return text
  }
  const apart = (x: Expr): string => `${labelOf(x)}(${childrenOf(x).map(go).join(';')})`
  return go(e)
}

/** The loop over every sum of its own iterations and those of others. */
export function widened(kernel: Kernel, loop: Loop, others: readonly Loop[]): Loop {
  if (others.length === 0) return loop
  const plain = [loop, ...others].every((l) => isZero(l.from) && l.step === 1)
  const more = others.reduce<number | undefined>((sum, l) => {
    const extent = extentOf(l)
    return typeof extent === 'number' && sum !== undefined ? sum + extent - 1 : undefined
  }, 0)
  if (!plain || more === undefined) {
    return illegal(kernel, `'${loop.index}' and what moves with it do not all run from 0 by one`)
  }
  const [first = loop.to, ...rest] = alternatives(loop.to, 'min').map((to) => add(to, size(more)))
  return { ...loop, to: rest.reduce((least, to) => min(least, to), first) }
}
