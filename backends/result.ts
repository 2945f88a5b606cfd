/**
 * Results on the host, in the form that the function returned them.
 */
import type { DType, NDArray, Nested } from '../lib/data/index.js'
import { toNested } from '../lib/data/index.js'
import type { Grade } from '../lib/types/grade.js'
import type { Program } from '../lib/types/program.js'
import type { Shape } from '../lib/types/shape.js'
import type { Tensor } from '../lib/types/tensor.js'
import type { Spec } from '../lib/types/tree.js'
import type { ResidentArray } from './backend.js'

/** What stores the elements of each dtype: f16 as numbers of half precision, bool as 0 and 1. */
export interface Stored {
  readonly f32: Float32Array
  readonly f64: Float64Array
  readonly f16: Float32Array
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly bool: Uint8Array
}

/** An array on the host: row-major elements in a typed array. */
export interface HostArray<D extends DType = DType, S extends Shape = Shape> {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly data: Stored[D]
  /** The elements as nested arrays; a scalar is its number, a bool 0 or 1. */
  readonly toNested: () => NestedOf<S>
}

/** Arrays in arrays as deep as the shape is long, where that is known. */
export type NestedOf<S extends Shape> = number extends S['length']
  ? Nested
  : S extends readonly [unknown, ...infer Rest extends Shape]
    ? readonly NestedOf<Rest>[]
    : number

declare const form: unique symbol

/** An array on the device, of a dtype and a shape that the types know. */
export interface Resident<D extends DType = DType, S extends Shape = Shape> extends ResidentArray {
  readonly dtype: D
  /** The shape, for the checker alone: no value has it. */
  readonly [form]?: S
}

/** One that a backend placed: the call looks at its dtype. */
type Placed = ResidentArray & { readonly [form]?: never }

/** What may be passed for an input: a leaf in any form, records and tuples as they are. */
export type Given<I> =
  I extends Spec<Shape, infer D> ? GivenLeaf<D> : { readonly [K in keyof I]: Given<I[K]> }

export type GivenLeaf<D extends DType> =
  | Nested
  | Stored[D]
  | { readonly data: Stored[D] | readonly number[]; readonly shape: readonly number[] }
  | Resident<D>
  | Placed

/** The result with host arrays for tensors. */
export type Results<O> = Leaves<O, 'host'>

/** The result with resident arrays for tensors. */
export type Residents<O> = Leaves<O, 'resident'>

type Leaves<O, Where extends 'host' | 'resident'> = 0 extends 1 & O
  ? O
  : O extends Tensor<infer S, infer D, Grade>
    ? Where extends 'host'
      ? HostArray<D, S>
      : Resident<D, S>
    : { readonly [K in keyof O]: Leaves<O[K], Where> }

/** Resident arrays in a tree, read. */
export type ReadBack<A> =
  A extends Resident<infer D, infer S>
    ? HostArray<D, S>
    : { readonly [K in keyof A]: ReadBack<A[K]> }

/** A function that can run; one with effects left is an error that names them. */
export type Runnable<I, O, Op extends string = 'run'> = {
  readonly inputs: I
  readonly result: O
} & EffectFault<Op, O>

type EffectFault<Op extends string, O> = 0 extends 1 & O // any: a mistake in the body, reported there
  ? unknown
  : [O] extends [Program<unknown, infer E>]
    ? `✗ unhandled effect ${E}: handle it before ${Op}`
    : unknown

export const hostArray = (array: NDArray): HostArray => new HostResult(array)

/** A class, so that printing shows the array and not its methods. */
class HostResult implements HostArray {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: Stored[DType]

  constructor({ dtype, shape, data }: NDArray) {
    this.dtype = dtype
    this.shape = shape
    // `allocate` stores each dtype in its own class, which is what `Stored` says.
    this.data = data as Stored[DType]
  }

  toNested(): Nested {
    return toNested(this)
  }
}
