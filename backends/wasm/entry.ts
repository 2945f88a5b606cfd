/**
 * The entry of a kernel: calls its body for the pieces of its range that fall to this thread.
 *
 *   pieces of a loop over threads    each thread takes one after another until none is left
 *   a loop of the first thread       piece after piece, so that the engine can replace a long loop
 *                                    by its optimised form
 *   no range                         one call
 *
 * Pieces start on whole vectors, so what a piece computes does not depend on who does it, nor on
 * how many there are: results are the same for every count of threads.
 */
import { type Block, blocksOf, type Loop } from '../../lib/loop/index.js'
import type { Division } from '../division.js'
import type { Emission } from './emission.js'
import type { WasmFunction } from './encode.js'
import { takenPiece, threadCount } from './globals.js'
import { mostIterations } from './loop.js'
import { emitScalar } from './scalar.js'
import { onFirstThread, roundUp, smaller, type Together } from './threads.js'

/** Pieces that a thread's part of a range is cut into, about. */
const pieces = 16
/** The least work of a piece, in innermost iterations. */
const leastPiece = 16384

export function emitEntry(
  e: Emission,
  division: Division,
  range: Loop | undefined,
  body: number,
  together: Together | undefined,
): WasmFunction {
  const { code, kernel } = e
  const parameters = e.constantsLocal + 1
  const pass = (): void => {
    for (let i = 0; i < parameters; i++) code.emit('local.get', i)
  }
  const whole = (): void => {
    pass()
    code.emit('call', body)
  }
  const take = division.tag === 'pieces' ? together?.take : undefined
  const run = range === undefined ? whole : () => emitPieces(e, range, body, take, pass)
  if (together !== undefined && division.tag === 'alone') onFirstThread(code, run)
  else run()
  return code.finish(`${kernel.name}.entry`, false)
}

/** `take` is the function that finds a piece that no thread has; without it all are this thread's. */
function emitPieces(
  e: Emission,
  range: Loop,
  body: number,
  take: number | undefined,
  pass: () => void,
): void {
  const { code } = e
  const { emit, within } = code
  const [begin, end, piece] = [code.take('i32'), code.take('i32'), code.take('i32')]
  const [to, next] = [code.take('i32'), code.take('i32')]
  emitScalar(e, range.to, [])
  emit('local.tee', to)
  emitScalar(e, range.from, [])
  emit('i32.sub')
  emit('i32.const', pieces)
  if (take !== undefined) {
    emit('global.get', threadCount)
    emit('i32.mul')
  }
  emit('i32.div_s')
  emit('i32.const', leastRange(range))
  emit('i32.add')
  roundUp(code, range.step * range.width)
  emit('local.set', piece)
  emit('i32.const', -1)
  emit('local.set', next)
  within('block', () =>
    within('loop', () => {
      emit('local.get', next)
      emit('i32.const', 1)
      emit('i32.add')
      emit('local.set', next)
      if (take !== undefined) takePiece(e, take, range, piece, next)
      emitScalar(e, range.from, [])
      emit('local.get', next)
      emit('local.get', piece)
      emit('i32.mul')
      emit('i32.add')
      emit('local.tee', begin)
      emit('local.get', to)
      emit('i32.ge_s')
      emit('br_if', 1)
      emit('local.get', begin)
      emit('local.get', piece)
      emit('i32.add')
      emit('local.set', end)
      pass()
      emit('local.get', begin)
      smaller(code, end, to)
      emit('call', body)
      emit('br', 0)
    }),
  )
}

/** Sets `next` to a piece that no thread has, where there are several; past the last if none is. */
function takePiece(
  e: Emission,
  take: number,
  { from, to }: Loop,
  piece: number,
  next: number,
): void {
  const { emit, within } = e.code
  emit('global.get', threadCount)
  emit('i32.const', 1)
  emit('i32.gt_s')
  within('if', () => {
    emitScalar(e, to, [])
    emitScalar(e, from, [])
    emit('i32.sub')
    emit('local.get', piece)
    emit('i32.add')
    emit('i32.const', 1)
    emit('i32.sub')
    emit('local.get', piece)
    emit('i32.div_s')
    emit('call', take)
    emit('global.get', takenPiece)
    emit('local.set', next)
  })
}

/** As much of the range as makes a piece: one step where that does enough. */
export function leastRange(range: Loop): number {
  const steps = Math.ceil(leastPiece / workOf(range.body))
  return steps > 1 ? steps * range.step : 1
}

/** Innermost iterations of one run of a block; without bounds where loops have none. */
const workOf = (block: Block): number =>
  Math.max(
    1,
    block.reduce((sum, s) => {
      const turns = s.tag === 'loop' ? mostIterations(s) : s.tag === 'while' ? undefined : 1
      const inner = blocksOf(s).reduce((most, body) => Math.max(most, workOf(body)), 0)
      return sum + (turns ?? Number.POSITIVE_INFINITY) * inner
    }, 0),
  )
