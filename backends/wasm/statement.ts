/**
 * Statements: lets and variables in locals, stores, branches.
 *
 *   y[r, j] = acc    in a 4 × 8 register block    →    eight vector stores
 */
import { absurd } from '../../lib/data/error.js'
import type { Block, Expr, Stmt, Touch, Variable } from '../../lib/loop/index.js'
import { laneStride } from './access.js'
import { bytesOf, emitAddress } from './address.js'
import {
  atLane,
  type Emission,
  eachCoordinate,
  laneAt,
  lanesOf,
  maskOf,
  type Slot,
  vectorLevel,
} from './emission.js'
import { laneCount, scalarStore } from './lanes.js'
import { emitLoop, requireUniform } from './loop.js'
import { emitCombine } from './reduce.js'
import { emitScalar, localOf, unknown } from './scalar.js'
import { endSharing } from './sharing.js'
import { emitVector } from './vector.js'

export function emitBlock(e: Emission, block: Block): void {
  emitBlockBy(e, block, (s) => emitStatement(e, s))
}

/** A block whose statements are emitted by `each`; names end with it. */
export function emitBlockBy(e: Emission, block: Block, each: (s: Stmt) => void): void {
  const before = new Set(e.slots.keys())
  for (const s of block) {
    each(s)
    endSharing(e)
  }
  for (const [name, slot] of [...e.slots]) {
    if (before.has(name)) continue
    for (const local of slot.locals.values()) e.code.release(local)
    e.slots.delete(name)
    if ((e.masks.get(name) ?? 0) !== slot.mask) e.maskMemo.clear()
  }
}

export function emitStatement(e: Emission, s: Stmt): void {
  switch (s.tag) {
    case 'let':
      e.statementMask = maskOf(e, s.value)
      assignSlot(e, openSlot(e, s.name, s.value, e.statementMask, undefined, false), s.value)
      return
    case 'variable':
      emitVariable(e, s)
      return
    case 'assign': {
      const slot = e.slots.get(s.name) ?? unknown(e, s.name)
      e.statementMask = slot.mask
      assignSlot(e, slot, s.value)
      return
    }
    case 'accumulate':
      emitAccumulate(e, s.name, s.value)
      return
    case 'store':
      emitStore(e, s)
      return
    case 'local':
      return
    case 'touch':
      emitTouch(e, s)
      return
    case 'loop':
      emitLoop(e, s, emitBlock)
      return
    case 'if':
      if (maskOf(e, s.condition) !== 0 && setsOnly(s)) emitForAny(e, s)
      else emitControl(e, s)
      return
    case 'while':
      emitControl(e, s)
      return
  }
  absurd(s)
}

function openSlot(
  e: Emission,
  name: string,
  value: Expr,
  mask: number,
  combine: Slot['combine'],
  mutable: boolean,
): Slot {
  const vector = (mask & (vectorLevel(e)?.mask ?? 0)) !== 0
  const lanes = lanesOf(e, value)
  const depth = e.levels.length
  const slot: Slot = {
    dtype: value.dtype,
    mask,
    vector,
    lanes,
    locals: new Map(),
    combine,
    mutable,
    depth,
  }
  e.slots.set(name, slot)
  // What was found for the name before stays true where it has the same mask now.
  if ((e.masks.get(name) ?? 0) !== mask) e.maskMemo.clear()
  return slot
}

function assignSlot(e: Emission, slot: Slot, value: Expr): void {
  eachCoordinate(e, slot.mask, slot.vector ? slot.lanes : 1, (at) => {
    if (slot.vector) emitVector(e, value, at, slot.lanes)
    else emitScalar(e, value, at)
    e.code.emit('local.set', localOf(e, slot, at))
  })
}

function emitVariable(e: Emission, s: Variable): void {
  const mask = (e.masks.get(s.name) ?? 0) | maskOf(e, s.initial)
  e.statementMask = mask
  assignSlot(e, openSlot(e, s.name, s.initial, mask, s.combine, true), s.initial)
}

function emitAccumulate(e: Emission, name: string, value: Expr): void {
  const slot = e.slots.get(name) ?? unknown(e, name)
  const combine = slot.combine
  if (combine === undefined) unknown(e, name)
  // Copies of a loop that the accumulator was declared outside of all add to it.
  const outside = e.levels.slice(slot.depth).reduce((m, level) => m | level.mask, 0)
  const mask = maskOf(e, value) | slot.mask | outside
  e.statementMask = mask
  eachCoordinate(e, mask, slot.vector ? slot.lanes : 1, (at) => {
    const local = localOf(e, slot, at)
    emitCombine(e, combine, slot, value, at, local)
    e.code.emit('local.set', local)
  })
}

function emitStore(e: Emission, s: Stmt & { tag: 'store' }): void {
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
function emitBoolStore(e: Emission, s: Stmt & { tag: 'store' }, mask: number): void {
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
function emitScatter(e: Emission, s: Stmt & { tag: 'store' }, mask: number): void {
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
function emitTouch(e: Emission, s: Touch): void {
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

type If = Stmt & { tag: 'if' }

/** Whether a branch does no more than compute and set variables. */
const setsOnly = ({ yes, no }: If): boolean =>
  no.length === 0 && yes.every((s) => s.tag === 'let' || s.tag === 'assign')

/**
 * Iterations in lock step take a branch together if one of them does. `deferArms` makes such
 * branches: nobody reads what they set for the others.
 */
function emitForAny(e: Emission, s: If): void {
  const { emit, within } = e.code
  const mask = maskOf(e, s.condition)
  const vector = (mask & (vectorLevel(e)?.mask ?? 0)) !== 0
  const lanes = vector ? lanesOf(e, s.condition) : 1
  e.statementMask = mask
  let first = true
  eachCoordinate(e, mask, lanes, (at) => {
    if (vector) emitVector(e, s.condition, at, lanesOf(e, s.condition))
    else emitScalar(e, s.condition, at)
    if (!first) emit(vector ? 'v128.or' : 'i32.or')
    first = false
  })
  if (vector) emit('v128.any_true')
  endSharing(e)
  within('if', () => emitBlock(e, s.yes))
}

function emitControl(e: Emission, s: Stmt & { tag: 'if' | 'while' }): void {
  const { emit, within } = e.code
  requireUniform(e, s.condition)
  e.statementMask = 0
  if (s.tag === 'while') {
    within('block', () =>
      within('loop', () => {
        emitScalar(e, s.condition, [])
        endSharing(e)
        emit('i32.eqz')
        emit('br_if', 1)
        emitBlock(e, s.body)
        emit('br', 0)
      }),
    )
    return
  }
  emitScalar(e, s.condition, [])
  endSharing(e)
  within('if', () => {
    emitBlock(e, s.yes)
    if (s.no.length === 0) return
    emit('else')
    emitBlock(e, s.no)
  })
}
