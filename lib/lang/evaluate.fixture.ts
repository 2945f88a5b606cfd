/**
 * Functions evaluated on host numbers by the reference interpreter, for tests of the language.
 */
import { arrayFrom, type NDArray } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import { isTerm } from '../term/index.js'
import { specsOf } from './apply.js'
import { closedOf } from './closure.js'
import { flattenAs, type LeafKind, unflatten } from './tree.js'

/** An input: its shape and flat data; a bare number or list is a scalar or a vector. */
export type Given =
  | number
  | readonly number[]
  | { readonly shape: readonly number[]; readonly data: readonly number[] }

const givenKind: LeafKind<Given> = {
  noun: 'numbers',
  isLeaf: (x): x is Given =>
    typeof x === 'number' ||
    (Array.isArray(x) && x.every((v) => typeof v === 'number')) ||
    (typeof x === 'object' && x !== null && 'shape' in x && 'data' in x),
}

/** The result of a function, in its structure, each leaf an array. */
export function evaluated(f: unknown, inputs: unknown): unknown {
  const closure = closedOf(f, 'evaluate')
  const specs = specsOf(closure)
  const sizes: Record<string, number> = {}
  const arrays = flattenAs(closure.input, inputs, givenKind, 'evaluate').map((given, i) => {
    const { shape, data } = arrayLike(given)
    specs[i].shape.forEach((dim, axis) => {
      if (typeof dim === 'string') sizes[dim] = shape[axis]
    })
    return arrayFrom(specs[i].dtype, shape, data)
  })
  return unflatten(closure.output, interpreters.evaluate(closure.func, arrays, sizes))
}

/** The same with every leaf as its flat numbers. */
export const numbers = (f: unknown, inputs: unknown): unknown => flatNumbers(evaluated(f, inputs))

function flatNumbers(tree: unknown): unknown {
  if (isArray(tree)) return [...tree.data]
  if (Array.isArray(tree)) return tree.map(flatNumbers)
  if (typeof tree !== 'object' || tree === null) return tree
  return Object.fromEntries(Object.entries(tree).map(([k, v]) => [k, flatNumbers(v)]))
}

const isArray = (x: unknown): x is NDArray =>
  typeof x === 'object' && x !== null && 'data' in x && 'shape' in x && !isTerm(x)

function arrayLike(given: Given): { shape: readonly number[]; data: readonly number[] } {
  if (typeof given === 'number') return { shape: [], data: [given] }
  return 'shape' in given ? given : { shape: [given.length], data: given }
}
