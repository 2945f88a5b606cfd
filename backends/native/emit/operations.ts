/**
 * Operations on scalars that C has no operator for.
 */
import type { ScalarType } from '../../../lib/loop/index.js'
import { isFloating, scalarType } from './ctype.js'
import { product, sumOfProduct } from './fusing.js'
import type { Parts } from './prelude.js'

export function scalarOperations({ name, op, dtype, fuse, operation }: Parts): string {
  const type = scalarType[dtype]
  const define = (parameters: string, body: string, result = type): string =>
    `inlined ${result} ${name}(${parameters}) { ${body} }`
  const two = `${type} a, ${type} b`
  const from = conversionFrom(op)
  if (from !== undefined) {
    return define(`${scalarType[from]} x`, `return ${saturated(dtype, from)};`)
  }
  const bits = bitsFrom(op)
  if (bits !== undefined) {
    return define(
      `${scalarType[bits]} x`,
      `${type} y; __builtin_memcpy(&y, &x, sizeof y); return y;`,
    )
  }
  switch (op) {
    case 'min':
    case 'max':
      return define(two, isFloating(dtype) ? extreme(op, dtype) : wholeExtreme(op))
    case 'fma':
      return define(`${two}, ${type} c`, sumOfProduct(fuse, operation('mul', dtype)))
    case 'mul':
      return define(two, product(type))
    case 'abs':
      return define(`${type} x`, 'return x < 0 ? -x : x;')
    case 'div':
    case 'rem':
      return define(two, division(op, dtype))
    case 'shl': {
      const wide = dtype === 'i64'
      const unsigned = wide ? 'uint64_t' : 'uint32_t'
      return define(two, `return (${type})((${unsigned})a << (b & ${wide ? 63 : 31}));`)
    }
    case 'shr':
      return define(two, `return a >> (b & ${dtype === 'i64' ? 63 : 31});`)
  }
  throw new Error(`broken invariant: no scalar operation '${op}' on ${dtype}`)
}

/** Equal operands differ only as zeros, whose signs decide. */
function extreme(op: 'min' | 'max', dtype: ScalarType): string {
  const suffix = dtype === 'f32' ? 'f' : ''
  const [first, equal] = op === 'max' ? ['a > b', 'b : a'] : ['a < b', 'a : b']
  const second = op === 'max' ? 'b > a' : 'b < a'
  const zeros = `__builtin_copysign${suffix}(1, a) < 0 ? ${equal}`
  return `return ${first} ? a : ${second} ? b : a == b ? (${zeros}) : a + b;`
}

const wholeExtreme = (op: 'min' | 'max'): string =>
  `return a ${op === 'max' ? '>' : '<'} b ? a : b;`

/** Total: by zero is 0, and −2³¹ / −1 wraps. */
function division(op: 'div' | 'rem', dtype: ScalarType): string {
  if (dtype === 'u32') return `return b == 0 ? 0 : a ${op === 'div' ? '/' : '%'} b;`
  return op === 'div'
    ? 'return b == 0 ? 0 : b == -1 ? -a : a / b;'
    : 'return b == 0 || b == -1 ? 0 : a % b;'
}

/** `to_from`: a saturating conversion of floats to integers. */
function conversionFrom(op: string): 'f32' | 'f64' | undefined {
  return op === 'from_f32' ? 'f32' : op === 'from_f64' ? 'f64' : undefined
}

function bitsFrom(op: string): ScalarType | undefined {
  if (!op.startsWith('bits_')) return undefined
  const from = op.slice(5)
  return (['f32', 'f64', 'i32', 'u32', 'i64'] as const).find((dtype) => dtype === from)
}

/** `x` truncated, forced into the range, NaN as 0. The bounds are powers of two, exact in both. */
function saturated(to: ScalarType, from: 'f32' | 'f64'): string {
  const suffix = from === 'f32' ? 'f' : ''
  if (to === 'u32') {
    return `x >= 4294967296.0${suffix} ? 4294967295u : x > -1.0${suffix} ? (uint32_t)(int64_t)x : 0u`
  }
  const low = `(-2147483647 - 1)`
  return `x >= 2147483648.0${suffix} ? 2147483647 : x >= -2147483648.0${suffix} ? (int32_t)x : x != x ? 0 : ${low}`
}
