/**
 * Rewind: walks the steps of a loop backwards without having stored them.
 *
 *   s₀ → s₁ → … → sₙ    then    back(sₙ₋₁, ·), …, back(s₁, ·), back(s₀, ·)
 *
 * States lie on a stack, in rising order of their steps; s₀ is at its bottom. To reach the state
 * of step t from the top, at p < t, the one half way is computed from there and pushed. A gap of
 * g steps leaves ⌊g/2⌋ above the push and less below it, so below 2³¹ steps 32 slots are enough,
 * and each level of halving advances less than n/2 steps: (n/2)·log₂ n in all. Written with the
 * loops themselves, so it differentiates and batches. Source: Griewank 1992, with equal halves.
 */
import type { Op, Term } from '../../term/index.js'
import { add, div, sub } from '../arithmetic.js'
import { broadcastTo, reshape } from '../broadcast.js'
import { eq, ge, lt } from '../compare.js'
import { dynamicSlice, dynamicUpdateSlice } from '../dynamic.js'
import { scalar } from '../operand.js'
import { sections } from './lists.js'
import { cond } from './switch.js'
import { buildWhile } from './whileType.js'

export interface Steps {
  /** How many there were; i32. */
  readonly count: Term
  /** s₀ */
  readonly start: readonly Term[]
  readonly advance: (state: readonly Term[]) => readonly Term[]
  /** What one step back makes of the values carried backwards. */
  readonly back: (state: readonly Term[], carried: readonly Term[]) => readonly Term[]
}

const slotCount = 32

/** The values carried backwards over all steps; `op` is the while op. */
export function rewind(op: Op, steps: Steps, carried: readonly Term[]): readonly Term[] {
  const stack = steps.start.map((s) => broadcastTo(s, [slotCount, ...s.shape]))
  const zero = scalar(0, 'i32')
  const places = broadcastTo(zero, [slotCount])
  const body = (all: readonly Term[]): readonly Term[] => {
    const [[step, top, at], slots, values] = sections(all, [3, stack.length])
    const place = read(at, top)
    const state = slots.map((slot) => read(slot, top))
    return cond(
      eq(place, step),
      () => [sub(step, 1), sub(top, 1), at, ...slots, ...steps.back(state, values)],
      () => {
        const half = add(place, div(add(sub(step, place), 1), 2))
        const next = add(top, 1)
        const reached = advanceTo(op, steps, { place, state, target: half })
        const pushed = slots.map((slot, i) => write(slot, reached[i], next))
        return [step, next, write(at, half, next), ...pushed, ...values]
      },
      [],
    )
  }
  const init = [sub(steps.count, 1), zero, places, ...stack, ...carried]
  const outs = buildWhile(op, { condition: ([step]) => ge(step, 0), body }, init)
  return outs.slice(3 + stack.length)
}

function advanceTo(
  op: Op,
  steps: Steps,
  from: { readonly place: Term; readonly state: readonly Term[]; readonly target: Term },
): readonly Term[] {
  const loop = {
    condition: ([k]: readonly Term[]) => lt(k, from.target),
    body: ([k, ...state]: readonly Term[]) => [add(k, 1), ...steps.advance(state)],
  }
  return buildWhile(op, loop, [from.place, ...from.state]).slice(1)
}

/** Row `at` of an array. */
function read(rows: Term, at: Term): Term {
  const rest = rows.shape.slice(1)
  return reshape(dynamicSlice(rows, starts(rows, at), [1, ...rest]), rest)
}

/** The array with another row `at`. */
const write = (rows: Term, row: Term, at: Term): Term =>
  dynamicUpdateSlice(rows, reshape(row, [1, ...row.shape]), starts(rows, at))

const starts = (rows: Term, at: Term): readonly Term[] => [
  at,
  ...rows.shape.slice(1).map(() => scalar(0, 'i32')),
]
