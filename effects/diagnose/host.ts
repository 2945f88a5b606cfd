/**
 * Host: inputs as numbers, for diagnostics, which evaluate programs step by step.
 *
 *   { x: [[1, 2]], n: 3 }   →   one array a leaf, and the sizes that their shapes bind
 *
 * Nested arrays, or a record of data and shape, as results are; numbers are rounded to the dtype.
 */
import {
  arrayFrom,
  dimValue,
  fail,
  isDimName,
  type NDArray,
  roundTo,
  type Sizes,
} from '../../lib/data/index.js'
import { type Closure, flattenAs, type LeafKind } from '../../lib/lang/index.js'
import type { DType } from '../../lib/types/dtype.js'
import type { Shape } from '../../lib/types/shape.js'
import type { Spec } from '../../lib/types/tree.js'

/** An array, or numbers in arrays in arrays. */
export type Numbers =
  | number
  | boolean
  | readonly Numbers[]
  | { readonly data: ArrayLike<number>; readonly shape: readonly number[] }

/** Numbers for each input. */
export type NumbersFor<I> =
  I extends Spec<Shape, DType> ? Numbers : { readonly [K in keyof I]: NumbersFor<I[K]> }

const numbersKind: LeafKind<Numbers> = {
  noun: 'a number, nested arrays or { data, shape }',
  isLeaf: (x): x is Numbers =>
    typeof x === 'number' ||
    typeof x === 'boolean' ||
    Array.isArray(x) ||
    (typeof x === 'object' && x !== null && 'data' in x && 'shape' in x),
}

export interface Arrays {
  readonly arrays: readonly NDArray[]
  readonly sizes: Sizes
}

/** The inputs of a closure as arrays; errors name the input. */
export function arraysOf(closure: Closure, inputs: unknown): Arrays {
  const { func, input, paths, name } = closure
  const where = `'${name}'`
  const leaves = flattenAs(input, inputs, numbersKind, where)
  const sizes: Record<string, number> = {}
  const read = leaves.map(flatOf)
  func.params.forEach(({ shape }, i) => {
    shape.forEach((dim, axis) => {
      if (typeof dim === 'string' && isDimName(dim)) sizes[dim] ??= read[i].shape[axis]
    })
  })
  const arrays = func.params.map(({ dtype, shape }, i) => {
    const { shape: found, values } = read[i]
    const count = found.reduce((a, n) => a * n, 1)
    const wanted = shape.map((dim) => dimValue(dim, sizes))
    if (String(found) !== String(wanted) || values.length !== count) {
      fail({
        code: 'input',
        where,
        what: `'${paths[i]}' has ${values.length} numbers of shape [${found.join(', ')}]`,
        expected: `shape [${wanted.join(', ')}]`,
      })
    }
    return arrayFrom(dtype, found, values, (x) => roundTo(dtype, x))
  })
  return { arrays, sizes }
}

interface Flat {
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

function flatOf(given: Numbers): Flat {
  if (typeof given === 'number' || typeof given === 'boolean') {
    return { shape: [], values: [Number(given)] }
  }
  if ('shape' in given) return { shape: given.shape, values: Array.from(given.data) }
  const parts = given.map(flatOf)
  return {
    shape: [parts.length, ...(parts[0]?.shape ?? [])],
    values: parts.flatMap((part) => part.values),
  }
}
