/**
 * Loops, in lock step where their mode says so, with their remainders.
 *
 *   vector(16) i in 0..n    →    16 at a time while i + 16 ≤ n, then 4 at a time, then one
 *
 * Odd sizes are handled by these remainders, never by padding. A loop whose count is known emits
 * only the parts that it needs. Control that differs between lanes is refused.
 */
import { fail } from '../../lib/data/error.js'
import {
  asNumber,
  type Block,
  type Expr,
  type Loop,
  minus,
  type Polynomial,
  polynomialOf,
} from '../../lib/loop/index.js'
import { dropPointers, hoistPointers, type Moving } from './address.js'
import { type Emission, type Level, maskOf, solveMasks } from './emission.js'
import { emitPolynomial } from './polynomial.js'
import { openReductions } from './reduce.js'
import { emitScalar } from './scalar.js'
import { endSharing } from './sharing.js'
import { hoistSplats } from './splats.js'

/** Emits the statements of a block; given by the statement emitter, which emits loops in turn. */
export type EmitBlock = (e: Emission, block: Block) => void

export function requireUniform(e: Emission, x: Expr): void {
  if (maskOf(e, x) === 0) return
  fail({
    code: 'verify',
    where: `kernel ${e.kernel.name}`,
    what: 'a branch or a bound differs between iterations that run in lock step',
    expected: 'control flow that is the same for all lanes',
    fix: 'use select, or do not vectorise or unroll the loop around it',
  })
}
/** How many iterations at a time the parts of a lock-step loop take, largest first. */
function partsOf(s: Loop, count: number | undefined): readonly number[] {
  if (s.mode !== 'vector' && s.mode !== 'unrolled') return [1]
  const widths = s.mode === 'vector' ? [s.width, 4, 1] : [s.width, 1]
  const parts = [...new Set(widths.filter((w) => w <= s.width))]
  if (count === undefined) return parts
  if (s.mode === 'unrolled') {
    const rest = count % s.width
    return [...(count >= s.width ? [s.width] : []), ...(rest > 0 ? [rest] : [])]
  }
  let left = count
  return parts.filter((w) => {
    const takes = left >= w
    left %= w
    return takes
  })
}

export function emitLoop(e: Emission, s: Loop, emitBlock: EmitBlock): void {
  const { emit } = e.code
  requireUniform(e, s.from)
  requireUniform(e, s.to)
  const length = asNumber(
    minus(
      polynomialOf(s.to, () => '?to'),
      polynomialOf(s.from, () => '?from'),
    ),
  )
  const count = length === undefined ? undefined : Math.max(0, Math.ceil(length / s.step))
  if (count === 0) return
  const index = e.code.take('i32')
  e.statementMask = 0
  emitScalar(e, s.from, [])
  emit('local.set', index)
  let limit: number | undefined
  if (s.to.tag !== 'constant') {
    limit = e.code.take('i32')
    emitScalar(e, s.to, [])
    emit('local.set', limit)
  }
  endSharing(e)
  e.wholes.set(s.index, index)
  const atMost = count ?? mostIterations(s)
  const parts = partsOf(s, count)
  const widest = parts[0] ?? 1
  const reductions =
    s.mode === 'vector' && widest > 1 ? openReductions(e, s.body, levelOf(e, s, widest)) : undefined
  let left = count
  for (const width of parts) {
    const times = left === undefined ? undefined : Math.floor(left / width)
    if (left !== undefined) left %= width
    if (width === 1 && reductions !== undefined) reductions.close()
    emitPart(e, s, { index, limit, width, times, atMost }, emitBlock)
  }
  reductions?.close()
  e.wholes.delete(s.index)
  e.code.release(index)
  if (limit !== undefined) e.code.release(limit)
}

/** A bound on the iterations that needs no sizes: min(…, from + number) − from. */
export function mostIterations(s: Loop): number | undefined {
  const bound = (to: Expr): number | undefined => {
    if (to.tag === 'binary' && to.op === 'min') {
      const both = [bound(to.x), bound(to.y)].filter((n) => n !== undefined)
      return both.length === 0 ? undefined : Math.min(...both)
    }
    const span: Polynomial = minus(
      polynomialOf(to, () => '?'),
      polynomialOf(s.from, () => '??'),
    )
    return asNumber(span)
  }
  const span = bound(s.to)
  return span === undefined ? undefined : Math.ceil(span / s.step)
}

interface Part {
  readonly index: number
  readonly limit: number | undefined
  readonly width: number
  /** How often the part runs, where that is known. */
  readonly times: number | undefined
  /** No more iterations than these remain, where that is known. */
  readonly atMost: number | undefined
}

function emitPart(e: Emission, s: Loop, part: Part, emitBlock: EmitBlock): void {
  const { emit, within } = e.code
  const lockstep = (s.mode === 'vector' || s.mode === 'unrolled') && part.width > 1
  const saved = e.masks
  e.masks = new Map(saved)
  if (lockstep) e.levels.push(levelOf(e, s, part.width))
  e.maskMemo.clear()
  if (e.levels.length > 0) solveMasks(e, s.body)
  const mark = e.pointers.length
  const advance = part.width * s.step
  const body = (): void => emitBlock(e, s.body)
  if (part.times === 1) {
    body()
    step(e, part.index, advance)
  } else {
    const more = (): void => emitMore(e, s, part)
    const once =
      part.times === undefined && part.atMost !== undefined && part.atMost < 2 * part.width
    within('block', () => {
      if (part.times === undefined) {
        more()
        emit('i32.eqz')
        emit('br_if', 0)
      }
      const splats = hoistSplats(e, s.body)
      const moving = hoistPointers(e, s.body, s.index, emitScalar)
      const strides = once ? [] : openStrides(e, moving, advance)
      const iteration = (): void => {
        body()
        for (const stride of strides) stride.advance()
        step(e, part.index, advance)
      }
      if (once) iteration()
      else {
        within('loop', () => {
          iteration()
          more()
          emit('br_if', 0)
        })
      }
      for (const stride of strides) stride.close()
      dropPointers(e, mark)
      splats.close()
    })
  }
  if (lockstep) e.levels.pop()
  e.maskMemo.clear()
  e.masks = saved
}

function levelOf(e: Emission, s: Loop, width: number): Level {
  const kind = s.mode === 'vector' ? 'vector' : 'unrolled'
  return { index: s.index, kind, width, step: s.step, mask: 1 << e.levels.length }
}

function step(e: Emission, local: number, by: number): void {
  e.code.emit('local.get', local)
  e.code.emit('i32.const', by)
  e.code.emit('i32.add')
  e.code.emit('local.set', local)
}

/** Whether `width` more iterations fit: index + (width − 1)·step < limit. */
function emitMore(e: Emission, s: Loop, { index, limit, width }: Part): void {
  const { emit } = e.code
  const ahead = (width - 1) * s.step
  emit('local.get', index)
  if (s.to.tag === 'constant') emit('i32.const', Number(s.to.value) - ahead)
  else {
    if (ahead > 0) {
      emit('i32.const', ahead)
      emit('i32.add')
    }
    emit('local.get', limit ?? 0)
  }
  emit('i32.lt_s')
}

interface Stride {
  readonly advance: () => void
  readonly close: () => void
}

function openStrides(e: Emission, moving: readonly Moving[], advance: number): readonly Stride[] {
  const { emit } = e.code
  return moving.map(({ pointer, bytes }) => {
    const amount = asNumber(bytes)
    const local = amount === undefined ? e.code.take('i32') : undefined
    if (local !== undefined) {
      emitPolynomial(e.code, bytes, e.wholes)
      emit('i32.const', advance)
      emit('i32.mul')
      emit('local.set', local)
    }
    return {
      advance: () => {
        emit('local.get', pointer.local)
        if (local !== undefined) emit('local.get', local)
        else emit('i32.const', (amount ?? 0) * advance)
        emit('i32.add')
        emit('local.set', pointer.local)
      },
      close: () => {
        if (local !== undefined) e.code.release(local)
      },
    }
  })
}
