/**
 * Sine, cosine, tangent and sinc.
 *
 * After reduction to r + tail in [−π/4, π/4] (`turn.ts`):
 *   sin r ≈ r + r³·S(r²),  errors relative to r 2⁻³² (f32), 2⁻⁵⁸ (f64)
 *   cos r ≈ 1 − r²/2 + r⁴·C(r²),  errors 2⁻³³, 2⁻⁶⁴
 * and the tail enters by its first-order term.
 */
import {
  abs,
  add,
  div,
  type Expr,
  eq,
  fma,
  ge,
  lt,
  mul,
  nearest,
  neg,
  or,
  select,
  sub,
} from '../expression.js'
import { type Double, doubleOf, mulDouble, quickSum } from './double.js'
import { formatOf, like, negateIf, per, polynomial } from './format.js'
import { type Angle, quarterTurns } from './turn.js'

const sine = {
  f32: [-0.1666666716337204, 0.008333372883498669, -0.00019850295211654156, 2.8043568818247877e-6],
  f64: [
    -0.16666666666666632, 0.008333333333322462, -0.0001984126982982077, 2.7557313690319208e-6,
    -2.5050757148806062e-8, 1.5896706657973022e-10,
  ],
}

const cosine = {
  f32: [0.04166664555668831, -0.0013887312961742282, 2.4432943973806687e-5],
  f64: [
    0.0416666666666666, -0.001388888888887446, 2.4801587289654542e-5, -2.755731439363644e-7,
    2.0875727959845453e-9, -1.1359850652070353e-11,
  ],
}

/** Sine and cosine of the rest of an angle, in two words. */
function sineAndCosine({ rest }: Angle): { readonly s: Double; readonly c: Double } {
  const { head: r, tail } = rest
  const z = mul(r, r)
  const s = quickSum(r, fma(mul(r, z), polynomial(per(r, sine), z), tail))
  const half = mul(z, 0.5)
  const lower = sub(mul(mul(z, z), polynomial(per(r, cosine), z)), mul(r, tail))
  const one = quickSum(like(r, 1), neg(half))
  return { s, c: quickSum(one.head, add(one.tail, lower)) }
}

export function sin(x: Expr): Expr {
  const angle = quarterTurns(x)
  const { s, c } = sineAndCosine(angle)
  const { quadrant } = angle
  const value = select(eq(abs(quadrant), 1), c.head, s.head)
  // The quadrant −2 is a half turn, like 2.
  return withSign(x, negateIf(or(lt(quadrant, 0), eq(quadrant, 2)), value))
}

export function cos(x: Expr): Expr {
  const angle = quarterTurns(x)
  const { s, c } = sineAndCosine(angle)
  const { quadrant } = angle
  const value = select(eq(abs(quadrant), 1), s.head, c.head)
  return negateIf(or(eq(abs(quadrant), 2), eq(quadrant, 1)), value)
}

export function tan(x: Expr): Expr {
  const angle = quarterTurns(x)
  const { s, c } = sineAndCosine(angle)
  const swapped = eq(abs(angle.quadrant), 1)
  const value = quotient(choose(swapped, c, s), choose(swapped, s, c))
  return withSign(x, negateIf(swapped, value))
}

/** sin πx and cos πx, with x reduced before π comes in: exact zeros; NaN where x is not finite. */
export function sineAndCosineOfPi(x: Expr): { readonly sine: Double; readonly cosine: Double } {
  const turn = sub(x, mul(nearest(mul(x, 0.5)), 2))
  const quadrant = nearest(mul(turn, 2))
  const fraction = sub(turn, mul(quadrant, 0.5))
  const rest = mulDouble({ head: fraction, tail: like(x, 0) }, doubleOf(x, per(x, pi)))
  const { s, c } = sineAndCosine({ rest, quadrant })
  const swapped = eq(abs(quadrant), 1)
  const turned = eq(abs(quadrant), 2)
  const negative = (where: Expr, y: Double): Double => ({
    head: negateIf(where, y.head),
    tail: negateIf(where, y.tail),
  })
  return {
    sine: negative(or(eq(quadrant, -1), turned), choose(swapped, c, s)),
    cosine: negative(or(eq(quadrant, 1), turned), choose(swapped, s, c)),
  }
}

const choose = (condition: Expr, a: Double, b: Double): Double => ({
  head: select(condition, a.head, b.head),
  tail: select(condition, a.tail, b.tail),
})

/** The quotient of two numbers in two words, as one word. */
export function quotient(over: Double, under: Double): Expr {
  const head = div(over.head, under.head)
  return add(head, div(sub(over.tail, mul(head, under.tail)), under.head))
}

/** sin πx / πx; 1 at 0, 0 at ±∞. */
export function sinc(x: Expr): Expr {
  const { sine } = sineAndCosineOfPi(x)
  const angle = mulDouble({ head: x, tail: like(x, 0) }, doubleOf(x, per(x, pi)))
  // Nearer to 0 the value rounds to 1; from 2^stored on all floats are whole.
  const near = lt(abs(x), per(x, { f32: 1e-4, f64: 1e-9 }))
  const far = ge(abs(x), 2 ** formatOf(x).stored)
  return select(far, like(x, 0), select(near, like(x, 1), quotient(sine, angle)))
}

/** π in two words. */
export const pi = {
  f32: { head: Math.fround(Math.PI), tail: -8.742277657347586e-8 },
  f64: { head: Math.PI, tail: 1.2246467991473532e-16 },
}

/** The value for |x| of an odd function of x. */
const withSign = (x: Expr, value: Expr): Expr => negateIf(lt(x, 0), select(eq(x, 0), x, value))
