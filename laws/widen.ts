/**
 * Widen: the same function with every f32 and f16 as f64, so that derivatives can be measured.
 *
 *   fn(x: f32[3]) = mul(x, f32[](0.1))   →   fn(x: f64[3]) = mul(x, f64[](0.1f))
 *
 * Literals keep the value that they were rounded to. Bodies of control flow are widened too.
 */
import { type DType, isDType, isFloat, type NDArray } from '../lib/data/index.js'
import {
  apply,
  closeStrict,
  type Func,
  fold,
  isFunc,
  parameter,
  type Term,
} from '../lib/term/index.js'

export function widen(func: Func): Func {
  const binder = { name: func.name }
  const params = func.params.map((param) =>
    parameter(binder, String(param.node.attrs.name), {
      dtype: wide(param.dtype),
      shape: param.shape,
    }),
  )
  const results = fold<Term>(func, params, (node, args) =>
    apply(node.op, args, widenRecord(node.attrs), node.source),
  )
  return closeStrict(func.name, params, results)
}

export const wide = (dtype: DType): DType => (isFloat(dtype) ? 'f64' : dtype)

const widenRecord = (record: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, widenValue(value, key)]))

/** Data of attributes: functions, arrays, dtypes, and records and lists of them. */
function widenValue(value: unknown, key: string): unknown {
  if (key === 'dtype' && typeof value === 'string' && isDType(value)) return wide(value)
  if (typeof value !== 'object' || value === null) return value
  if (isFunc(value)) return widen(value)
  if (Array.isArray(value)) return value.map((item) => widenValue(item, ''))
  if (isHostArray(value)) {
    return isFloat(value.dtype)
      ? { ...value, dtype: 'f64', data: Float64Array.from(value.data) }
      : value
  }
  // A record without a prototype of its own: plain data.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return widenRecord(value as Readonly<Record<string, unknown>>)
}

const isHostArray = (value: object): value is NDArray =>
  'dtype' in value && 'shape' in value && 'data' in value && ArrayBuffer.isView(value.data)
