/**
 * The error function and its complement.
 *
 * Near 0, erf x = x + x·P(x²). Away from it erfc x = exp(−x²)·Q(t)/(1 + 2x), t = (x − 4)/(x + 4)
 * (Shepherd & Laframboise, Math. Comp. 36, 1981), where x² enters the exponential in two words.
 */
import { erfcTail } from '../../data/special/index.js'
import {
  abs,
  add,
  copysign,
  div,
  type Expr,
  fma,
  ge,
  gt,
  lt,
  min,
  mul,
  neg,
  select,
  sub,
} from '../expression.js'
import { twoProduct } from './double.js'
import { expOfNegative } from './exponential.js'
import { like, per, polynomial } from './format.js'

/** erf(x)/x − 1 in x² for |x| ≤ 1; errors 2⁻²⁹ (degree 6) and 2⁻⁵⁶ (degree 11). */
const centre = {
  f32: [
    0.12837916612625122, -0.3761262595653534, 0.1128358319401741, -0.026853691786527634,
    0.005188074428588152, -0.0008007889264263213, 7.846172957215458e-5,
  ],
  f64: [
    0.12837916709551256, -0.3761263890318346, 0.11283791670942665, -0.026866170642932584,
    0.0052239776049441185, -0.0008548325882096431, 0.00012055292355437892, -1.4924691561048824e-5,
    1.6446901691268346e-6, -1.6204712489533103e-7, 1.3704617670990102e-8, -7.768468760793383e-10,
  ],
}

/** Q(t) for ½ ≤ x; relative errors 2⁻²⁵ (degree 9, x < 10.2) and 2⁻⁵⁵ (degree 22, x < 32). */
const tail = {
  f32: [
    1.2329951524734497, -0.13962101936340332, 0.015378453768789768, 0.06809205561876297,
    -0.10103216767311096, 0.09379701316356659, -0.06628140807151794, 0.036900609731674194,
    -0.016641350463032722, 0.005264333914965391,
  ],
  f64: erfcTail,
}

/** From here on erfc is 0. */
const vanished = { f32: 11, f64: 28 }

export function erf(x: Expr): Expr {
  const size = abs(x)
  const far = copysign(sub(like(x, 1), erfcOf(size)), x)
  return select(lt(size, 1), near(x), select(ge(size, 1), far, x))
}

export function erfc(x: Expr): Expr {
  const size = abs(x)
  const far = erfcOf(size)
  const left = select(gt(x, -1), sub(like(x, 1), near(x)), sub(like(x, 2), far))
  return select(ge(x, 0.5), far, left)
}

const near = (x: Expr): Expr => fma(x, polynomial(per(x, centre), mul(x, x)), x)

/** erfc x for x ≥ ½. */
function erfcOf(x: Expr): Expr {
  const inside = min(x, per(x, vanished))
  const square = twoProduct(inside, inside)
  const t = div(sub(inside, 4), add(inside, 4))
  const bell = expOfNegative(neg(square.head), neg(square.tail))
  return mul(bell, div(polynomial(per(x, tail), t), add(mul(inside, 2), 1)))
}
