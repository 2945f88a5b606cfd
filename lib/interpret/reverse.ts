/**
 * Reverse mode, as one sentence: transpose ∘ linearize.
 *
 *   linearize f : x → (y, residuals)  and  (residuals, dx) → dy
 *   vjp f       : (x, cty) → (y, ctx)
 */
import { invariant } from '../data/index.js'
import { demote } from '../ops/control/parts.js'
import { closeStrict, type Func, type Interpreters, inline, parameter } from '../term/index.js'
import { transposeLinear } from './transpose.js'

export interface Linearized {
  /** params → results…, residuals… */
  readonly primal: Func
  /** residuals…, active tangents… → tangents of active results */
  readonly linear: Func
  readonly residuals: number
  /** Which results have a tangent. */
  readonly active: readonly boolean[]
}

export function linearize(
  func: Func,
  active: readonly boolean[],
  interpret: Interpreters,
): Linearized {
  const forward = interpret.jvp(func, active)
  const isKnown = forward.func.params.map((_, i) => i < func.params.length)
  const count = func.results.length
  const made = interpret.split(forward.func, isKnown)
  // A tangent that does not depend on tangents is a zero that a rule wrote out.
  const parts = demote(
    made,
    made.results.map((_, i) => i < count),
  )
  invariant(
    parts.results.every((known, i) => known === i < count),
    'a value that depends on tangents',
  )
  return {
    primal: parts.known,
    linear: parts.unknown,
    residuals: parts.residuals.length,
    active: forward.active,
  }
}

export interface Vjp {
  /** params…, cotangents of active results… → results…, cotangents of the inputs below */
  readonly func: Func
  /** Which results take a cotangent. */
  readonly active: readonly boolean[]
  /** Which active parameters have a cotangent that is not zero. */
  readonly nonzero: readonly boolean[]
}

export function vjp(func: Func, active: readonly boolean[], interpret: Interpreters): Vjp {
  const lin = linearize(func, active, interpret)
  const isTangent = lin.linear.params.map((_, i) => i >= lin.residuals)
  const everyResult = lin.linear.results.map(() => true)
  const back = transposeLinear(lin.linear, isTangent, everyResult, interpret)
  // The parameters of the primal are those of the function, so its results need no copy.
  const binder = { name: `vjp ${func.name}` }
  const cts = lin.linear.results.map((r, i) => parameter(binder, `ct${i}`, r))
  const outs = lin.primal.results.slice(0, func.results.length)
  const residuals = lin.primal.results.slice(func.results.length)
  const answers = inline(back.func, [...residuals, ...cts])
  return {
    func: closeStrict(binder.name, [...lin.primal.params, ...cts], [...outs, ...answers]),
    active: lin.active,
    nonzero: back.nonzero,
  }
}
