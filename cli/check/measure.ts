/**
 * Measure: how far the derivatives of a function are from what they must be.
 *
 *   forward   J·v against differences of the values
 *   adjoint   ⟨u, J·v⟩ = ⟨Jᵀ·u, v⟩
 *   second    ⟨u, H·v⟩ = ⟨v, H·u⟩, H the second derivative of a random combination of results
 *
 * in f64, in random directions of the chosen inputs. Errors are relative to the size of what is
 * compared; what a difference itself may be off by is allowed for.
 */
import { isFloat, type NDArray, type Sizes } from '../../lib/data/index.js'
import { interpreters, vjp } from '../../lib/interpret/index.js'
import { add, mul, scalar, sumAxes, zeros } from '../../lib/ops/index.js'
import { closeStrict, type Func, inline, parameter, type Term } from '../../lib/term/index.js'
import type { Draw } from '../draw.js'
import { difference } from './difference.js'
import { drawLike } from './sample.js'

export interface Measured {
  readonly law: 'forward' | 'adjoint' | 'second'
  /** Relative; NaN where something is not a number. */
  readonly error: number
  readonly allowed: number
}

export interface Point {
  /** With floating parameters and results in f64. */
  readonly func: Func
  readonly args: readonly NDArray[]
  readonly sizes: Sizes
}

/** The three errors in random directions of the inputs that `active` marks. */
export function measure(point: Point, active: readonly boolean[], draw: Draw): readonly Measured[] {
  const { func, args, sizes } = point
  const results = interpreters.evaluate(func, args, sizes)
  const v = args.map((arg, i) => (active[i] ? drawLike(arg, draw) : null))
  const u = results.map((result, i) =>
    isFloat(func.results[i].dtype) ? drawLike(result, draw) : null,
  )
  const pushed = push(point, active, v)
  return [
    forward(point, v, pushed, u),
    adjoint(point, active, v, u, pushed),
    second(point, active, v, u, draw),
  ]
}

type Directions = readonly (NDArray | null)[]

function forward(point: Point, v: Directions, pushed: Directions, u: Directions): Measured {
  const { func, args, sizes } = point
  const at = (t: number): Float64Array => {
    const moved = args.map((arg, i) => along(arg, t, v[i]))
    const values = interpreters.evaluate(func, moved, sizes)
    return flat(values.filter((_, i) => u[i] !== null))
  }
  const { value, error } = difference(at)
  const jv = flat(pushed.flatMap((x, i) => (u[i] === null ? [] : [x ?? zeroLike(u[i])])))
  const scale = Math.max(norm(value), norm(jv), 1e-3)
  return {
    law: 'forward',
    error: norm(value.map((x, i) => x - jv[i])) / scale,
    // A difference that is rougher than this says nothing: then only agreement passes.
    allowed: Math.min(1e-9 + (10 * norm(error)) / scale, 1e-5),
  }
}

function adjoint(
  { func, args, sizes }: Point,
  active: readonly boolean[],
  v: Directions,
  u: Directions,
  pushed: Directions,
): Measured {
  const back = vjp(func, active, interpreters)
  const given = u.filter((ct, i) => back.active[i] && ct !== null) as readonly NDArray[]
  const answers = interpreters.evaluate(back.func, [...args, ...given], sizes)
  let next = func.results.length
  const pulled = active
    .flatMap((a, i) => (a ? [i] : []))
    .map((i, k) => ({ i, ct: back.nonzero[k] ? answers[next++] : null }))
  const left = inner(u, pushed)
  const right = pulled.reduce((total, { i, ct }) => total + inner([v[i]], [ct]), 0)
  const scale = Math.max(Math.abs(left), weight(u, pushed), 1e-3)
  return { law: 'adjoint', error: Math.abs(left - right) / scale, allowed: 1e-10 }
}

function second(
  { func, args, sizes }: Point,
  active: readonly boolean[],
  v: Directions,
  u: Directions,
  draw: Draw,
): Measured {
  const slope = gradientOfSum(func, active)
  const weights = u.flatMap((ct) => ct ?? [])
  const all = [...args, ...weights]
  const flags = slope.params.map((_, i) => active[i] ?? false)
  const hessian = (direction: Directions) => {
    const point = { func: slope, args: all, sizes }
    return push(point, flags, [...direction, ...weights.map(() => null)])
  }
  const w = args.map((arg, i) => (active[i] ? drawLike(arg, draw) : null))
  const here = <A>(list: readonly A[]) => list.filter((_, i) => active[i])
  const hv = hessian(v)
  const hw = hessian(w)
  const left = inner(here(w), hv)
  const right = inner(here(v), hw)
  const scale = Math.max(weight(here(w), hv), weight(here(v), hw), 1e-3)
  return { law: 'second', error: Math.abs(left - right) / scale, allowed: 1e-9 }
}

/** (x…, c…) → the gradient of Σ ⟨c, f(x)⟩ in the active x; zeros written out. */
function gradientOfSum(func: Func, active: readonly boolean[]): Func {
  const binder = { name: `Σ ${func.name}` }
  const inputs = func.params.map((p) => parameter(binder, String(p.node.attrs.name), p))
  const floats = func.results.filter((r) => isFloat(r.dtype))
  const weights = floats.map((r, i) => parameter(binder, `c${i}`, r))
  const values = inline(func, inputs).filter((r) => isFloat(r.dtype))
  const parts = values.map((y, i) => sumAxes(mul(y, weights[i]), [...y.shape.keys()]))
  const total = parts.reduce<Term>((sum, part) => add(sum, part), scalar(0, 'f64'))
  const sum = closeStrict(binder.name, [...inputs, ...weights], [total])
  const flags = sum.params.map((_, i) => active[i] ?? false)
  const back = vjp(sum, flags, interpreters)
  const seed = back.active[0] ? [scalar(1, 'f64')] : []
  const answers = inline(back.func, [...sum.params, ...seed])
  let next = 1
  const gradients = sum.params
    .filter((_, i) => flags[i])
    .map((param, k) => (back.nonzero[k] ? answers[next++] : zeros(param)))
  return closeStrict(`∇ ${func.name}`, sum.params, gradients)
}

/** J·v, one for each result; null where a result has no tangent. */
function push({ func, args, sizes }: Point, active: readonly boolean[], v: Directions): Directions {
  const tangent = interpreters.jvp(func, active)
  const given = v.flatMap((x, i) => (active[i] ? (x ?? []) : []))
  const outs = interpreters.evaluate(tangent.func, [...args, ...given], sizes)
  let next = func.results.length
  return tangent.active.map((a) => (a ? outs[next++] : null))
}

const along = (x: NDArray, t: number, v: NDArray | null): NDArray =>
  v === null ? x : { ...x, data: Float64Array.from(x.data, (a, i) => a + t * v.data[i]) }

const zeroLike = (x: NDArray | null): NDArray =>
  x === null
    ? { dtype: 'f64', shape: [0], data: new Float64Array(0) }
    : { ...x, data: new Float64Array(x.data.length) }

const flat = (arrays: readonly NDArray[]): Float64Array =>
  Float64Array.from(arrays.flatMap((a) => Array.from(a.data)))

const norm = (x: Float64Array): number => Math.sqrt(x.reduce((total, a) => total + a * a, 0))

/** ⟨a, b⟩ over all arrays; null is zero. */
function inner(a: Directions, b: Directions): number {
  let total = 0
  a.forEach((x, k) => {
    const y = b[k]
    if (x === null || y === null) return
    for (let i = 0; i < x.data.length; i++) total += x.data[i] * y.data[i]
  })
  return total
}

/** ‖a‖·‖b‖, the size that ⟨a, b⟩ is compared with. */
const weight = (a: Directions, b: Directions): number =>
  Math.sqrt(inner(a, a)) * Math.sqrt(inner(b, b))
