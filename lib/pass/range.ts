/**
 * Ranges: what values a term can take, whatever the inputs; so that rules know a factor is finite.
 *
 *   tanh x → [−1, 1]   1 − tanh² x → [−1, 2], finite   exp x → [0, ∞], never −0
 *
 * Sound, not tight: bounds are widened by a few roundings, bounds beyond the dtype become ±∞, and
 * an op without an entry can be anything. Computed on demand, without recursion.
 */
import type { DType } from '../data/index.js'
import { isParameter, type Term } from '../term/index.js'
import { literalOf } from './constant.js'

export interface Range {
  readonly lo: number
  readonly hi: number
  readonly nan: boolean
  readonly negativeZero: boolean
}

export const isBounded = (r: Range): boolean => r.lo > -Infinity && r.hi < Infinity && !r.nan
export const isNonzero = (r: Range): boolean => (r.lo > 0 || r.hi < 0) && !r.nan

/** The range of any term; one memory for all of a program. */
export function rangesOf(): (term: Term) => Range {
  const known = new Map<Term, Range>()
  return (wanted) => {
    const stack = [wanted]
    for (let term = stack.at(-1); term !== undefined; term = stack.at(-1)) {
      const open = needed(term).filter((a) => !known.has(a))
      stack.push(...open)
      if (open.length > 0) continue
      if (!known.has(term))
        known.set(
          term,
          rangeOf(term, (a) => known.get(a) ?? anything(a.dtype)),
        )
      stack.pop()
    }
    return known.get(wanted) ?? anything(wanted.dtype)
  }
}

const needed = (term: Term): readonly Term[] => (table.has(term.node.op.name) ? term.node.args : [])

function rangeOf(term: Term, of: (arg: Term) => Range): Range {
  const entry = isParameter(term) ? undefined : table.get(term.node.op.name)
  if (entry === undefined) return anything(term.dtype)
  return within(term.dtype, entry(term.node.args.map(of), term))
}

const anything = (dtype: DType): Range => {
  if (dtype === 'bool') return between(0, 1)
  if (dtype === 'i32') return between(-(2 ** 31), 2 ** 31 - 1)
  if (dtype === 'u32') return between(0, 2 ** 32 - 1)
  return { lo: -Infinity, hi: Infinity, nan: true, negativeZero: true }
}

const largest: Readonly<Partial<Record<DType, number>>> = { f16: 65504, f32: 3.4e38, f64: 1.7e308 }
const smallest: Readonly<Partial<Record<DType, number>>> = { f16: 2e-4, f32: 1e-37, f64: 1e-307 }

/** Widened by roundings of the narrowest dtype; beyond the dtype it is infinite, below it zero. */
function within(dtype: DType, range: Range): Range {
  const all = anything(dtype)
  const most = largest[dtype]
  if (most === undefined)
    return range.lo >= all.lo && range.hi <= all.hi && !range.nan ? range : all
  const slack = dtype === 'f16' ? 2e-3 : 1e-6
  const bound = (x: number, out: 1 | -1) => {
    const wide = x + out * Math.abs(x) * slack
    if (Math.abs(wide) >= most) return wide > 0 ? Infinity : -Infinity
    return Math.abs(wide) < (smallest[dtype] ?? 0) && wide * out < 0 ? 0 : wide
  }
  const lo = Number.isNaN(range.lo) ? -Infinity : bound(range.lo, -1)
  const hi = Number.isNaN(range.hi) ? Infinity : bound(range.hi, 1)
  // A bound that overflowed outwards is open; one that overflowed inwards stays at the largest.
  return {
    lo: lo === Infinity ? most : lo,
    hi: hi === -Infinity ? -most : hi,
    nan: range.nan,
    negativeZero: range.negativeZero && lo <= 0 && hi >= 0,
  }
}

const between = (lo: number, hi: number, from?: Range): Range => ({
  lo,
  hi,
  nan: from?.nan ?? false,
  negativeZero: from?.negativeZero ?? false,
})

const canBe = (r: Range, x: number) => r.lo <= x && x <= r.hi
const canBeInfinite = (r: Range) => r.lo === -Infinity || r.hi === Infinity

type Entry = (args: readonly Range[], term: Term) => Range

const add: Entry = ([a, b]) => ({
  lo: a.lo + b.lo,
  hi: a.hi + b.hi,
  nan:
    a.nan ||
    b.nan ||
    (a.hi === Infinity && b.lo === -Infinity) ||
    (a.lo === -Infinity && b.hi === Infinity),
  // An exact zero sum is +0 unless both are −0.
  negativeZero: a.negativeZero && b.negativeZero,
})

const neg: Entry = ([a]) => ({ lo: -a.hi, hi: -a.lo, nan: a.nan, negativeZero: canBe(a, 0) })

/** Products of bounds; 0 · ∞ is 0 among bounds, and NaN among values if both can occur. */
const mul: Entry = ([a, b], term) => {
  const product = (x: number, y: number) => (x === 0 || y === 0 ? 0 : x * y)
  const corners = [a.lo, a.hi].flatMap((x) => [b.lo, b.hi].map((y) => product(x, y)))
  const indefinite = (canBe(a, 0) && canBeInfinite(b)) || (canBe(b, 0) && canBeInfinite(a))
  const square = term.node.args[0] === term.node.args[1]
  return {
    lo: square ? 0 : Math.min(...corners),
    hi: Math.max(...corners),
    nan: a.nan || b.nan || (indefinite && !square),
    negativeZero: !square,
  }
}

const scale: Entry = (args, term) => ({ ...mul(args, term), nan: args[0].nan || args[1].nan })

const same: Entry = ([a]) => a
const union: Entry = (args) => ({
  lo: Math.min(...args.map((a) => a.lo)),
  hi: Math.max(...args.map((a) => a.hi)),
  nan: args.some((a) => a.nan),
  negativeZero: args.some((a) => a.negativeZero),
})

/** f of a bounded argument keeps NaN; infinite arguments are in the bounds. */
const bounded =
  (lo: number, hi: number, negativeZero = false): Entry =>
  ([a]) => ({ lo, hi, nan: a.nan, negativeZero: negativeZero && a.negativeZero })

const wave: Entry = ([a]) => ({ lo: -1, hi: 1, nan: a.nan || canBeInfinite(a), negativeZero: true })

const abs: Entry = ([a]) => ({
  lo: canBe(a, 0) ? 0 : Math.min(Math.abs(a.lo), Math.abs(a.hi)),
  hi: Math.max(Math.abs(a.lo), Math.abs(a.hi)),
  nan: a.nan,
  negativeZero: false,
})

const monotone =
  (f: (x: number) => number, negativeZero = false): Entry =>
  ([a]) => ({ lo: f(a.lo), hi: f(a.hi), nan: a.nan, negativeZero })

const literal: Entry = (_, term) => {
  const value = literalOf(term)
  if (value === undefined || value.data.length === 0 || value.data.length > 64)
    return anything(term.dtype)
  const numbers = Array.from(value.data)
  const known = numbers.filter((x) => !Number.isNaN(x))
  return {
    lo: Math.min(...known),
    hi: Math.max(...known),
    nan: known.length < numbers.length,
    negativeZero: numbers.some((x) => Object.is(x, -0)),
  }
}

const table: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['constant', literal],
  ['iota', (_, term) => between(0, largest[term.dtype] ?? 2 ** 31 - 1)],
  ['size', (_, term) => between(0, largest[term.dtype] ?? 2 ** 31 - 1)],
  ['broadcastTo', same],
  ['reshape', same],
  ['transpose', same],
  ['reverse', same],
  ['slice', same],
  ['stopGradient', same],
  ['piecewise', same],
  ['concat', union],
  ['max', union],
  ['min', union],
  ['reduceMax', same],
  ['reduceMin', same],
  ['select', ([, a, b], term) => union([a, b], term)],
  ['add', add],
  ['sub', ([a, b], term) => add([a, neg([b], term)], term)],
  ['neg', neg],
  ['mul', mul],
  ['scale', scale],
  ['square', ([a], term) => ({ ...mul([a, a], term), lo: 0, nan: a.nan, negativeZero: false })],
  ['abs', abs],
  ['exp', monotone(Math.exp)],
  [
    'sqrt',
    ([a]) => ({ lo: 0, hi: Math.sqrt(a.hi), nan: a.nan || a.lo < 0, negativeZero: a.negativeZero }),
  ],
  ['relu', ([a]) => ({ lo: 0, hi: Math.max(a.hi, 0), nan: a.nan, negativeZero: a.negativeZero })],
  ['tanh', bounded(-1, 1, true)],
  ['sigmoid', bounded(0, 1)],
  ['sign', bounded(-1, 1, true)],
  ['erf', bounded(-1, 1, true)],
  ['erfc', bounded(0, 2)],
  ['atan', bounded(-1.571, 1.571, true)],
  ['sin', wave],
  ['cos', wave],
  ['convert', ([a], term) => (isBounded(a) ? within(term.dtype, a) : anything(term.dtype))],
  ...['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'isFinite', 'not', 'and', 'or', 'xor'].map(
    (name): [string, Entry] => [name, (_, term) => anything(term.dtype)],
  ),
])
