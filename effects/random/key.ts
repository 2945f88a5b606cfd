/**
 * Keys: what randomness is made of. A key gives the same numbers each time, so it is used once.
 *
 *   const [a, b] = split(key, 2)      foldIn(key, step)      sampled(reuse(key), program)
 *
 * A key that is an input of a function, or computed from one, and is used twice while the function
 * is built is an error that names both lines. The same row read from an array twice is two keys.
 */
import { fail } from '../../lib/data/index.js'
import { tensorOf, termOf } from '../../lib/lang/face.js'
import { describe } from '../../lib/lang/index.js'
import { or, randomFoldIn } from '../../lib/ops/index.js'
import { captureSource, isTerm, type KeyUse, showType, type Term } from '../../lib/term/index.js'
import type { Show } from '../../lib/types/shape.js'
import type { Checked, DTypeOf, GradeOf, ShapeOf, Tensor } from '../../lib/types/tensor.js'
import { splitKey } from './split.js'

/** A key: two words of 32 bits. */
export type Key = Tensor<readonly [2], 'u32'>

/** Never when the argument is a key; otherwise the message. */
export type KeyFault<K> = [K] extends [Tensor]
  ? [DTypeOf<K>] extends ['u32']
    ? ShapeOf<K> extends readonly [2]
      ? never
      : `✗ a key is u32[2], got u32${Show<ShapeOf<K>>}: split keys are used one by one`
    : `✗ a key is u32[2], got ${DTypeOf<K>}${Show<ShapeOf<K>>}`
  : '✗ a key is a tensor u32[2]'

/** `count` independent keys; the key itself is used up. */
export function split<K extends Tensor, const N extends number>(
  key: Checked<KeyFault<K>, K>,
  count: N,
): readonly Tensor<[2], 'u32', GradeOf<K>>[] {
  const term = keyOf('split', key)
  needCount(count)
  useKey(term, { user: {}, source: captureSource() })
  return splitKey(term, count).map(tensorOf<Tensor<[2], 'u32', GradeOf<K>>>)
}

/** Keys at most; each is a term of the program. */
const most = 2 ** 20

function needCount(count: unknown): void {
  if (Number.isInteger(count) && Number(count) >= 0 && Number(count) <= most) return
  fail({
    code: 'input',
    where: 'split',
    what: `the count is ${describe(count)}`,
    expected: `a whole number from 0 to ${most}`,
    fix: 'For more keys, split those that are split',
  })
}

/** The key of a whole number, as of a step's count, made of a key; the key itself stays unused. */
export function foldIn<K extends Tensor>(
  key: Checked<KeyFault<K>, K>,
  data: number | Tensor<readonly [], 'i32' | 'u32'>,
): Tensor<[2], 'u32', GradeOf<K>> {
  const number = typeof data === 'number' ? data : termOf('foldIn', data)
  return tensorOf(randomFoldIn(keyOf('foldIn', key), number))
}

/** The same key, for another use that shall see the same numbers. */
export function reuse<K extends Tensor>(key: Checked<KeyFault<K>, K>): K {
  return tensorOf(or(keyOf('reuse', key), 0))
}

/** The term of a key; anything else is an error in words. */
export function keyOf(where: string, key: unknown): Term {
  const found = isTerm(key) ? showType(key) : describe(key)
  if (isTerm(key) && found === 'u32[2]') return key
  return fail({ code: 'dtype', where, what: `the key is ${found}`, expected: 'u32[2]' })
}

/** Notes a use of a key; fails when another program has used it in the same function. */
export function useKey(key: Term, use: KeyUse): void {
  for (const { keys } of key.node.binders) {
    const before = keys?.get(key)
    if (before !== undefined && before.user !== use.user) failReused(before, use)
    keys?.set(key, use)
  }
}

function failReused(before: KeyUse, now: KeyUse): never {
  const [first, second] = [before, now].map(({ source }) => source.line() ?? 'an unknown line')
  return fail({
    code: 'effect',
    what: `a random key is used twice: at ${first} and at ${second}`,
    fix: 'Split it, and use each part once; or write reuse(key) to see the same numbers again',
  })
}
