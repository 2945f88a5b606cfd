/**
 * The entry of a kernel: calls its body for the pieces of its range that fall to this thread.
 *
 *   pieces of a loop over threads    each thread takes the next one until none is left
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
import { mostIterations } from './loop.js'
import { emitScalar } from './scalar.js'
import {
  meetingAddress,
  meetingWords,
  onFirstThread,
  roundUp,
  smaller,
  threadCount,
} from './threads.js'

/** Pieces that a thread's part of a range is cut into, about. */
const pieces = 16
/** The least work of a piece, in innermost iterations. */
const leastPiece = 16384

export function emitEntry(
  e: Emission,
  division: Division,
  range: Loop | undefined,
  body: number,
  threads: boolean,
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
  const taken = division.tag === 'pieces'
  const run = range === undefined ? whole : () => emitPieces(e, range, body, taken, pass)
  if (threads && division.tag === 'alone') onFirstThread(code, run)
  else run()
  return code.finish(`${kernel.name}.entry`, false)
}

function emitPieces(
  e: Emission,
  range: Loop,
  body: number,
  taken: boolean,
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
  if (taken) {
    emit('global.get', threadCount)
    emit('i32.mul')
  }
  emit('i32.div_s')
  emit('i32.const', leastRange(range))
  emit('i32.add')
  roundUp(code, range.step * range.width)
  emit('local.set', piece)
  emit('i32.const', 0)
  emit('local.set', next)
  within('block', () =>
    within('loop', () => {
      emitScalar(e, range.from, [])
      takePiece(e, next, taken)
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

/** Leaves the number of the next piece on the stack: by a word that all threads count in, or own. */
function takePiece({ code }: Emission, next: number, taken: boolean): void {
  const { emit, within } = code
  const mine = code.take('i32')
  const own = (): void => {
    emit('local.get', next)
    emit('local.tee', mine)
    emit('i32.const', 1)
    emit('i32.add')
    emit('local.set', next)
  }
  if (!taken) own()
  else {
    emit('global.get', threadCount)
    emit('i32.const', 1)
    emit('i32.le_s')
    within('if', () => {
      own()
      emit('else')
      emit('global.get', meetingAddress)
      emit('i32.const', 1)
      emit('i32.atomic.rmw.add', meetingWords.pieces)
      emit('local.set', mine)
    })
  }
  emit('local.get', mine)
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
