/**
 * How random programs call each word: which of the terms at hand, and with which attributes.
 *
 * `smooth` marks the words whose derivatives exist where random arguments of moderate size fall.
 * Axes with named sizes are taken whole: what is legal must not depend on what a name is bound to.
 */
import { type Dim, dimSub } from '../lib/data/index.js'
import { constant } from '../lib/ops/index.js'
import type { Attrs, Term } from '../lib/term/index.js'
import { grids } from './grids.js'
import {
  axisIn,
  type Call,
  type Choose,
  type Fits,
  isAny,
  isBool,
  isIndex,
  isNamed,
  isNumber,
  isReal,
  isWhole,
  type Maker,
  numbers,
  oftenReal,
  one,
  pick,
  rough,
  sameType,
  smooth,
  someAxes,
  table,
  tame,
  two,
  withAxes,
  within,
} from './maker.js'

/** Words that algebra and movement rules look for. */
const frequent = new Set(
  'neg add sub mul div square not where convert broadcastTo reshape transpose reverse slice pad concat sum matmul eq'.split(
    ' ',
  ),
)

/** How often a word is drawn. */
export const weightOf = (name: string): number => (frequent.has(name) ? 6 : 1)

const elementwise: Readonly<Record<string, Maker>> = {
  ...table(
    'sin cos tanh sigmoid exp softplus logSigmoid erf atan expm1 silu gelu stopGradient sinh cosh',
    smooth(one()),
  ),
  ...table('neg square', {
    smooth: true,
    call: (pool, choose, float) => one(oftenReal(isNumber)(choose))(pool, choose, float),
  }),
  ...table('abs sign relu', rough(one(isNumber))),
  ...table(
    'floor ceil round log log1p sqrt rsqrt reciprocal tan cbrt asinh acosh atanh asin acos erfc sinc erfInv lgamma digamma',
    rough(one()),
  ),
  isFinite: rough(one()),
  piecewise: smooth(one()),
  straightThrough: rough((pool, choose) => {
    const hard = pick(pool, choose)
    const soft = hard && pick(pool, choose, sameType(hard))
    return hard && soft && { args: [hard, soft] }
  }),
  polygamma: rough(one(isReal, (_, choose) => ({ n: choose(3) }))),
  not: rough(one((t) => isBool(t) || isWhole(t))),
  ...table('add sub mul', {
    smooth: true,
    call: (pool, choose, float) => two(choose(3) > 0 ? tame : numbers)(pool, choose, float),
  }),
  ...table('max min eq ne lt le gt ge div rem mod pow', rough(two(numbers))),
  ...table('atan2 hypot logaddexp xlogy', rough(two(numbers, () => isReal))),
  ...table('shiftLeft shiftRight', rough(two(numbers, () => isWhole))),
  ...table('and or xor', {
    smooth: false,
    call: (pool, choose) => {
      const x = pick(pool, choose, choose(3) > 0 ? isBool : isWhole)
      const y = x && pick(pool, choose, (t) => t.dtype === x.dtype)
      return x && y && { args: [x, y] }
    },
  }),
  where: rough((pool, choose) => {
    const c = pick(pool, choose, isBool)
    const x = pick(pool, choose, oftenReal(isAny)(choose))
    const y = x && pick(pool, choose, (t) => t.dtype === x.dtype)
    if (!c || !x || !y) return undefined
    return { args: choose(3) === 0 ? [c, x, numbers[choose(numbers.length)]] : [c, x, y] }
  }),
  select: rough((pool, choose) => {
    const c = pick(pool, choose, isBool)
    const x = c && pick(pool, choose, (t) => isNumber(t) && String(t.shape) === String(c.shape))
    const y = x && pick(pool, choose, sameType(x))
    return c && x && y && { args: [c, x, y] }
  }),
  clamp: rough(one(isReal, (_, choose) => ({ min: [-1, 0][choose(2)], max: [0.5, 2][choose(2)] }))),
  convert: rough(
    one(isAny, (_, choose, float) => ({
      dtype: [float, float, 'f64', 'f32', 'i32', 'i32', 'u32', 'bool'][choose(8)],
    })),
  ),
}

const movement: Readonly<Record<string, Maker>> = {
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

const onAxis = (fits: Fits = isReal): Call =>
  one(withAxes(1, fits), (t, choose) => ({ axis: axisIn(t, choose) }))
const onAxes = (fits: Fits = isReal): Call =>
  one(withAxes(1, fits), (t, choose) => ({
    axes: someAxes(t, choose),
    keepDims: choose(2) === 0,
  }))
/** An axis that is never empty. */
const onFilledAxis = (fits: Fits): Call =>
  one(
    (t) => fits(t) && t.shape.some((d) => !isNamed(d)),
    (t, choose) => {
      const filled = t.shape.flatMap((d, i) => (isNamed(d) ? [] : [i]))
      return { axis: filled[choose(filled.length)] }
    },
  )

const along: Readonly<Record<string, Maker>> = {
  sum: smooth((pool, choose, float) => onAxes(oftenReal(isNumber)(choose))(pool, choose, float)),
  mean: smooth(onAxes()),
  ...table('variance std norm', rough(onAxes())),
  ...table('softmax logSoftmax', smooth(onAxis())),
  cumsum: smooth(onAxis()),
  cumprod: rough(onAxis(isNumber)),
  logsumexp: smooth(one(withAxes(1), (t, choose) => ({ axes: [axisIn(t, choose)] }))),
  ...table('reduceMax reduceMin prod', rough(onAxes(isNumber))),
  ...table('sort cummax argsort', rough(onAxis(isNumber))),
  ...table('argmax argmin', rough(onFilledAxis(isNumber))),
  topK: rough(
    one(
      (t) => isReal(t) && typeof t.shape.at(-1) === 'number',
      (t, choose) => ({ k: choose(Number(t.shape.at(-1)) + 1) }),
    ),
  ),
  matmul: smooth((pool, choose) => {
    const x = pick(pool, choose, withAxes(1))
    const inner = x?.shape.at(-1)
    const fits: Fits = (t) =>
      withAxes(1)(t) && t.dtype === x?.dtype && (t.shape.at(-2) ?? t.shape[0]) === inner
    const y = x && pick(pool, choose, fits)
    return x && y && { args: [x, y] }
  }),
}

const indexing: Readonly<Record<string, Maker>> = {
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

const isKey: Fits = (t) => t.dtype === 'u32' && t.shape.length === 1 && t.shape[0] === 2

/** A key at hand, or one of its own. */
const keyOf = (pool: readonly Term[], choose: Choose): Term =>
  pick(pool, choose, isKey) ?? constant([choose(9), choose(9)], [2], 'u32')

const fromKey = (attrs: (choose: Choose) => Attrs): Call => {
  return (pool, choose) => ({ args: [keyOf(pool, choose)], attrs: attrs(choose) })
}
const someShape = (choose: Choose): Attrs => ({ shape: [[], [3], [2, 3]][choose(3)] })

/** Pseudorandom words: functions of their key, like any other. */
const random: Readonly<Record<string, Maker>> = {
  ...table('randomBits randomUniform randomNormal', rough(fromKey(someShape))),
  randomSplit: rough(fromKey((choose) => ({ count: 1 + choose(3) }))),
  randomFoldIn: rough(fromKey((choose) => ({ data: choose(9) }))),
}

export const makers: Readonly<Record<string, Maker>> = {
  ...elementwise,
  ...movement,
  ...along,
  ...indexing,
  ...random,
  ...grids,
}

/** Whether a difference of sizes can be negative. */
const isNegative = (d: Dim): boolean => isNamed(d) || d < 0
