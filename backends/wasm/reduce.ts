/**
 * Accumulators: combining one value, and folding the lanes of a vector loop at its end.
 *
 *   s ⊕= x[i] in a vector(16) loop    →    four vectors of partial sums, folded pairwise after it
 */
import {
  type Block,
  type Combine,
  type Expr,
  identityOf,
  type ScalarType,
  statementsOf,
} from '../../lib/loop/index.js'
import {
  type Coordinates,
  type Emission,
  eachCoordinate,
  type Level,
  type Slot,
} from './emission.js'
import { laneShape, scalarBinary, splatBytes, valueType, vectorBinary } from './lanes.js'
import { emitScalar, emitSlot, localOf } from './scalar.js'
import { emitVector } from './vector.js'

/** Leaves `accumulator ⊕ value` on the stack. */
export function emitCombine(
  e: Emission,
  combine: Combine,
  slot: Slot,
  value: Expr,
  at: Coordinates,
  local: number,
): void {
  const { emit } = e.code
  if (!slot.vector) {
    emit('local.get', local)
    emitScalar(e, value, at)
    combineScalars(e, combine, slot.dtype)
    return
  }
  const product = value.tag === 'binary' && value.op === 'mul' && combine === 'add'
  const floating = slot.dtype === 'f32' || slot.dtype === 'f64'
  if (e.target.relaxed && product && floating) {
    emitVector(e, value.x, at)
    emitVector(e, value.y, at)
    emit('local.get', local)
    emit(`${laneShape[slot.dtype]}.relaxed_madd`)
    return
  }
  emit('local.get', local)
  emitVector(e, value, at, slot.lanes)
  emit(vectorBinary(combine, slot.dtype) ?? `${laneShape[slot.dtype]}.${combine}`)
}

/** Combines the two scalars on the stack. */
function combineScalars(e: Emission, combine: Combine, dtype: ScalarType): void {
  const { emit } = e.code
  const op = scalarBinary(combine, dtype)
  if (op !== undefined) {
    emit(op)
    return
  }
  const [a, b] = [e.code.take('i32'), e.code.take('i32')]
  emit('local.set', b)
  emit('local.set', a)
  for (const local of [a, b, a, b]) emit('local.get', local)
  emit(`i32.${combine === 'min' ? 'lt' : 'gt'}_${dtype === 'u32' ? 'u' : 's'}`)
  emit('select')
  e.code.release(a)
  e.code.release(b)
}

export interface Reductions {
  readonly close: () => void
}

/**
 * Opens per-lane partials for the accumulators that `body` adds to and that were declared before
 * the vector loop; `close` folds them and brings the accumulators back.
 */
export function openReductions(e: Emission, body: Block, level: Level): Reductions {
  const opened: { readonly name: string; readonly outer: Slot; readonly partial: Slot }[] = []
  e.levels.push(level)
  for (const name of accumulatedIn(body)) {
    const outer = e.slots.get(name)
    if (outer?.combine === undefined) continue
    const partial: Slot = {
      ...outer,
      mask: outer.mask | level.mask,
      vector: true,
      locals: new Map(),
    }
    const identity = splatBytes(outer.dtype, identityOf(outer.combine, outer.dtype))
    eachCoordinate(e, partial.mask, partial.lanes, (at) => {
      e.code.emit('v128.const', ...identity)
      e.code.emit('local.set', localOf(e, partial, at))
    })
    e.slots.set(name, partial)
    opened.push({ name, outer, partial })
  }
  e.levels.pop()
  e.maskMemo.clear()
  let open = true
  return {
    close: () => {
      if (!open) return
      open = false
      e.levels.push(level)
      for (const { name, outer, partial } of opened) {
        fold(e, level, outer, partial)
        e.slots.set(name, outer)
        for (const local of partial.locals.values()) e.code.release(local)
      }
      e.levels.pop()
      e.maskMemo.clear()
    },
  }
}

function fold(e: Emission, level: Level, outer: Slot, partial: Slot): void {
  const { emit } = e.code
  const { combine } = outer
  if (combine === undefined) return
  const lane = e.levels.length - 1
  eachCoordinate(e, outer.mask, 1, (at) => {
    const parts: number[] = []
    for (let first = 0; first < level.width; first += partial.lanes) {
      parts.push(localOf(e, partial, at.with(lane, first)))
    }
    // Pairwise: part i takes part i + half, until one is left.
    for (let count = parts.length; count > 1; count = Math.ceil(count / 2)) {
      const half = Math.ceil(count / 2)
      for (let i = 0; i + half < count; i++) {
        emit('local.get', parts[i] ?? 0)
        emit('local.get', parts[i + half] ?? 0)
        emit(vectorBinary(combine, partial.dtype) ?? `${laneShape[partial.dtype]}.${combine}`)
        emit('local.set', parts[i] ?? 0)
      }
    }
    const lanes = (from: number, count: number): void => {
      if (count === 1) {
        emitSlot(e, partial, at.with(lane, from))
        return
      }
      lanes(from, count / 2)
      lanes(from + count / 2, count / 2)
      combineScalars(e, combine, partial.dtype)
    }
    const target = localOf(e, outer, at)
    emit('local.get', target)
    lanes(0, partial.lanes)
    combineScalars(e, combine, partial.dtype)
    emit('local.set', target)
  })
}

function accumulatedIn(body: Block): ReadonlySet<string> {
  const names = new Set<string>()
  for (const s of statementsOf(body)) if (s.tag === 'accumulate') names.add(s.name)
  return names
}

/** The type of the local that holds a slot. */
export const slotType = (slot: Slot): 'v128' | 'i32' | 'i64' | 'f32' | 'f64' =>
  slot.vector ? 'v128' : valueType[slot.dtype]
