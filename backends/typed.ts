/**
 * Typed arrays from outside: what may be wrong with their memory and their elements.
 *
 * Each fault is a phrase that continues "'x' …", or undefined where there is none.
 */
import type { DType, TypedArray } from '../lib/data/index.js'

/** The typed arrays that each dtype takes. */
const storage = {
  f32: Float32Array,
  f64: Float64Array,
  f16: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Uint8Array,
} as const satisfies Readonly<Record<DType, unknown>>

export const isStoredAs = (data: unknown, dtype: DType): data is TypedArray =>
  data instanceof storage[dtype]

/** `Float32Array` */
export const storageName = (dtype: DType): string => storage[dtype].name

/** What is wrong with the memory under a typed array. */
export function memoryFault(view: ArrayBufferView): string | undefined {
  const { buffer } = view
  if (isDetached(buffer)) return 'lies on a detached buffer: it was transferred elsewhere'
  const changes =
    ('resizable' in buffer && buffer.resizable === true) ||
    ('growable' in buffer && buffer.growable === true)
  return changes ? 'lies on a buffer that can change its size: copy it with slice()' : undefined
}

/** Node 20 has no `buffer.detached`: a view on a detached buffer is empty and cannot be made. */
function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength > 0) return false
  try {
    return new Uint8Array(buffer, 0, 0).length !== 0
  } catch {
    return true
  }
}

/** What is wrong with the elements of a typed array: only bool stores more than it means. */
export function elementsFault(data: TypedArray, dtype: DType): string | undefined {
  if (dtype !== 'bool') return undefined
  const at = data.findIndex((x) => x > 1)
  return at < 0 ? undefined : `holds ${data[at]} at ${at}, which is not 0 or 1`
}
