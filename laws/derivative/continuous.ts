/**
 * Continuity: where an author says `piecewise`, the pieces meet.
 *
 *   piecewise(where(gt(x, 0), x², 0))      at x = 0 both give 0
 *
 * On a segment whose ends take different ways (comparisons, roundings, indices come out another
 * way), bisection finds neighbouring numbers between which a way changes; the marked value must not
 * jump there. Limits: jumps smaller than 2⁻²⁰ of the value pass; marks inside loops are not seen.
 */
import { isFloat, type NDArray } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { closeStrict, type Func } from '../../lib/term/index.js'
import { agreed, compared, type Measured, magnitude, worst } from '../measured.js'
import { directionAt, drawAt, movedBy, type Point, usesOp } from './point.js'

/** Lengths of the segments that are tried from a point, each both ways. */
const lengths = [0.25, 0.5, 1, 2, 4]

export const isMarked = (func: Func): boolean => usesOp(func, 'piecewise')

/** Undefined where no segment crosses a switch. */
export function continuous(p: Point): Measured | undefined {
  const marked = p.func.nodes.filter((n) => n.op.name === 'piecewise').flatMap((n) => n.outs)
  if (marked.length === 0) return agreed('nothing is marked')
  const ways = p.func.nodes.filter(isChoice).flatMap((n) => n.outs)
  const probe = closeStrict(p.func.name, p.func.params, [...marked, ...ways])
  const draw = drawAt(p)
  const found = lengths.flatMap((length) => {
    const v = directionAt(p, draw)
    const at = (t: number) => {
      const all = interpreters.evaluate(probe, movedBy(p, v, length * t), p.sizes)
      const values = all.slice(0, marked.length)
      return {
        values,
        way: all
          .slice(marked.length)
          .map((x) => String(x.data))
          .join(';'),
      }
    }
    return [crossing(at, 1), crossing(at, -1)].flatMap((m) => m ?? [])
  })
  return worst(found)
}

/** What decides between pieces: comparisons, roundings, positions. */
const isChoice = ({ op, outs }: Func['nodes'][number]): boolean =>
  outs.some((t) => !isFloat(t.dtype)) || ['floor', 'ceil', 'round', 'sign'].includes(op.name)

interface Sight {
  readonly values: readonly NDArray[]
  readonly way: string
}

function crossing(at: (t: number) => Sight, end: number): Measured | undefined {
  let [low, high] = [0, end]
  let [a, b] = [at(low), at(high)]
  if (a.way === b.way || ![...a.values, ...b.values].every(isBounded)) return undefined
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    const m = at(middle)
    if (m.way === a.way) [low, a] = [middle, m]
    else [high, b] = [middle, m]
  }
  return worst(
    a.values.flatMap((x, r) => {
      const unit = 2 ** -52 * (1 + magnitude(x))
      return Array.from(x.data, (value, i) =>
        compared(
          `piecewise value ${r}[${i}] on both sides`,
          b.values[r].data[i],
          value,
          unit,
          2 ** 32,
        ),
      )
    }),
  )
}

const isBounded = ({ data }: NDArray): boolean => data.every(Number.isFinite)
