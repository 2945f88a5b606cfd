/**
 * The C that kernels are written in: vector types and the operations that C has no operator for.
 *
 * Only what a program uses is defined; asking for a name defines it. Scalar and vector forms of an
 * operation mean the same, which is what `evaluate.ts` says: integers wrap, x / 0 = 0, min and max
 * propagate NaN and order −0 < +0, conversions to integers saturate and take NaN to 0.
 */
import type { ScalarType } from '../../../lib/loop/index.js'
import { scalarType } from './ctype.js'
import { scalarOperations } from './operations.js'
import { vectorOperations } from './vectors.js'

/** What lanes hold: a dtype, or the bytes of bools in memory. */
export type LaneType = Exclude<ScalarType, 'bool'> | 'u8'

export interface Prelude {
  /** The vector type; `loose` is the same at the alignment of its elements. */
  readonly vector: (dtype: LaneType, lanes: number, loose?: 'loose') => string
  /** The name of an operation on scalars, or on vectors of so many lanes. */
  readonly operation: (op: string, dtype: ScalarType, lanes?: number) => string
  readonly text: () => string
}

const element: Readonly<Record<LaneType, { readonly type: string; readonly bytes: number }>> = {
  f32: { type: scalarType.f32, bytes: 4 },
  f64: { type: scalarType.f64, bytes: 8 },
  i32: { type: scalarType.i32, bytes: 4 },
  u32: { type: scalarType.u32, bytes: 4 },
  i64: { type: scalarType.i64, bytes: 8 },
  u8: { type: 'uint8_t', bytes: 1 },
}

/** `fuse`: sums of products round once an addend. */
export function prelude(fuse: boolean): Prelude {
  const types = new Map<string, string>()
  const functions = new Map<string, string>()
  const vector: Prelude['vector'] = (dtype, lanes, loose) => {
    const name = `${dtype}x${lanes}`
    if (!types.has(name)) {
      const { type, bytes } = element[dtype]
      const size = `vector_size(${bytes * lanes})`
      types.set(
        name,
        [
          `typedef ${type} ${name} __attribute__((${size}));`,
          `typedef ${type} ${name}_u __attribute__((${size}, aligned(${bytes})));`,
        ].join('\n'),
      )
    }
    return loose === undefined ? name : `${name}_u`
  }
  const operation: Prelude['operation'] = (op, dtype, lanes = 1) => {
    const name = lanes === 1 ? `${op}_${dtype}` : `${op}_${dtype}x${lanes}`
    if (functions.has(name)) return name
    functions.set(name, '')
    const parts = { name, op, dtype, lanes, fuse, vector, operation }
    const text = lanes === 1 ? scalarOperations(parts) : vectorOperations(parts)
    // Whatever the text refers to was defined while it was made: it goes behind that.
    functions.delete(name)
    functions.set(name, text)
    return name
  }
  return {
    vector,
    operation,
    text: () => [...types.values(), ...functions.values()].join('\n'),
  }
}

/** What an operation is written from. */
export interface Parts {
  readonly name: string
  readonly op: string
  readonly dtype: ScalarType
  readonly lanes: number
  readonly fuse: boolean
  readonly vector: Prelude['vector']
  readonly operation: Prelude['operation']
}
