/**
 * Vector values: leaves the lanes of an expression from a coordinate on as one v128 on the stack.
 *
 * Four lanes of f32, i32, u32; two of f64 and i64; a bool is a mask as wide as its user's lanes.
 * What has no vector instruction is computed lane by lane.
 */
import { absurd } from '../../lib/data/error.js'
import type { Expr, ScalarType } from '../../lib/loop/index.js'
import { emitAddress } from './address.js'
import { emitConversion } from './conversion.js'
import {
  atLane,
  type Coordinates,
  coordinateKey,
  type Emission,
  laneAt,
  lanesOf,
  maskOf,
  vectorLevel,
} from './emission.js'
import { emitLanes, emitLoad } from './gather.js'
import {
  isFloating,
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
      emitConversion(e, x, at, count, emitVector, emitConstant)
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
