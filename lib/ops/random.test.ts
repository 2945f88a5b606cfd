/**
 * Streams of keys, against answers of `jax.random` (jax_threefry_partitionable), and the words of
 * Threefry-2x32 itself against the test vectors of its authors (Random123, kat_vectors).
 */
import { expect, test } from 'vitest'
import { arrayFrom, type DType, roundTo } from '../data/index.js'
import { erfInv } from '../data/special/index.js'
import { interpreters } from '../interpret/index.js'
import { closeStrict, parameter, type Term } from '../term/index.js'
import { constant } from './constant.js'
import { randomBits, randomFoldIn, randomNormal, randomSplit, randomUniform } from './random.js'

/** f of a key. */
function of(key: readonly number[], f: (key: Term) => Term): readonly number[] {
  const x = parameter({ name: 'f' }, 'key', { dtype: 'u32', shape: [2] })
  const outs = interpreters.evaluate(
    closeStrict('f', [x], [f(x)]),
    [arrayFrom('u32', [2], key)],
    {},
  )
  return [...outs[0].data]
}

test('a fold is Threefry of the key and (0, data)', () => {
  expect(of([0, 0], (key) => randomFoldIn(key, 0))).toEqual([0x6b200159, 0x99ba4efe])
})

test('keys are split and folded as in JAX', () => {
  expect(of([0, 1], (key) => randomSplit(key, 3))).toEqual([
    507451445, 1853169794, 1948878966, 4237131848, 2441914641, 3819641963,
  ])
  expect(of([0, 1234], (key) => randomSplit(key, 2))).toEqual([
    1264997412, 2518116175, 2877103387, 1697627890,
  ])
  expect(of([0, 1], (key) => randomFoldIn(key, 11))).toEqual([564312718, 1183406840])
  const data = constant([11], [], 'i32')
  expect(of([0, 1234], (key) => randomFoldIn(key, data))).toEqual([2949848993, 3058730387])
})

test('bits, uniforms and normals are those of JAX', () => {
  expect(of([0, 1], (key) => randomBits(key, [3]))).toEqual([1883912375, 2292451390, 1915204986])
  expect(of([0, 1234], (key) => randomBits(key, [2, 1]))).toEqual([3715183467, 3461522409])
  expect(of([0, 1], (key) => randomUniform(key, [2]))).toEqual([
    0.4386324882507324, 0.5337529182434082,
  ])
  const normals = of([0, 1], (key) => randomNormal(key, [3]))
  const want = [-0.15443718433380127, 0.08470727503299713, -0.135980486869812]
  normals.forEach((x, i) => {
    expect(Math.abs(x - want[i])).toBeLessThan(2e-6)
  })
})

test('uniforms of f64 are the 32 high bits and 20 low ones of the pair', () => {
  const [high, low] = of([0, 1], (key) => randomSplit(key, 1))
  expect(of([0, 1], (key) => randomUniform(key, [1], 'f64'))).toEqual([
    high * 2 ** -32 + Math.floor(low / 2 ** 12) * 2 ** -52,
  ])
})

test.each<DType>(['f32', 'f64'])('normals of %s are those of the uniforms, to the bit', (dtype) => {
  const round = (x: number) => roundTo(dtype, x)
  // A quarter of a step of 2u − 1 above −1, so that none is infinite.
  const above = -1 + (dtype === 'f64' ? 2 ** -53 : 2 ** -24)
  const normal = (u: number) => round(round(erfInv(round(2 * u + above))) * round(Math.SQRT2))
  // The second key draws the uniform 0 in f32.
  for (const key of [7, 780233]) {
    const uniforms = of([0, key], (k) => randomUniform(k, [200], dtype))
    const normals = of([0, key], (k) => randomNormal(k, [200], dtype))
    expect(normals).toEqual(uniforms.map(normal))
    expect(normals.every(Number.isFinite)).toBe(true)
    const mean = normals.reduce((sum, x) => sum + x, 0) / 200
    expect(Math.abs(mean)).toBeLessThan(3 / Math.sqrt(200))
  }
})
