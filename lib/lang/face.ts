/**
 * Faces: what is one thing at run time and another to the type checker.
 *
 *   Tensor<[3], 'f32', 'x'>      a term, whose shape, dtype and grade are known to the types
 *   { make, get, set }           functions of terms, under signatures that speak of tensors
 *
 * Types have no value at run time, so functions check what they are given, and what comes out is
 * what their signatures say because their rules give it. The casts that rest on this are here.
 */
import { fail } from '../data/index.js'
import { isTerm, type Term } from '../term/index.js'
import type { Tensor } from '../types/tensor.js'
import { describe } from './tree.js'

/** The term that a tensor is; an error in words for what untyped callers pass instead. */
export const termOf = (where: string, x: unknown): Term =>
  isTerm(x) ? x : fail({ code: 'input', where, what: describe(x), expected: 'a tensor' })

/** The tensor that a term is: the caller knows its type. */
export const tensorOf = <T extends Tensor>(term: Term): T =>
  // A term has the shape and the dtype that rules gave it; a grade is of the type alone.
  term as unknown as T

/** Functions under the signatures of a vocabulary: one for each name, and no others. */
export const signed = <V>(
  functions: {
    readonly [K in keyof V]: (...args: never) => unknown
  },
): V => functions as V
