/**
 * Random bits from keys: Threefry-2x32 with JAX's partitionable layout, so that a key gives the
 * stream that `jax.random` gives for it.
 *
 *   element i of randomBits(key)    =    x₀ xor x₁,  (x₀, x₁) = threefry(key, (⌊i / 2³²⌋, i mod 2³²))
 *
 * Pure words on integer ops: every backend runs them, a batch of keys is a batch. Nothing here has
 * a derivative; how randomness is differentiated is the handlers' business (effects/).
 * Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 */
import { type Dim, type DType, dimProduct, fail } from '../data/index.js'
import { showType, type Term } from '../term/index.js'
import { add, convert, mul } from './arithmetic.js'
import { needDims, needInteger, needTerm } from './attributes.js'
import { broadcastTo, reshape } from './broadcast.js'
import { concat } from './concat.js'
import { iota } from './constant.js'
import { or, shiftLeft, shiftRight, xor } from './logic.js'
import { full, zeros } from './operand.js'
import { max } from './select.js'
import { slice } from './slice.js'
import { erfInv } from './special.js'
import type { Word } from './vocabulary.js'

/** Two words of 32 bits. */
type Pair = readonly [Term, Term]

/** Random words of 32 bits. key u32[2] → u32 of the shape. */
export function randomBits(key: Term, shape: readonly Dim[]): Term {
  const [high, low] = drawPairs('randomBits', key, shape)
  return xor(high, low)
}

/** `count` keys that are independent of each other. key u32[2] → u32[count, 2]. */
export function randomSplit(key: Term, count: Dim): Term {
  const [high, low] = drawPairs('randomSplit', key, [count])
  const column = (x: Term) => reshape(x, [count, 1])
  return concat([column(high), column(low)], 1)
}

/** A key made of a key and a whole number, as of a step's count. key u32[2] → u32[2]. */
export function randomFoldIn(key: Term, data: number | Term): Term {
  const word = typeof data === 'number' ? undefined : convert(data, 'u32')
  const low = word ?? full(data as number, { dtype: 'u32', shape: [] }) // a number, as asked above
  const [x, y] = threefry(wordsOf('randomFoldIn', key), [zeros(low), low])
  return concat([reshape(x, [1]), reshape(y, [1])], 0)
}

/** Uniform on [0, 1): multiples of 2⁻²³ in f32, of 2⁻⁵² in f64. key u32[2] → the shape. */
export function randomUniform(key: Term, shape: readonly Dim[], dtype: DType = 'f32'): Term {
  const [high, low] = drawPairs('randomUniform', key, shape)
  if (dtype === 'f64') {
    const fine = mul(convert(shiftRight(low, 12), dtype), 2 ** -52)
    return add(mul(convert(high, dtype), 2 ** -32), fine)
  }
  const mantissa = shiftRight(xor(high, low), 9)
  return mul(convert(mantissa, needReal(dtype)), 2 ** -23)
}

/** Standard normal, √2 · erf⁻¹ of a uniform on (−1, 1). key u32[2] → the shape. */
export function randomNormal(key: Term, shape: readonly Dim[], dtype: DType = 'f32'): Term {
  const above = -1 + (dtype === 'f64' ? 2 ** -53 : 2 ** -24)
  const spread = add(mul(randomUniform(key, shape, dtype), 2), above)
  return mul(erfInv(max(spread, above)), Math.SQRT2)
}

const needReal = (dtype: DType): DType =>
  dtype === 'f32'
    ? dtype
    : fail({ code: 'dtype', where: 'random', what: dtype, expected: 'f32 or f64' })

function drawPairs(op: string, key: Term, shape: readonly Dim[]): Pair {
  const words = wordsOf(op, key)
  const count = reshape(iota(dimProduct(shape), 'u32'), shape)
  return threefry(words, [zeros(count), count])
}

function wordsOf(op: string, key: Term): Pair {
  if (key.dtype !== 'u32' || key.shape.length !== 1 || key.shape[0] !== 2) {
    fail({ code: 'dtype', where: op, what: `the key is ${showType(key)}`, expected: 'u32[2]' })
  }
  const word = (i: number) => reshape(slice(key, [i], [i + 1]), [])
  return [word(0), word(1)]
}

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

/**
 * Twenty rounds of Threefry on a counter, with the key injected before each four and at the end.
 */
function threefry([k0, k1]: Pair, [c0, c1]: Pair): Pair {
  const parity = xor(xor(k0, k1), 0x1bd11bda)
  const keys = [k0, k1, parity].map((k) => broadcastTo(k, c0.shape))
  let x = add(c0, keys[0])
  let y = add(c1, keys[1])
  for (let group = 0; group < 5; group++) {
    for (const r of rotations[group % 2]) {
      x = add(x, y)
      y = xor(rotateLeft(y, r), x)
    }
    x = add(x, keys[(group + 1) % 3])
    y = add(add(y, keys[(group + 2) % 3]), group + 1)
  }
  return [x, y]
}

const rotateLeft = (x: Term, by: number): Term => or(shiftLeft(x, by), shiftRight(x, 32 - by))

export const randomWords: Readonly<Record<string, Word>> = {
  randomBits: ([key], attrs) =>
    randomBits(needTerm('randomBits', key), needDims('randomBits', attrs, 'shape')),
  randomSplit: ([key], attrs) =>
    randomSplit(needTerm('randomSplit', key), needInteger('randomSplit', attrs, 'count')),
  randomFoldIn: ([key], attrs) =>
    randomFoldIn(needTerm('randomFoldIn', key), needInteger('randomFoldIn', attrs, 'data')),
  randomUniform: ([key], attrs) =>
    randomUniform(needTerm('randomUniform', key), needDims('randomUniform', attrs, 'shape')),
  randomNormal: ([key], attrs) =>
    randomNormal(needTerm('randomNormal', key), needDims('randomNormal', attrs, 'shape')),
}
