/**
 * Perturb: the reference with every inexact result moved by a few ulps, and sums taken backwards.
 *
 *   spread = max over seeds of |perturbed − reference|
 *
 * The spread is what rounding can do to this very program at these very inputs: it grows with the
 * condition of the problem and of the algorithm, and is nothing where every step is exact (Monte
 * Carlo arithmetic: Parker 1997). Moves depend on the op, the value and the seed alone, so equal
 * values stay equal and ties stay ties. Short numbers (few bits set) count as exact: sums of whole
 * numbers are. A result beyond the range is rounded too: in half of the samples it is the number at
 * the end of the range, so that log(exp x) where exp x overflows is nothing a form without exp must
 * reproduce; a sum that leaves the range on the way is there what it is in a range without end, where
 * multiply-adds that round once, or another order, may keep it; and of a sine whose rounded argument
 * has lost its phase nothing is known.
 */
import { epsilon, isFloat, type NDArray, type Sizes } from '../lib/data/index.js'
import { evaluateNode, interpreters } from '../lib/interpret/index.js'
import { bodiesOf, type Func, fold, type Interpreters, type Node } from '../lib/term/index.js'

/** Results that are some argument's entries, or whole numbers, or those of a body. */
const exact = new Set(
  `constant iota size broadcastTo reshape slice pad transpose reverse concat gather select max min
  neg abs sign floor ceil round stopGradient piecewise relu reduceMax reduceMin argmax argmin sort cummax
  dynamicSlice dynamicUpdateSlice convert windows switch whileLoop scan checkpoint customJvp
  customVjp customTangent linearCall customBatching`.split(/\s+/),
)

/** Rounded to the nearest by every machine; moved for the order in which passes may take them. */
const arithmetic = new Set('add sub mul div scale sqrt square reciprocal rem mod'.split(' '))

/** Sums and products of many: their arguments move too, as partial results do. */
const accumulating = new Set('sum prod cumsum cumprod dot conv scatter recurrence'.split(' '))

/** Those of them that may be taken backwards along all axes. */
const reversible = new Set('sum prod dot'.split(' '))

/** Sums of products of so many arguments each. */
const factors: Readonly<Partial<Record<string, number>>> = { sum: 1, cumsum: 1, dot: 2, conv: 2 }

/** Ulps that an elementary function may be off. */
const ulps = { f32: 2, f64: 4, f16: 2 } as const

/** Differences of large terms where the argument is negative: near zeros theirs is ±4 ulp of 1. */
const cancelling = new Set('lgamma digamma polygamma'.split(' '))

/** Ops without poles: from finite arguments, an infinity is overflow. */
const overflowing = new Set('exp expm1 sinh cosh add sub mul scale square'.split(' '))

/** Ops without zeros but where an argument is one: another zero is underflow. */
const underflowing = new Set('exp sigmoid mul scale square'.split(' '))

/** Ops whose value is anything where rounding moves the argument by a part of the period. */
const periodic = new Set('sin cos tan'.split(' '))

const holdsBodies = (node: Node): boolean => bodiesOf(node.attrs).length > 0

/** NaN where an ulp is more than a fiftieth of a turn: nothing is known of the value there. */
const withPhase = (x: NDArray): NDArray => ({
  ...x,
  data: x.data.map((value) => (Math.abs(value) * epsilon[x.dtype] > 1 / 8 ? Number.NaN : value)),
})

/** The largest number of a format, and the least beside zero. */
export const ends = {
  f64: { most: Number.MAX_VALUE, least: Number.MIN_VALUE },
  f32: { most: (2 - 2 ** -23) * 2 ** 127, least: 2 ** -149 },
} as const

export function perturbed(
  func: Func,
  args: readonly NDArray[],
  sizes: Sizes,
  seed: number,
): readonly NDArray[] {
  const coin = coinOf(seed)
  const move = (array: NDArray, by: number, keepShort: boolean): NDArray => {
    if (!isFloat(array.dtype)) return array
    const unit = by * epsilon[array.dtype]
    const data = array.data.slice()
    for (let i = 0; i < data.length; i++) {
      const x = data[i]
      if (keepShort && isShort(x, array.dtype)) continue
      // The sign of a zero that an elementary function gives is nobody's convention.
      const moved = x * (1 + (2 * coin(x, by) - 1) * unit)
      data[i] = x === 0 && coin(x, by) < 0.5 ? -moved : moved
    }
    return { ...array, data }
  }
  const shifted = (array: NDArray): NDArray => ({
    ...array,
    data: array.data.map((x) => x + 8 * (coin(x, 1) - 0.5) * epsilon[array.dtype as 'f32']),
  })
  /** Arrays that rounding has touched, or may have: what bodies are given counts as such. */
  const rounded = new WeakSet<NDArray>()
  const step = (node: Node, given: readonly NDArray[]): readonly NDArray[] => {
    const { name } = node.op
    const touched = !exact.has(name) || holdsBodies(node) || given.some((x) => rounded.has(x))
    const lost = seed % 2 === 1 && periodic.has(name) && given.some((x) => rounded.has(x))
    const outs = stepOn(node, lost ? given.map(withPhase) : given)
    if (touched) for (const out of outs) rounded.add(out)
    return outs
  }
  const stepOn = (node: Node, given: readonly NDArray[]): readonly NDArray[] => {
    const { name } = node.op
    const run = (inputs: readonly NDArray[]) =>
      evaluateNode(node, inputs, sizes, { ...interpreters, evaluate })
    if (exact.has(name)) return run(given)
    const inRange = (r: NDArray) => (seed % 2 === 1 ? drawnIn(name, given, r) : r)
    if (arithmetic.has(name)) return run(given).map((r) => inRange(move(r, 1, true)))
    if (accumulating.has(name)) {
      const moved = given.map((x) => move(x, 1, true))
      const inOrder = (xs: readonly NDArray[]) =>
        seed % 2 === 1 && reversible.has(name) ? run(xs.map(backwards)).map(backwards) : run(xs)
      const outs = seed % 2 === 1 ? withoutEnd(name, moved, inOrder) : inOrder(moved)
      return outs.map((r) => otherZeros(move(r, 1, true), seed))
    }
    return run(given).map((r) => {
      const moved = move(r, isFloat(r.dtype) ? ulps[r.dtype as 'f32'] : 0, false)
      return cancelling.has(name) && isFloat(r.dtype) ? shifted(moved) : inRange(moved)
    })
  }
  const evaluate: Interpreters['evaluate'] = (body, inputs) => {
    if (body !== func) for (const x of inputs) rounded.add(x)
    return fold<NDArray>(body, inputs, step)
  }
  return evaluate(func, args, sizes)
}

/** What went beyond the range of its format, back at its end. */
function drawnIn(name: string, given: readonly NDArray[], result: NDArray): NDArray {
  const { dtype, data } = result
  const [over, under] = [overflowing.has(name), underflowing.has(name)]
  if (!(over || under) || !(dtype === 'f32' || dtype === 'f64')) return result
  const { most, least } = ends[dtype]
  const all = (k: number, holds: (x: number) => boolean) =>
    given.every((x) => x.data.length === data.length && holds(x.data[k]))
  const nonzero = (x: number) => Number.isFinite(x) && (x !== 0 || name === 'exp')
  const back = data.map((x, k) => {
    if (over && Math.abs(x) === Infinity && all(k, Number.isFinite)) return x > 0 ? most : -most
    return under && x === 0 && all(k, nonzero) ? (Object.is(x, -0) ? -least : least) : x
  })
  return { ...result, data: back }
}

/** Entries that are not finite, from arguments scaled to the middle of the range and back. */
function withoutEnd(
  name: string,
  args: readonly NDArray[],
  run: (args: readonly NDArray[]) => readonly NDArray[],
): readonly NDArray[] {
  const outs = run(args)
  const count = factors[name]
  const [dtype] = args.map((x) => x.dtype)
  if (count === undefined || !(dtype === 'f32' || dtype === 'f64')) return outs
  if (outs.every(({ data }) => data.every(Number.isFinite))) return outs
  const scale = dtype === 'f64' ? 2 ** 512 : 2 ** 64
  const scaled = run(args.map((x) => ({ ...x, data: x.data.map((value) => value / scale) })))
  return outs.map((out, i) => {
    const back = (k: number) => scaled[i].data[k] * scale ** (count - 1) * scale
    const data = out.data.map((value, k) => (Number.isFinite(value) ? value : back(k)))
    return { ...out, data }
  })
}

/** A sum that is zero may have either sign: passes change the order of sums. */
const otherZeros = (array: NDArray, seed: number): NDArray =>
  seed % 2 === 1 && isFloat(array.dtype)
    ? { ...array, data: array.data.map((x) => (x === 0 ? -x : x)) }
    : array

/** Reversed along every axis. */
const backwards = (array: NDArray): NDArray => ({ ...array, data: array.data.slice().reverse() })

/**
 * Whether half of the mantissa is zeros, as in whole numbers of moderate size and halves of them.
 */
function isShort(x: number, dtype: NDArray['dtype']): boolean {
  if (!Number.isFinite(x) || x === 0) return true
  const half = dtype === 'f64' ? 2 ** 26 : 2 ** 12
  const mantissa = Math.abs(x) / 2 ** Math.floor(Math.log2(Math.abs(x)))
  return Number.isInteger(mantissa * half)
}

/** A number in [0, 1) for a value and a salt, by mixing bits (murmur's finaliser). */
function coinOf(seed: number): (x: number, salt: number) => number {
  const bits = new DataView(new ArrayBuffer(8))
  return (x, salt) => {
    bits.setFloat64(0, x)
    let h = bits.getInt32(0) ^ Math.imul(bits.getInt32(4), 0x9e3779b1)
    h ^= Math.imul(seed + 1, 0x85ebca6b) ^ Math.imul(salt, 0xc2b2ae35)
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
  }
}
