/**
 * Argument reduction by π/2, for arguments of any size, without branches or tables in memory.
 *
 *   x = (4·whole turns + quadrant + fraction)·π/2,  |fraction| ≤ ½
 *
 * Below some hundreds of turns, after Cody & Waite (Software Manual for the Elementary Functions,
 * 1980): π/2 in words so short that their products with the number of quarters are exact.
 *
 * Beyond, after Payne & Hanek (SIGNUM Newsletter 18, 1983), in floating point. 1/2π is cut into words of
 * as many bits as the significand d has. Scaling x by 2⁻ᵈᵏ into [2ᵈ⁻¹, 2²ᵈ⁻¹) makes it a whole
 * number, so that all words before the k-th give whole turns and drop out: a shift by selects finds
 * the k-th word. Its product and the next ones are exact in two floats, of which whole numbers are
 * dropped; the rest is summed in two floats. That takes about 200 operations, which an emitter may
 * leave out where no lane needs them (`../defer.ts`).
 */
import { abs, add, type Expr, ge, gt, mul, nearest, neg, select, sub } from '../expression.js'
import { type Double, doubleOf, mulDouble, quickSum, twoProduct, twoSum } from './double.js'
import { formatOf, like, per } from './format.js'

/** 1/2π = 0.w₀w₁w₂… in words of d bits. */
const words = {
  f32: [2670176, 14390161, 346751, 644596, 8211767, 7354072, 10839631, 1106960, 8361048],
  f64: [
    1433540284805664, 5957137479487989, 1860064896635571, 1390943429720389, 5020298653118683,
    5144493106191662, 13822778938275, 1274606832502572, 2618186147303855, 5962356354247068,
    3945969191208999, 1767297002589415, 7404395570781948, 5211350100443133, 7893600668900899,
    798806392691533, 5619025154952634, 4299362769199082, 1599398431227260, 6691545962833886,
    1452770359377327, 7619584807961952, 1795012743845719, 7938401074855181,
  ],
}

/** π/2 */
const quarter = {
  f32: { head: 1.5707963705062866, tail: -4.371138828673793e-8 },
  f64: { head: 1.5707963267948966, tail: 6.123233995736766e-17 },
}

/**
 * π/2 in words. Products of the first three with whole numbers up to `most` are exact; the last
 * has all bits, and what is left of π/2 is 3·10⁻²² and 7·10⁻⁴⁹.
 */
const shortWords = {
  f32: {
    most: 2 ** 9,
    words: [1.57073974609375, 5.657970905303955e-5, 9.920881893776823e-10, 5.390302529957765e-15],
  },
  f64: {
    most: 2 ** 20,
    words: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
  },
}

export interface Angle {
  /** In [−π/4, π/4], in two words. */
  readonly rest: Double
  /** −2, −1, 0, 1 or 2. */
  readonly quadrant: Expr
}

/** |x| as an angle; NaN where x is not finite. */
export function quarterTurns(x: Expr): Angle {
  const size = abs(x)
  const [near, far] = [fewTurns(size), anyTurns(size)]
  // Half a quarter less, so that the number of quarters is at most that.
  const isFar = gt(size, (per(x, shortWords).most - 0.5) * (Math.PI / 2))
  return {
    rest: {
      head: select(isFar, far.rest.head, near.rest.head),
      tail: select(isFar, far.rest.tail, near.rest.tail),
    },
    quadrant: select(isFar, far.quadrant, near.quadrant),
  }
}

/** x as an angle, for x ≥ 0 of no more than `most` quarter turns. */
function fewTurns(x: Expr): Angle {
  const [first, second, third, last] = per(x, shortWords).words
  const quarters = nearest(mul(x, 2 / Math.PI))
  const less = (word: number | undefined): Expr => neg(mul(quarters, word ?? 0))
  // Exact, as both are within a factor of two of one another, or there are no quarters.
  const middle = twoSum(add(x, less(first)), less(second))
  const lower = twoSum(middle.head, less(third))
  return {
    rest: quickSum(lower.head, add(add(middle.tail, lower.tail), less(last))),
    quadrant: sub(quarters, mul(nearest(mul(quarters, 0.25)), 4)),
  }
}

/** x as an angle, for any x ≥ 0. */
function anyTurns(x: Expr): Angle {
  const fraction = turns(x)
  const scaled: Double = { head: mul(fraction.head, 4), tail: mul(fraction.tail, 4) }
  const quadrant = nearest(scaled.head)
  const centred = quickSum(sub(scaled.head, quadrant), scaled.tail)
  return { rest: mulDouble(centred, doubleOf(x, per(x, quarter))), quadrant }
}

/** x/2π without its whole part, for x ≥ 0, with an absolute error of about 2⁻³ᵈ. */
function turns(x: Expr): Double {
  const digits = formatOf(x).stored + 1
  const { scaled, window } = fromFirstWord(x, digits)
  const [p0, p1, p2, p3] = [0, 1, 2, 3].map((i) =>
    twoProduct(mul(scaled, 2 ** (-digits * i)), window[i]),
  )
  const p4 = mul(mul(scaled, 2 ** (-digits * 4)), window[4])
  // Of about 1, then of about 2⁻ᵈ, then the errors of those.
  const first = twoSum(dropWhole(p0.head), dropWhole(p0.tail))
  const second = twoSum(dropWhole(first.head), dropWhole(p1.head))
  const third = twoSum(p1.tail, p2.head)
  const whole = twoSum(dropWhole(second.head), third.head)
  const small = [first.tail, second.tail, third.tail, whole.tail, p2.tail, p3.head]
  const middle = small.slice(1).reduce<{ readonly head: Expr; readonly errors: Expr }>(
    (sum, term) => {
      const next = twoSum(sum.head, term)
      return { head: next.head, errors: add(sum.errors, next.tail) }
    },
    { head: small[0], errors: add(p3.tail, p4) },
  )
  const sum = twoSum(dropWhole(whole.head), middle.head)
  return quickSum(sum.head, add(sum.tail, middle.errors))
}

/** x scaled into [0, 2²ᵈ⁻¹) and the five words of 1/2π that matter to it. */
function fromFirstWord(x: Expr, digits: number): { scaled: Expr; window: readonly Expr[] } {
  const zero = like(x, 0)
  let window: readonly Expr[] = per<readonly number[]>(x, words).map((w) =>
    like(x, w * 2 ** -digits),
  )
  let scaled = x
  for (let shift = per(x, { f32: 4, f64: 16 }); shift >= 1; shift /= 2) {
    const far = ge(scaled, 2 ** (digits - 1 + shift * digits))
    const from = window
    window = Array.from({ length: Math.min(4 + shift, from.length) }, (_, i) =>
      select(far, from[i + shift] ?? zero, from[i]),
    )
    scaled = select(far, mul(scaled, 2 ** (-shift * digits)), scaled)
  }
  return { scaled, window }
}

const dropWhole = (x: Expr): Expr => sub(x, nearest(x))
