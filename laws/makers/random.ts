/**
 * Pseudorandom words: functions of their key, like any other.
 */
import { constant } from '../../lib/ops/index.js'
import type { Attrs, Term } from '../../lib/term/index.js'
import { type Call, type Choose, type Fits, type Maker, pick, rough, table } from '../maker.js'

const isKey: Fits = (t) => t.dtype === 'u32' && t.shape.length === 1 && t.shape[0] === 2

/** A key at hand, or one of its own. */
const keyOf = (pool: readonly Term[], choose: Choose): Term =>
  pick(pool, choose, isKey) ?? constant([choose(9), choose(9)], [2], 'u32')

const fromKey = (attrs: (choose: Choose) => Attrs): Call => {
  return (pool, choose) => ({ args: [keyOf(pool, choose)], attrs: attrs(choose) })
}
const someShape = (choose: Choose): Attrs => ({ shape: [[], [3], [2, 3]][choose(3)] })

export const random: Readonly<Record<string, Maker>> = {
  ...table('randomBits randomUniform randomNormal', rough(fromKey(someShape))),
  randomSplit: rough(fromKey((choose) => ({ count: 1 + choose(3) }))),
  randomFoldIn: rough(fromKey((choose) => ({ data: choose(9) }))),
}
