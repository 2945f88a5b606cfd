/**
 * Numbers in two words: head + tail, where the tail is at most half a unit of the head.
 *
 * Sums and products of floats split exactly into a rounded result and its error (Dekker, Numer.
 * Math. 18, 1971; Knuth, TAOCP 4.2.2). Only mul, add and sub are used, never `fma`, which may round
 * either way; factors are split by masking the low half of their significands.
 */
import { add, type Expr, fma, mul, sub } from '../expression.js'
import { headOf, like, per, polynomial } from './format.js'

export interface Double {
  readonly head: Expr
  readonly tail: Expr
}

/** a + b. */
export function twoSum(a: Expr, b: Expr): Double {
  const head = add(a, b)
  const rounded = sub(head, a)
  return { head, tail: add(sub(a, sub(head, rounded)), sub(b, rounded)) }
}

/** a + b where |a| ≥ |b| or a = 0. */
export function quickSum(a: Expr, b: Expr): Double {
  const head = add(a, b)
  return { head, tail: sub(b, sub(head, a)) }
}

/** a·b, exactly but for underflow. */
export function twoProduct(a: Expr, b: Expr): Double {
  const head = mul(a, b)
  const [aHead, bHead] = [headOf(a), headOf(b)]
  const [aTail, bTail] = [sub(a, aHead), sub(b, bHead)]
  const outer = sub(mul(aHead, bHead), head)
  const tail = add(add(add(outer, mul(aHead, bTail)), mul(aTail, bHead)), mul(aTail, bTail))
  return { head, tail }
}

/** (a + b) for Doubles whose heads have |a| ≥ |b|. */
export function addDouble(a: Double, b: Double): Double {
  const sum = quickSum(a.head, b.head)
  return quickSum(sum.head, add(sum.tail, add(a.tail, b.tail)))
}

/** a·b, relative error a few units of the tail. */
export function mulDouble(a: Double, b: Double): Double {
  const product = twoProduct(a.head, b.head)
  const cross = add(mul(a.head, b.tail), mul(a.tail, b.head))
  return quickSum(product.head, add(product.tail, cross))
}

/** A constant in two words. */
export interface Words {
  readonly head: number
  readonly tail: number
}

export const doubleOf = (x: Expr, { head, tail }: Words): Double => ({
  head: like(x, head),
  tail: like(x, tail),
})

/** A polynomial whose value is near its first coefficient: what that sum loses is the tail. */
export function polynomialDouble(coefficients: readonly number[], x: Expr): Double {
  const [first, ...rest] = coefficients
  const sum = quickSum(like(x, first), mul(x, polynomial(rest, x)))
  const lost = per(x, { f32: first - Math.fround(first), f64: 0 })
  return { head: sum.head, tail: add(sum.tail, lost) }
}

/** a·b in one word: the product of the heads is rounded, then its sum with the rest. */
export function roundedProduct(a: Double, b: Double): Expr {
  return fma(a.head, b.head, fma(a.head, b.tail, mul(a.tail, b.head)))
}
