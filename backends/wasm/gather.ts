/**
 * Vectors from memory and from scalars: neighbours together, others lane by lane.
 *
 *   x[2·j] in lanes of j    →    four loads of one lane each
 */
import type { Expr, Unclamped } from '../../lib/loop/index.js'
import { laneStride } from './access.js'
import { emitAddress } from './address.js'
import { atLane, type Coordinates, type Emission, laneAt } from './emission.js'
import { laneShape, splatBytes } from './lanes.js'
import { emitScalar } from './scalar.js'

export function emitLoad(
  e: Emission,
  x: Expr & { tag: 'load' },
  at: Coordinates,
  count: 2 | 4,
): void {
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
export function emitLanes(e: Emission, x: Expr, at: Coordinates, count: 2 | 4): void {
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
