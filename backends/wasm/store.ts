/**
 * Stores: elements one by one, lanes side by side or each to its own address, and lines touched.
 *
 *   y[r, j] = acc    in a 4 × 8 register block    →    eight vector stores
 */
import type { Stmt, Touch } from '../../lib/loop/index.js'
import { laneStride } from './access.js'
import { bytesOf, emitAddress } from './address.js'
import { atLane, type Emission, eachCoordinate, laneAt, maskOf, vectorLevel } from './emission.js'
import { laneCount, scalarStore } from './lanes.js'
import { emitScalar } from './scalar.js'
import { emitVector } from './vector.js'

type Store = Stmt & { tag: 'store' }

export function emitStore(e: Emission, s: Store): void {
  const mask = [...s.at, s.value].reduce((m, x) => m | maskOf(e, x), 0)
  e.statementMask = mask
  const level = vectorLevel(e)
  const inLanes = level !== undefined && (mask & level.mask) !== 0
  const stride = laneStride(e, s.buffer, s.at)
  if (!inLanes) {
    eachCoordinate(e, mask, 1, (at) => {
      const offset = emitAddress(e, s.buffer, s.at, at, emitScalar)
      emitScalar(e, s.value, at)
      e.code.emit(scalarStore[s.value.dtype], offset)
    })
  } else if (stride === 'contiguous' && s.value.dtype !== 'bool') {
    eachCoordinate(e, mask, laneCount(s.value.dtype), (at) => {
      const offset = emitAddress(e, s.buffer, s.at, at, emitScalar)
      emitVector(e, s.value, at)
      e.code.emit('v128.store', offset)
    })
  } else if (stride === 'contiguous') emitBoolStore(e, s, mask)
  else emitScatter(e, s, mask)
}

/** Four masks become four bytes. */
function emitBoolStore(e: Emission, s: Store, mask: number): void {
  const { emit } = e.code
  const packed = e.code.take('v128')
  eachCoordinate(e, mask, 4, (at) => {
    emitVector(e, s.value, at, 4)
    emit('v128.const', ...[0, 1, 2, 3].flatMap(() => [1, 0, 0, 0]))
    emit('v128.and')
    emit('local.tee', packed)
    emit('local.get', packed)
    emit('i16x8.narrow_i32x4_u')
    emit('local.tee', packed)
    emit('local.get', packed)
    emit('i8x16.narrow_i16x8_u')
    emit('local.set', packed)
    const offset = emitAddress(e, s.buffer, s.at, at, emitScalar)
    emit('local.get', packed)
    emit('v128.store32_lane', offset, 0)
  })
  e.code.release(packed)
}

/** Each lane to its own address. */
function emitScatter(e: Emission, s: Store, mask: number): void {
  const { emit } = e.code
  const { dtype } = s.value
  const lanes = laneCount(dtype)
  if (dtype === 'bool') {
    eachCoordinate(e, mask, 1, (at) => {
      const offset = emitAddress(e, s.buffer, s.at, at, emitScalar)
      emitScalar(e, s.value, at)
      emit('i32.store8', offset)
    })
    return
  }
  const vector = e.code.take('v128')
  eachCoordinate(e, mask, lanes, (at) => {
    emitVector(e, s.value, at)
    emit('local.set', vector)
    for (let lane = 0; lane < lanes; lane++) {
      const where = atLane(e, at, laneAt(e, at) + lane)
      const offset = emitAddress(e, s.buffer, s.at, where, emitScalar)
      emit('local.get', vector)
      emit(lanes === 2 ? 'v128.store64_lane' : 'v128.store32_lane', offset, lane)
    }
  })
  e.code.release(vector)
}

/** One load a cache line; an engine keeps it, as it might trap. */
export function emitTouch(e: Emission, s: Touch): void {
  e.statementMask = 0
  const base = e.code.take('i32')
  const offset = emitAddress(e, s.buffer, s.at, [], emitScalar)
  e.code.emit('local.set', base)
  const bytes = s.count * bytesOf(e, s.buffer)
  for (let at = 0; at < bytes; at += lineBytes) {
    e.code.emit('local.get', base)
    e.code.emit('i32.load8_u', offset + at)
    e.code.emit('drop')
  }
  e.code.release(base)
}

const lineBytes = 64
