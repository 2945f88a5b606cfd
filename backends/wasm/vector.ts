/**
 * Vector values: leaves the lanes of an expression from a coordinate on as one v128 on the stack.
 *
 * Four lanes of f32, i32, u32; two of f64 and i64; a bool is a mask as wide as its user's lanes.
 * What has no vector instruction is computed lane by lane.
 */
import { absurd } from '../../lib/data/error.js'
import type { Expr, ScalarType } from '../../lib/loop/index.js'
import { laneStride } from './access.js'
import { emitAddress } from './address.js'
import {
  atLane,
  type Coordinates,
  coordinateKey,
  type Emission,
  laneAt,
  lanesOf,
  maskOf,
  type Unclamped,
  vectorLevel,
} from './emission.js'
import {
  isFloating,
  laneCount,
  laneShape,
  splatBytes,
  vectorBinary,
  vectorCompare,
  vectorUnary,
} from './lanes.js'
import { emitScalar, localOf } from './scalar.js'
import { shareAt } from './sharing.js'

/** Emits lanes [lane, lane + count) of `x`, where `at` holds `lane`; count suits the dtype. */
export function emitVector(e: Emission, x: Expr, at: Coordinates, count = lanesOf(e, x)): void {
  const natural = lanesOf(e, x)
  if (count !== natural) {
    emitRegrouped(e, x, at, count)
    return
  }
  const mask = maskOf(e, x)
  const uniform = (mask & (vectorLevel(e)?.mask ?? 0)) === 0
  shareAt(e, x, `v${count}`, mask, count, at, 'v128', () => {
    if (uniform) emitSplat(e, x, at, count)
    else compute(e, x, at, count)
  })
}

/** A bool mask in lanes of another width than it was computed in. */
function emitRegrouped(e: Emission, x: Expr, at: Coordinates, count: 2 | 4): void {
  const { emit } = e.code
  const lane = laneAt(e, at)
  if (count === 4) {
    emitVector(e, x, at, 2)
    emitVector(e, x, atLane(e, at, lane + 2), 2)
    emit('i8x16.shuffle', 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
    return
  }
  const first = lane - (lane % 4)
  emitVector(e, x, atLane(e, at, first), 4)
  emit(`i64x2.extend_${lane === first ? 'low' : 'high'}_i32x4_s`)
}

function emitSplat(e: Emission, x: Expr, at: Coordinates, count: 2 | 4): void {
  const { emit } = e.code
  if (x.tag === 'constant') {
    emitConstant(e, x.dtype, x.value, count)
    return
  }
  if (x.tag === 'variable') {
    const kept = e.splats.get(splatKey(e, x, at, count))
    if (kept !== undefined) {
      emit('local.get', kept)
      return
    }
  }
  if (x.tag === 'load' && x.dtype !== 'bool') {
    const offset = emitAddress(e, x.buffer, x.at, at, emitScalar)
    emit(count === 2 ? 'v128.load64_splat' : 'v128.load32_splat', offset)
    return
  }
  emitScalar(e, x, at)
  splatTop(e, x.dtype, count)
}

/** Splats the scalar on the stack; a bool becomes a mask. */
export function splatTop(e: Emission, dtype: ScalarType, count: 2 | 4): void {
  const { emit } = e.code
  if (dtype !== 'bool') {
    emit(`${laneShape[dtype]}.splat`)
    return
  }
  emit('i32.const', 0)
  emit('i32.ne')
  const local = e.code.take('i32')
  emit('local.set', local)
  emit('i32.const', 0)
  emit('local.get', local)
  emit('i32.sub')
  e.code.release(local)
  emit('i32x4.splat')
  if (count === 2) emit('i64x2.extend_low_i32x4_s')
}

export function splatKey(
  e: Emission,
  x: Expr & { tag: 'variable' },
  at: Coordinates,
  count: number,
): string {
  return `${x.name} ${count} ${coordinateKey(e, maskOf(e, x), at)}`
}

export const constantKey = (dtype: ScalarType, value: number | bigint, count: number): string =>
  `${splatBytes(dtype, value)} ${count}`

/** A constant vector: from a local where one was set up, else from the pool in memory. */
function emitConstant(e: Emission, dtype: ScalarType, value: number | bigint, count: 2 | 4): void {
  const { emit } = e.code
  const kept = e.splats.get(constantKey(dtype, value, count))
  if (kept !== undefined) {
    emit('local.get', kept)
    return
  }
  const bytes = splatBytes(dtype, value)
  if (bytes.every((b) => b === 0)) emit('v128.const', ...bytes)
  else {
    emit('local.get', e.constantsLocal)
    emit('v128.load', e.constants.at(bytes))
  }
}

function compute(e: Emission, x: Expr, at: Coordinates, count: 2 | 4): void {
  const { emit } = e.code
  const vector = (child: Expr): void => emitVector(e, child, at)
  switch (x.tag) {
    case 'constant':
    case 'size':
      emitSplat(e, x, at, count)
      return
    case 'variable':
      emitVariable(e, x, at)
      return
    case 'load':
      emitLoad(e, x, at, count)
      return
    case 'unary': {
      const op = vectorUnary(x.op, x.dtype)
      if (op === undefined) {
        emitLanes(e, x, at, count)
        return
      }
      emitVector(e, x.x, at, count)
      emit(op)
      return
    }
    case 'binary':
      emitBinary(e, x, at, count)
      return
    case 'compare': {
      const op = vectorCompare(x.op, x.x.dtype)
      emitVector(e, x.x, at, count)
      emitVector(e, x.y, at, count)
      if (op !== undefined) emit(op)
      return
    }
    case 'select':
      emitVector(e, x.yes, at, count)
      emitVector(e, x.no, at, count)
      emitVector(e, x.condition, at, count)
      emit('v128.bitselect')
      return
    case 'fma':
      if (e.target.relaxed) {
        for (const child of [x.x, x.y, x.z]) vector(child)
        emit(`${laneShape[x.dtype]}.relaxed_madd`)
        return
      }
      vector(x.x)
      vector(x.y)
      emit(`${laneShape[x.dtype]}.mul`)
      vector(x.z)
      emit(`${laneShape[x.dtype]}.add`)
      return
    case 'convert':
      emitConversion(e, x, at, count)
      return
    case 'reinterpret':
      vector(x.x)
      return
  }
  absurd(x)
}

function emitVariable(e: Emission, x: Expr & { tag: 'variable' }, at: Coordinates): void {
  const { emit } = e.code
  const slot = e.slots.get(x.name)
  if (slot !== undefined) {
    emit('local.get', localOf(e, slot, at))
    return
  }
  // The index of the vector loop: base + (lane, lane + 1, …)·step.
  const level = vectorLevel(e)
  const lane = laneAt(e, at)
  const ramp = new Int32Array(4).map((_, i) => (lane + i) * (level?.step ?? 1))
  emit('local.get', e.wholes.get(x.name) ?? 0)
  emit('i32x4.splat')
  emit('local.get', e.constantsLocal)
  emit('v128.load', e.constants.at([...new Uint8Array(ramp.buffer)]))
  emit('i32x4.add')
}

function emitLoad(e: Emission, x: Expr & { tag: 'load' }, at: Coordinates, count: 2 | 4): void {
  const { emit } = e.code
  if (laneStride(e, x.buffer, x.at) !== 'contiguous') {
    const direct = e.unclamped.get(x.at)
    const neighbours = direct !== undefined && laneStride(e, x.buffer, direct.at) === 'contiguous'
    if (x.dtype !== 'bool' && neighbours) emitClamped(e, x, direct, at, count)
    else if (x.dtype === 'bool') emitLanes(e, x, at, count)
    else emitGather(e, x, at, count)
    return
  }
  const offset = emitAddress(e, x.buffer, x.at, at, emitScalar)
  if (x.dtype !== 'bool') {
    emit('v128.load', offset)
    return
  }
  emit('v128.load32_zero', offset)
  emit('i16x8.extend_low_i8x16_u')
  emit('i32x4.extend_low_i16x8_u')
  emit('v128.const', ...splatBytes('i32', 0))
  emit('i32x4.ne')
}

/** All lanes together where they are inside, else one by one. */
function emitClamped(
  e: Emission,
  x: Expr & { tag: 'load' },
  { at: direct, last, extent }: Unclamped,
  at: Coordinates,
  count: 2 | 4,
): void {
  const { emit, within } = e.code
  const [first, result] = [e.code.take('i32'), e.code.take('v128')]
  emitScalar(e, last, at)
  emit('local.tee', first)
  emit('i32.const', 0)
  emit('i32.ge_s')
  emit('local.get', first)
  emit('i32.const', count)
  emit('i32.add')
  emitScalar(e, extent, at)
  emit('i32.le_s')
  emit('i32.and')
  e.code.release(first)
  // What one branch computes is not there in the other, nor after both.
  const apart: Emission = { ...e, shared: new Map(), statementMask: 0 }
  within('if', () => {
    emit('v128.load', emitAddress(apart, x.buffer, direct, at, emitScalar))
    emit('local.set', result)
    emit('else')
    emitGather(apart, x, at, count)
    emit('local.set', result)
  })
  emit('local.get', result)
  e.code.release(result)
}

/** One element a lane, each from its own address. */
function emitGather(e: Emission, x: Expr & { tag: 'load' }, at: Coordinates, count: 2 | 4): void {
  const { emit } = e.code
  const lane = laneAt(e, at)
  const result = e.code.take('v128')
  for (let i = 0; i < count; i++) {
    const offset = emitAddress(e, x.buffer, x.at, atLane(e, at, lane + i), emitScalar)
    if (i === 0) emit(count === 2 ? 'v128.load64_zero' : 'v128.load32_zero', offset)
    else {
      emit('local.get', result)
      emit(count === 2 ? 'v128.load64_lane' : 'v128.load32_lane', offset, i)
    }
    emit('local.set', result)
  }
  emit('local.get', result)
  e.code.release(result)
}

/** Builds a vector from scalars. */
function emitLanes(e: Emission, x: Expr, at: Coordinates, count: 2 | 4): void {
  const { emit } = e.code
  const lane = laneAt(e, at)
  const shape = x.dtype === 'bool' ? (count === 2 ? 'i64x2' : 'i32x4') : laneShape[x.dtype]
  const result = e.code.take('v128')
  for (let i = 0; i < count; i++) {
    if (i > 0) emit('local.get', result)
    if (x.dtype === 'bool') emit('i32.const', 0)
    emitScalar(e, x, atLane(e, at, lane + i))
    if (x.dtype === 'bool') {
      emit('i32.sub')
      if (count === 2) emit('i64.extend_i32_s')
    }
    if (i === 0) emit(`${shape}.splat`)
    else emit(`${shape}.replace_lane`, i)
    emit('local.set', result)
  }
  emit('local.get', result)
  e.code.release(result)
}

function emitBinary(e: Emission, x: Expr & { tag: 'binary' }, at: Coordinates, count: 2 | 4): void {
  const { emit } = e.code
  const varies = (child: Expr): boolean => (maskOf(e, child) & (vectorLevel(e)?.mask ?? 0)) !== 0
  if (x.op === 'copysign') {
    emitVector(e, x.x, at)
    emitVector(e, x.y, at)
    const magnitude = x.dtype === 'f64' ? 0x7fffffffffffffffn : 0x7fffffff
    emitConstant(e, x.dtype === 'f64' ? 'i64' : 'i32', magnitude, count)
    emit('v128.bitselect')
    return
  }
  if (emitBounded(e, x, at)) return
  const op = vectorBinary(x.op, x.dtype)
  const shift = x.op === 'shl' || x.op === 'shr'
  if (op === undefined || (shift && varies(x.y))) {
    emitLanes(e, x, at, count)
    return
  }
  emitVector(e, x.x, at, count)
  if (shift) {
    emitScalar(e, x.y, at)
    if (x.dtype === 'i64') emit('i32.wrap_i64')
  } else emitVector(e, x.y, at, count)
  emit(op)
}

/**
 * min and max against a constant, in one instruction instead of about seven: `pmax(x, c)` is x
 * where x is NaN, and differs from `max` only at zeros of unlike sign; adding +0 mends max(−0, 0).
 */
function emitBounded(e: Emission, x: Expr & { tag: 'binary' }, at: Coordinates): boolean {
  const { emit } = e.code
  if ((x.op !== 'min' && x.op !== 'max') || !isFloating(x.dtype)) return false
  const [bound, free] = x.x.tag === 'constant' ? [x.x, x.y] : [x.y, x.x]
  if (bound.tag !== 'constant' || Number.isNaN(bound.value)) return false
  const zero = bound.value === 0
  const negative = Object.is(bound.value, -0)
  if (zero && x.op === 'min' && negative) return false
  const shape = laneShape[x.dtype]
  emitVector(e, free, at)
  emitVector(e, bound, at)
  emit(`${shape}.p${x.op}`)
  if (zero && x.op === 'max' && !negative) {
    emit('v128.const', ...splatBytes(x.dtype, 0))
    emit(`${shape}.add`)
  }
  return true
}

function emitConversion(
  e: Emission,
  x: Expr & { tag: 'convert' },
  at: Coordinates,
  count: 2 | 4,
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
  } else if (wide && laneCount(from) === 4) emitWidening(e, x, at, unsigned)
  else if (narrow && laneCount(from) === 2) emitNarrowing(e, x, at)
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
function emitNarrowing(e: Emission, x: Expr & { tag: 'convert' }, at: Coordinates): void {
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
