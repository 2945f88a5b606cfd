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
  atLane,
  type Coordinates,
  coordinateKey,
  type Emission,
  eachCoordinate,
  type Level,
  type Slot,
  type Witness,
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
  if (slot.witnesses !== undefined) {
    combineExtremes(e, slot, value, at, local)
    return
  }
  emit('local.get', local)
  emitVector(e, value, at, slot.lanes)
  emit(vectorBinary(combine, slot.dtype) ?? `${laneShape[slot.dtype]}.${combine}`)
}

/**
 * min and max of floats by one comparison: a NaN is passed over and zeros are alike, so both are
 * kept apart until the loop is over. The instruction that does it all takes about eight steps.
 */
function combineExtremes(
  e: Emission,
  slot: Slot,
  value: Expr,
  at: Coordinates,
  local: number,
): void {
  const { emit } = e.code
  const shape = laneShape[slot.dtype]
  const { nan, signs } = witnessOf(e, slot, at)
  const kept = e.code.take('v128')
  emitVector(e, value, at, slot.lanes)
  emit('local.tee', kept)
  emit('local.get', kept)
  emit(`${shape}.ne`)
  emit('local.get', nan)
  emit('v128.or')
  emit('local.set', nan)
  emit('local.get', kept)
  emit('local.get', signs)
  emit(slot.combine === 'max' ? 'v128.and' : 'v128.or')
  emit('local.set', signs)
  emit('local.get', local)
  emit('local.get', kept)
  emit(`${shape}.p${slot.combine}`)
  e.code.release(kept)
}

/** What partial results leave out comes back: the sign of a zero, and NaN. */
function settleExtremes(e: Emission, slot: Slot, at: Coordinates, local: number): void {
  const { emit } = e.code
  const { nan, signs } = witnessOf(e, slot, at)
  emit('local.get', signs)
  emit('v128.const', ...splatBytes(slot.dtype, -0))
  emit('v128.and')
  emit('local.get', local)
  emit('local.get', local)
  emit('v128.const', ...splatBytes(slot.dtype, 0))
  emit(`${laneShape[slot.dtype]}.eq`)
  emit('v128.bitselect')
  emit('local.get', nan)
  emit('v128.or')
  emit('local.set', local)
}

/** One for all lanes and copies of the vector loop. */
function witnessOf(e: Emission, slot: Slot, at: Coordinates): Witness {
  const key = coordinateKey(e, slot.mask, atLane(e, at, 0))
  const known = slot.witnesses?.get(key)
  if (known !== undefined) return known
  const witness = { nan: e.code.take('v128'), signs: e.code.take('v128') }
  slot.witnesses?.set(key, witness)
  return witness
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
      ...(isExtreme(outer) ? { witnesses: new Map() } : {}),
    }
    const identity = splatBytes(outer.dtype, identityOf(outer.combine, outer.dtype))
    const start = (local: number, bytes: readonly number[]): void => {
      e.code.emit('v128.const', ...bytes)
      e.code.emit('local.set', local)
    }
    eachCoordinate(e, partial.mask, partial.lanes, (at) => {
      start(localOf(e, partial, at), identity)
    })
    if (partial.witnesses !== undefined) {
      eachCoordinate(e, outer.mask, 1, (at) => {
        const { nan, signs } = witnessOf(e, partial, at)
        start(nan, splatBytes('i32', 0))
        start(signs, splatBytes('i32', outer.combine === 'max' ? -1 : 0))
      })
    }
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
        for (const { nan, signs } of partial.witnesses?.values() ?? []) {
          e.code.release(nan)
          e.code.release(signs)
        }
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
  const together =
    partial.witnesses === undefined
      ? (vectorBinary(combine, partial.dtype) ?? `${laneShape[partial.dtype]}.${combine}`)
      : `${laneShape[partial.dtype]}.p${combine}`
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
        emit(together)
        emit('local.set', parts[i] ?? 0)
      }
    }
    if (partial.witnesses !== undefined) settleExtremes(e, partial, at, parts[0] ?? 0)
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

const isExtreme = ({ combine, dtype }: Slot): boolean =>
  (combine === 'min' || combine === 'max') && (dtype === 'f32' || dtype === 'f64')

function accumulatedIn(body: Block): ReadonlySet<string> {
  const names = new Set<string>()
  for (const s of statementsOf(body)) if (s.tag === 'accumulate') names.add(s.name)
  return names
}

/** The type of the local that holds a slot. */
export const slotType = (slot: Slot): 'v128' | 'i32' | 'i64' | 'f32' | 'f64' =>
  slot.vector ? 'v128' : valueType[slot.dtype]
