/**
 * Scalar values: leaves one value of an expression, at given coordinates, on the stack.
 *
 * Also the way out for vectors: what has no vector instruction is computed lane by lane here.
 */
import { absurd, fail } from '../../lib/data/error.js'
import { type Expr, ofDim, type ScalarType } from '../../lib/loop/index.js'
import { emitAddress } from './address.js'
import {
  atLane,
  type Coordinates,
  coordinateKey,
  type Emission,
  laneAt,
  maskOf,
  type Slot,
} from './emission.js'
import {
  isFloating,
  laneShape,
  scalarBinary,
  scalarCompare,
  scalarConstant,
  scalarLoad,
  scalarUnary,
  valueType,
} from './lanes.js'
import { emitPolynomial } from './polynomial.js'
import { shareAt } from './sharing.js'

export function emitScalar(e: Emission, x: Expr, at: Coordinates): void {
  shareAt(e, x, 'scalar', maskOf(e, x), 1, at, valueType[x.dtype], () => compute(e, x, at))
}

function compute(e: Emission, x: Expr, at: Coordinates): void {
  const { emit } = e.code
  switch (x.tag) {
    case 'constant':
      emit(...scalarConstant(x.dtype, x.value))
      return
    case 'size':
      emitPolynomial(e.code, ofDim(x.dim), e.wholes)
      return
    case 'variable':
      emitVariable(e, x.name, at)
      return
    case 'load': {
      const offset = emitAddress(e, x.buffer, x.at, at, emitScalar)
      emit(scalarLoad[x.dtype], offset)
      return
    }
    case 'unary':
      emitUnary(e, x, at)
      return
    case 'binary':
      emitBinary(e, x, at)
      return
    case 'compare':
      emitScalar(e, x.x, at)
      emitScalar(e, x.y, at)
      emit(scalarCompare(x.op, x.x.dtype))
      return
    case 'select':
      emitScalar(e, x.yes, at)
      emitScalar(e, x.no, at)
      emitScalar(e, x.condition, at)
      emit('select')
      return
    case 'fma':
      if (e.target.relaxed) {
        // By vectors, to round as they do: an element's value must not hang on where it lies.
        const shape = laneShape[x.dtype]
        for (const child of [x.x, x.y, x.z]) {
          emitScalar(e, child, at)
          emit(`${shape}.splat`)
        }
        emit(`${shape}.relaxed_madd`)
        emit(`${shape}.extract_lane`, 0)
        return
      }
      emitScalar(e, x.x, at)
      emitScalar(e, x.y, at)
      emit(`${x.dtype}.mul`)
      emitScalar(e, x.z, at)
      emit(`${x.dtype}.add`)
      return
    case 'convert':
      emitScalar(e, x.x, at)
      emitConversion(e, x.x.dtype, x.dtype)
      return
    case 'reinterpret':
      emitScalar(e, x.x, at)
      if (valueType[x.x.dtype] !== valueType[x.dtype]) {
        emit(`${valueType[x.dtype]}.reinterpret_${valueType[x.x.dtype]}`)
      }
      return
  }
  absurd(x)
}

function emitVariable(e: Emission, name: string, at: Coordinates): void {
  const { emit } = e.code
  const index = e.wholes.get(name)
  if (index === undefined) {
    const slot = e.slots.get(name)
    if (slot === undefined) unknown(e, name)
    emitSlot(e, slot, at)
    return
  }
  emit('local.get', index)
  const i = e.levels.findIndex((level) => level.index === name)
  const shift = i < 0 ? 0 : (at[i] ?? 0) * (e.levels[i]?.step ?? 1)
  if (shift === 0) return
  emit('i32.const', shift)
  emit('i32.add')
}

/** The value of a let or a variable, one lane of it where it is kept in vectors. */
export function emitSlot(e: Emission, slot: Slot, at: Coordinates): void {
  const { emit } = e.code
  const lane = laneAt(e, at)
  const first = slot.vector ? lane - (lane % slot.lanes) : lane
  emit('local.get', localOf(e, slot, slot.vector ? atLane(e, at, first) : at))
  if (!slot.vector) return
  emit(
    `${slot.lanes === 2 ? wideShape(slot.dtype) : laneShape[slot.dtype]}.extract_lane`,
    lane - first,
  )
  if (slot.dtype !== 'bool') return
  if (slot.lanes === 2) emit('i32.wrap_i64')
  emit('i32.const', 1)
  emit('i32.and')
}

const wideShape = (dtype: ScalarType): string => (dtype === 'f64' ? 'f64x2' : 'i64x2')

/** The local of a slot at coordinates. */
export function localOf(e: Emission, slot: Slot, at: Coordinates): number {
  const key = coordinateKey(e, slot.mask, at)
  const local = slot.locals.get(key)
  if (local !== undefined) return local
  const fresh = e.code.take(slot.vector ? 'v128' : valueType[slot.dtype])
  slot.locals.set(key, fresh)
  return fresh
}

export function unknown(e: Emission, name: string): never {
  return fail({
    code: 'verify',
    where: `kernel ${e.kernel.name}`,
    what: `'${name}' is read where nothing defines it`,
    expected: 'a let, a variable or a loop index in scope',
  })
}

function emitUnary(e: Emission, x: Expr & { tag: 'unary' }, at: Coordinates): void {
  const { emit } = e.code
  const type = valueType[x.dtype]
  const op = scalarUnary(x.op, x.dtype)
  if (op !== undefined) {
    emitScalar(e, x.x, at)
    emit(op)
  } else if (x.op === 'neg') {
    emit(`${type}.const`, 0)
    emitScalar(e, x.x, at)
    emit(`${type}.sub`)
  } else if (x.op === 'not') {
    emitScalar(e, x.x, at)
    emit(`${type}.const`, -1)
    emit(`${type}.xor`)
  } else {
    // |x| of an i32 is (x ^ s) − s with s = x >> 31.
    const local = e.code.take(type)
    emitScalar(e, x.x, at)
    emit('local.tee', local)
    emit('local.get', local)
    emit('i32.const', 31)
    emit('i32.shr_s')
    emit('local.tee', local)
    emit('i32.xor')
    emit('local.get', local)
    emit('i32.sub')
    e.code.release(local)
  }
}

function emitBinary(e: Emission, x: Expr & { tag: 'binary' }, at: Coordinates): void {
  const { emit } = e.code
  emitScalar(e, x.x, at)
  emitScalar(e, x.y, at)
  const op = scalarBinary(x.op, x.dtype)
  if (op !== undefined) {
    emit(op)
    return
  }
  const sign = x.dtype === 'u32' ? 'u' : 's'
  const safe = x.y.tag === 'constant' && Number(x.y.value) > 0
  if ((x.op === 'div' || x.op === 'rem') && safe) {
    emit(`i32.${x.op}_${sign}`)
    return
  }
  const [a, b] = [e.code.take('i32'), e.code.take('i32')]
  emit('local.set', b)
  emit('local.set', a)
  if (x.op === 'min' || x.op === 'max') {
    for (const local of [a, b, a, b]) emit('local.get', local)
    emit(`i32.${x.op === 'min' ? 'lt' : 'gt'}_${sign}`)
    emit('select')
  } else emitDivision(e, x.op === 'div', sign, a, b)
  e.code.release(a)
  e.code.release(b)
}

/** Total division: x / 0 = x rem 0 = 0, and −2³¹ / −1 = −2³¹, x rem −1 = 0. */
function emitDivision(e: Emission, quotient: boolean, sign: 's' | 'u', a: number, b: number): void {
  const { emit } = e.code
  // The divisor becomes 1 where the instruction would trap.
  const trap = (): void => {
    emit('local.get', b)
    emit('i32.eqz')
    if (sign === 'u') return
    emit('local.get', b)
    emit('i32.const', -1)
    emit('i32.eq')
    emit('i32.or')
  }
  // What the result is then: 0 for 0; −a or 0 for −1.
  if (sign === 'u' || !quotient) emit('i32.const', 0)
  else {
    emit('i32.const', 0)
    emit('local.get', a)
    emit('i32.sub')
    emit('i32.const', 0)
    emit('local.get', b)
    emit('select')
  }
  emit('local.get', a)
  emit('i32.const', 1)
  emit('local.get', b)
  trap()
  emit('select')
  emit(`i32.${quotient ? 'div' : 'rem'}_${sign}`)
  trap()
  emit('select')
}

/** Converts the value on the stack. */
function emitConversion(e: Emission, from: ScalarType, to: ScalarType): void {
  const { emit } = e.code
  const [source, target] = [valueType[from], valueType[to]]
  const unsigned = from === 'u32' || from === 'bool'
  if (to === 'bool') {
    emit(`${source}.const`, 0)
    emit(`${source}.ne`)
  } else if (isFloating(to)) {
    if (!isFloating(from)) emit(`${target}.convert_i32_${unsigned ? 'u' : 's'}`)
    else if (to === 'f32') emit('f32.demote_f64')
    else emit('f64.promote_f32')
  } else if (isFloating(from)) emit(`i32.trunc_sat_${from}_${to === 'u32' ? 'u' : 's'}`)
  else if (to === 'i64') emit(`i64.extend_i32_${unsigned ? 'u' : 's'}`)
  else if (from === 'i64') emit('i32.wrap_i64')
}
