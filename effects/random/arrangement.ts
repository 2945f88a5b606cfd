/**
 * Arrangements of given values, and normals with a given covariance: all linear in the values.
 *
 *   permutation(x)   the rows of x in random order      choice(x)   rows of x, drawn with equal chance
 *   multivariateNormal(μ, L) = μ + L·n, of covariance L·Lᵀ
 *
 * Orders are sorted random words and indices two words modulo the count, as in `jax.random`.
 */
import { type Dim, dimProduct, fail } from '../../lib/data/index.js'
import {
  add,
  argsort,
  convert,
  iota,
  matmul,
  mul,
  randomBits,
  rem,
  reshape,
  slice,
  take,
} from '../../lib/ops/index.js'
import type { Term } from '../../lib/term/index.js'
import type { Family } from './family.js'
import { gauss } from './noise.js'
import { splitKey } from './split.js'

/** The rows of x in random order, every order as likely as any. */
export const permutation: Family = {
  name: 'permutation',
  sample: (key, [x]) => take(x, shuffled(key, rowsOf('permutation', x)), 0),
}

/** Rows of x, each draw from all of them. */
export const choice: Family = {
  name: 'choice',
  sample: (key, [x], { shape }) => {
    const drawn = shape.slice(0, shape.length - x.shape.length + 1)
    return take(x, integers(key, rowsOf('choice', x), drawn), 0)
  },
}

/** Different rows of x. */
export const distinctChoice: Family = {
  name: 'choice',
  sample: (key, [x], { shape }) => {
    const count = rowsOf('choice', x)
    const drawn = shape.slice(0, shape.length - x.shape.length + 1)
    const wanted = dimProduct(drawn)
    if (typeof wanted !== 'number' || wanted > count) {
      return fail({
        code: 'shape',
        where: 'choice',
        what: `${wanted} different rows are asked for`,
        expected: `at most ${count}`,
      })
    }
    return take(x, reshape(slice(shuffled(key, count), [0], [wanted]), drawn), 0)
  },
}

/** Mean [.., n] and a factor [.., n, n] of the covariance. */
export const multivariateNormal: Family = {
  name: 'multivariate normal',
  sample: (key, [mean, factor], type) => {
    const n = reshape(gauss(key, type), [...type.shape, 1])
    return add(mean, reshape(matmul(factor, n), type.shape))
  },
}

/** The numbers below n in random order: sorted by random words, again while those may collide. */
function shuffled(key: Term, n: number): Term {
  let order = iota(n, 'i32')
  let rest = key
  const rounds = Math.ceil((3 * Math.log(Math.max(1, n))) / Math.log(2 ** 32 - 1))
  for (let round = 0; round < rounds; round++) {
    const [next, own] = splitKey(rest, 2)
    const by = argsort(randomBits(own, [n]), 0)
    order = take(order, by, 0)
    rest = next
  }
  return order
}

/** Whole numbers below n, as i32. */
function integers(key: Term, n: number, shape: readonly Dim[]): Term {
  const [highKey, lowKey] = splitKey(key, 2)
  const wide = rem(randomBits(highKey, shape), n)
  const half = 2 ** 16 % n
  const scale = ((half * half) % 2 ** 32) % n
  const low = rem(randomBits(lowKey, shape), n)
  return convert(rem(add(mul(wide, scale), low), n), 'i32')
}

function rowsOf(family: string, x: Term): number {
  const count = x.shape[0]
  if (typeof count === 'number' && count > 0) return count
  return fail({
    code: 'shape',
    where: family,
    what: `the rows are ${count ?? 'those of a scalar'}`,
    expected: 'a known number of rows, at least one',
  })
}
