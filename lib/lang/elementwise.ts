/**
 * Elementwise operations, on tensors and numbers that broadcast. How a derivative passes each is in
 * its signature (`lib/types/vocabulary.ts`), its rules are those of its op (`lib/ops`).
 */
import { readingAll } from '../ops/index.js'
import type { Attrs } from '../term/index.js'
import { call } from './call.js'
import {
  attributed,
  binary,
  type Form,
  isDTypeName,
  isOperand,
  operand,
  operation,
  record,
  ternary,
  unary,
  valued,
} from './form.js'

/** `clamp(x, { min?, max? })`, `clamp({ min?, max? })` waiting for x: min after max. */
const clampForm: Form = (name) => (first, second) => {
  const run = (x: unknown, { min, max }: Attrs): unknown => {
    const raised =
      min === undefined ? operand(name, x) : call('max', [operand(name, x), operand(name, min)])
    return max === undefined ? raised : call('min', [operand(name, raised), operand(name, max)])
  }
  const reading = (x: unknown, bounds: Attrs) => readingAll(name, bounds, (all) => run(x, all))
  if (isOperand(first)) return reading(first, record(name, second))
  const bounds = record(name, first)
  return (x: unknown) => reading(x, bounds)
}

/** −x. */
export const neg = operation('neg', unary)
/** |x|. Its derivative at 0 is 0. */
export const abs = operation('abs', unary)
/** −1, 0 or 1; ±0 and NaN are their own sign. */
export const sign = operation('sign', unary)
/** eˣ. */
export const exp = operation('exp', unary)
/** eˣ − 1, accurate near 0. */
export const expm1 = operation('expm1', unary)
/** The natural logarithm: −∞ at 0, NaN below. */
export const log = operation('log', unary)
/** log(1 + x), accurate near 0: −∞ at −1, NaN below. */
export const log1p = operation('log1p', unary)
/** √x; NaN below 0. Its derivative at 0 is ∞. */
export const sqrt = operation('sqrt', unary)
/** 1/√x; ∞ at 0, NaN below. */
export const rsqrt = operation('rsqrt', unary)
/** ∛x, odd. Its derivative at 0 is ∞. */
export const cbrt = operation('cbrt', unary)
/** The sine of an angle in radians, accurate for large angles too. */
export const sin = operation('sin', unary)
/** The cosine of an angle in radians, accurate for large angles too. */
export const cos = operation('cos', unary)
/** sin x / cos x. */
export const tan = operation('tan', unary)
/** The angle in [−π/2, π/2] whose sine is x; NaN outside [−1, 1]. */
export const asin = operation('asin', unary)
/** The angle in [0, π] whose cosine is x; NaN outside [−1, 1]. */
export const acos = operation('acos', unary)
/** The angle in [−π/2, π/2] whose tangent is x. */
export const atan = operation('atan', unary)
/** (eˣ − e⁻ˣ)/2. */
export const sinh = operation('sinh', unary)
/** (eˣ + e⁻ˣ)/2. */
export const cosh = operation('cosh', unary)
/** sinh x / cosh x. Its derivative is 1 − y². */
export const tanh = operation('tanh', unary)
/** The inverse of sinh. */
export const asinh = operation('asinh', unary)
/** The inverse of cosh on x ≥ 1; NaN below. */
export const acosh = operation('acosh', unary)
/** The inverse of tanh on (−1, 1); ±∞ at the ends, NaN outside. */
export const atanh = operation('atanh', unary)
/** 1/(1 + e⁻ˣ). */
export const sigmoid = operation('sigmoid', unary)
/** log sigmoid x = −softplus(−x). */
export const logSigmoid = operation('logSigmoid', unary)
/** log(1 + eˣ): x for large x, eˣ for very negative x. */
export const softplus = operation('softplus', unary)
/** 2/√π ∫₀ˣ exp(−t²) dt. */
export const erf = operation('erf', unary)
/** 1 − erf x, without cancellation for large x. */
export const erfc = operation('erfc', unary)
/** The inverse of erf on (−1, 1); ±∞ at the ends, NaN outside. */
export const erfInv = operation('erfInv', unary)
/** log |Γ(x)|; ∞ at 0, −1, −2, … */
export const lgamma = operation('lgamma', unary)
/** The derivative of lgamma. At 0 it is −∞ or ∞ by the sign of the zero, at −1, −2, … NaN. */
export const digamma = operation('digamma', unary)
/** The largest whole number ≤ x. */
export const floor = operation('floor', unary)
/** The smallest whole number ≥ x; −0 on (−1, −0]. */
export const ceil = operation('ceil', unary)
/** The nearest whole number, halves to the even one; it keeps the sign of x, also as −0. */
export const round = operation('round', unary)
/** x where x > 0, else 0; NaN stays. Its derivative at 0 is 0. */
export const relu = operation('relu', unary)
/** x · sigmoid x. */
export const silu = operation('silu', unary)
/** x². */
export const square = operation('square', unary)
/** 1/x. */
export const reciprocal = operation('reciprocal', unary)
/** sin πx / πx, 1 at 0, with every derivative there. */
export const sinc = operation('sinc', unary)
/** Neither NaN nor ±∞; true for every integer. */
const finite = operation('isFinite', unary)

export { finite as isFinite }
/** The opposite of a bool; every bit of an integer inverted. */
export const not = operation('not', unary)
/** x · Φ(x), the Gaussian error linear unit; by its tanh form unless { approximate: "none" }. */
export const gelu = operation('gelu', attributed())
/**
 * min(max(x, min), max); either bound may be left out. Ties share the derivative as max and min do.
 */
export const clamp = operation('clamp', clampForm)
/**
 * The same numbers in another dtype: floats to integers truncate and saturate, NaN gives 0;
 * integers to integers wrap; anything but 0 is true.
 */
export const convert = operation('convert', valued('dtype', isDTypeName))

/** x + y. */
export const add = operation('add', binary)
/** x − y. */
export const sub = operation('sub', binary)
/** x · y. IEEE: 0 · ∞ is NaN; a zero tangent stays zero. */
export const mul = operation('mul', binary)
/** x / y; integers truncate toward zero, and x / 0 is 0 for them. */
export const div = operation('div', binary)
/**
 * xʸ by IEEE 754: 1 where y is 0 or x is 1, NaN where x < 0 and y is no whole number. Integers
 * wrap, and a negative exponent truncates 1/xⁿ. The derivative in x is y·xʸ⁻¹, 0 where y is 0; in y
 * it is xʸ log x, 0 where x is 0 and y ≥ 0.
 */
export const pow = operation('pow', binary)
/** The larger; NaN if either is, and 0 over −0. Where they tie, each has half the derivative. */
export const max = operation('max', binary)
/** The smaller; NaN if either is, and −0 over 0. Where they tie, each has half the derivative. */
export const min = operation('min', binary)
/** The angle in [−π, π] of the point (x, y), called as atan2(y, x). Its gradient at (0, 0) is 0. */
export const atan2 = operation('atan2', binary)
/**
 * x − y·trunc(x/y), exact, with the sign of x. Integers: x rem 0 is x. The derivative is 1 in x and
 * −trunc(x/y) in y.
 */
export const rem = operation('rem', binary)
/**
 * x − y·floor(x/y), with the sign of y. Integers: x mod 0 is x. The derivative is 1 in x and
 * −floor(x/y) in y.
 */
export const mod = operation('mod', binary)
/** √(x² + y²) without overflow. Its gradient at (0, 0) is 0. */
export const hypot = operation('hypot', binary)
/**
 * log(eˣ + eʸ); −∞ is neutral. Its derivatives are the shares of the two terms in the sum, ½ each
 * where both are the same infinity.
 */
export const logaddexp = operation('logaddexp', binary)
/** x log y, and 0 where x is 0 unless y is NaN. */
export const xlogy = operation('xlogy', binary)
/** x = y. As IEEE: with NaN false, and −0 equals 0. */
export const eq = operation('eq', binary)
/** x ≠ y. As IEEE: with NaN true, and −0 equals 0. */
export const ne = operation('ne', binary)
/** x < y. As IEEE: with NaN false, and −0 equals 0. */
export const lt = operation('lt', binary)
/** x ≤ y. As IEEE: with NaN false, and −0 equals 0. */
export const le = operation('le', binary)
/** x > y. As IEEE: with NaN false, and −0 equals 0. */
export const gt = operation('gt', binary)
/** x ≥ y. As IEEE: with NaN false, and −0 equals 0. */
export const ge = operation('ge', binary)
/** Both; on integers bit by bit. */
export const and = operation('and', binary)
/** Either or both; on integers bit by bit. */
export const or = operation('or', binary)
/** Exactly one; on integers bit by bit. */
export const xor = operation('xor', binary)
/**
 * a where the condition holds, b elsewhere; all three broadcast. The branch not taken is dead to
 * derivatives.
 */
export const where = operation('where', ternary)
