/**
 * Sine, cosine, tangent, their inverses, and sinc.
 */
import { sinc as sincOf } from '../data/special/index.js'
import type { Op, Term } from '../term/index.js'
import { add, div, mul, neg, reciprocal, scale, sub } from './arithmetic.js'
import { lt } from './compare.js'
import { along, binaryCall, elementwise, partials, unaryCall } from './elementwise.js'
import { full } from './operand.js'
import { hypot, rsqrt, square } from './power.js'
import { abs, round } from './rounding.js'
import { where } from './select.js'
import type { Word } from './vocabulary.js'

export const sinOp: Op = elementwise('sin', {
  doc: 'The sine of an angle in radians, accurate for large angles too.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.sin,
  jvp: along((x, dx) => scale(dx, cos(x))),
  transpose: 'nonlinear',
  flops: 8,
  domain: [[-6, 6]],
})
export const sin = unaryCall(sinOp)

export const cosOp: Op = elementwise('cos', {
  doc: 'The cosine of an angle in radians, accurate for large angles too.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.cos,
  jvp: along((x, dx) => neg(scale(dx, sin(x)))),
  transpose: 'nonlinear',
  flops: 8,
  domain: [[-6, 6]],
})
export const cos = unaryCall(cosOp)

export const tanOp: Op = elementwise('tan', {
  doc: 'sin x / cos x.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.tan,
  jvp: along((_, dx, y) => scale(dx, add(1, square(y)))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-1.2, 1.2]],
})
export const tan = unaryCall(tanOp)

export const asinOp: Op = elementwise('asin', {
  doc: 'The angle in [−π/2, π/2] whose sine is x; NaN outside [−1, 1].',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.asin,
  jvp: along((x, dx) => scale(dx, overCosine(x))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-0.8, 0.8]],
})
export const asin = unaryCall(asinOp)

export const acosOp: Op = elementwise('acos', {
  doc: 'The angle in [0, π] whose cosine is x; NaN outside [−1, 1].',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.acos,
  jvp: along((x, dx) => neg(scale(dx, overCosine(x)))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-0.8, 0.8]],
})
export const acos = unaryCall(acosOp)

export const atanOp: Op = elementwise('atan', {
  doc: 'The angle in [−π/2, π/2] whose tangent is x.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.atan,
  jvp: along((x, dx) => scale(dx, reciprocal(add(1, square(x))))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-4, 4]],
})
export const atan = unaryCall(atanOp)

export const atan2Op: Op = elementwise('atan2', {
  doc: 'The angle in [−π, π] of the point (x, y), called as atan2(y, x). Its gradient at (0, 0) is 0.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.atan2,
  jvp: partials(
    (a, b) => add(a, b),
    (dy, [y, x]) => scale(dy, overSquares(x, y)),
    (dx, [y, x]) => neg(scale(dx, overSquares(y, x))),
  ),
  transpose: 'nonlinear',
  flops: 12,
  domain: [
    [-3, 3],
    [0.2, 3],
  ],
})
export const atan2 = binaryCall(atan2Op)

export const sincOp: Op = elementwise('sinc', {
  doc: 'sin πx / πx, 1 at 0, with every derivative there.',
  grade: 'smooth',
  takes: 'float',
  evaluate: sincOf,
  jvp: along((x, dx, y) => scale(dx, sincSlope(x, y))),
  transpose: 'nonlinear',
  flops: 10,
  domain: [[-3, 3]],
})
export const sinc = unaryCall(sincOp)

/** 1/√(1 − x²) */
const overCosine = (x: Term): Term => rsqrt(mul(sub(1, x), add(1, x)))

/** a/(a² + b²) without overflow; 0 where both are 0. */
function overSquares(a: Term, b: Term): Term {
  const inverse = reciprocal(hypot(a, b))
  return scale(scale(a, inverse), inverse)
}

/**
 * sinc′: away from 0 it is (cos πx − sinc x)/x, which cancels near 0; there the Taylor series, long
 * enough that its own derivatives are exact to rounding as well.
 */
function sincSlope(x: Term, y: Term): Term {
  const near = lt(abs(x), 1)
  const away = div(sub(cosPi(x), y), x)
  return where(near, mul(x, series(square(x))), away)
}

/** cos πx, reduced by whole turns before π comes in. */
const cosPi = (x: Term): Term => cos(mul(Math.PI, sub(x, mul(2, round(mul(0.5, x))))))

/** Σₖ (−1)ᵏ π²ᵏ 2k/(2k + 1)! uᵏ⁻¹ over k ≥ 1. */
function series(u: Term): Term {
  const terms = 18
  const coefficients: number[] = []
  let power = 1
  for (let k = 1; k <= terms; k++) {
    power *= -(Math.PI ** 2) / (2 * k * (2 * k + 1))
    coefficients.push(power * 2 * k)
  }
  return coefficients.reduceRight((acc, c) => add(mul(acc, u), c), full(0, u))
}

export const trigonometricOps: readonly Op[] = [
  sinOp,
  cosOp,
  tanOp,
  asinOp,
  acosOp,
  atanOp,
  atan2Op,
  sincOp,
]

export const trigonometricWords: Readonly<Record<string, Word>> = {
  sin: ([x]) => sin(x),
  cos: ([x]) => cos(x),
  tan: ([x]) => tan(x),
  asin: ([x]) => asin(x),
  acos: ([x]) => acos(x),
  atan: ([x]) => atan(x),
  atan2: ([y, x]) => atan2(y, x),
  sinc: ([x]) => sinc(x),
}
