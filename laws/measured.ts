/**
 * Measured: how far two numbers are apart, in units of the rounding that they may differ by.
 *
 *   ulps     the distance, in roundings of the largest number that was added on the way
 *   allowed  how many of those the computation has: the operations that feed the number
 *
 * A law gives the worst of all that it compared; it is broken where `ulps` exceeds `allowed`.
 */
import { epsilon, type NDArray } from '../lib/data/index.js'

export interface Measured {
  /** What was compared: `result 0[3]`, `⟨Jᵀu, v⟩`. */
  readonly where: string
  readonly found: number
  readonly wanted: number
  /** NaN where exactly one of them is not a number. */
  readonly ulps: number
  readonly allowed: number
}

/** Not a number is no agreement. */
export const holds = ({ ulps, allowed }: Measured): boolean => ulps <= allowed

/** The one that fails by most, or is nearest to it; undefined of none. */
export const worst = (list: readonly Measured[]): Measured | undefined =>
  list.reduce<Measured | undefined>(
    (a, b) => (a === undefined || excess(b) > excess(a) ? b : a),
    undefined,
  )

const excess = ({ ulps, allowed }: Measured): number =>
  Number.isNaN(ulps) ? Infinity : ulps / Math.max(allowed, Number.MIN_VALUE)

/** Two numbers, where `unit` is one rounding. Equal infinities, and NaN twice, agree. */
export function compared(
  where: string,
  found: number,
  wanted: number,
  unit: number,
  allowed: number,
): Measured {
  const same = found === wanted || (Number.isNaN(found) && Number.isNaN(wanted))
  const ulps = same ? 0 : Math.abs(found - wanted) / Math.max(unit, Number.MIN_VALUE)
  return { where, found, wanted, ulps, allowed }
}

/** Arrays, up to so many roundings of the largest number of those wanted. */
export function comparedArrays(
  where: string,
  found: NDArray,
  wanted: NDArray,
  roundings: number,
): Measured {
  if (found.dtype !== wanted.dtype || String(found.shape) !== String(wanted.shape)) {
    return broken(`${where}: ${typeOf(found)} where ${typeOf(wanted)} was wanted`)
  }
  const unit = epsilon[wanted.dtype] * (1 + magnitude(wanted))
  const all = Array.from(found.data, (x, i) =>
    compared(`${where}[${i}]`, x, wanted.data[i], unit, roundings),
  )
  return worst(all) ?? agreed(where)
}

/** What holds without a number to show. */
export const agreed = (where: string): Measured => ({
  where,
  found: 0,
  wanted: 0,
  ulps: 0,
  allowed: 0,
})

/** What fails without a number to show. */
export const broken = (where: string): Measured => ({ ...agreed(where), ulps: Infinity })

/** The largest finite magnitude. */
export function magnitude({ data }: NDArray): number {
  let largest = 0
  for (const x of data) {
    const size = Math.abs(x)
    if (size > largest && size < Infinity) largest = size
  }
  return largest
}

const typeOf = ({ dtype, shape }: NDArray): string => `${dtype}[${shape.join(', ')}]`
