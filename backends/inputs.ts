/**
 * Inputs from outside, to arrays: one clear error for each thing that can be wrong, naming it.
 *
 *   { x: [[1, 2]], params: { w: { data: Float32Array, shape: [2, 3] } } }   →   one array a leaf
 *
 * A leaf is a number, nested arrays, a typed array (where one axis is asked for), a record of data
 * and shape, a result of an earlier run, or a resident array. Dtypes are never converted: numbers
 * must be elements of the input's dtype, typed arrays those that store it.
 */
import { fail, type NDArray, showValue, sizeOf, type TypedArray } from '../lib/data/index.js'
import { type Closure, flattenAs, type LeafKind } from '../lib/lang/index.js'
import type { TensorType } from '../lib/term/index.js'
import { isResident, type ResidentArray, type Value } from './backend.js'
import { readNested } from './nested.js'
import { elementsFault, isStoredAs, memoryFault, storageName } from './typed.js'

/** A reader of a closure's inputs: values in the order of its parameters. Prepared once. */
export function inputReader(closure: Closure): (inputs: unknown) => readonly Value[] {
  const where = `'${closure.name}'`
  const { input, paths } = closure
  const types = closure.func.params
  const isFlat = input.tag === 'record' && input.entries.every(([, part]) => part.tag === 'leaf')
  return (inputs) => {
    // A flat record that has just the right leaves needs no walk; the walk words what is wrong.
    const quick = isFlat ? flatLeaves(inputs, paths) : undefined
    const leaves = quick ?? flattenAs(input, inputs, valueKind, where)
    return leaves.map((leaf, i) => {
      const value = readInput(leaf, types[i])
      if (typeof value !== 'string') return value
      return fail({ code: 'input', where, what: `'${paths[i]}' ${value}` })
    })
  }
}

/** The values under the keys, if they are leaves and there are no others. */
function flatLeaves(inputs: unknown, keys: readonly string[]): readonly unknown[] | undefined {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) return undefined
  const record = inputs as Readonly<Record<string, unknown>> // an object: the line above
  let count = 0
  for (const _ in record) count++
  if (count !== keys.length) return undefined
  const leaves: unknown[] = []
  for (const key of keys) {
    if (!Object.hasOwn(record, key) || !valueKind.isLeaf(record[key])) return undefined
    leaves.push(record[key])
  }
  return leaves
}

/** One value for an input of the type, or what is wrong with it: a phrase. */
export function readInput(value: unknown, type: TensorType): Value | string {
  const { dtype } = type
  if (typeof value === 'object' && value !== null) {
    if (isResident(value)) return checkResident(value, type)
    if (ArrayBuffer.isView(value)) return readView(value, type)
    if (!Array.isArray(value)) return readRecord(value, type)
  }
  const read = readNested(value, dtype, type.shape)
  return typeof read === 'string' ? read : { dtype, ...read }
}

const valueKind: LeafKind<unknown> = {
  noun: 'a number, nested arrays, a typed array or { data, shape }',
  isLeaf: (x): x is unknown =>
    typeof x !== 'object' ||
    x === null ||
    Array.isArray(x) ||
    ArrayBuffer.isView(x) ||
    isResident(x) ||
    ('data' in x && 'shape' in x),
}

function checkResident(value: ResidentArray, { dtype }: TensorType): Value | string {
  if (!value.live) return 'was released or donated'
  return value.dtype === dtype ? value : `is ${value.dtype}, needs ${dtype}`
}

/** A typed array alone is a vector. */
function readView(view: ArrayBufferView, type: TensorType): NDArray | string {
  if (type.shape.length === 1) {
    const data = readStored(view, type)
    return typeof data === 'string' ? data : { dtype: type.dtype, shape: [data.length], data }
  }
  return `is ${showValue(view)} without a shape: pass { data, shape: [${type.shape.join(', ')}] }`
}

function readRecord(record: object, type: TensorType): NDArray | string {
  const { dtype } = type
  if (!('data' in record)) return `is ${showValue(record)} without data: pass { data, shape }`
  if (!('shape' in record)) return 'has data but no shape: pass { data, shape }'
  const shape = readShape(record.shape)
  if (typeof shape === 'string') return shape
  if ('dtype' in record && record.dtype !== undefined && record.dtype !== dtype) {
    return `is ${String(record.dtype)}, needs ${dtype}`
  }
  const data = readData(record.data, type)
  if (typeof data === 'string') return data
  const size = sizeOf(shape)
  if (data.length === size) return { dtype, shape, data }
  return `has ${data.length} elements for shape [${shape.join(', ')}], needs ${size}`
}

function readShape(shape: unknown): readonly number[] | string {
  if (!Array.isArray(shape)) return `has ${showValue(shape)} for a shape, needs an array of sizes`
  for (let axis = 0; axis < shape.length; axis++) {
    const size: unknown = shape[axis]
    if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) continue
    return `has the size ${showValue(size)} on axis ${axis} of its shape, needs a whole number from 0`
  }
  return [...shape]
}

function readData(data: unknown, type: TensorType): TypedArray | string {
  if (typeof data === 'object' && data !== null && ArrayBuffer.isView(data)) {
    return readStored(data, type)
  }
  if (!Array.isArray(data)) return `has ${showValue(data)} for data, needs an array of numbers`
  const read = readNested(data, type.dtype, ['n'])
  return typeof read === 'string' ? read : read.data
}

function readStored(view: ArrayBufferView, { dtype }: TensorType): TypedArray | string {
  const memory = memoryFault(view)
  if (memory !== undefined) return memory
  if (!isStoredAs(view, dtype)) {
    return `is ${showValue(view)}, needs ${storageName(dtype)} for ${dtype}`
  }
  return elementsFault(view, dtype) ?? view
}
