/**
 * Second derivatives at a point.
 *
 *   second differences   the derivative of x ↦ Jᵀ(x)·u against differences of it
 *   symmetric            ⟨w, H·v⟩ = ⟨v, H·w⟩, H the Hessian of ⟨u, f⟩
 *   orders commute       forward over reverse = reverse over forward: ∂(Jᵀu)·v = ∇ₓ⟨u, J(x)·v⟩
 */
import { isFloat, type NDArray } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { closeStrict, type Term } from '../../lib/term/index.js'
import { agreed, compared, type Measured } from '../measured.js'
import { differences, elementwise } from './first.js'
import {
  coarsest,
  directionAt,
  drawAt,
  floatsAt,
  inFirst,
  inner,
  largestIn,
  movesForward,
  type Point,
  pointOf,
  pulled,
  pushed,
  reverseOf,
  roundingsOf,
} from './point.js'

export const secondDifferences = (p: Point): Measured | undefined =>
  differences(reverseOf(p, drawAt(p)))

export function symmetric(p: Point): Measured {
  const draw = drawAt(p)
  const slope = inFirst(reverseOf(p, draw), p.args.length)
  const [v, w] = [directionAt(p, draw), directionAt(p, draw)]
  const left = inner(w, pushed(slope, v).tangents)
  const right = inner(v, pushed(slope, w).tangents)
  const { unit, roundings } = roundingOf(slope, v)
  const size = left.size + right.size
  return compared('⟨w, H·v⟩ and ⟨v, H·w⟩', left.sum, right.sum, unit * (1 + size), roundings)
}

export function ordersCommute(p: Point): Measured {
  if (!movesForward(p.func)) return agreed('no tangents')
  const draw = drawAt(p)
  const slope = inFirst(reverseOf(p, draw), p.args.length)
  const v = directionAt(p, draw)
  const found = pushed(slope, v).tangents
  const forward = interpreters.jvp(p.func, p.active)
  if (!forward.active.includes(true)) return agreed('no tangent')
  const tangents: readonly Term[] = forward.func.results.slice(p.func.results.length)
  const own = closeStrict(forward.func.name, forward.func.params, tangents)
  const first = pointOf(own, [...p.args, ...v], {
    ...p,
    active: own.params.map(
      (x, i) => i < p.args.length && (p.active[i] ?? false) && isFloat(x.dtype),
    ),
  })
  const cts = slope.args.slice(p.args.length)
  const wanted = pulled(first, cts).cotangents
  const { unit, roundings } = roundingOf(slope, v)
  return elementwise('second derivative', found, wanted, unit, 4 * roundings)
}

/** One rounding of the largest number in the derivative of a point, and how many there are. */
function roundingOf(p: Point, v: readonly NDArray[]) {
  const { func } = interpreters.jvp(p.func, p.active)
  const largest = largestIn(func, [...p.args, ...v], p.sizes)
  return { unit: coarsest(func) * largest, roundings: roundingsOf(func, p.sizes) }
}

/** Derivatives of finite values are not NaN, at arguments that are all the same. */
export function finite(p: Point): Measured | undefined {
  const draw = drawAt(p)
  if (!floatsAt(p).every((y) => y.data.every(Number.isFinite))) return undefined
  const slope = reverseOf(p, draw)
  const answers = [
    ...(movesForward(p.func) ? pushed(p, directionAt(p, draw)).tangents : []),
    ...interpreters.evaluate(slope.func, slope.args, slope.sizes),
  ]
  const wrong = answers.flatMap((a) => Array.from(a.data)).filter(Number.isNaN)
  return compared('how many derivatives are NaN', wrong.length, 0, 1, 0)
}
