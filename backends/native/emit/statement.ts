/**
 * Statements: lets and variables as C variables, stores, branches.
 *
 *   y[r, j] = acc    in a 4 × 16 register block of eight lanes    →    eight vector stores
 */
import { absurd, invariant } from '../../../lib/data/error.js'
import type { Block, Combine, Expr, Stmt } from '../../../lib/loop/index.js'
import { laneStride, layoutOf } from './access.js'
import { emitControl } from './branch.js'
import { scalarType } from './ctype.js'
import {
  atLane,
  type Coordinates,
  type Emission,
  eachCoordinate,
  isVector,
  laneAt,
  lanesHere,
  maskOf,
  type Slot,
  vectorLevel,
} from './emission.js'
import { cellText } from './gather.js'
import { levelHere, maskFor, vectorType } from './lane.js'
import { emitLoop } from './loop.js'
import { combineScalars, fmaText, scalarText, slotName, slotOf } from './scalar.js'
import { emitTail, tailFrom } from './tail.js'
import { combineText, fmaVector, vectorText } from './vector.js'

/** The statements of a block; the names that it binds are gone behind it. */
export function emitBlock(e: Emission, block: Block): void {
  const from = tailFrom(e, block)
  const emit = (s: Stmt): void => emitStatement(e, s)
  if (from === block.length) emitBlockBy(e, block, emit)
  else {
    const tail = block.slice(from)
    emitBlockBy(e, block.slice(0, from + 1), (s) => {
      if (s === tail[0]) emitTail(e, tail, emit)
      else emit(s)
    })
  }
}

/** The same, where something else decides how a statement is emitted. */
export function emitBlockBy(e: Emission, block: Block, emit: (s: Stmt) => void): void {
  const before = new Map(e.slots)
  for (const s of block) emit(s)
  e.slots.clear()
  for (const [name, slot] of before) e.slots.set(name, slot)
  e.maskMemo.clear()
}

export function emitStatement(e: Emission, s: Stmt): void {
  switch (s.tag) {
    case 'let':
      declareSlot(e, s.name, s.value, maskOf(e, s.value), undefined)
      return
    case 'variable': {
      const mask = (e.masks.get(s.name) ?? 0) | maskOf(e, s.initial)
      declareSlot(e, s.name, s.initial, mask, s.combine)
      return
    }
    case 'assign': {
      const slot = slotOf(e, s.name)
      eachCell(e, slot, slot.mask, (at) => {
        e.writer.line(`${slotName(e, slot, at)} = ${valueText(e, slot, s.value, at)};`)
      })
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
      e.writer.line(`__builtin_prefetch(&${cellText(e, s.buffer, s.at, [])});`)
      return
    case 'loop':
      emitLoop(e, s, emitBlock)
      return
    case 'if':
    case 'while':
      emitControl(e, s, emitBlock)
      return
  }
  absurd(s)
}

/** Calls `f` at each C variable that a slot is. */
function eachCell(e: Emission, slot: Slot, mask: number, f: (at: Coordinates) => void): void {
  eachCoordinate(e, mask, slot.vector ? lanesHere(e) : 1, f)
}

const valueText = (e: Emission, slot: Slot, value: Expr, at: Coordinates): string =>
  slot.vector ? vectorText(e, value, at) : scalarText(e, value, at)

function declareSlot(
  e: Emission,
  name: string,
  value: Expr,
  mask: number,
  combine: Combine | undefined,
): void {
  const vector = (mask & (vectorLevel(e)?.mask ?? 0)) !== 0
  const { dtype } = value
  const depth = e.levels.length
  const slot: Slot = { name: e.writer.fresh(name), dtype, mask, vector, combine, depth }
  const type = vector ? vectorType(e, dtype) : scalarType[dtype]
  eachCell(e, slot, mask, (at) => {
    e.writer.line(`${type} ${slotName(e, slot, at)} = ${valueText(e, slot, value, at)};`)
  })
  e.slots.set(name, slot)
  e.maskMemo.clear()
}

function emitAccumulate(e: Emission, name: string, value: Expr): void {
  const slot = slotOf(e, name)
  const { combine } = slot
  invariant(combine !== undefined, `'${name}' is no accumulator`)
  // Copies of a loop that the accumulator was declared outside of all add to it.
  const outside = e.levels.slice(slot.depth).reduce((m, level) => m | level.mask, 0)
  const product = value.tag === 'binary' && value.op === 'mul' && combine === 'add'
  const fused = product && (slot.dtype === 'f32' || slot.dtype === 'f64')
  eachCell(e, slot, maskOf(e, value) | slot.mask | outside, (at) => {
    const held = slotName(e, slot, at)
    const text = (x: Expr): string => valueText(e, slot, x, at)
    if (fused) {
      const multiply = slot.vector ? fmaVector : fmaText
      const sum = multiply(e, slot.dtype, text(value.x), text(value.y), held)
      e.writer.line(`${held} = ${sum};`)
    } else {
      const join = slot.vector ? combineText : combineScalars
      e.writer.line(`${held} = ${join(e, combine, slot.dtype, held, text(value))};`)
    }
  })
}

function emitStore(e: Emission, s: Stmt & { tag: 'store' }): void {
  const mask = [...s.at, s.value].reduce((m, x) => m | maskOf(e, x), 0)
  const level = vectorLevel(e)
  const inLanes = level !== undefined && (mask & level.mask) !== 0
  const { line } = e.writer
  if (!inLanes) {
    eachCoordinate(e, mask, 1, (at) => {
      line(`${cellText(e, s.buffer, s.at, at)} = ${scalarText(e, s.value, at)};`)
    })
    return
  }
  const contiguous = laneStride(e, s.buffer, s.at) === 'contiguous'
  eachCoordinate(e, mask, level.lanes, (at) => {
    if (contiguous) emitNeighbours(e, s, at)
    else emitScatter(e, s, at)
  })
}

/** The lanes side by side; a mask becomes bytes of 0 and 1. */
function emitNeighbours(e: Emission, s: Stmt & { tag: 'store' }, at: Coordinates): void {
  const { lanes, maskBits } = levelHere(e)
  const { dtype } = layoutOf(e, s.buffer)
  invariant(dtype === s.value.dtype, `a ${s.value.dtype} is stored as ${dtype}`)
  const value = vectorText(e, s.value, at)
  const cell = cellText(e, s.buffer, s.at, at)
  if (dtype !== 'bool') {
    e.writer.line(`*(${e.prelude.vector(dtype, lanes, 'loose')} *)(&${cell}) = ${value};`)
    return
  }
  const ones = maskFor(e, value, maskBits, 32)
  const type = e.prelude.vector('u8', lanes)
  const loose = e.prelude.vector('u8', lanes, 'loose')
  e.writer.line(`*(${loose} *)(&${cell}) = __builtin_convertvector(${ones}, ${type}) & 1;`)
}

/** Each lane to its own address, in order. */
function emitScatter(e: Emission, s: Stmt & { tag: 'store' }, at: Coordinates): void {
  const { lanes } = levelHere(e)
  const held = e.writer.fresh('row')
  if (isVector(e, s.value)) {
    e.writer.line(`${vectorType(e, s.value.dtype)} ${held} = ${vectorText(e, s.value, at)};`)
  } else e.writer.line(`${scalarType[s.value.dtype]} ${held} = ${scalarText(e, s.value, at)};`)
  for (let i = 0; i < lanes; i++) {
    const lane = isVector(e, s.value) ? `${held}[${i}]` : held
    const value = s.value.dtype === 'bool' ? `(${lane} != 0)` : lane
    e.writer.line(`${cellText(e, s.buffer, s.at, atLane(e, at, laneAt(e, at) + i))} = ${value};`)
  }
}
