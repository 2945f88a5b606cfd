/**
 * Operations on vectors that the vector extensions have no operator for.
 *
 * Where an instruction is wanted that no operator names (√, rounding), the lanes are written out
 * one by one: the compiler recognises the row and uses the instruction.
 */
import { invariant } from '../../../lib/data/error.js'
import type { ScalarType } from '../../../lib/loop/index.js'
import { bitsOf, floatSuffix, isFloating, scalarType } from './ctype.js'
import { product, sumOfProduct } from './fusing.js'
import type { LaneType, Parts } from './prelude.js'

export function vectorOperations(parts: Parts): string {
  const { name, op, dtype, lanes, vector } = parts
  const type = vector(laneType(dtype), lanes)
  const whole = vector(bitsOf(dtype) === 64 ? 'i64' : 'i32', lanes)
  const define = (parameters: string, body: string, result = type): string =>
    `inlined ${result} ${name}(${parameters}) { ${body} }`
  const each = (lane: (i: number) => string): string =>
    `return (${type}){${Array.from({ length: lanes }, (_, i) => lane(i)).join(', ')}};`
  const two = `${type} a, ${type} b`
  const suffix = floatSuffix(dtype)
  if (op === 'from_f32' || op === 'from_f64') return saturated(parts, define)
  switch (op) {
    case 'splat':
      return define(
        `${scalarType[dtype]} x`,
        each(() => 'x'),
      )
    case 'select':
      return define(
        `${whole} m, ${two}`,
        `return (${type})(((${whole})a & m) | ((${whole})b & ~m));`,
      )
    case 'sqrt':
    case 'floor':
    case 'ceil':
    case 'trunc':
      return define(
        `${type} a`,
        each((i) => `__builtin_${op}${suffix}(a[${i}])`),
      )
    case 'nearest':
      return define(
        `${type} a`,
        each((i) => `__builtin_rint${suffix}(a[${i}])`),
      )
    case 'fma':
      return define(
        `${two}, ${type} c`,
        sumOfProduct(parts.fuse, parts.operation('mul', dtype, lanes)),
      )
    case 'mul':
      return define(two, product(type))
    case 'low':
    case 'high': {
      const [half, first] = [lanes / 2, op === 'low' ? 0 : lanes / 2]
      const result = vector(laneType(dtype), half)
      const row = Array.from({ length: half }, (_, i) => `a[${first + i}]`)
      return define(`${type} a`, `return (${result}){${row.join(', ')}};`, result)
    }
    case 'any': {
      const bytes = (lanes * bitsOf(dtype)) / 8
      const words = bytes < 8 ? lanes : bytes / 8
      const wide = bytes < 8 ? type : vector('i64', words)
      const row = Array.from({ length: words }, (_, i) => `w[${i}]`)
      const body = `${wide} w = (${wide})a; return (${row.join(' | ')}) != 0;`
      return define(`${type} a`, body, scalarType.bool)
    }
    case 'abs':
      return define(`${type} a`, absolute(dtype, type, whole))
    case 'copysign': {
      const magnitude = highBit(dtype).magnitude
      return define(
        two,
        `return (${type})(((${whole})a & ${magnitude}) | ((${whole})b & ~${magnitude}));`,
      )
    }
    case 'min':
    case 'max':
      return define(two, isFloating(dtype) ? extreme(op, type, whole) : picked(parts, op))
    case 'div':
    case 'rem': {
      const scalar = parts.operation(op, dtype)
      return define(
        two,
        each((i) => `${scalar}(a[${i}], b[${i}])`),
      )
    }
    case 'shl':
      return define(two, `return a << (b & ${bitsOf(dtype) - 1});`)
    case 'shr':
      return define(two, `return a >> (b & ${bitsOf(dtype) - 1});`)
  }
  throw new Error(`broken invariant: no vector operation '${op}' on ${dtype}`)
}

/** The lanes of a dtype's vectors; bools have none of their own. */
export function laneType(dtype: ScalarType): Exclude<LaneType, 'u8'> {
  invariant(dtype !== 'bool', 'a bool is a mask, not a vector of its own')
  return dtype
}

const highBit = (dtype: ScalarType): { readonly magnitude: string } => ({
  magnitude: bitsOf(dtype) === 64 ? '0x7fffffffffffffffLL' : '0x7fffffff',
})

function absolute(dtype: ScalarType, type: string, whole: string): string {
  if (isFloating(dtype)) return `return (${type})((${whole})a & ${highBit(dtype).magnitude});`
  return `${whole} s = a >> ${bitsOf(dtype) - 1}; return (a ^ s) - s;`
}

/**
 * The first operand where it is beyond the other or NaN, else the other; equal operands are the
 * same but for zeros of unlike sign, whose bits and-ed are +0 and or-ed −0.
 */
function extreme(op: 'min' | 'max', type: string, whole: string): string {
  const beyond = op === 'max' ? '>' : '<'
  const both = op === 'max' ? '& (x | ~e)' : '| (x & e)'
  return [
    `${whole} m = (a ${beyond} b) | (a != a), e = a == b, x = (${whole})a, y = (${whole})b;`,
    `return (${type})(((x & m) | (y & ~m)) ${both});`,
  ].join(' ')
}

const picked = ({ dtype, lanes, operation }: Parts, op: 'min' | 'max'): string =>
  `return ${operation('select', dtype, lanes)}(a ${op === 'max' ? '>' : '<'} b, a, b);`

/** Lanes out of range are converted as 0 and then set to the bound. */
function saturated(
  { op, dtype, lanes, vector }: Parts,
  define: (parameters: string, body: string) => string,
): string {
  const from = op === 'from_f64' ? 'f64' : 'f32'
  const source = vector(from, lanes)
  const mask = vector(from === 'f64' ? 'i64' : 'i32', lanes)
  const result = vector(laneType(dtype), lanes)
  const whole = vector('i32', lanes)
  const narrow = (m: string): string =>
    from === 'f64' ? `__builtin_convertvector(${m}, ${whole})` : m
  if (dtype === 'u32') {
    // Through i64, which holds every u32.
    const wide = vector('i64', lanes)
    return define(
      `${source} x`,
      [
        `${mask} in = (x > -1) & (x < 4294967296.0), high = x >= 4294967296.0;`,
        `${wide} r = __builtin_convertvector((${source})((${mask})x & in), ${wide});`,
        `return __builtin_convertvector(r, ${result}) | (${result})${narrow('high')};`,
      ]
        .join(' ')
        .replaceAll('4294967296.0', from === 'f32' ? '4294967296.0f' : '4294967296.0'),
    )
  }
  const bound = from === 'f32' ? '2147483648.0f' : '2147483648.0'
  return define(
    `${source} x`,
    [
      `${mask} in = (x >= -${bound}) & (x < ${bound}), high = x >= ${bound}, low = x < -${bound};`,
      `${result} r = __builtin_convertvector((${source})((${mask})x & in), ${result});`,
      `return r | (${narrow('high')} & 2147483647) | (${narrow('low')} & (-2147483647 - 1));`,
    ].join(' '),
  )
}
