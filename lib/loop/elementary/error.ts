/**
 * The error function, its complement and its inverse.
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
  eq,
  fma,
  ge,
  gt,
  lt,
  min,
  mul,
  neg,
  select,
  sqrt,
  sub,
} from '../expression.js'
import { type Double, polynomialDouble, twoProduct, twoSum } from './double.js'
import { expOfNegativeDouble } from './exponential.js'
import { like, type PerFormat, per, polynomial } from './format.js'
import { log } from './logarithm.js'

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

/** Q(t) for ½ ≤ x; relative errors 2⁻²⁹ (degree 9, x < 10.2) and 2⁻⁵⁵ (degree 22, x < 32). */
const outer = {
  f32: [
    1.232995117675037, -0.1396210640668869, 0.015379815362393856, 0.0680944100022316,
    -0.10104448348283768, 0.09376887232065201, -0.06626059859991074, 0.03699054569005966,
    -0.01657862588763237, 0.0052714236080646515,
  ],
  f64: erfcTail,
}

/** From here on erfc is 0. */
const vanished = { f32: 11, f64: 28 }

export function erf(x: Expr): Expr {
  const size = abs(x)
  const far = copysign(sub(like(x, 1), tail(size).head), x)
  return select(lt(size, 1), near(x), select(ge(size, 1), far, x))
}

export function erfc(x: Expr): Expr {
  const size = abs(x)
  const { head, lost } = tail(size)
  const far = add(head, lost)
  const left = select(gt(x, -1), sub(like(x, 1), near(x)), sub(like(x, 2), far))
  return select(ge(x, 0.5), far, left)
}

const near = (x: Expr): Expr => fma(x, polynomial(per(x, centre), mul(x, x)), x)

interface Tail {
  readonly head: Expr
  /** What the roundings of the head lost, but for the last. */
  readonly lost: Expr
}

/** erfc x for x ≥ ½. */
function tail(x: Expr): Tail {
  const inside = min(x, per(x, vanished))
  const square = twoProduct(inside, inside)
  const { growth, power, scale } = expOfNegativeDouble(neg(square.head), neg(square.tail))
  const t = div(sub(inside, 4), add(inside, 4))
  const over = polynomialDouble(per<readonly number[]>(x, outer), t)
  const under = twoSum(mul(inside, 2), like(x, 1))
  const quotient = div(over.head, under.head)
  const product = twoProduct(quotient, under.head)
  const rounding = sub(sub(over.head, product.head), product.tail)
  const words = sub(over.tail, mul(quotient, under.tail))
  const quotientLost = div(add(rounding, words), under.head)
  const whole = twoProduct(quotient, growth.head)
  const lost = add(whole.tail, add(mul(quotient, growth.tail), mul(quotientLost, growth.head)))
  const scaled = (y: Expr): Expr => mul(mul(y, power), scale)
  return { head: scaled(whole.head), lost: scaled(lost) }
}

/** The y with erf y = x; ±∞ at ±1, NaN outside. A fit of y/x in w = −log(1 − x²) or its root. */
export function erfInv(x: Expr): Expr {
  const a = abs(x)
  const w = mul(log(mul(sub(like(x, 1), a), add(a, 1))), -1)
  const root = sqrt(w)
  const fits = per<readonly Region[]>(x, regions)
  const [first, ...others] = fits
  const ratio = others.reduce<Double>(
    (near, { from, centre, coefficients }) => {
      const far = polynomialDouble(coefficients, sub(root, centre))
      const inner = lt(w, from)
      return {
        head: select(inner, near.head, far.head),
        tail: select(inner, near.tail, far.tail),
      }
    },
    polynomialDouble(first.coefficients, sub(w, first.centre)),
  )
  const inside = fma(x, ratio.head, mul(x, ratio.tail))
  const ends = mul(x, Number.POSITIVE_INFINITY)
  return select(lt(a, 1), inside, select(eq(a, 1), ends, like(x, Number.NaN)))
}

interface Region {
  readonly from: number
  readonly centre: number
  readonly coefficients: readonly number[]
}

/** y/x: the first in w, the others in √w, less their centre. Errors 2⁻²⁴, 2⁻⁵²; own fits. */
const regions: PerFormat<readonly Region[]> = {
  f32: [
    {
      from: 0,
      centre: 0,
      coefficients: [
        0.8862269520759583, 0.23201315104961395, 0.01155224721878767, -0.0023426131810992956,
        -0.00011728855315595865, 3.7235837226035073e-5, 7.230956271087052e-6,
        -2.8738822948071174e-6, 3.71627294271093e-7, -2.282964395305953e-8, 5.575140349378671e-10,
      ],
    },
    {
      from: 5,
      centre: 3,
      coefficients: [
        2.832976818084717, 1.0016748905181885, 0.0094447648152709, -0.007636167574673891,
        0.00569066172465682, -0.0036025422159582376, 0.0014762384817004204, -4.6996177843539044e-5,
        -0.0003027931379619986, 0.00010893655417021364,
      ],
    },
  ],
  f64: [
    {
      from: 0,
      centre: 3.125,
      coefficients: [
        1.653654562683103, 0.2401581824255895, -0.006033670871431535, -0.0007407025341653937,
        0.00018673420803850196, -1.3882523364713215e-5, -1.3654692063698737e-6,
        4.2347878022310853e-7, -2.907036516523826e-8, -4.112635056891082e-9, 1.0512100882371798e-9,
        -5.415376239460374e-11, -1.2974503477446535e-11, 2.63343466841581e-12,
        -8.163690001868879e-14, -4.053584197643047e-14, 6.6518116042690715e-15,
        2.0180802525465606e-17, -1.3438213487387003e-16, 1.1193614283810415e-17,
        1.331183487024621e-18, -1.6919690019144634e-19, -4.47932001879448e-21,
      ],
    },
    {
      from: 6.25,
      centre: 3.25,
      coefficients: [
        3.0838856104922208, 1.0052589676941577, 0.0053709145535656274, -0.0037512085074160252,
        0.0024914420970578647, -0.0016882755602274525, 0.0009532893628326732,
        -0.00035503746940187614, 2.403127056503373e-5, 6.828452750469964e-5, -4.731910036280601e-5,
        1.2476462774206958e-5, 2.9262469190193637e-6, -4.016210130485765e-6, 1.4974895573014442e-6,
        2.0739438740446006e-8, -2.6988236811405584e-7, 8.966336560311214e-8,
      ],
    },
    {
      from: 16,
      centre: 5,
      coefficients: [
        4.849906401408584, 1.0103004648645262, -0.00013871931839197035, -0.00021503011898541994,
        7.599527833213103e-5, -1.9681781550877655e-5, 4.5260513443920275e-6, -9.929662801562186e-7,
        2.2905157176312574e-7, -6.775201783349782e-8, 2.9044103096730413e-8, -1.490816563462857e-8,
        7.742050802116349e-9, -3.823553265819645e-9, 1.4282950323564536e-9, -2.466281520416743e-10,
        -6.9902485171831315e-12,
      ],
    },
  ],
}
