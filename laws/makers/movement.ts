/**
 * Words that put elements in other places.
 */
import type { Dim } from '../../lib/data/index.js'
import {
  axisIn,
  type Fits,
  isAny,
  isNamed,
  isNumber,
  type Maker,
  one,
  pick,
  smooth,
  someAxes,
  table,
  withAxes,
  within,
} from '../maker.js'

export const movement: Readonly<Record<string, Maker>> = {
  broadcastTo: smooth(
    one(isAny, (t, choose) => ({
      shape: [
        ...[[], [2], [2, 1]][choose(3)],
        ...t.shape.map((d) => (d === 1 ? 1 + choose(3) : d)),
      ],
    })),
  ),
  reshape: smooth(
    one(isAny, (t, choose) => {
      const wide = t.shape.filter((d) => d !== 1)
      return {
        shape: [[-1], [1, -1], wide, [...t.shape].reverse(), [-1, 1], [2, -1]][choose(6)],
      }
    }),
  ),
  transpose: smooth(
    one(withAxes(2, isAny), (t, choose) => {
      const perm = t.shape.map((_, i) => i)
      const [i, j] = [axisIn(t, choose), axisIn(t, choose)]
      ;[perm[i], perm[j]] = [perm[j], perm[i]]
      return { perm }
    }),
  ),
  moveAxis: smooth(
    one(withAxes(1, isAny), (t, choose) => ({ from: axisIn(t, choose), to: axisIn(t, choose) })),
  ),
  expandDims: smooth(one(isAny, (t, choose) => ({ axes: [choose(t.shape.length + 1)] }))),
  squeeze: smooth(
    one(
      (t) => t.shape.includes(1),
      (t) => ({ axes: [t.shape.indexOf(1)] }),
    ),
  ),
  reverse: smooth(one(withAxes(1, isAny), (t, choose) => ({ axes: someAxes(t, choose) }))),
  slice: smooth(
    one(withAxes(1, isAny), (t, choose) => {
      const start = t.shape.map((d) => within(d, choose))
      const limit = t.shape.map((d, i) => (isNamed(d) ? d : Math.min(d, start[i] + 1 + choose(3))))
      return { start, limit, stride: t.shape.map((d) => (isNamed(d) ? 1 : 1 + choose(2))) }
    }),
  ),
  pad: smooth(
    one(withAxes(1, isNumber), (t, choose) => {
      const width = (d: Dim) => (isNamed(d) ? choose(2) : choose(3) - 1)
      return {
        low: t.shape.map(width),
        high: t.shape.map(width),
        interior: t.shape.map((d) => (isNamed(d) ? 0 : choose(2))),
        value: [0, 1, 2][choose(3)],
      }
    }),
  ),
  ...table('concat stack', {
    smooth: true,
    call: (pool, choose) => {
      const x = pick(pool, choose, withAxes(1, isAny))
      const fits: Fits = (t) => t.dtype === x?.dtype && String(t.shape) === String(x.shape)
      const y = x && pick(pool, choose, fits)
      return x && y && { args: [x, y], attrs: { axis: axisIn(x, choose) } }
    },
  }),
}
