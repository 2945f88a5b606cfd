/**
 * The derivative transformations: functions to functions.
 *
 *   grad(f, 'w')        inputs → the gradient of a scalar result, in the shape of w
 *   jvp(f, 'x')         { primals, tangents } → [y, dy]
 *   vjp(f, 'x')         { primals, cotangent } → [y, cotangent of x]
 *   linearize(f, 'x')   point → [y, dx ↦ dy]
 *
 * Each builds an ordinary program, so they nest to any order and cannot confuse perturbations.
 * Zero derivatives stay symbolic inside and are written out in results.
 */
import { fail, isFloat } from '../data/index.js'
import { full } from '../ops/index.js'
import { showType, type Term } from '../term/index.js'
import { argumentsOf } from './apply.js'
import { type Closure, closureOf, type RuntimeFn } from './closure.js'
import { type GradOptions, needDependence, needReach } from './dependence.js'
import { isGiven, linearizeAt, pushforward, writtenOut } from './derive.js'
import { derived, made, resultSpecs } from './derived.js'
import type { InputSpecs } from './spec.js'
import { unflatten } from './tree.js'
import { readWrt } from './wrt.js'

/** The gradient of a scalar result with respect to inputs, as a function of the same inputs. */
export const gradOf = (f: unknown, wrt: unknown, options: GradOptions = {}): RuntimeFn =>
  gradient('grad', f, wrt, options, (_, g) => g)

/** The value and the gradient: `[value, gradient]`. */
export const valueAndGradOf = (f: unknown, wrt: unknown, options: GradOptions = {}): RuntimeFn =>
  gradient('valueAndGrad', f, wrt, options, (value, g) => [value, g])

function gradient(
  where: string,
  f: unknown,
  names: unknown,
  options: GradOptions,
  result: (value: Term, gradient: unknown) => unknown,
): RuntimeFn {
  const closure = closureOf(f, where)
  needScalar(closure, where)
  const wrt = readWrt(closure, names, where)
  return derived(closure, where, (leaves) => {
    const { outs, pull } = linearizeAt(closure, leaves, wrt.active)
    const cts = pull([full(1, outs[0])])
    needDependence(closure, wrt, cts, where, options)
    const gradients = writtenOut(cts, wrt.activeOf(leaves))
    return result(outs[0], wrt.form(gradients))
  })
}

/** Forward mode: { primals, tangents } → [value, tangent]. */
export function jvpOf(f: unknown, names: unknown, options: GradOptions = {}): RuntimeFn {
  const closure = closureOf(f, 'jvp')
  const wrt = readWrt(closure, names, 'jvp')
  needReach(closure, wrt, 'jvp', options)
  return pointed('jvp', closure, { tangents: wrt.inputs }, (primals, tangents) => {
    const pushed = pushforward(closure, primals, wrt.place(tangents))
    return [
      unflatten(closure.output, pushed.outs),
      unflatten(closure.output, writtenOut(pushed.tangents, pushed.outs)),
    ]
  })
}

/** Reverse mode: { primals, cotangent } → [value, cotangents]. */
export function vjpOf(f: unknown, names: unknown, options: GradOptions = {}): RuntimeFn {
  const closure = closureOf(f, 'vjp')
  const wrt = readWrt(closure, names, 'vjp')
  needReach(closure, wrt, 'vjp', options)
  return pointed('vjp', closure, { cotangent: resultSpecs(closure) }, (primals, cotangents) => {
    const { outs, pull, moves } = linearizeAt(closure, primals, wrt.active)
    const answers = pull(cotangents.map((ct, i) => (moves[i] ? ct : null)))
    return [unflatten(closure.output, outs), wrt.form(writtenOut(answers, wrt.activeOf(primals)))]
  })
}

/** The value at a point, and the derivative there as a function of tangents. */
export function linearizeOf(f: unknown, names: unknown, options: GradOptions = {}) {
  const closure = closureOf(f, 'linearize')
  const wrt = readWrt(closure, names, 'linearize')
  needReach(closure, wrt, 'linearize', options)
  return (point: unknown): readonly [value: unknown, linear: RuntimeFn] => {
    const leaves = argumentsOf(closure, point)
    const { outs, push } = linearizeAt(closure, leaves, wrt.active)
    const specs = wrt.ordered(leaves.map(({ dtype, shape }) => ({ dtype, shape })))
    const inputs = unflatten(wrt.record, specs) as InputSpecs // a record of specifications
    const linear = made(`linear ${closure.name}`, inputs, (tangents) =>
      unflatten(closure.output, writtenOut(push(wrt.place(tangents).filter(isGiven)), outs)),
    )
    return [unflatten(closure.output, outs), linear]
  }
}

/** Hessian times vector, by forward over reverse: { primals, tangents } → in the form of `wrt`. */
export function hvpOf(f: unknown, names: unknown, options: GradOptions = {}): RuntimeFn {
  const slope = closureOf(
    gradient('hvp', f, names, options, (_, g) => g),
    'hvp',
  )
  const closure = closureOf(f, 'hvp')
  const wrt = readWrt(closure, names, 'hvp')
  return pointed('hvp', closure, { tangents: wrt.inputs }, (primals, tangents) => {
    const pushed = pushforward(slope, primals, wrt.place(tangents))
    return unflatten(slope.output, writtenOut(pushed.tangents, pushed.outs))
  })
}

/** A function of a point, `primals`, and of one more input. */
function pointed(
  verb: string,
  closure: Closure,
  more: InputSpecs,
  body: (primals: readonly Term[], others: readonly Term[]) => unknown,
): RuntimeFn {
  const count = closure.paths.length
  return made(`${verb} ${closure.name}`, { primals: closure.inputs, ...more }, (leaves) =>
    body(leaves.slice(0, count), leaves.slice(count)),
  )
}

/** Fails unless the result is one floating scalar. */
function needScalar({ name, output, func }: Closure, where: string): void {
  const [result] = func.results
  const subject = `${where}: '${name}'`
  if (output.tag !== 'leaf') {
    fail({
      code: 'derivative',
      where: subject,
      what: 'needs one scalar result, got a record of results',
      fix: 'Return one of them, or use jacrev',
    })
  }
  if (result.shape.length > 0) {
    fail({
      code: 'derivative',
      where: subject,
      what: `needs a scalar result, got [${result.shape.join(', ')}]`,
      fix: 'Reduce it, with sum or mean, or use jacrev',
    })
  }
  if (!isFloat(result.dtype)) {
    fail({
      code: 'derivative',
      where: subject,
      what: `needs a floating result, got ${showType(result)}`,
      fix: "Cast it: convert(y, 'f32')",
    })
  }
}
