/**
 * Loops and branches in random programs: bodies are small random programs themselves, over the
 * values carried, a row, and terms from outside.
 */
import { add, cond, lt, scalar, scan, whileLoop } from '../lib/ops/index.js'
import type { Term } from '../lib/term/index.js'

type Choose = (n: number) => number

/** Some steps of a random program over the terms given; the terms that they made. */
export type Grow = (pool: readonly Term[], steps: number) => readonly Term[]

export type MakeControl = (pool: readonly Term[], choose: Choose, grow: Grow) => readonly Term[]

const isFloat = (t: Term) => t.dtype === 'f64' || t.dtype === 'f32'
const sameType = (a: Term) => (b: Term) =>
  a.dtype === b.dtype && String(a.shape) === String(b.shape)

/** The newest term of the type of `like`, made from it if it can be. */
const next = (grown: readonly Term[], like: Term): Term => grown.findLast(sameType(like)) ?? like

export const control: Readonly<Record<string, MakeControl>> = {
  scan: (pool, choose, grow) => {
    const floats = pool.filter(isFloat)
    const rows = floats.filter((t) => t.shape.length > 0)
    if (rows.length === 0) return []
    const xs = rows[choose(rows.length)]
    const [init, outer, still] = [0, 1, 2].map(() => floats[choose(floats.length)])
    const steps = 1 + choose(4)
    const out = scan(
      ([h, k], [x]) => {
        const grown = grow([k, outer, x, h], steps)
        const ys = grown.filter(isFloat).slice(-1 - choose(2))
        return { carry: [next(grown, h), choose(2) === 0 ? k : next(grown, k)], ys: [...ys, h] }
      },
      [init, still],
      [xs],
      { reverse: choose(2) === 0 },
    )
    return [...out.ys, ...out.carry]
  },
  whileLoop: (pool, choose, grow) => {
    const floats = pool.filter(isFloat)
    const [init, outer] = [0, 1].map(() => floats[choose(floats.length)])
    const [count, steps] = [choose(4), 1 + choose(4)]
    return whileLoop(
      ([i]) => lt(i, count),
      ([i, h]) => [add(i, 1), next(grow([outer, h], steps), h)],
      [scalar(0, 'i32'), init],
      { maxSteps: 4 },
    ).slice(1)
  },
  cond: (pool, choose, grow) => {
    const floats = pool.filter(isFloat)
    const bools = pool.filter((t) => t.dtype === 'bool' && t.shape.length === 0)
    const test = bools.length > 0 ? bools[choose(bools.length)] : scalar(choose(2), 'bool')
    const [x, outer] = [0, 1].map(() => floats[choose(floats.length)])
    const steps = 1 + choose(3)
    const branch = () => {
      const grown = grow([outer, x], steps)
      return [next(grown, x), x]
    }
    return cond(test, branch, branch, [])
  },
}
