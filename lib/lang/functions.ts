/**
 * The public face of functions, control flow and transformations: each with its signature.
 *
 * What they mean is said at their run-time functions. The casts are sound for the reason given in
 * `form.ts`: signatures speak of shapes, dtypes and grades, which have no value at run time, and
 * each function checks what it is given.
 */
import type { Language } from '../types/language.js'
import { applyClosure } from './apply.js'
import { composeOf, fanoutOf, firstOf, idOf, parallelOf, secondOf } from './arrow.js'
import { closureOf } from './closure.js'
import * as control from './control.js'
import * as custom from './custom.js'
import { closeBody } from './fn.js'
import { hessianOf, jacfwdOf, jacrevOf } from './jacobian.js'
import { linearTransposeOf } from './linearTranspose.js'
import { specOf } from './spec.js'
import { gradOf, hvpOf, jvpOf, linearizeOf, valueAndGradOf, vjpOf } from './transform.js'
import { vmapOf } from './vmap.js'

const typed = <K extends keyof Language>(_: K, run: (...args: never) => unknown): Language[K] =>
  run as Language[K]

export const fn = typed('fn', closeBody)
export const apply = typed('apply', (f: unknown, args: unknown) =>
  applyClosure(closureOf(f, 'apply'), args),
)
export const f32 = typed('f32', specOf('f32'))
export const f64 = typed('f64', specOf('f64'))
export const f16 = typed('f16', specOf('f16'))
export const i32 = typed('i32', specOf('i32'))
export const u32 = typed('u32', specOf('u32'))
export const bool = typed('bool', specOf('bool'))

export const cond = typed('cond', control.condOf)
export const switchCase = typed('switchCase', control.switchCaseOf)
export const whileLoop = typed('whileLoop', control.whileLoopOf)
export const forLoop = typed('forLoop', control.forLoopOf)
export const scan = typed('scan', control.scanOf)
export const associativeScan = typed('associativeScan', control.associativeScanOf)
export const map = typed('map', control.mapOf)

export const grad = typed('grad', gradOf)
export const valueAndGrad = typed('valueAndGrad', valueAndGradOf)
export const jvp = typed('jvp', jvpOf)
export const vjp = typed('vjp', vjpOf)
export const linearize = typed('linearize', linearizeOf)
export const linearTranspose = typed('linearTranspose', linearTransposeOf)
export const jacfwd = typed('jacfwd', jacfwdOf)
export const jacrev = typed('jacrev', jacrevOf)
export const hessian = typed('hessian', hessianOf)
export const hvp = typed('hvp', hvpOf)
export const vmap = typed('vmap', vmapOf)

export const checkpoint = typed('checkpoint', custom.checkpointOf)
export const stopGradient = typed('stopGradient', custom.stopGradientOf)
export const straightThrough = typed('straightThrough', custom.straightThroughOf)
export const piecewise = typed('piecewise', custom.piecewiseOf)
export const customJvp = typed('customJvp', custom.customJvpOf)
export const customVjp = typed('customVjp', custom.customVjpOf)
export const customTranspose = typed('customTranspose', custom.customTransposeOf)
export const customBatching = typed('customBatching', custom.customBatchingOf)

export const id = typed('id', idOf)
export const compose = typed('compose', composeOf)
export const fanout = typed('fanout', fanoutOf)
export const parallel = typed('parallel', parallelOf)
export const first = typed('first', firstOf)
export const second = typed('second', secondOf)
