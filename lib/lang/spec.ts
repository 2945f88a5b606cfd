/**
 * Specifications of inputs: a dtype and sizes, literal or named.
 *
 *   f32('batch', 784)   →   { dtype: 'f32', shape: ['batch', 784] }
 *
 * A named size is bound when the function is applied or run.
 */
import { type Dim, type DType, fail, isDimName, isDType } from '../data/index.js'
import { describe, type LeafKind } from './tree.js'

/** What one input is. */
export interface InputSpec {
  readonly dtype: DType
  readonly shape: readonly Dim[]
}

/** Inputs by name; a value is a specification, or such in records and arrays. */
export type InputSpecs = Readonly<Record<string, unknown>>

/** The constructor of specifications of one dtype. */
export const specOf =
  (dtype: DType) =>
  (...shape: readonly Dim[]): InputSpec => {
    for (const size of shape) checkSize(dtype, size)
    return { dtype, shape }
  }

/** Leaves of input trees. */
export const specKind: LeafKind<InputSpec> = {
  noun: "a specification such as f32('batch', 784)",
  isLeaf: (x): x is InputSpec =>
    typeof x === 'object' &&
    x !== null &&
    'dtype' in x &&
    'shape' in x &&
    typeof x.dtype === 'string' &&
    isDType(x.dtype) &&
    Array.isArray(x.shape),
}

function checkSize(dtype: DType, size: unknown): void {
  const isSize = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0
  if (isSize || (typeof size === 'string' && isDimName(size))) return
  fail({
    code: 'shape',
    where: dtype,
    what: `${describe(size)} is not a size`,
    expected: 'a whole number from 0, or a name',
    fix: `Write ${dtype}('batch', 784)`,
  })
}
