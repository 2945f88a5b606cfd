/**
 * Arrays of drawn numbers, and how far sums of their products may lie apart.
 */
import { expect } from 'vitest'
import { arrayFrom, type NDArray, sizeOf, stridesOf } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import { closeStrict, parameter, type Term } from '../term/index.js'

export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

export function random(shape: readonly number[], draw: () => number): NDArray {
  return arrayFrom(
    'f64',
    shape,
    Array.from({ length: sizeOf(shape) }, () => 2 * draw() - 1),
  )
}

export const tensor = (shape: readonly (number | string)[], dtype: 'f64' | 'f32' | 'i32' = 'f64') =>
  parameter({ name: 'f' }, 'x', { dtype, shape })

export function resultOf(f: (...x: Term[]) => Term, args: readonly NDArray[]): NDArray {
  const binder = { name: 'f' }
  const params = args.map((a, i) => parameter(binder, `x${i}`, a))
  return interpreters.evaluate(closeStrict('f', params, [f(...params)]), args, {})[0]
}

/** Equal but for the rounding of `terms` products of numbers below 1. */
export function agree(found: NDArray, wanted: NDArray, terms: number, what: string): void {
  expect(found.shape, what).toEqual(wanted.shape)
  found.data.forEach((x, i) => {
    const difference = Math.abs(x - wanted.data[i])
    expect(difference, `${what}, element ${i}`).toBeLessThanOrEqual(terms * terms * 2 ** -52)
  })
}

export const at = (x: NDArray, index: readonly number[]): number =>
  x.data[stridesOf(x.shape).reduce((acc, s, i) => acc + s * index[i], 0)]
