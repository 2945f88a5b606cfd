/**
 * How elements lie on the device, and the way there and back: bool as u32, f16 as two bytes where
 * shaders have it, else as f32.
 */
import { allocate, type DType, fail, type TypedArray } from '../../lib/data/index.js'
import { fromHalf, toHalf } from './half.js'

const bytes: Readonly<Record<DType, number>> = { f32: 4, f16: 4, i32: 4, u32: 4, bool: 4, f64: 0 }

/** Bytes an element takes on the device. */
export function deviceBytes(dtype: DType, halves: boolean): number {
  if (dtype === 'f16' && halves) return 2
  if (dtype !== 'f64') return bytes[dtype]
  return fail({
    code: 'backend',
    where: 'webgpu',
    what: 'WebGPU has no f64',
    expected: 'f32, f16, i32, u32, bool',
    fix: "Convert to 'f32', or use backend 'wasm'",
  })
}

/** The elements as the device stores them, whole words; a view of the array where it can be. */
export function toDevice(dtype: DType, data: TypedArray, halves: boolean): TypedArray {
  if (dtype === 'bool') return Uint32Array.from(data)
  return dtype === 'f16' && halves ? toHalf(data) : data
}

/** Elements from the device's words, in memory of their own. */
export function fromDevice(
  dtype: DType,
  words: ArrayBuffer,
  at: number,
  count: number,
  halves: boolean,
): TypedArray {
  const data = allocate(dtype, count)
  switch (dtype) {
    case 'f32':
      data.set(new Float32Array(words, at, count))
      return data
    case 'i32':
      data.set(new Int32Array(words, at, count))
      return data
    case 'u32':
    case 'bool':
      data.set(new Uint32Array(words, at, count))
      return data
    case 'f16':
      if (halves) fromHalf(new Uint16Array(words, at, count), data)
      else data.set(new Float32Array(words, at, count))
      return data
    case 'f64':
      throw new Error('broken invariant: no f64 on the device')
  }
}
