/**
 * Cube root and hypotenuse.
 *
 *   x = m·2ⁿ, n = 3k + j    →    ∛x = ∛m·∛2ʲ·2ᵏ, by a fit and one or two of Halley's steps
 *   hypot: both sides scaled by a power of two, so that the squares stay in range
 */
import {
  abs,
  add,
  and,
  copysign,
  div,
  type Expr,
  eq,
  fma,
  gt,
  lt,
  max,
  min,
  mul,
  nearest,
  or,
  select,
  sqrt,
  sub,
} from '../expression.js'
import { formatOf, like, partsOf, per, polynomial, powerOfTwo } from './format.js'

/** ∛m for √½ ≤ m ≤ √2; relative error 2⁻¹⁴ (degree 3), 2⁻²⁰ (degree 5). */
const fit = {
  f32: [0.4925132393836975, 0.7397037148475647, -0.29036247730255127, 0.05821481719613075],
  f64: [
    0.42168806249870877, 1.0560208655793824, -0.8360758270744515, 0.5109666931292366,
    -0.17955490747716202, 0.026954124934939254,
  ],
}

export function cbrt(x: Expr): Expr {
  const { magic, bias } = formatOf(x)
  const size = abs(x)
  const { significand, exponent } = partsOf(size)
  const k = nearest(mul(exponent, 1 / 3))
  const j = sub(exponent, mul(k, 3))
  const [up, down] = [gt(j, 0), lt(j, 0)]
  const choose = (above: number, below: number): Expr =>
    select(up, like(x, above), select(down, like(x, below), like(x, 1)))
  const m = mul(significand, choose(2, 0.5))
  const start = mul(polynomial(per(x, fit), significand), choose(2 ** (1 / 3), 0.5 ** (1 / 3)))
  const root = mul(halley(start, m), powerOfTwo(add(k, magic + bias)))
  const inside = and(gt(size, 0), lt(size, Number.POSITIVE_INFINITY))
  return select(inside, copysign(root, x), x)
}

/** y − y(y³ − m)/(2y³ + m): the error becomes ⅔ of its cube. */
function halley(y: Expr, m: Expr): Expr {
  const cube = mul(mul(y, y), y)
  return sub(y, mul(y, div(sub(cube, m), fma(cube, like(y, 2), m))))
}

/** Sides beyond these are scaled, by the inverse of the second number. */
const scales = {
  f32: { large: 2 ** 60, small: 2 ** -50, factor: 2 ** 90 },
  f64: { large: 2 ** 500, small: 2 ** -400, factor: 2 ** 600 },
}

/** √(x² + y²); ∞ where a side is infinite, even if the other is NaN. */
export function hypot(x: Expr, y: Expr): Expr {
  const infinite = Number.POSITIVE_INFINITY
  const [a, b] = [abs(x), abs(y)]
  const longest = max(a, b)
  const { large, small, factor } = per(x, scales)
  const [far, near] = [gt(longest, large), lt(longest, small)]
  const choose = (whenFar: number, whenNear: number): Expr =>
    select(far, like(x, whenFar), select(near, like(x, whenNear), like(x, 1)))
  const scale = choose(1 / factor, factor)
  const [p, q] = [mul(longest, scale), mul(min(a, b), scale)]
  const root = mul(sqrt(fma(p, p, mul(q, q))), choose(factor, 1 / factor))
  return select(or(eq(a, infinite), eq(b, infinite)), like(x, infinite), root)
}
