/**
 * Elementwise operations. What each means is in the doc of its op (`lib/ops`), how a derivative
 * passes it in its signature (`lib/types/vocabulary.ts`).
 */
import type { Attrs } from '../term/index.js'
import { call } from './call.js'
import {
  attributed,
  binary,
  type Form,
  isDTypeName,
  isOperand,
  operand,
  operation,
  record,
  ternary,
  unary,
  valued,
} from './form.js'

/** `clamp(x, { min?, max? })`, `clamp({ min?, max? })` waiting for x: min after max. */
const clampForm: Form = (name) => (first, second) => {
  const run = (x: unknown, { min, max }: Attrs): unknown => {
    const raised =
      min === undefined ? operand(name, x) : call('max', [operand(name, x), operand(name, min)])
    return max === undefined ? raised : call('min', [operand(name, raised), operand(name, max)])
  }
  if (isOperand(first)) return run(first, record(name, second))
  const bounds = record(name, first)
  return (x: unknown) => run(x, bounds)
}

export const neg = operation('neg', unary)
export const abs = operation('abs', unary)
export const sign = operation('sign', unary)
export const exp = operation('exp', unary)
export const expm1 = operation('expm1', unary)
export const log = operation('log', unary)
export const log1p = operation('log1p', unary)
export const sqrt = operation('sqrt', unary)
export const rsqrt = operation('rsqrt', unary)
export const cbrt = operation('cbrt', unary)
export const sin = operation('sin', unary)
export const cos = operation('cos', unary)
export const tan = operation('tan', unary)
export const asin = operation('asin', unary)
export const acos = operation('acos', unary)
export const atan = operation('atan', unary)
export const sinh = operation('sinh', unary)
export const cosh = operation('cosh', unary)
export const tanh = operation('tanh', unary)
export const asinh = operation('asinh', unary)
export const acosh = operation('acosh', unary)
export const atanh = operation('atanh', unary)
export const sigmoid = operation('sigmoid', unary)
export const logSigmoid = operation('logSigmoid', unary)
export const softplus = operation('softplus', unary)
export const erf = operation('erf', unary)
export const erfc = operation('erfc', unary)
export const erfInv = operation('erfInv', unary)
export const lgamma = operation('lgamma', unary)
export const digamma = operation('digamma', unary)
export const floor = operation('floor', unary)
export const ceil = operation('ceil', unary)
export const round = operation('round', unary)
export const relu = operation('relu', unary)
export const silu = operation('silu', unary)
export const square = operation('square', unary)
export const reciprocal = operation('reciprocal', unary)
export const sinc = operation('sinc', unary)
const finite = operation('isFinite', unary)

export { finite as isFinite }
export const not = operation('not', unary)
export const gelu = operation('gelu', attributed())
export const clamp = operation('clamp', clampForm)
export const convert = operation('convert', valued('dtype', isDTypeName))

export const add = operation('add', binary)
export const sub = operation('sub', binary)
export const mul = operation('mul', binary)
export const div = operation('div', binary)
export const pow = operation('pow', binary)
export const max = operation('max', binary)
export const min = operation('min', binary)
export const atan2 = operation('atan2', binary)
export const rem = operation('rem', binary)
export const mod = operation('mod', binary)
export const hypot = operation('hypot', binary)
export const logaddexp = operation('logaddexp', binary)
export const xlogy = operation('xlogy', binary)
export const eq = operation('eq', binary)
export const ne = operation('ne', binary)
export const lt = operation('lt', binary)
export const le = operation('le', binary)
export const gt = operation('gt', binary)
export const ge = operation('ge', binary)
export const and = operation('and', binary)
export const or = operation('or', binary)
export const xor = operation('xor', binary)
export const where = operation('where', ternary)
