/**
 * How random programs call each word: which of the terms at hand, and with which attributes.
 *
 * `smooth` marks the words whose derivatives exist where random arguments of moderate size fall.
 */
import type { Operand } from '../lib/ops/index.js'
import type { Attrs, Term } from '../lib/term/index.js'

export type Kind = 'any' | 'smooth'

export interface Maker {
  readonly smooth: boolean
  readonly call: (
    pool: readonly Term[],
    choose: (n: number) => number,
  ) => { readonly args: readonly Operand[]; readonly attrs?: Attrs } | undefined
}

type Call = Maker['call']
type Choose = (n: number) => number

const numbers: readonly number[] = [0, -0, 1, -1, 0, -0, 1, -1, 2, 3, 4, 0.5, -2, Infinity, NaN]
const tame: readonly number[] = [1, -1, 2, 0.5, -2, 3, 4]

/** The newest terms more often: programs should be deep. */
function pick(
  pool: readonly Term[],
  choose: Choose,
  fits: (t: Term) => boolean = isFloat,
): Term | undefined {
  const list = pool.filter(fits)
  const recent = [list.slice(-1), list.slice(-4), list][choose(3)]
  return recent[choose(recent.length)]
}

const isFloat = (t: Term) => t.dtype === 'f64' || t.dtype === 'f32'
const isBool = (t: Term) => t.dtype === 'bool'
const rankOf =
  (least: number) =>
  (t: Term): boolean =>
    isFloat(t) && t.shape.length >= least

const one =
  (fits?: (t: Term) => boolean, attrs?: (t: Term, choose: Choose) => Attrs): Call =>
  (pool, choose) => {
    const x = pick(pool, choose, fits)
    return x && { args: [x], attrs: attrs?.(x, choose) ?? {} }
  }

const two =
  (literals: readonly number[]): Call =>
  (pool, choose) => {
    const [x, y] = [pick(pool, choose), pick(pool, choose)]
    if (!x || !y) return undefined
    const number = literals[choose(literals.length)]
    const way = choose(4)
    return { args: way === 0 ? [x, number] : way === 1 ? [number, x] : [x, y] }
  }

const smooth = (call: Call): Maker => ({ smooth: true, call })
const rough = (call: Call): Maker => ({ smooth: false, call })

const axisIn = (t: Term, choose: Choose) => choose(t.shape.length)
const someAxes = (t: Term, choose: Choose) =>
  t.shape.flatMap((_, i) => (choose(2) === 0 ? [i] : []))
const size = (t: Term, axis: number) => Number(t.shape[axis])

const table = (names: string, maker: Maker): Readonly<Record<string, Maker>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, maker]))

/** Words that algebra and movement rules look for. */
const frequent = new Set(
  'neg add sub mul div square not where convert broadcastTo reshape transpose reverse slice pad concat sum matmul eq'.split(
    ' ',
  ),
)

/** How often a word is drawn. */
export const weightOf = (name: string): number => (frequent.has(name) ? 6 : 1)

export const makers: Readonly<Record<string, Maker>> = {
  ...table(
    'neg sin cos tanh sigmoid exp softplus logSigmoid square erf atan expm1 silu gelu stopGradient sinh cosh',
    smooth(one()),
  ),
  ...table(
    'abs sign floor ceil round relu log log1p sqrt rsqrt reciprocal tan cbrt asinh erfc',
    rough(one()),
  ),
  isFinite: rough(one()),
  not: rough(one(isBool)),
  ...table('add sub mul', {
    smooth: true,
    call: (pool, choose) => two(choose(3) > 0 ? tame : numbers)(pool, choose),
  }),
  ...table('div pow max min atan2 eq ne lt le gt ge hypot logaddexp', rough(two(numbers))),
  ...table('and or xor', {
    smooth: false,
    call: (pool, choose) => {
      const [x, y] = [pick(pool, choose, isBool), pick(pool, choose, isBool)]
      return x && y && { args: [x, y] }
    },
  }),
  where: rough((pool, choose) => {
    const c = pick(pool, choose, isBool)
    const [x, y] = [pick(pool, choose), pick(pool, choose)]
    if (!c || !x || !y) return undefined
    return { args: choose(3) === 0 ? [c, x, numbers[choose(numbers.length)]] : [c, x, y] }
  }),
  convert: rough(
    one(undefined, (_, choose) => ({ dtype: ['f64', 'f32', 'i32', 'bool'][choose(4)] })),
  ),
  broadcastTo: smooth(
    one(undefined, (t, choose) => ({
      shape: [
        ...[[], [2], [2, 1]][choose(3)],
        ...t.shape.map((d) => (d === 1 ? 1 + choose(3) : d)),
      ],
    })),
  ),
  reshape: smooth(
    one(undefined, (t, choose) => {
      const wide = t.shape.filter((d) => d !== 1)
      return {
        shape: [[-1], [1, -1], wide, [...t.shape].reverse(), [-1, 1], [2, -1]][choose(6)],
      }
    }),
  ),
  transpose: smooth(
    one(rankOf(2), (t, choose) => {
      const perm = t.shape.map((_, i) => i)
      const [i, j] = [axisIn(t, choose), axisIn(t, choose)]
      ;[perm[i], perm[j]] = [perm[j], perm[i]]
      return { perm }
    }),
  ),
  reverse: smooth(one(rankOf(1), (t, choose) => ({ axes: someAxes(t, choose) }))),
  slice: smooth(
    one(rankOf(1), (t, choose) => {
      const start = t.shape.map((d) => choose(Number(d)))
      const limit = t.shape.map((d, i) => Math.min(Number(d), start[i] + 1 + choose(3)))
      return { start, limit, stride: t.shape.map(() => 1 + choose(2)) }
    }),
  ),
  pad: smooth(
    one(rankOf(1), (t, choose) => ({
      low: t.shape.map(() => choose(3) - 1),
      high: t.shape.map(() => choose(3) - 1),
      interior: t.shape.map(() => choose(2)),
      value: [0, 1, 2][choose(3)],
    })),
  ),
  ...table('concat stack', {
    smooth: true,
    call: (pool, choose) => {
      const x = pick(pool, choose, rankOf(1))
      const y = x && pick(pool, choose, (t) => isFloat(t) && String(t.shape) === String(x.shape))
      return x && y && { args: [x, y], attrs: { axis: axisIn(x, choose) } }
    },
  }),
  ...table(
    'sum mean',
    smooth(
      one(rankOf(1), (t, choose) => ({ axes: someAxes(t, choose), keepDims: choose(2) === 0 })),
    ),
  ),
  ...table(
    'softmax logSoftmax',
    smooth(one(rankOf(1), (t, choose) => ({ axis: axisIn(t, choose) }))),
  ),
  ...table('cumsum', smooth(one(rankOf(1), (t, choose) => ({ axis: axisIn(t, choose) })))),
  logsumexp: smooth(one(rankOf(1), (t, choose) => ({ axes: [axisIn(t, choose)] }))),
  ...table(
    'reduceMax reduceMin prod',
    rough(one(rankOf(1), (t, choose) => ({ axes: someAxes(t, choose) }))),
  ),
  ...table('sort cummax', rough(one(rankOf(1), (t, choose) => ({ axis: axisIn(t, choose) })))),
  matmul: smooth((pool, choose) => {
    const x = pick(pool, choose, rankOf(1))
    const inner = x?.shape.at(-1)
    const y = pick(pool, choose, (t) => rankOf(1)(t) && t.shape.at(-2) === inner)
    return x && y && { args: [x, y] }
  }),
  take: smooth((pool, choose) => {
    const x = pick(pool, choose, rankOf(1))
    const i = pick(pool, choose, (t) => t.dtype === 'i32')
    return x && i && { args: [x, i], attrs: { axis: axisIn(x, choose) } }
  }),
  iota: smooth((pool, choose) => ({
    args: [],
    attrs: { length: 1 + choose(4), dtype: choose(2) === 0 ? 'i32' : pool[0].dtype },
  })),
  constant: smooth((pool, choose) => {
    const shape = [[], [1], [3], [2, 3]][choose(4)]
    const count = shape.reduce((a, b) => a * b, 1)
    const data = Array.from({ length: count }, () => tame[choose(tame.length)])
    return { args: [], attrs: { data, shape, dtype: pool[0].dtype } }
  }),
  dynamicSlice: smooth((pool, choose) => {
    const x = pick(pool, choose, rankOf(1))
    if (!x) return undefined
    const i = pick(pool, choose, (t) => t.dtype === 'i32' && t.shape.length === 0)
    const sizes = x.shape.map((d) => 1 + choose(Number(d)))
    return { args: [x, ...x.shape.map((_, axis) => i ?? choose(size(x, axis)))], attrs: { sizes } }
  }),
}
