/**
 * Magnitude, sign, rounding to whole numbers, and the remainders.
 */
import type { Op } from '../term/index.js'
import { add, div, neg, scale, sub } from './arithmetic.js'
import {
  along,
  binaryCall,
  type ElementwiseRule,
  elementwise,
  partials,
  unaryCall,
} from './elementwise.js'
import type { Word } from './vocabulary.js'

const steps: readonly [number, number] = [-3, 3]

export const absOp: Op = elementwise('abs', {
  doc: '|x|. Its derivative at 0 is 0.',
  grade: 'kink',
  takes: 'number',
  evaluate: Math.abs,
  jvp: along((x, dx) => scale(dx, sign(x))),
  transpose: 'nonlinear',
  flops: 1,
  domain: [steps],
})
export const abs = unaryCall(absOp)

const step = (name: string, rule: Pick<ElementwiseRule, 'doc' | 'takes' | 'evaluate'>): Op =>
  elementwise(name, {
    ...rule,
    grade: 'cut',
    jvp: 'zero',
    transpose: 'nonlinear',
    flops: 1,
    domain: [steps],
  })

export const signOp: Op = step('sign', {
  doc: '−1, 0 or 1; ±0 and NaN are their own sign.',
  takes: 'number',
  evaluate: Math.sign,
})
export const sign = unaryCall(signOp)

export const floorOp: Op = step('floor', {
  doc: 'The largest whole number ≤ x.',
  takes: 'float',
  evaluate: Math.floor,
})
export const floor = unaryCall(floorOp)

export const ceilOp: Op = step('ceil', {
  doc: 'The smallest whole number ≥ x; −0 on (−1, −0].',
  takes: 'float',
  evaluate: Math.ceil,
})
export const ceil = unaryCall(ceilOp)

export const roundOp: Op = step('round', {
  doc: 'The nearest whole number, halves to the even one; it keeps the sign of x, also as −0.',
  takes: 'float',
  evaluate: (x) => roundHalfEven(x),
})
export const round = unaryCall(roundOp)

export const remOp: Op = elementwise('rem', {
  doc: 'x − y·trunc(x/y), exact, with the sign of x. Integers: x rem 0 is x. The derivative is 1 in x and −trunc(x/y) in y.',
  grade: 'jump',
  takes: 'number',
  evaluate: (x, y) => x % y,
  evaluateInteger: (x, y) => (y === 0 ? x : x % y),
  jvp: remainderJvp(),
  transpose: 'nonlinear',
  flops: 4,
  domain: [
    [0.1, 0.9],
    [1.1, 3],
  ],
})
export const rem = binaryCall(remOp)

export const modOp: Op = elementwise('mod', {
  doc: 'x − y·floor(x/y), with the sign of y. Integers: x mod 0 is x. The derivative is 1 in x and −floor(x/y) in y.',
  grade: 'jump',
  takes: 'number',
  evaluate: (x, y) => modulo(x, y),
  evaluateInteger: (x, y) => (y === 0 ? x : modulo(x, y)),
  jvp: remainderJvp(),
  transpose: 'nonlinear',
  flops: 5,
  domain: [
    [-0.9, -0.1],
    [1.1, 3],
  ],
})
export const mod = binaryCall(modOp)

/** The quotient is (x − out)/y, a whole number but for rounding. */
function remainderJvp(): Op['jvp'] {
  return partials(
    (a, b) => add(a, b),
    (dx) => dx,
    (dy, [x, y], out) => neg(scale(dy, round(div(sub(x, out), y)))),
  )
}

function modulo(x: number, y: number): number {
  const r = x % y
  if (r === 0) return y < 0 ? -0 : 0
  return r < 0 === y < 0 ? r : r + y
}

function roundHalfEven(x: number): number {
  const size = Math.abs(x)
  if (!(size < 2 ** 52)) return x
  // Adding 2⁵² leaves no bits below one, rounded to even by the hardware's rule.
  const rounded = size + 2 ** 52 - 2 ** 52
  return x < 0 || Object.is(x, -0) ? -rounded : rounded
}

export const roundingOps: readonly Op[] = [absOp, signOp, floorOp, ceilOp, roundOp, remOp, modOp]

export const roundingWords: Readonly<Record<string, Word>> = {
  abs: ([x]) => abs(x),
  sign: ([x]) => sign(x),
  floor: ([x]) => floor(x),
  ceil: ([x]) => ceil(x),
  round: ([x]) => round(x),
  rem: ([x, y]) => rem(x, y),
  mod: ([x, y]) => mod(x, y),
}
