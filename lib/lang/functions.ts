/**
 * The public face of functions, control flow and transformations: each with its signature.
 *
 * The casts are sound for the reason given in `form.ts`: signatures speak of shapes, dtypes and
 * grades, which have no value at run time, and each function checks what it is given.
 */
import type { Language } from '../types/language.js'
import { applyClosure } from './apply.js'
import { composeOf, fanoutOf, firstOf, idOf, parallelOf, secondOf } from './arrow.js'
import { closureOf } from './closure.js'
import * as control from './control.js'
import * as custom from './custom.js'
import { gradOptions } from './dependence.js'
import { closeBody, fnOptions } from './fn.js'
import { hessianOf, jacfwdOf, jacrevOf } from './jacobian.js'
import { linearTransposeOf } from './linearTranspose.js'
import { specOf } from './spec.js'
import { type Taken, taking } from './taking.js'
import { gradOf, hvpOf, jvpOf, linearizeOf, valueAndGradOf, vjpOf } from './transform.js'
import { vmapOf, vmapOptions } from './vmap.js'

const typed = <K extends keyof Language>(
  name: K,
  run: (...args: never) => unknown,
  takes?: Readonly<Record<number, Taken>>,
): Language[K] => (takes === undefined ? run : taking(name, takes, run)) as Language[K]

/**
 * A program closed over named inputs: fn({ x: f32(3) }, ({ x }) => sum(x)). The body runs once; its
 * result is a tensor, or tensors in arrays and records. The function is callable with a record of
 * tensors, whose sizes its named sizes take.
 */
export const fn = typed('fn', closeBody, { 0: 'record', 1: 'function', 2: fnOptions })
/** The function at a record of arguments: the same as f(args). */
export const apply = typed('apply', (f: unknown, args: unknown) =>
  applyClosure(closureOf(f, 'apply'), args),
)
/** An input of 32-bit floats, with literal and named sizes: f32("batch", 784). */
export const f32 = typed('f32', specOf('f32'))
/** An input of 64-bit floats. */
export const f64 = typed('f64', specOf('f64'))
/** An input of 16-bit floats. */
export const f16 = typed('f16', specOf('f16'))
/** An input of 32-bit integers. */
export const i32 = typed('i32', specOf('i32'))
/** An input of 32-bit integers without sign. */
export const u32 = typed('u32', specOf('u32'))
/** An input of truth values. */
export const bool = typed('bool', specOf('bool'))

/**
 * One of two branches, by a bool[]: only that one runs. Branches take the operands, give the same
 * types.
 */
export const cond = typed('cond', control.condOf, { 1: 'function', 2: 'function' })
/** The branch of an index, which is clamped to the branches: only that one runs. */
export const switchCase = typed('switchCase', control.switchCaseOf, { 1: 'functions' })
/**
 * Repeats the body on a carry while the condition holds. Reverse mode recomputes from logarithmic
 * checkpoints, or stores the steps where maxSteps bounds them.
 */
export const whileLoop = typed('whileLoop', control.whileLoopOf, {
  1: 'function',
  2: 'function',
  3: control.whileOptions,
})
/**
 * Repeats the body on a carry for i = 0, 1, … below a count: a number, or a tensor that the program
 * computes.
 */
export const forLoop = typed('forLoop', control.forLoopOf, { 2: 'function' })
/**
 * Carries values over the rows of sequences: body(carry, row) → [carry, y]. → [last carry, stacked
 * y]
 */
export const scan = typed('scan', control.scanOf, { 2: 'function', 3: control.scanOptions })
/** All prefixes of the rows under an associative operation on two rows, in 2·log n rounds. */
export const associativeScan = typed('associativeScan', control.associativeScanOf, {
  1: 'function',
  2: control.associativeScanOptions,
})
/** A function of each row, one row after another, results stacked; vmap does all at once. */
export const map = typed('map', control.mapOf, { 1: 'function' })

/**
 * The gradient of a scalar result in one input (in its shape) or several (a record). Errors:
 * results that are no floating scalar, inputs that are not floating, gradients that are zero
 * everywhere.
 */
export const grad = typed('grad', gradOf, { 2: gradOptions })
/** The value and the gradient of a scalar result. → [value, gradient] */
export const valueAndGrad = typed('valueAndGrad', valueAndGradOf, { 2: gradOptions })
/** Forward mode: { primals, tangents } → [value, tangent]. */
export const jvp = typed('jvp', jvpOf, { 2: gradOptions })
/** Reverse mode: { primals, cotangent } → [value, cotangents]. */
export const vjp = typed('vjp', vjpOf, { 2: gradOptions })
/** linearize(f, wrt)(point) → [value, the derivative there as a function of tangents]. */
export const linearize = typed('linearize', linearizeOf, { 2: gradOptions })
/**
 * The adjoint of a function linear in wrt: { primals: the others, cotangent } → cotangents. Errors:
 * not linear.
 */
export const linearTranspose = typed('linearTranspose', linearTransposeOf)
/** The Jacobian, one column at a time, all at once. [out…] by [in…] → [out…, in…] */
export const jacfwd = typed('jacfwd', jacfwdOf, { 2: gradOptions })
/** The Jacobian, one row at a time, all at once. [out…] by [in…] → [out…, in…] */
export const jacrev = typed('jacrev', jacrevOf, { 2: gradOptions })
/** The second derivative of a scalar result. [in…] → [in…, in…] */
export const hessian = typed('hessian', hessianOf, { 2: gradOptions })
/** Hessian times vector, without the Hessian: { primals, tangents } → in the form of wrt. */
export const hvp = typed('hvp', hvpOf, { 2: gradOptions })
/**
 * A function of one example made a function of many: inputs get an axis of examples (inAxes),
 * results theirs in front. Its size is named "batch" unless given.
 */
export const vmap = typed('vmap', vmapOf, { 1: vmapOptions })

/**
 * The same function; reverse mode computes again what it needs of its inside, instead of storing
 * it.
 */
export const checkpoint = typed('checkpoint', custom.checkpointOf)
/** The same values, constant to every derivative. A tensor or a tree. */
export const stopGradient = typed('stopGradient', custom.stopGradientOf)
/** The value of the first tensor with the derivative of the second. */
export const straightThrough = typed('straightThrough', custom.straightThroughOf)
/**
 * The same tensor or function, of which the author asserts that its jumps are no jumps of the
 * value.
 */
export const piecewise = typed('piecewise', custom.piecewiseOf)
/** The function with the tangent that rule(primals, tangents) gives. */
export const customJvp = typed('customJvp', custom.customJvpOf, {
  1: 'function',
  2: custom.ruleOptions,
})
/**
 * The function with the cotangents that backward(residuals, cotangent) gives; forward(primals) →
 * [result, residuals]. It has no forward mode.
 */
export const customVjp = typed('customVjp', custom.customVjpOf, {
  1: 'function',
  2: 'function',
  3: custom.ruleOptions,
})
/** The function, linear in wrt, with the transpose that rule(others, cotangent) gives. */
export const customTranspose = typed('customTranspose', custom.customTransposeOf, { 2: 'function' })
/** The function with the batch that rule(inputs) gives, the axis of examples in front of all. */
export const customBatching = typed('customBatching', custom.customBatchingOf, { 1: 'function' })

/** The function that gives its inputs back. */
export const id = typed('id', idOf, { 0: 'record' })
/** f, then g: the result of f, a record, becomes the inputs of g. */
export const compose = typed('compose', composeOf)
/** Both functions on the same inputs. → { first, second } */
export const fanout = typed('fanout', fanoutOf)
/** Each function on its own inputs: { first, second } → { first, second }. */
export const parallel = typed('parallel', parallelOf)
/** The function on first; second passes through. */
export const first = typed('first', firstOf, { 1: 'record' })
/** The function on second; first passes through. */
export const second = typed('second', secondOf, { 1: 'record' })
