/**
 * Arrays in linear memory. It may grow between any two calls, so a view is made for each copy.
 */
import type { DType, TypedArray } from '../../lib/data/index.js'
import { type Addressed, addressed } from '../addressed.js'
import type { LinearMemory } from './memory.js'

export const residents = ({ memory, allocate, free }: LinearMemory): Addressed =>
  addressed('wasm', {
    allocate,
    free,
    write: (to, from, dtype) => view(memory, dtype, to, from.length).set(from),
    read: (to, from, dtype) => to.set(view(memory, dtype, from, to.length)),
  })

/** Elements of a type each: copies between arrays of one type are the fastest. */
function view({ buffer }: WebAssembly.Memory, dtype: DType, at: number, count: number): TypedArray {
  switch (dtype) {
    case 'f32':
      return new Float32Array(buffer, at, count)
    case 'f64':
      return new Float64Array(buffer, at, count)
    case 'i32':
      return new Int32Array(buffer, at, count)
    case 'u32':
      return new Uint32Array(buffer, at, count)
    case 'bool':
      return new Uint8Array(buffer, at, count)
    case 'f16':
      throw new Error('broken invariant: no f16 in linear memory')
  }
}
