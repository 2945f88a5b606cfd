/**
 * Elementary functions in the loop language, by the interpreter: f32 within 2 units of the last
 * place, f64 within 4, over the whole domain.
 *
 * f64 at hard arguments against values of 60 digits; at random bits against `Math` and
 * `lib/data/special`, with room for their own error (1 and 4 units; 2 for those that V8 composes).
 * f32 at random bits against the same functions of f64. Where terms cancel (lgamma, digamma and
 * polygamma at their zeros below 0, logaddexp at its zeros) the unit is that of the larger terms.
 */
import { describe, expect, test } from 'vitest'
import * as special from '../../data/special/index.js'
import { load } from '../expression.js'
import { interpretKernel } from '../interpret.js'
import { input, kernel, output } from '../kernel.js'
import { randomSource } from '../random.js'
import { parallel, store } from '../statement.js'
import { hard } from './hard.fixture.js'
import { elementaryRules } from './index.js'

type Float = 'f32' | 'f64'
type Reference = (x: number, y: number) => number

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x))
  return x < 0 ? e / (1 + e) : 1 / (1 + e)
}

const logaddexp = (x: number, y: number): number =>
  x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)))

const power = (x: number, y: number): number =>
  x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y

function modulo(x: number, y: number): number {
  const r = x % y
  return r === 0 || r < 0 === y < 0 ? r : r + y
}

interface Case {
  readonly of: Reference
  /** Units of error of the reference itself. */
  readonly loose: number
  /** The largest term of a sum that may cancel. */
  readonly terms?: Reference
  readonly attrs?: Readonly<Record<string, unknown>>
  readonly rule?: string
}

const beyondZero = (x: number): number => (x < 0 ? 1 / Math.abs(special.sinPi(x)) : 0)

/** Below 0, ψ₂, ψ₄, … have zeros, where terms of this size cancel. */
const polygamma = (n: number): Case => ({
  rule: 'polygamma',
  attrs: { n },
  of: (x) => special.polygamma(n, x),
  loose: 4 + 2 * n,
  terms: (x) => (x < 0 && n % 2 === 0 ? (Math.PI * beyondZero(x)) ** (n + 1) : 0),
})

const unary: Readonly<Record<string, Case>> = {
  exp: { of: Math.exp, loose: 1 },
  expm1: { of: Math.expm1, loose: 1 },
  log: { of: Math.log, loose: 1 },
  log1p: { of: Math.log1p, loose: 1 },
  sin: { of: Math.sin, loose: 1 },
  cos: { of: Math.cos, loose: 1 },
  tan: { of: Math.tan, loose: 1 },
  asin: { of: Math.asin, loose: 1 },
  acos: { of: Math.acos, loose: 1 },
  atan: { of: Math.atan, loose: 1 },
  sinh: { of: Math.sinh, loose: 2 },
  cosh: { of: Math.cosh, loose: 2 },
  tanh: { of: Math.tanh, loose: 2 },
  asinh: { of: Math.asinh, loose: 2 },
  acosh: { of: Math.acosh, loose: 2 },
  atanh: { of: Math.atanh, loose: 2 },
  cbrt: { of: Math.cbrt, loose: 1 },
  sigmoid: { of: sigmoid, loose: 2 },
  softplus: { of: softplus, loose: 2 },
  logSigmoid: { of: (x) => -softplus(-x), loose: 2 },
  erf: { of: special.erf, loose: 4 },
  erfc: { of: special.erfc, loose: 4 },
  erfInv: { of: special.erfInv, loose: 4 },
  sinc: { of: special.sinc, loose: 4 },
  lgamma: {
    of: special.lgamma,
    loose: 4,
    terms: (x) => (x < 0 ? Math.abs(special.lgamma(-x)) + Math.abs(Math.log(-x)) + 4 : 0),
  },
  digamma: {
    of: special.digamma,
    loose: 4,
    terms: (x) => (x < 0 ? Math.abs(special.digamma(-x)) + Math.PI * beyondZero(x) : 0),
  },
  'polygamma 1': polygamma(1),
  'polygamma 2': polygamma(2),
}

const binary: Readonly<Record<string, Case>> = {
  pow: { of: power, loose: 2 },
  atan2: { of: Math.atan2, loose: 2 },
  hypot: { of: Math.hypot, loose: 2 },
  xlogy: { of: (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y)), loose: 2 },
  logaddexp: { of: logaddexp, loose: 2, terms: (x, y) => Math.max(Math.abs(x), Math.abs(y)) },
  rem: { of: (x, y) => x % y, loose: 0 },
  mod: { of: modulo, loose: 0 },
}

/** The values of a rule at rows of arguments. */
function evaluate(
  name: string,
  dtype: Float,
  rows: readonly (readonly number[])[],
  attrs: Readonly<Record<string, unknown>> = {},
): ArrayLike<number> {
  const names = rows[0].length > 1 ? ['x', 'y'] : ['x']
  const n = rows.length
  const rule = elementaryRules[name]
  const k = kernel(name, {
    buffers: [...names.map((b) => input(b, dtype, [n])), output('out', dtype, [n])],
    body: [
      parallel('i', n, (i) => [
        store(
          'out',
          [i],
          rule(
            names.map((b) => load(b, dtype, [i])),
            { attrs },
          ),
        ),
      ]),
    ],
  })
  const make = dtype === 'f32' ? Float32Array : Float64Array
  const buffers = Object.fromEntries(
    names.map((b, i) => [b, new make(rows.map((row) => row[i]))] as const),
  )
  const out = new make(n)
  interpretKernel(k, { sizes: {}, buffers: { ...buffers, out } })
  return out
}

/** The distance from `want` in units of the last place of it, or of a larger number. */
function units(dtype: Float, got: number, want: number, largest = 0): number {
  if (Object.is(got, want) || got === want) return 0
  const [digits, lowest, highest] = dtype === 'f32' ? [23, -126, 127] : [52, -1022, 1023]
  const rounded = dtype === 'f32' ? Math.fround(want) : want
  // Overflow counts from where the next float would be.
  const finite = (v: number): number =>
    Math.abs(v) === Infinity ? Math.sign(v) * (2 - 2 ** -digits) : v / 2 ** highest
  if (Math.abs(got) === Infinity || Math.abs(rounded) === Infinity) {
    if (got === rounded) return 0
    return 0.5 + Math.abs(finite(got) - finite(rounded)) * 2 ** digits
  }
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(want), largest)))
  const unit = 2 ** (Math.max(exponent, lowest) - digits)
  const error = Math.abs(got - want) / unit
  return Number.isNaN(error) ? Infinity : error
}

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  -3,
  1.5,
  -2.5,
  10,
  -7,
  Infinity,
  -Infinity,
  Number.NaN,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  2 ** 127,
  88.72283,
  88.72284,
  -87.33655,
  -103.97207,
  1e7,
  0.99999994,
  1.0000001,
  16777216,
  3.4028234663852886e38,
  -3.4028234663852886e38,
]

/** All bit patterns, numbers around 1, and numbers around the ends of exp. */
function randomNumber(dtype: Float, next: () => number): number {
  const kind = Math.floor(next() * 4)
  if (kind === 1) return (next() - 0.5) * 8
  if (kind === 2) return (next() - 0.5) * (dtype === 'f32' ? 220 : 1500)
  if (kind === 3) return (next() - 0.5) * 2 ** Math.floor(next() * 80 - 40)
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, Math.floor(next() * 2 ** 32))
  view.setUint32(4, Math.floor(next() * 2 ** 32))
  return dtype === 'f32' ? view.getFloat32(0) : view.getFloat64(0)
}

function worstOf(name: string, dtype: Float, c: Case, arity: 1 | 2, seed: number): void {
  const next = randomSource(seed)
  const round = (x: number): number => (dtype === 'f32' ? Math.fround(x) : x)
  const fixed =
    arity === 1 ? specials.map((x) => [x]) : specials.flatMap((x) => specials.map((y) => [x, y]))
  const drawn = Array.from({ length: 300 }, () => {
    const row = Array.from({ length: arity }, () => randomNumber(dtype, next))
    if (arity === 2 && next() < 0.3) row[1] = Math.round(row[1])
    return row
  })
  const rows = [...fixed, ...drawn].map((row) => row.map(round))
  const got = evaluate(c.rule ?? name, dtype, rows, c.attrs)
  const bound = dtype === 'f32' ? 2 : 4 + c.loose
  rows.forEach(([x, y], i) => {
    const error = units(dtype, got[i], c.of(x, y), c.terms?.(x, y))
    const text = `${name}(${y === undefined ? x : `${x}, ${y}`}) in ${dtype}, seed ${seed}`
    expect(error, `${text}: got ${got[i]}, want ${c.of(x, y)}`).toBeLessThanOrEqual(bound)
  })
}

describe('at hard arguments, within 4 units in f64', () => {
  test.each(Object.entries(hard))('%s', (name, rows) => {
    const got = evaluate(
      name,
      'f64',
      rows.map((row) => row.slice(0, -1)),
    )
    rows.forEach((row, i) => {
      const want = row[row.length - 1]
      const terms = unary[name]?.terms?.(row[0], row[1])
      const error = units('f64', got[i], want, terms)
      expect(error, `${name}(${row.slice(0, -1)}) should be ${want}`).toBeLessThanOrEqual(4)
    })
  })
})

describe.each(['f32', 'f64'] as const)('at random bits in %s', (dtype) => {
  test.each(Object.entries(unary))('%s', (name, c) => worstOf(name, dtype, c, 1, 1))
  test.each(Object.entries(binary))('%s', (name, c) => worstOf(name, dtype, c, 2, 2))
})

test.each(['f32', 'f64'] as const)('whole powers that fit are exact in %s', (dtype) => {
  const largest = dtype === 'f32' ? 2 ** 24 : 2 ** 53
  const rows: number[][] = []
  for (let x = 2; x * x <= largest && rows.length < 4000; x += x < 60 ? 1 : Math.ceil(x / 40)) {
    for (let [y, power] = [2, x * x]; power <= largest; y++, power *= x) rows.push([-x, y])
  }
  const got = evaluate('pow', dtype, rows)
  rows.forEach(([x, y], i) => {
    const want = Number(BigInt(x) ** BigInt(y))
    expect(got[i], `pow(${x}, ${y})`).toBe(want)
  })
})

test.each(['f32', 'f64'] as const)(
  'expm1 of a tiny %s number is that number, to its last digit',
  (dtype) => {
    const tiny =
      dtype === 'f32' ? [2 ** -149, 3 * 2 ** -149, 1e-39, 1e-30] : [5e-324, 1e-310, 3e-308, 1e-20]
    const x = [...tiny, ...tiny.map((t) => -t), -0].map((t) =>
      dtype === 'f32' ? Math.fround(t) : t,
    )
    const rows = x.map((t) => [t])
    expect([...Array.from(evaluate('expm1', dtype, rows))]).toEqual(x)
  },
)
