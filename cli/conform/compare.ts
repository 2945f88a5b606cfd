/**
 * Compare: an answer with what a case expects.
 *
 *   f64:  |a − e| ≤ atol + rtol·|e|                                  the case's own tolerances
 *   f32:  |a − e| ≤ atol + rtol·|e| + 16ε·|e| + 8·spread             ε = 2⁻²³
 *
 * `spread` is what f32 rounding does to this program at these inputs, measured in f64 (`emulate`):
 * 8 leaves room for other orders of reduction and elementary functions of 2 ulp, 16ε for a few
 * roundings that no seed showed. A wrong rule is wrong in f64 too and does not enlarge the spread.
 * NaN equals NaN, infinities are equal by sign, and −0 equals 0: no convention here is about the
 * sign of a zero. Integers and bools are equal or wrong. Where f32 overflows, all seeds agree on
 * what it overflows to, and that is expected instead.
 */
import { epsilon, isFloat, type NDArray, stridesOf } from '../../lib/data/index.js'

export interface Tolerance {
  readonly rtol: number
  readonly atol: number
  /** Of an f32 run: the exact answer, and the emulated ones. */
  readonly emulated?: Emulated | undefined
}

export interface Emulated {
  readonly exact: readonly number[]
  readonly samples: readonly (readonly number[])[]
}

/** The worst element. */
export interface Mismatch {
  /** |actual − expected|; NaN where only one of them is a number. */
  readonly error: number
  readonly index: readonly number[]
  readonly actual: number
  readonly expected: number
  readonly allowed: number
}

/** Nothing where all elements agree; else the worst one, or what differs in dtype or shape. */
export function compare(
  actual: NDArray,
  expected: NDArray,
  tolerance: Tolerance,
): Mismatch | string | undefined {
  if (actual.dtype !== expected.dtype || String(actual.shape) !== String(expected.shape)) {
    return `got ${show(actual)}, expected ${show(expected)}`
  }
  let worst: Mismatch | undefined
  let excess = 0
  for (let i = 0; i < expected.data.length; i++) {
    const a = actual.data[i]
    const { value, allowed } = aim(expected.data[i], i, tolerance, isFloat(expected.dtype))
    if (a === value || (Number.isNaN(a) && Number.isNaN(value))) continue
    const error = Math.abs(a - value)
    if (error <= allowed && Number.isFinite(value)) continue
    const by = Number.isFinite(error) ? error / (allowed || Number.MIN_VALUE) : Infinity
    if (by < excess || (worst !== undefined && by === excess)) continue
    excess = by
    worst = { error, index: indexOf(i, actual.shape), actual: a, expected: value, allowed }
  }
  return worst
}

/** What element i should be, and how far from it is still right. */
function aim(
  expected: number,
  i: number,
  { rtol, atol, emulated }: Tolerance,
  float: boolean,
): { readonly value: number; readonly allowed: number } {
  if (!float) return { value: expected, allowed: 0 }
  const given = atol + rtol * Math.abs(expected)
  if (emulated === undefined) return { value: expected, allowed: given }
  const samples = emulated.samples.map((sample) => sample[i])
  const first = samples[0]
  const overflows = !Number.isFinite(first) && samples.every((s) => Object.is(s, first))
  if (overflows && Number.isFinite(expected)) return { value: first, allowed: 0 }
  const spread = samples.reduce((most, s) => {
    const distance = Math.abs(s - emulated.exact[i])
    return Number.isFinite(distance) ? Math.max(most, distance) : most
  }, 0)
  const allowed = given + 16 * epsilon.f32 * Math.abs(expected) + 8 * spread
  return { value: expected, allowed }
}

const show = (array: NDArray): string => `${array.dtype}[${array.shape.join(', ')}]`

function indexOf(flat: number, shape: readonly number[]): readonly number[] {
  let rest = flat
  return stridesOf(shape).map((stride) => {
    const at = Math.floor(rest / stride)
    rest -= at * stride
    return at
  })
}
