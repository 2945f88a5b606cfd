/**
 * Lock step: every thread runs the whole program on shared memory and meets the others after each
 * kernel. The host sets three globals an instance: which thread it is, of how many, and where the
 * two words of the barrier are.
 */
import { assembler } from './assembler.js'
import type { WasmFunction } from './encode.js'

export const threadIndex = 0
export const threadCount = 1
export const barrierAddress = 2
export const globalCount = 3

/** Looks at the barrier before a thread goes to sleep: some tens of microseconds. */
const spins = 20_000

/**
 * Waits until all threads are here. Words: arrivals, and the number of the meeting. The last to
 * arrive clears the arrivals, opens the next meeting and wakes the others; they spin, then sleep.
 */
export function emitBarrier(): WasmFunction {
  const code = assembler([])
  const { emit, within } = code
  const [meeting, left] = [code.take('i32'), code.take('i32')]
  const word = (op: string, offset: number): void => emit(op, offset)
  emit('global.get', threadCount)
  emit('i32.const', 1)
  emit('i32.le_s')
  within('if', () => emit('return'))
  emit('global.get', barrierAddress)
  word('i32.atomic.load', 4)
  emit('local.set', meeting)
  emit('global.get', barrierAddress)
  emit('i32.const', 1)
  word('i32.atomic.rmw.add', 0)
  emit('i32.const', 1)
  emit('i32.add')
  emit('global.get', threadCount)
  emit('i32.eq')
  within('if', () => {
    emit('global.get', barrierAddress)
    emit('i32.const', 0)
    word('i32.atomic.store', 0)
    emit('global.get', barrierAddress)
    emit('i32.const', 1)
    word('i32.atomic.rmw.add', 4)
    emit('drop')
    emit('global.get', barrierAddress)
    emit('i32.const', -1)
    word('memory.atomic.notify', 4)
    emit('drop')
    emit('return')
  })
  emit('i32.const', spins)
  emit('local.set', left)
  within('loop', () => {
    emit('global.get', barrierAddress)
    word('i32.atomic.load', 4)
    emit('local.get', meeting)
    emit('i32.ne')
    within('if', () => emit('return'))
    emit('local.get', left)
    emit('i32.const', 1)
    emit('i32.sub')
    emit('local.tee', left)
    emit('br_if', 0)
  })
  within('loop', () => {
    emit('global.get', barrierAddress)
    emit('local.get', meeting)
    emit('i64.const', -1n)
    word('memory.atomic.wait32', 4)
    emit('drop')
    emit('global.get', barrierAddress)
    word('i32.atomic.load', 4)
    emit('local.get', meeting)
    emit('i32.eq')
    emit('br_if', 0)
  })
  return code.finish('barrier', false)
}
