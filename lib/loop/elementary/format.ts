/**
 * The two floating formats, and what the elementary functions need of their bits.
 *
 * Every function here builds an expression without branches: both arms of a select are evaluated,
 * so that the code is the same in every lane. Expressions of f32 use no i64 and no f64.
 */
import { fail } from '../../data/error.js'
import {
  add,
  and,
  constant,
  type Expr,
  fma,
  lt,
  mul,
  nearest,
  neg,
  reinterpret,
  select,
  shl,
  shr,
  sub,
} from '../expression.js'

interface Format {
  readonly real: 'f32' | 'f64'
  /** The integer with as many bits. */
  readonly whole: 'i32' | 'i64'
  /** Bits of the significand that are stored. */
  readonly stored: 23 | 52
  readonly bias: 127 | 1023
  /** The smallest normal number. */
  readonly tiny: number
  /** 1.5·2^stored: adding it rounds to a whole number, halves to even, which the low bits hold. */
  readonly magic: number
}

const formats: PerFormat<Format> = {
  f32: {
    real: 'f32',
    whole: 'i32',
    stored: 23,
    bias: 127,
    tiny: 2 ** -126,
    magic: 1.5 * 2 ** 23,
  },
  f64: {
    real: 'f64',
    whole: 'i64',
    stored: 52,
    bias: 1023,
    tiny: 2 ** -1022,
    magic: 1.5 * 2 ** 52,
  },
}

/** What differs between the formats: coefficients, thresholds. */
export interface PerFormat<A> {
  readonly f32: A
  readonly f64: A
}

export const per = <A>(x: Expr, table: PerFormat<A>): A => {
  if (x.dtype === 'f32') return table.f32
  if (x.dtype === 'f64') return table.f64
  return fail({
    code: 'dtype',
    what: `an elementary function of ${x.dtype}`,
    expected: 'f32 or f64',
  })
}

export const formatOf = (x: Expr): Format => per(x, formats)

/** The constant with the dtype of x. */
export const like = (x: Expr, value: number): Expr => constant(x.dtype, value)

/** The bits of a float as an integer, and back. */
const bitsOf = (x: Expr): Expr => reinterpret(formatOf(x).whole, x)
const fromBits = (format: Format, bits: Expr): Expr => reinterpret(format.real, bits)

/** c₀ + c₁x + c₂x² + … by Horner's rule; from six coefficients on, even and odd powers apart. */
export function polynomial(coefficients: readonly number[], x: Expr): Expr {
  if (coefficients.length < 6) return horner(coefficients, x)
  const square = mul(x, x)
  const [even, odd] = [0, 1].map((parity) =>
    horner(
      coefficients.filter((_, i) => i % 2 === parity),
      square,
    ),
  )
  return fma(odd, x, even)
}

function horner(coefficients: readonly number[], x: Expr): Expr {
  const [leading, ...rest] = coefficients.toReversed()
  return rest.reduce<Expr>((sum, c) => fma(sum, x, like(x, c)), like(x, leading))
}

/** 2ⁿ from magic + bias + n, whose low bits are the exponent's. */
export function powerOfTwo(shifted: Expr): Expr {
  const format = formatOf(shifted)
  return fromBits(format, shl(bitsOf(shifted), format.stored))
}

/** 1/p for a power of two. */
export function inverseOfPower(p: Expr): Expr {
  const format = formatOf(p)
  const one = BigInt(format.bias) << BigInt(format.stored + 1)
  return fromBits(format, sub(wholeOf(format, one), bitsOf(p)))
}

/** −x where the condition holds, else x. */
export const negateIf = (condition: Expr, x: Expr): Expr => select(condition, neg(x), x)

const wholeOf = (format: Format, value: bigint): Expr =>
  constant(format.whole, format.whole === 'i64' ? value : Number(value))

/** The leading half of the significand of x: it and x less it have products without rounding. */
export function headOf(x: Expr): Expr {
  const format = formatOf(x)
  const bits = bitsOf(x)
  const mask = (low: bigint): Expr => wholeOf(format, -(1n << low))
  // 24 bits are 12 and 12; 53 bits are 26 and, rounded to nearest, 26 and a sign.
  if (format.real === 'f32') return fromBits(format, and(bits, mask(12n)))
  return fromBits(format, and(add(bits, wholeOf(format, 1n << 26n)), mask(27n)))
}

/** A positive normal number as significand · 2^exponent, the exponent a whole float. */
interface Parts {
  readonly significand: Expr
  readonly exponent: Expr
}

/** The significand in [√½, √2): for logarithms, which then vanish at 1 only. */
export const partsAroundOne = (x: Expr): Parts =>
  parts(x, per(x, { f32: 0x3f3504f3n, f64: 0x3fe6a09e667f3bcdn }))

/** The significand in [1, 2). */
export const partsFromOne = (x: Expr): Parts =>
  parts(x, per(x, { f32: 0x3f800000n, f64: 0x3ff0000000000000n }))

/** `lowest` holds the bits of the smallest significand. */
function parts(x: Expr, lowest: bigint): Parts {
  const format = formatOf(x)
  const bits = bitsOf(x)
  const n = shr(sub(bits, wholeOf(format, lowest)), format.stored)
  const significand = fromBits(format, sub(bits, shl(n, format.stored)))
  // magic + n, by adding n to its bits.
  const magic = per(x, { f32: 0x4b400000n, f64: 0x4338000000000000n })
  const shifted = fromBits(format, add(n, wholeOf(format, magic)))
  return { significand, exponent: sub(shifted, format.magic) }
}

/** The parts of any positive finite number; subnormal ones are made normal first. */
export function partsOf(x: Expr, split: (normal: Expr) => Parts = partsAroundOne): Parts {
  const { tiny, stored } = formatOf(x)
  const lift = stored + 2
  const small = lt(x, tiny)
  const { significand, exponent } = split(select(small, mul(x, 2 ** lift), x))
  return { significand, exponent: sub(exponent, select(small, like(x, lift), like(x, 0))) }
}

/**
 * x·2ⁿ in two exact steps and one rounding, for a whole float n of at most twice a power's range.
 */
export function scaleBy(x: Expr, n: Expr): Expr {
  const { magic, bias } = formatOf(x)
  const first = nearest(mul(n, 0.5))
  const [p, q] = [first, sub(n, first)].map((k) => powerOfTwo(add(k, magic + bias)))
  return mul(mul(x, p), q)
}
