/**
 * The public face of functions: each run-time function with its signature.
 *
 * The casts are sound for the reason that operations have in form.ts: signatures speak of shapes,
 * dtypes and grades, which have no value at run time, and each function checks what it is given.
 */
import type { Apply } from '../types/apply.js'
import type { MakeFn } from '../types/fn.js'
import type { Grad } from '../types/transform.js'
import type { SpecOf } from '../types/tree.js'
import { applyClosure } from './apply.js'
import { closureOf } from './closure.js'
import { closeBody } from './fn.js'
import { specOf } from './spec.js'
import { gradOf } from './transform.js'

type Runtime = (...args: never) => unknown

const applyOf = (f: unknown, args: unknown): unknown => applyClosure(closureOf(f, 'apply'), args)

export const fn = closeBody as Runtime as MakeFn
export const apply = applyOf as Runtime as Apply
export const f32 = specOf('f32') as Runtime as SpecOf<'f32'>
export const f64 = specOf('f64') as Runtime as SpecOf<'f64'>
export const f16 = specOf('f16') as Runtime as SpecOf<'f16'>
export const i32 = specOf('i32') as Runtime as SpecOf<'i32'>
export const u32 = specOf('u32') as Runtime as SpecOf<'u32'>
export const bool = specOf('bool') as Runtime as SpecOf<'bool'>

export const grad = gradOf as Runtime as Grad
