/**
 * Agree: whether results are those of the reference, as near as rounding lets them be.
 *
 *   |x − r| ≤ 8·spread + 4ε·|r|        spread: what perturbing the reference does to r; where that
 *                                      leaves no digit of r, 2²⁰ times as much
 *
 * Whole numbers and bools must be equal; NaN must be NaN, and an infinity that infinity. Where a
 * perturbation flips a comparison, so that some sample is another whole number or not finite, the
 * program does not determine the entry: it is counted as open, not compared. So too where a value
 * on the way overflows, unless the infinity comes through.
 */
import {
  type DType,
  epsilon,
  isFloat,
  type NDArray,
  PullbackError,
  type Sizes,
} from '../lib/data/index.js'
import { interpreters } from '../lib/interpret/index.js'
import type { Func } from '../lib/term/index.js'
import { agreed, broken, type Measured } from './measured.js'
import { ends, perturbed } from './perturb.js'

/** What a program's results must be. */
export interface Expected {
  readonly results: readonly NDArray[]
  readonly samples: readonly (readonly NDArray[])[]
}

export interface Agreement {
  readonly compared: number
  /** Entries that rounding decides. */
  readonly open: number
  /** The first entry at fault, in words. */
  readonly fault: string | undefined
}

const seeds = [0, 1, 2, 3, 4, 5]

export const expectedOf = (func: Func, inputs: readonly NDArray[], sizes: Sizes): Expected => ({
  results: interpreters.evaluate(func, inputs, sizes),
  samples: seeds.map((seed) => perturbed(func, inputs, sizes, seed)),
})

/** The same; undefined where the reference has no value, as of the largest of nothing. */
export function determined(
  func: Func,
  inputs: readonly NDArray[],
  sizes: Sizes,
): Expected | undefined {
  try {
    return expectedOf(func, inputs, sizes)
  } catch (error) {
    if (error instanceof PullbackError) return undefined
    throw error
  }
}

/** The agreement as laws measure it; undefined where rounding decides every entry. */
export function measuredOf(expected: Expected, found: readonly NDArray[]): Measured | undefined {
  const { compared, fault, open } = agreement(
    expected,
    found.map((array) => array.data),
  )
  if (fault !== undefined) return broken(fault)
  return compared === 0 && open > 0 ? undefined : agreed('every entry')
}

export function agreement(expected: Expected, actual: readonly ArrayLike<number>[]): Agreement {
  let [compared, open] = [0, 0]
  let fault: string | undefined
  expected.results.forEach((result, i) => {
    for (let k = 0; k < result.data.length; k++) {
      const samples = expected.samples.map((s) => s[i].data[k])
      const allowed = allowance(result, k, samples)
      if (allowed === undefined) {
        open++
        continue
      }
      compared++
      const [x, r] = [actual[i][k], result.data[k]]
      const same = x === r || (Number.isNaN(x) && Number.isNaN(r)) || Math.abs(x - r) <= allowed
      if (!same) fault ??= `result ${i}[${k}] is ${x}; reference ${r}, allowed ±${allowed}`
    }
  })
  return { compared, open, fault }
}

/**
 * Where no digit is left, 1 / x and tan x of what moves about have no bound: one of 10⁶ such numbers
 * is 10⁶ times as large as most. Differences that cancel are among them, and stay near zero.
 */
const tail = 2 ** 20

/** How far from the reference entry k may be; undefined where rounding decides what it is. */
function allowance(
  { data, dtype }: NDArray,
  k: number,
  samples: readonly number[],
): number | undefined {
  const r = data[k]
  if (!isFloat(dtype) || !Number.isFinite(r)) {
    return samples.every((s) => Object.is(s, r) || isEnd(dtype, r, s)) ? 0 : undefined
  }
  const spread = samples.reduce((most, s) => Math.max(most, Math.abs(s - r)), 0)
  if (!Number.isFinite(spread)) return undefined
  const least = dtype === 'f64' ? 2 ** -1070 : 2 ** -145
  const times = spread > Math.abs(r) / 4 ? tail : 8
  return times * spread + 4 * epsilon[dtype] * Math.abs(r) + least
}

/** Whether an infinity was drawn in to the end of the range, and nothing else happened to it. */
const isEnd = (dtype: DType, r: number, s: number): boolean =>
  (dtype === 'f32' || dtype === 'f64') &&
  Math.abs(r) === Infinity &&
  s === Math.sign(r) * ends[dtype].most
