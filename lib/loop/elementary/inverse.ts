/**
 * The inverse trigonometric functions.
 *
 *   atan2(y, x) = 0, π/4 or π/2 + atan t,  t = y/x, (y − x)/(y + x) or −x/y,  |t| ≤ tan π/8
 *   asin x = x + x³·R(x²) for |x| ≤ ½, else π/2 − 2 asin √((1 − x)/2)
 *
 * Both are for positive arguments; signs and quadrants follow. One division, one square root.
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
  mul,
  or,
  select,
  sqrt,
  sub,
} from '../expression.js'
import { headOf, like, per, polynomial } from './format.js'

/** (atan t − t)/t³ in t²; relative errors of atan 2⁻³⁰ (degree 4), 2⁻⁶⁴ (degree 11). */
const arctangent = {
  f32: [
    -0.33333316445350647, 0.1999853402376175, -0.14244547486305237, 0.10600460320711136,
    -0.06093456223607063,
  ],
  f64: [
    -0.33333333333333326, 0.19999999999997262, -0.142857142853486, 0.11111111086186647,
    -0.09090908084323607, 0.0769228159066325, -0.06666211695942592, 0.058768912331204605,
    -0.05217652155509682, 0.04500787174409678, -0.033415947391839805, 0.01514074624813994,
  ],
}

/** (asin x − x)/x³ in x²; relative errors of asin 2⁻³² (degree 5), 2⁻⁶⁰ (degree 12). */
const arcsine = {
  f32: [
    0.16666659712791443, 0.0750051811337471, 0.04451456293463707, 0.03182615339756012,
    0.014373091980814934, 0.03760391101241112,
  ],
  f64: [
    0.16666666666666763, 0.07499999999970136, 0.04464285717524529, 0.0303819426773859,
    0.022372215843603178, 0.017351596658475073, 0.013981004290591311, 0.011397411862662344,
    0.010788645394555525, 0.0036747662677483633, 0.02178431296435076, -0.021107696864887483,
    0.032696491896117647,
  ],
}

/** π/4, π/2 and π in two words. */
const angles = {
  f32: { head: Math.fround(Math.PI), tail: -8.742277657347586e-8 },
  f64: { head: Math.PI, tail: 1.2246467991473532e-16 },
}

/** atan(y/x) for positive y and x, not both 0 or infinite. */
function quotientAngle(y: Expr, x: Expr): Expr {
  const steep = gt(y, mul(x, 1 + Math.SQRT2))
  const middle = and(gt(y, mul(x, Math.SQRT2 - 1)), lt(x, Number.POSITIVE_INFINITY))
  const over = select(steep, mul(x, -1), select(middle, sub(y, x), y))
  const under = select(steep, y, select(middle, add(y, x), x))
  const t = div(over, under)
  const z = mul(t, t)
  const { head, tail } = per(y, angles)
  const part = (whole: number): Expr =>
    select(steep, like(y, whole / 2), select(middle, like(y, whole / 4), like(y, 0)))
  const correction = fma(mul(t, z), polynomial(per(y, arctangent), z), part(tail))
  return add(part(head), add(t, correction))
}

export function atan(x: Expr): Expr {
  const a = abs(x)
  return copysign(select(eq(x, 0), a, quotientAngle(a, like(x, 1))), x)
}

/** The angle of (x, y); quadrants by the signs, also of zeros. */
export function atan2(y: Expr, x: Expr): Expr {
  const [a, b] = [abs(y), abs(x)]
  const longest = max(a, b)
  // Sums must not overflow; equal infinities and zeros have the angles of equal numbers and of 0.
  const scale = select(gt(longest, per(x, half)), like(x, 0.25), like(x, 1))
  const equal = and(eq(a, b), eq(longest, Number.POSITIVE_INFINITY))
  const up = select(equal, like(x, 1), mul(a, scale))
  const along = select(or(equal, eq(longest, 0)), like(x, 1), mul(b, scale))
  const angle = quotientAngle(up, along)
  const { head, tail } = per(x, angles)
  const left = lt(copysign(like(x, 1), x), 0)
  return copysign(select(left, sub(like(x, head), sub(angle, tail)), angle), y)
}

const half = { f32: 2 ** 126, f64: 2 ** 1022 }

interface Arc {
  /** asin of the smaller of a and √((1 − a)/2). */
  readonly small: Expr
  readonly far: Expr
}

function arcOf(a: Expr): Arc {
  const far = gt(a, 0.5)
  const square = mul(sub(like(a, 1), a), 0.5)
  const root = sqrt(square)
  const z = select(far, square, mul(a, a))
  const s = select(far, root, a)
  // What the rounding of the root lost: (square − head²)/(root + head), without a rounding above.
  const head = headOf(root)
  const lost = sub(div(sub(square, mul(head, head)), add(root, head)), sub(root, head))
  const correction = select(and(far, gt(square, 0)), lost, like(a, 0))
  return { small: add(s, fma(mul(s, z), polynomial(per(a, arcsine), z), correction)), far }
}

export function asin(x: Expr): Expr {
  const { small, far } = arcOf(abs(x))
  const { head, tail } = per(x, angles)
  const complement = sub(like(x, head / 2), sub(mul(small, 2), tail / 2))
  return copysign(select(far, complement, small), x)
}

export function acos(x: Expr): Expr {
  const { small, far } = arcOf(abs(x))
  const { head, tail } = per(x, angles)
  const twice = mul(small, 2)
  const left = lt(x, 0)
  const outer = select(left, sub(like(x, head), sub(twice, tail)), twice)
  const inner = sub(like(x, head / 2), sub(copysign(small, x), tail / 2))
  return select(far, outer, inner)
}
