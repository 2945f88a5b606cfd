/**
 * Parts: the pieces of a kernel's range are dealt out so that each thread finds what it wrote.
 *
 *   24 pieces, 3 threads: the second takes 8, 9, … 15, then what is left of 16 … 23, then of 0 … 7
 *
 * A thread takes pieces of its own part from the front, then of the parts of the others, in turn.
 * The same thread so has about the same rows in one kernel after another, which lie in its cache.
 */
import { type Assembler, assembler } from './assembler.js'
import type { WasmFunction } from './encode.js'
import { meetingAddress, takenPiece, threadCount, threadIndex } from './globals.js'

/** Where the words of the parts start, behind those of `control.ts`, and the bytes of each. */
export const partsAt = 256
/** A cache line, so that threads in their own parts do not disturb one another. */
export const partBytes = 64

/**
 * `take(count)`: sets `takenPiece` to the number of a piece, of so many, that nobody had taken; to
 * `count` if there is none.
 */
export function emitTake(): WasmFunction {
  const code = assembler(['i32'])
  const { emit, within } = code
  const count = 0
  const [part, left, first] = [code.take('i32'), code.take('i32'), code.take('i32')]
  const [last, piece] = [code.take('i32'), code.take('i32')]
  const startOf = (next: 0 | 1): void => {
    emit('local.get', part)
    emit('i32.const', next)
    emit('i32.add')
    emit('local.get', count)
    emit('i32.mul')
    emit('global.get', threadCount)
    emit('i32.div_s')
  }
  /** The piece that a count of those taken stands for; is it one of the part? */
  const isThere = (): void => {
    emit('local.get', first)
    emit('i32.add')
    emit('local.tee', piece)
    emit('local.get', last)
    emit('i32.lt_s')
  }
  emit('global.get', threadIndex)
  emit('local.set', part)
  emit('global.get', threadCount)
  emit('local.set', left)
  within('loop', () => {
    startOf(0)
    emit('local.set', first)
    startOf(1)
    emit('local.set', last)
    wordOf(code, part)
    // Looked at before it is counted up: an empty part stays in every cache.
    emit('i32.atomic.load', partsAt)
    isThere()
    within('if', () => {
      wordOf(code, part)
      emit('i32.const', 1)
      emit('i32.atomic.rmw.add', partsAt)
      isThere()
      within('if', () => {
        emit('local.get', piece)
        emit('global.set', takenPiece)
        emit('return')
      })
    })
    emit('local.get', part)
    emit('i32.const', 1)
    emit('i32.add')
    emit('local.tee', part)
    emit('global.get', threadCount)
    emit('i32.eq')
    within('if', () => {
      emit('i32.const', 0)
      emit('local.set', part)
    })
    emit('local.get', left)
    emit('i32.const', 1)
    emit('i32.sub')
    emit('local.tee', left)
    emit('br_if', 0)
  })
  emit('local.get', count)
  emit('global.set', takenPiece)
  return code.finish('take', false)
}

/** Nothing is taken of any part; `part` is a local to count with. */
export function clearParts(code: Assembler, part: number): void {
  const { emit, within } = code
  emit('global.get', threadCount)
  emit('local.set', part)
  within('loop', () => {
    emit('local.get', part)
    emit('i32.const', 1)
    emit('i32.sub')
    emit('local.set', part)
    wordOf(code, part)
    emit('i32.const', 0)
    emit('i32.atomic.store', partsAt)
    emit('local.get', part)
    emit('br_if', 0)
  })
}

/** The address of a part's word, less where the parts start. */
function wordOf({ emit }: Assembler, part: number): void {
  emit('global.get', meetingAddress)
  emit('local.get', part)
  emit('i32.const', partBytes)
  emit('i32.mul')
  emit('i32.add')
}
