/**
 * Resident arrays as their users see them: an element type, a shape, a life.
 *
 * What an array holds lies apart from it, so that a finaliser can know the one without keeping the
 * other alive. Each backend has a keeper, which tells its arrays from those of others.
 */
import {
  type Dim,
  type DType,
  dimValue,
  type ErrorDetail,
  fail,
  type Sizes,
} from '../lib/data/index.js'
import type { ResidentArray } from './backend.js'

/** Makes the arrays of one backend, each over what it holds: an `H`. */
export interface Keeper<H> {
  readonly array: (dtype: DType, shape: readonly number[], holding: H) => ResidentArray
  /** What a live array of this backend holds; fails for others. */
  readonly holding: (array: ResidentArray) => H
}

/** When the life of an array ends. */
export interface Life<H> {
  readonly isLive: (holding: H) => boolean
  /** A second time it does nothing. */
  readonly letGo: (holding: H) => void
}

export function keeper<H>(where: string, { isLive, letGo }: Life<H>): Keeper<H> {
  /** A class, because programs make arrays at every call: its methods are made once a backend. */
  class Resident implements ResidentArray {
    readonly tag = 'resident'
    readonly dtype: DType
    readonly shape: readonly number[]
    readonly #holding: H

    constructor(dtype: DType, shape: readonly number[], holding: H) {
      this.dtype = dtype
      this.shape = shape
      this.#holding = holding
    }

    static holding(array: ResidentArray): H {
      if (!(#holding in array)) return fail(strangeArray(where))
      return isLive(array.#holding) ? array.#holding : fail(deadArray(where))
    }

    get live(): boolean {
      return isLive(this.#holding)
    }

    release(): void {
      letGo(this.#holding)
    }

    [Symbol.dispose](): void {
      letGo(this.#holding)
    }
  }
  return {
    array: (dtype, shape, holding) => new Resident(dtype, shape, holding),
    holding: Resident.holding,
  }
}

/** A shape at bound sizes. */
export const boundShape = (shape: readonly Dim[], sizes: Sizes): readonly number[] =>
  isNumeric(shape) ? shape : shape.map((d) => dimValue(d, sizes))

const isNumeric = (shape: readonly Dim[]): shape is readonly number[] =>
  shape.every((size) => typeof size === 'number')

export const deadArray = (where: string): ErrorDetail => ({
  code: 'backend',
  where,
  what: 'the array was released or donated',
  expected: 'a live one',
  fix: 'Read it before releasing it, or do not donate it',
})

const strangeArray = (where: string): ErrorDetail => ({
  code: 'backend',
  where,
  what: 'the array belongs to another backend',
  fix: 'Read it there and pass the copy',
})

export const closedBackend = (where: string): ErrorDetail => ({
  code: 'backend',
  where,
  what: 'the backend is closed',
})
