/**
 * Statements: lets and variables in locals, branches; loops and stores have files of their own.
 */
import { absurd } from '../../lib/data/error.js'
import type { Block, Expr, Stmt, Variable } from '../../lib/loop/index.js'
import {
  type Emission,
  eachCoordinate,
  lanesOf,
  maskOf,
  type Slot,
  vectorLevel,
} from './emission.js'
import { emitLoop, requireUniform } from './loop.js'
import { emitCombine } from './reduce.js'
import { emitScalar, localOf, unknown } from './scalar.js'
import { endSharing } from './sharing.js'
import { emitStore, emitTouch } from './store.js'
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
