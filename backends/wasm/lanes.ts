/**
 * Which instruction an operation of the loop language is, one value or one vector at a time.
 *
 * `undefined` where there is none: the emitter then composes it (scalars) or goes lane by lane
 * (vectors). A bool is 0 or 1 as a scalar and a mask of all bits as a vector lane.
 */
import type { BinaryOp, CompareOp, ScalarType, UnaryOp } from '../../lib/loop/index.js'
import type { ValueType } from './encode.js'
import type { Op } from './opcodes.js'

export const valueType: Readonly<Record<ScalarType, ValueType>> = {
  f32: 'f32',
  f64: 'f64',
  i32: 'i32',
  u32: 'i32',
  bool: 'i32',
  i64: 'i64',
}

/** How many lanes of a dtype a vector holds; a bool follows what it is computed from. */
export const laneCount = (dtype: ScalarType): 2 | 4 => (dtype === 'f64' || dtype === 'i64' ? 2 : 4)

/** The shape of a vector of a dtype. */
export const laneShape: Readonly<Record<ScalarType, 'f32x4' | 'f64x2' | 'i32x4' | 'i64x2'>> = {
  f32: 'f32x4',
  f64: 'f64x2',
  i32: 'i32x4',
  u32: 'i32x4',
  bool: 'i32x4',
  i64: 'i64x2',
}

export const isFloating = (dtype: ScalarType): boolean => dtype === 'f32' || dtype === 'f64'

const sign = (dtype: ScalarType): 's' | 'u' => (dtype === 'u32' || dtype === 'bool' ? 'u' : 's')

export function scalarUnary(op: UnaryOp, dtype: ScalarType): Op | undefined {
  if (isFloating(dtype)) return `${dtype}.${op}`
  return op === 'not' && dtype === 'bool' ? 'i32.eqz' : undefined
}

export function scalarBinary(op: BinaryOp, dtype: ScalarType): Op | undefined {
  if (isFloating(dtype)) return `${dtype}.${op}`
  const type = valueType[dtype]
  if (op === 'div' || op === 'rem' || op === 'min' || op === 'max') return undefined
  return op === 'shr' ? `${type}.shr_${sign(dtype)}` : `${type}.${op}`
}

export function scalarCompare(op: CompareOp, dtype: ScalarType): Op {
  const type = valueType[dtype]
  const signed = isFloating(dtype) || op === 'eq' || op === 'ne'
  return signed ? `${type}.${op}` : `${type}.${op}_${sign(dtype)}`
}

export function vectorUnary(op: UnaryOp, dtype: ScalarType): Op | undefined {
  if (op === 'not') return 'v128.not'
  return `${laneShape[dtype]}.${op}`
}

export function vectorBinary(op: BinaryOp, dtype: ScalarType): Op | undefined {
  if (op === 'and' || op === 'or' || op === 'xor') return `v128.${op}`
  const shape = laneShape[dtype]
  if (op === 'shl') return `${shape}.shl`
  if (op === 'shr') return `${shape}.shr_${sign(dtype)}`
  if (op === 'copysign' || op === 'rem') return undefined
  if (isFloating(dtype)) return `${shape}.${op}`
  if (op === 'div') return undefined
  return op === 'min' || op === 'max' ? `${shape}.${op}_${sign(dtype)}` : `${shape}.${op}`
}

export function vectorCompare(op: CompareOp, dtype: ScalarType): Op | undefined {
  const shape = laneShape[dtype]
  const signed = isFloating(dtype) || op === 'eq' || op === 'ne'
  return signed ? `${shape}.${op}` : `${shape}.${op}_${sign(dtype)}`
}

export const scalarLoad: Readonly<Record<ScalarType, Op>> = {
  f32: 'f32.load',
  f64: 'f64.load',
  i32: 'i32.load',
  u32: 'i32.load',
  bool: 'i32.load8_u',
  i64: 'i64.load',
}

export const scalarStore: Readonly<Record<ScalarType, Op>> = {
  f32: 'f32.store',
  f64: 'f64.store',
  i32: 'i32.store',
  u32: 'i32.store',
  bool: 'i32.store8',
  i64: 'i64.store',
}

/** The constant as the immediate of its scalar instruction. */
export function scalarConstant(
  dtype: ScalarType,
  value: number | bigint,
): readonly [Op, number | bigint] {
  if (dtype === 'i64') return ['i64.const', BigInt(value)]
  if (isFloating(dtype)) return [`${dtype}.const`, Number(value)]
  return ['i32.const', Number(value) | 0]
}

/** The sixteen bytes of a vector with the value in every lane; a bool is a mask. */
export function splatBytes(dtype: ScalarType, value: number | bigint): readonly number[] {
  const view = new DataView(new ArrayBuffer(16))
  const lanes = laneCount(dtype)
  for (let lane = 0; lane < lanes; lane++) {
    const at = (lane * 16) / lanes
    if (dtype === 'f32') view.setFloat32(at, Number(value), true)
    else if (dtype === 'f64') view.setFloat64(at, Number(value), true)
    else if (dtype === 'i64') view.setBigInt64(at, BigInt(value), true)
    else view.setInt32(at, dtype === 'bool' ? -Number(value) : Number(value) | 0, true)
  }
  return [...new Uint8Array(view.buffer)]
}
