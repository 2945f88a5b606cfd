/**
 * Lock step: every thread runs the whole program on shared memory and meets the others after each
 * kernel. `run` sets the globals from its table: which thread this is, of how many, where the words
 * of the meetings are, and where scratch memory that all threads share begins.
 *
 * A meeting ends for everybody, by a trap, when one thread reports a failure in its word. The first
 * thread, which the caller waits for, looks after the others: the import `check` is called while it
 * waits and may throw.
 */
import { type Assembler, assembler } from './assembler.js'
import type { WasmFunction } from './encode.js'
import { meetingAddress, threadCount, threadIndex } from './globals.js'
import { clearParts } from './parts.js'

/** Bytes from the start of the words of the meetings. */
export const meetingWords = {
  arrivals: 0,
  /** The number of the meeting. */
  meeting: 4,
  failed: 8,
  /** Whether the first thread may sleep: not where a page's main thread is it. */
  patient: 12,
} as const

/** Functions of a module whose memory several threads share: where they meet, and `take`. */
export interface Together {
  readonly barrier: number
  readonly take: number
}

/** Looks at the meeting before a thread goes to sleep: some tens of microseconds. */
const spins = 20_000
/** Nanoseconds that a thread sleeps before it looks after the others. */
const nap = 50_000_000n

/**
 * Waits until all threads are here. The last to arrive clears the arrivals and the parts, opens
 * the next meeting and wakes the others; they spin, then sleep.
 */
export function emitBarrier(check: number): WasmFunction {
  const code = assembler([])
  const { emit, within } = code
  const [meeting, left] = [code.take('i32'), code.take('i32')]
  const { arrivals, failed, patient } = meetingWords
  const look = (): void => {
    emit('global.get', meetingAddress)
    emit('i32.atomic.load', meetingWords.meeting)
    emit('local.get', meeting)
  }
  emit('global.get', threadCount)
  emit('i32.const', 1)
  emit('i32.le_s')
  within('if', () => emit('return'))
  emit('global.get', meetingAddress)
  emit('i32.atomic.load', meetingWords.meeting)
  emit('local.set', meeting)
  // After the number was read: who reports a failure does so before opening the next meeting.
  trapOn(code, failed)
  emit('global.get', meetingAddress)
  emit('i32.const', 1)
  emit('i32.atomic.rmw.add', arrivals)
  emit('i32.const', 1)
  emit('i32.add')
  emit('global.get', threadCount)
  emit('i32.eq')
  within('if', () => {
    emit('global.get', meetingAddress)
    emit('i32.const', 0)
    emit('i32.atomic.store', arrivals)
    clearParts(code, left)
    emit('global.get', meetingAddress)
    emit('i32.const', 1)
    emit('i32.atomic.rmw.add', meetingWords.meeting)
    emit('drop')
    emit('global.get', meetingAddress)
    emit('i32.const', -1)
    emit('memory.atomic.notify', meetingWords.meeting)
    emit('drop')
    emit('return')
  })
  within('block', () => {
    emit('i32.const', spins)
    emit('local.set', left)
    within('loop', () => {
      look()
      emit('i32.ne')
      emit('br_if', 1)
      // An impatient thread spins on, and looks at its patience only once a round.
      emit('local.get', left)
      emit('i32.const', 1)
      emit('i32.sub')
      emit('local.tee', left)
      emit('br_if', 0)
      emit('i32.const', spins)
      emit('local.set', left)
      emit('global.get', threadIndex)
      emit('i32.eqz')
      emit('global.get', meetingAddress)
      emit('i32.atomic.load', patient)
      emit('i32.eqz')
      emit('i32.and')
      emit('br_if', 0)
    })
    within('loop', () => {
      emit('global.get', meetingAddress)
      emit('local.get', meeting)
      emit('i64.const', nap)
      emit('memory.atomic.wait32', meetingWords.meeting)
      emit('drop')
      look()
      emit('i32.ne')
      emit('br_if', 1)
      emit('global.get', threadIndex)
      emit('i32.eqz')
      within('if', () => emit('call', check))
      emit('br', 0)
    })
  })
  trapOn(code, failed)
  return code.finish('meet', false)
}

function trapOn({ emit, within }: Assembler, word: number): void {
  emit('global.get', meetingAddress)
  emit('i32.atomic.load', word)
  within('if', () => emit('unreachable'))
}

/** Runs `body` on the first thread alone. */
export function onFirstThread({ emit, within }: Assembler, body: () => void): void {
  emit('global.get', threadIndex)
  emit('i32.eqz')
  within('if', body)
}

/** A number on the stack is rounded up to a multiple of `by`. */
export function roundUp({ emit }: Assembler, by: number): void {
  if (by === 1) return
  emit('i32.const', by - 1)
  emit('i32.add')
  emit('i32.const', by)
  emit('i32.div_u')
  emit('i32.const', by)
  emit('i32.mul')
}

/** The smaller of two locals stays on the stack. */
export function smaller({ emit }: Assembler, a: number, b: number): void {
  emit('local.get', a)
  emit('local.get', b)
  emit('local.get', a)
  emit('local.get', b)
  emit('i32.lt_s')
  emit('select')
}
