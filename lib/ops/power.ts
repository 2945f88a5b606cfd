/**
 * Powers and roots: square, sqrt, rsqrt, cbrt, pow, hypot.
 */
import type { Op, Term } from '../term/index.js'
import { add, div, mul, reciprocal, scale, sub } from './arithmetic.js'
import { eq, ge } from './compare.js'
import { along, binaryCall, elementwise, partials, unaryCall } from './elementwise.js'
import { log } from './exponential.js'
import { and } from './logic.js'
import { where } from './select.js'
import type { Word } from './vocabulary.js'

export const squareOp: Op = elementwise('square', {
  doc: 'x².',
  grade: 'smooth',
  takes: 'number',
  evaluate: (x) => x * x,
  evaluateInteger: (x) => Math.imul(x, x),
  jvp: along((x, dx) => scale(dx, mul(2, x))),
  transpose: 'nonlinear',
  flops: 1,
  domain: [[-3, 3]],
})
export const square = unaryCall(squareOp)

export const sqrtOp: Op = elementwise('sqrt', {
  doc: '√x; NaN below 0. Its derivative at 0 is ∞.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.sqrt,
  jvp: along((_, dx, y) => scale(dx, div(0.5, y))),
  transpose: 'nonlinear',
  flops: 4,
  domain: [[0.1, 5]],
})
export const sqrt = unaryCall(sqrtOp)

export const rsqrtOp: Op = elementwise('rsqrt', {
  doc: '1/√x; ∞ at 0, NaN below.',
  grade: 'smooth',
  takes: 'float',
  evaluate: (x) => 1 / Math.sqrt(x),
  jvp: along((_, dx, y) => scale(dx, mul(-0.5, mul(y, square(y))))),
  transpose: 'nonlinear',
  flops: 5,
  domain: [[0.2, 5]],
})
export const rsqrt = unaryCall(rsqrtOp)

export const cbrtOp: Op = elementwise('cbrt', {
  doc: '∛x, odd. Its derivative at 0 is ∞.',
  grade: 'smooth',
  takes: 'float',
  evaluate: Math.cbrt,
  jvp: along((_, dx, y) => scale(dx, reciprocal(mul(3, square(y))))),
  transpose: 'nonlinear',
  flops: 8,
  domain: [[0.2, 5]],
})
export const cbrt = unaryCall(cbrtOp)

export const powOp: Op = elementwise('pow', {
  doc: 'xʸ by IEEE 754: 1 where y is 0 or x is 1, NaN where x < 0 and y is no whole number. Integers wrap, and a negative exponent truncates 1/xⁿ. The derivative in x is y·xʸ⁻¹, 0 where y is 0; in y it is xʸ log x, 0 where x is 0 and y ≥ 0.',
  grade: 'smooth',
  takes: 'number',
  evaluate: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y),
  evaluateInteger: (x, n) => integerPower(x, n),
  jvp: partials(
    (a, b) => add(a, b),
    (dx, [x, y]) => scale(dx, scale(y, pow(x, sub(y, 1)))),
    (dy, [x, y], out) => scale(dy, scale(out, log(baseOfLog(x, y)))),
  ),
  transpose: 'nonlinear',
  flops: 16,
  domain: [
    [0.3, 3],
    [-2, 3],
  ],
})
export const pow = binaryCall(powOp)

export const hypotOp: Op = elementwise('hypot', {
  doc: '√(x² + y²) without overflow. Its gradient at (0, 0) is 0.',
  grade: 'kink',
  takes: 'float',
  evaluate: Math.hypot,
  jvp: partials(
    (a, b) => add(a, b),
    (dx, [x], out) => scale(dx, share(x, out)),
    (dy, [, y], out) => scale(dy, share(y, out)),
  ),
  transpose: 'nonlinear',
  flops: 8,
  domain: [
    [0.2, 3],
    [-3, 3],
  ],
})
export const hypot = binaryCall(hypotOp)

/** x, or 1 where x is 0 and y ≥ 0: there 0ʸ does not move with y, by choice also at y = 0. */
const baseOfLog = (x: Term, y: Term): Term => where(and(eq(x, 0), ge(y, 0)), 1, x)

/** x/h; 0 where h is 0. */
const share = (x: Term, h: Term): Term => where(eq(h, 0), 0, div(x, h))

/** By squaring, modulo 2³². */
function integerPower(x: number, n: number): number {
  if (n < 0) return x === 1 ? 1 : x === -1 ? (n % 2 === 0 ? 1 : -1) : 0
  let result = 1
  let square = x
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, square)
    square = Math.imul(square, square)
  }
  return result
}

export const powerOps: readonly Op[] = [squareOp, sqrtOp, rsqrtOp, cbrtOp, powOp, hypotOp]

export const powerWords: Readonly<Record<string, Word>> = {
  square: ([x]) => square(x),
  sqrt: ([x]) => sqrt(x),
  rsqrt: ([x]) => rsqrt(x),
  cbrt: ([x]) => cbrt(x),
  pow: ([x, y]) => pow(x, y),
  hypot: ([x, y]) => hypot(x, y),
}
