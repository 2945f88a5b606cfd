/**
 * Words that read and write at positions that are computed, and that make arrays.
 */
import { type Dim, dimSub } from '../../lib/data/index.js'
import {
  type Fits,
  isAny,
  isIndex,
  isNamed,
  isNumber,
  isReal,
  type Maker,
  one,
  pick,
  rough,
  smooth,
  table,
  tame,
  withAxes,
  within,
} from '../maker.js'

export const indexing: Readonly<Record<string, Maker>> = {
  take: smooth((pool, choose) => {
    const x = pick(pool, choose, (t) => withAxes(1, isAny)(t) && !isNamed(t.shape[0]))
    const i = pick(pool, choose, isIndex)
    return x && i && { args: [x, i], attrs: { axis: 0 } }
  }),
  ...table('scatterAdd scatterSet', {
    smooth: false,
    call: (pool, choose) => {
      const x = pick(pool, choose, withAxes(1, isNumber))
      const i = pick(pool, choose, isIndex)
      const shape = x && i && [...i.shape, ...x.shape.slice(1)]
      const fits: Fits = (t) => t.dtype === x?.dtype && String(t.shape) === String(shape)
      const u = pick(pool, choose, fits)
      return x && i && u && { args: [x, i, u] }
    },
  }),
  takeAlongAxis: rough((pool, choose) => {
    const x = pick(pool, choose, (t) => isReal(t) && t.shape.some((d) => !isNamed(d)))
    const i = x && pick(pool, choose, (t) => isIndex(t) && String(t.shape) === String(x.shape))
    if (!x || !i) return undefined
    return { args: [x, i], attrs: { axis: x.shape.findIndex((d) => !isNamed(d)) } }
  }),
  oneHot: rough(one(isIndex, (_, choose, dtype) => ({ depth: 1 + choose(4), dtype }))),
  iota: smooth((_, choose, float) => ({
    args: [],
    attrs: { length: 1 + choose(4), dtype: ['i32', float][choose(2)] },
  })),
  constant: smooth((_, choose, dtype) => {
    const shape = [[], [1], [3], [2, 3]][choose(4)]
    const data = Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => tame[choose(tame.length)],
    )
    return { args: [], attrs: { data, shape, dtype } }
  }),
  dynamicSlice: smooth((pool, choose) => {
    const x = pick(pool, choose, withAxes(1, isAny))
    if (!x) return undefined
    const i = pick(pool, choose, (t) => isIndex(t) && t.shape.length === 0)
    const sizes = x.shape.map((d) => (isNamed(d) ? d : 1 + choose(d)))
    return { args: [x, ...x.shape.map((d) => i ?? within(d, choose))], attrs: { sizes } }
  }),
  dynamicUpdateSlice: rough((pool, choose) => {
    const x = pick(pool, choose, withAxes(1, isAny))
    if (!x) return undefined
    const fits: Fits = (t) =>
      t.dtype === x.dtype &&
      t.shape.length === x.shape.length &&
      t.shape.every((d, axis) => d === x.shape[axis] || !isNegative(dimSub(x.shape[axis], d)))
    const u = pick(pool, choose, fits)
    const i = pick(pool, choose, (t) => isIndex(t) && t.shape.length === 0)
    return u && { args: [x, u, ...x.shape.map((d) => i ?? within(d, choose))] }
  }),
}

/** Whether a difference of sizes can be negative. */
const isNegative = (d: Dim): boolean => isNamed(d) || d < 0
