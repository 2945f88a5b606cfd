/**
 * Creation, shape and indexing.
 */
import {
  arrayFrom,
  type DType,
  elementFault,
  fail,
  isDType,
  isFloat,
  type Nested,
  sizeOf,
} from '../data/index.js'
import { constant as constantTerm, readingAll } from '../ops/index.js'
import { type Attrs, isTerm } from '../term/index.js'
import { type Built, call, located } from './call.js'
import {
  attributed,
  type Form,
  isSizes,
  listed,
  operand,
  operation,
  paired,
  record,
  ternary,
  valued,
  wrong,
} from './form.js'

/** `constant(data, { shape?, dtype? })`: nested arrays, or flat data with its shape. */
const constantForm: Form = (name) => (data, options) =>
  readingAll(name, record(name, options), (attrs) => constantOf(name, data, attrs))

function constantOf(name: string, data: unknown, { shape, dtype }: Attrs): Built {
  const { flat, sizes } = measure(name, data)
  const dims = Array.isArray(shape) ? (shape as readonly number[]) : sizes
  if (sizeOf(dims) !== flat.length) {
    const count = sizeOf(dims)
    const stretch = 'To repeat one number: broadcastTo(constant(0), [3, 2])'
    fail({
      code: 'shape',
      where: name,
      what: `${flat.length} elements do not fit [${dims.join(', ')}]${count >= 0 ? ` (${count})` : ''}`,
      ...(flat.length === 1 ? { fix: stretch } : {}),
    })
  }
  const type = dtypeOf(name, dtype)
  needElements(name, flat, type)
  return located([], () => constantTerm(arrayFrom(type, dims, flat)))
}

function dtypeOf(name: string, dtype: unknown): DType {
  if (dtype === undefined) return 'f32'
  if (typeof dtype === 'string' && isDType(dtype)) return dtype
  return wrong(name, dtype, 'a dtype')
}

/** Floats take any number; of others a fraction, or what is out of range, would become another. */
function needElements(name: string, flat: ArrayLike<number>, type: DType): void {
  if (isFloat(type)) return
  const fault = Array.from(flat, (x) => elementFault(x, type)).find((f) => f !== undefined)
  if (fault !== undefined) fail({ code: 'input', where: name, what: `it holds ${fault}` })
}

/** Numbers in row-major order, and the sizes of their nesting. */
function measure(
  name: string,
  data: unknown,
): { readonly flat: ArrayLike<number>; readonly sizes: readonly number[] } {
  if (isTypedArray(data)) return { flat: data, sizes: [data.length] }
  const flat: number[] = []
  const visit = (part: unknown): readonly number[] => {
    if (typeof part === 'number' || typeof part === 'boolean') {
      flat.push(Number(part))
      return []
    }
    if (!Array.isArray(part)) return wrong(name, part, 'numbers, in nested arrays')
    const inner = (part as readonly Nested[]).map(visit)
    const ragged = inner.find((sizes) => String(sizes) !== String(inner[0]))
    if (ragged !== undefined) {
      fail({ code: 'shape', where: name, what: `rows of sizes [${inner[0]}] and [${ragged}]` })
    }
    return [part.length, ...(inner[0] ?? [])]
  }
  const sizes = visit(data)
  return { flat, sizes }
}

const isTypedArray = (x: unknown): x is Float64Array => ArrayBuffer.isView(x) && 'length' in x

/** `iota({ length, dtype? })` */
const iotaForm: Form = (name) => (options) => call(name, [], record(name, options))

/** `dynamicSlice(x, starts, { sizes })`, `dynamicSlice(starts, { sizes })` waiting for x. */
const dynamicSliceForm: Form =
  (name) =>
  (...args) => {
    const run = (x: unknown, starts: unknown, options: unknown) =>
      call(name, [operand(name, x), ...operands(name, starts)], record(name, options))
    if (isTerm(args[0])) return run(args[0], args[1], args[2])
    return (x: unknown) => run(x, args[0], args[1])
  }

/** `dynamicUpdateSlice(x, update, starts)` */
const dynamicUpdateForm: Form = (name) => (x, update, starts) =>
  call(name, [operand(name, x), operand(name, update), ...operands(name, starts)])

const operands = (name: string, list: unknown) => {
  if (!Array.isArray(list)) return wrong(name, list, 'a list of starts')
  return list.map((x) => operand(name, x))
}

/** The first axis, unless one is named. */
const alongFirst = (attrs: Attrs): Attrs => ({ axis: 0, ...attrs })

const takeAlongAxisForm: Form = (name) => (x, i, options) =>
  call(name, [operand(name, x), operand(name, i)], alongFirst(record(name, options)))

/** An empty order, like none, reverses the axes. */
const transposeForm: Form = (name) => {
  const form = valued('perm', isSizes)(name)
  return (...args) => form(...args.filter((a) => !(Array.isArray(a) && a.length === 0)))
}

/** f32 where no dtype is named. */
const oneHotForm = attributed((attrs) => ({ dtype: 'f32', ...attrs }))

const axesForm = attributed((attrs) =>
  typeof attrs.axes === 'number' ? { ...attrs, axes: [attrs.axes] } : attrs,
)

/**
 * A literal array, from nested numbers, or flat ones with their shape; f32 unless a dtype is named.
 */
export const constant = operation('constant', constantForm)
/** The whole numbers from 0 below length, as i32 unless a dtype is named. → [length] */
export const iota = operation('iota', iotaForm)
/** The same elements in row-major order under another shape; one size may be -1. */
export const reshape = operation('reshape', valued('shape', isSizes))
/** Axis i of the result is axis perm[i] of x; without perm all axes in opposite order. */
export const transpose = operation('transpose', transposeForm)
/** Repeats along new leading axes and along axes of size 1, by NumPy’s rule. */
export const broadcastTo = operation('broadcastTo', valued('shape', isSizes))
/** The elements from start (inclusive) to limit (exclusive) by stride, on each axis. */
export const slice = operation('slice', attributed())
/**
 * x with low and high copies of value at the ends of each axis (negative: cropped) and interior
 * between neighbours. A scalar value.
 */
export const pad = operation('pad', attributed())
/** The arguments one after the other along an axis; their other sizes are equal. */
export const concat = operation('concat', listed)
/** The arguments, of one shape, along a new axis. */
export const stack = operation('stack', listed)
/** The elements in opposite order along axes. */
export const reverse = operation('reverse', axesForm)
/** The slices of x at indices of one axis, the first unless named; indices are clamped to it. */
export const take = operation('take', paired)
/** The elements of x at indices along one axis, the other axes in step; clamped. */
export const takeAlongAxis = operation('takeAlongAxis', takeAlongAxisForm)
/**
 * x with rows added at indices of its first axis; equal indices add up, those outside are dropped.
 */
export const scatterAdd = operation('scatterAdd', ternary)
/**
 * x with rows set at indices of its first axis; of equal indices the last wins, and it alone gets
 * the gradient.
 */
export const scatterSet = operation('scatterSet', ternary)
/** The window of the given sizes at computed starts, one scalar an axis, clamped to fit. */
export const dynamicSlice = operation('dynamicSlice', dynamicSliceForm)
/** x with a window replaced at computed starts, one scalar an axis, clamped to fit. */
export const dynamicUpdateSlice = operation('dynamicUpdateSlice', dynamicUpdateForm)
/**
 * A new last axis with 1 at the index, 0 elsewhere; all 0 where out of range. f32 unless a dtype is
 * named.
 */
export const oneHot = operation('oneHot', oneHotForm)
