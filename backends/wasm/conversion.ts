/**
 * Conversions of vectors between dtypes, where the number of lanes may change.
 *
 *   f64 → f32: two vectors of two lanes become one of four
 */
import type { Expr, ScalarType } from '../../lib/loop/index.js'
import { atLane, type Coordinates, type Emission, laneAt } from './emission.js'
import { isFloating, laneCount, laneShape, splatBytes } from './lanes.js'

/** Emits operands; given by the vector emitter, which converts in turn. */
export type EmitVector = (e: Emission, x: Expr, at: Coordinates, count?: 2 | 4) => void
export type EmitConstant = (
  e: Emission,
  dtype: ScalarType,
  value: number | bigint,
  count: 2 | 4,
) => void

export function emitConversion(
  e: Emission,
  x: Expr & { tag: 'convert' },
  at: Coordinates,
  count: 2 | 4,
  emitVector: EmitVector,
  emitConstant: EmitConstant,
): void {
  const { emit } = e.code
  const [from, to] = [x.x.dtype, x.dtype]
  const [narrow, wide] = [laneCount(to) === 4, laneCount(to) === 2]
  const unsigned = from === 'u32' ? 'u' : 's'
  if (to === 'bool') {
    emitVector(e, x.x, at)
    emit('v128.const', ...splatBytes('i32', 0))
    emit(`${laneShape[from]}.ne`)
  } else if (from === 'bool') {
    emitVector(e, x.x, at, count)
    emitConstant(e, to, 1, count)
    emit('v128.and')
  } else if (wide && laneCount(from) === 4) emitWidening(e, x, at, unsigned, emitVector)
  else if (narrow && laneCount(from) === 2) emitNarrowing(e, x, at, emitVector)
  else {
    emitVector(e, x.x, at)
    if (isFloating(to)) emit(`f32x4.convert_i32x4_${unsigned}`)
    else if (isFloating(from)) emit(`i32x4.trunc_sat_f32x4_${to === 'u32' ? 'u' : 's'}`)
  }
}

/** f32, i32, u32 → f64; i32, u32 → i64. */
function emitWidening(
  e: Emission,
  x: Expr & { tag: 'convert' },
  at: Coordinates,
  sign: 's' | 'u',
  emitVector: EmitVector,
): void {
  const { emit } = e.code
  const lane = laneAt(e, at)
  const first = lane - (lane % 4)
  emitVector(e, x.x, atLane(e, at, first))
  if (x.dtype === 'i64') {
    emit(`i64x2.extend_${lane === first ? 'low' : 'high'}_i32x4_${sign}`)
    return
  }
  if (lane !== first) emitHighToLow(e)
  emit(x.x.dtype === 'f32' ? 'f64x2.promote_low_f32x4' : `f64x2.convert_low_i32x4_${sign}`)
}

function emitHighToLow(e: Emission): void {
  const local = e.code.take('v128')
  e.code.emit('local.tee', local)
  e.code.emit('local.get', local)
  e.code.emit('i8x16.shuffle', 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
  e.code.release(local)
}

/** f64 → f32, i32, u32; i64 → i32, u32: two vectors become one. */
function emitNarrowing(
  e: Emission,
  x: Expr & { tag: 'convert' },
  at: Coordinates,
  emitVector: EmitVector,
): void {
  const { emit } = e.code
  const lane = laneAt(e, at)
  const half = (first: number): void => {
    emitVector(e, x.x, atLane(e, at, first))
    if (x.dtype === 'f32') emit('f32x4.demote_f64x2_zero')
    else if (x.x.dtype === 'f64') {
      emit(`i32x4.trunc_sat_f64x2_${x.dtype === 'u32' ? 'u' : 's'}_zero`)
    }
  }
  half(lane)
  half(lane + 2)
  if (x.x.dtype === 'i64') {
    emit('i8x16.shuffle', 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
  } else emit('i8x16.shuffle', 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
}
