/**
 * Loops, branches, batches and derivatives in random programs: bodies are small random programs
 * themselves, over the values carried, a row, and terms from outside.
 */
import type { DType } from '../lib/data/index.js'
import { interpreters, vjp } from '../lib/interpret/index.js'
import {
  add,
  associativeScan,
  checkpoint,
  cond,
  customJvp,
  linearCall,
  lt,
  max,
  min,
  mul,
  scalar,
  scan,
  sum,
  switchCase,
  whileLoop,
} from '../lib/ops/index.js'
import { close, closeStrict, type Func, inline, parameter, type Term } from '../lib/term/index.js'
import { type Choose, isReal, type Kind } from './maker.js'

/** Some steps of a random program over the terms given; those, and the terms that they made. */
export type Grow = (pool: readonly Term[], steps: number) => readonly Term[]

export type MakeControl = (
  pool: readonly Term[],
  choose: Choose,
  grow: Grow,
  kind: Kind,
) => readonly Term[]

const sameType = (a: Term) => (b: Term) =>
  a.dtype === b.dtype && String(a.shape) === String(b.shape)

/** The newest term of the type of `like`, made from it if it can be. */
const next = (grown: readonly Term[], like: Term): Term => grown.findLast(sameType(like)) ?? like

/** One of the terms that fit. */
const choice = (
  pool: readonly Term[],
  choose: Choose,
  fits: (t: Term) => boolean,
): Term | undefined => {
  const list = pool.filter(fits)
  return list[choose(list.length)]
}

const isScalarOf =
  (...dtypes: readonly DType[]) =>
  (t: Term): boolean =>
    dtypes.includes(t.dtype) && t.shape.length === 0

/** A function of one argument alone: what a body makes last. */
function alone(x: Term, body: (v: Term) => readonly Term[]): Func {
  const v = parameter({ name: 'rule' }, 'x', x)
  return closeStrict('rule', [v], [next(body(v), x)])
}

export const control: Readonly<Record<string, MakeControl>> = {
  scan: (pool, choose, grow) => {
    const xs = choice(pool, choose, (t) => isReal(t) && t.shape.length > 0)
    const [init, outer, still] = [0, 1, 2].map(() => choice(pool, choose, isReal))
    if (!xs || !init || !outer || !still) return []
    const steps = 1 + choose(4)
    const out = scan(
      ([h, k], [x]) => {
        const grown = grow([k, outer, x, h], steps)
        const ys = grown.filter(isReal).slice(-1 - choose(2))
        return { carry: [next(grown, h), choose(2) === 0 ? k : next(grown, k)], ys: [...ys, h] }
      },
      [init, still],
      [xs],
      { reverse: choose(2) === 0 },
    )
    return [...out.ys, ...out.carry]
  },
  whileLoop: (pool, choose, grow) => {
    const [init, outer] = [0, 1].map(() => choice(pool, choose, isReal))
    if (!init || !outer) return []
    const limit = choice(pool, choose, isScalarOf('i32'))
    const [count, steps] = [choose(4), 1 + choose(4)]
    const bounded = choose(2) === 0 ? { maxSteps: 4 } : {}
    return whileLoop(
      ([i]) => (limit === undefined || choose(2) === 0 ? lt(i, count) : lt(i, min(limit, 4))),
      ([i, h]) => [add(i, 1), next(grow([outer, h], steps), h)],
      [scalar(0, 'i32'), init],
      bounded,
    ).slice(1)
  },
  cond: (pool, choose, grow) => {
    const test = choice(pool, choose, isScalarOf('bool')) ?? scalar(choose(2), 'bool')
    const [x, outer] = [0, 1].map(() => choice(pool, choose, isReal))
    if (!x || !outer) return []
    const steps = 1 + choose(3)
    const branch = (count: number) => () => {
      const grown = grow([outer, x], count)
      return [next(grown, x), x]
    }
    return cond(test, branch(steps), branch(steps + 1), [])
  },
  switch: (pool, choose, grow) => {
    const index = choice(pool, choose, isScalarOf('i32')) ?? scalar(choose(4) - 1, 'i32')
    const [x, outer] = [0, 1].map(() => choice(pool, choose, isReal))
    if (!x || !outer) return []
    const steps = 1 + choose(3)
    const branch = ([v]: readonly Term[]) => [next(grow([outer, v], steps), v)]
    return switchCase(index, [branch, ([v]) => [v], branch], [x])
  },
  checkpoint: (pool, choose, grow) => {
    const [x, outer] = [0, 1].map(() => choice(pool, choose, isReal))
    if (!x || !outer) return []
    const steps = 1 + choose(4)
    return checkpoint(([v]) => grow([outer, v], steps).filter(isReal).slice(-2), [x])
  },
  /** A body over the rows of one or two arrays, all rows at once. */
  vmap: (pool, choose, grow) => {
    const x = choice(pool, choose, (t) => isReal(t) && t.shape.length > 0)
    const outer = choice(pool, choose, isReal)
    if (!x || !outer) return []
    const size = x.shape[0]
    const y = choice(pool, choose, (t) => t.shape.length > 0 && t.shape[0] === size) ?? x
    const binder = { name: 'row' }
    const rows = [x, y].map((t, i) =>
      parameter(binder, `r${i}`, { dtype: t.dtype, shape: t.shape.slice(1) }),
    )
    const grown = grow([outer, ...rows], 1 + choose(5)).slice(-2)
    const { func, captures } = close('vmap', rows, grown)
    const flags = [true, true, ...captures.map(() => false)]
    const lanes = interpreters.batch(func, flags, size)
    return inline(lanes.func, [x, y, ...captures])
  },
  /** A function with its own tangents given as the rule. */
  customJvp: (pool, choose, grow) => {
    const x = choice(pool, choose, isReal)
    if (!x) return []
    const func = alone(x, (v) => grow([v], 1 + choose(4)))
    const { func: both, active } = interpreters.jvp(func, [true])
    const rule = (args: readonly Term[], tangents: readonly Term[]) => {
      const outs = inline(both, [...args, ...tangents])
      return active.map((moves) => (moves ? outs[1] : null))
    }
    return customJvp((args) => inline(func, args), rule, [x])
  },
  /** A product with what is stored, and its transpose. */
  linearCall: (pool, choose) => {
    const x = choice(pool, choose, isReal)
    const factor = x && choice(pool, choose, sameType(x))
    if (!x || !factor) return []
    const scaled = ([r]: readonly Term[], [v]: readonly Term[]) => [mul(r, v)]
    return linearCall(scaled, scaled, [factor], [x])
  },
  /** A sum or a maximum of all rows so far. */
  associativeScan: (pool, choose, _, kind) => {
    const x = choice(pool, choose, (t) => isReal(t) && typeof t.shape[0] === 'number')
    if (!x) return []
    const combine = kind === 'smooth' || choose(2) === 0 ? add : max
    return associativeScan(([a], [b]) => [combine(a, b)], [x], { reverse: choose(2) === 0 })
  },
  /** The gradient of a sum of what a body makes. */
  grad: (pool, choose, grow, kind) => {
    if (kind === 'smooth') return []
    const [x, outer] = [0, 1].map(() => choice(pool, choose, isReal))
    if (!x || !outer) return []
    const at = parameter({ name: 'point' }, 'x', x)
    const grown = grow([outer, at], 1 + choose(4)).filter(isReal)
    const [last] = grown.slice(-1)
    if (last === undefined) return []
    const { func, captures } = close('grad', [at], [sum(mul(last, last))])
    const back = vjp(func, [true, ...captures.map(() => false)], interpreters)
    if (!back.active[0]) return []
    return inline(back.func, [x, ...captures, scalar(1, last.dtype)])
  },
}
