/**
 * What whole numbers are multiples of, whatever the loops around them are at.
 *
 *   min(48, 1024 − i), i in steps of 16    →    16
 *
 * So lock-step loops have only the remainders that can occur. 0 is a multiple of everything.
 */
import { type Expr, ofDim } from '../../../lib/loop/index.js'
import type { Emission } from './emission.js'

/** A number that divides the value; 0 where the value is 0. */
export function divisorOf(e: Emission, x: Expr): number {
  switch (x.tag) {
    case 'constant':
      return Number.isSafeInteger(Number(x.value)) ? Math.abs(Number(x.value)) : 1
    case 'size':
      return [...ofDim(x.dim)].reduce((d, [, coefficient]) => common(d, coefficient), 0)
    case 'variable':
      return e.divisors.get(x.name) ?? 1
    case 'binary': {
      const [a, b] = [divisorOf(e, x.x), divisorOf(e, x.y)]
      if (x.op === 'mul') return a * b
      const isSum = x.op === 'add' || x.op === 'sub' || x.op === 'min' || x.op === 'max'
      return isSum ? common(a, b) : 1
    }
    default:
      return 1
  }
}

/** The greatest common divisor; that of 0 and another is the other. */
export const common = (a: number, b: number): number => (b === 0 ? Math.abs(a) : common(b, a % b))
