/**
 * Kernels in lock step: every thread walks through the statements, and loops over threads are cut
 * into one share a thread.
 *
 *   for i over threads { t[i] = … }             for i in a share { t[i] = … }; meet
 *   var s = 0; for i { s += t[i] }         →    the same on every thread
 *   y[] = s                                     if first { y[] = s }
 *
 * Threads meet behind what writes memory that all see, and before it where one of them may still be
 * reading.
 */
import { type Block, blocksOf, type Loop, type Stmt, variable } from '../../lib/loop/index.js'
import { holdsSpread, isOverThreads, readsAnyOf, writesAny } from '../division.js'
import type { Emission } from './emission.js'
import { threadCount, threadIndex } from './globals.js'
import { emitLoop } from './loop.js'
import { emitScalar } from './scalar.js'
import { emitBlock, emitBlockBy, emitStatement } from './statement.js'
import { onFirstThread, roundUp, smaller } from './threads.js'

export interface Walk {
  /** Names of buffers that all threads see. */
  readonly shared: ReadonlySet<string>
  /** The function in which threads meet. */
  readonly barrier: number
}

/** The whole body; threads meet once more after the kernel, so not behind its last statement. */
export function emitLockstep(e: Emission, block: Block, walk: Walk): void {
  walkBlock(e, block, walk, false, true)
}

/** `reading`: some thread may still read what a statement of the block writes. */
function walkBlock(e: Emission, block: Block, walk: Walk, reading: boolean, final: boolean): void {
  const meet = (): void => e.code.emit('call', walk.barrier)
  let pending = reading
  emitBlockBy(e, block, (s) => {
    const writes = writesAny(s, walk.shared)
    const last = final && s === block.at(-1)
    if (holdsSpread(s) && !isOverThreads(s)) {
      if (s.tag !== 'loop') return
      const inside = pending || after(s.body, walk, false)
      emitLoop(e, s, (_, body) => walkBlock(e, body, walk, inside, false))
    } else if (writes) {
      if (pending) meet()
      if (isOverThreads(s)) emitShare(e, s)
      else onFirstThread(e.code, () => emitStatement(e, s))
      if (!last) meet()
    } else if (isOverThreads(s)) emitShare(e, s)
    else emitStatement(e, s)
    pending = after([s], walk, pending)
  })
}

/** Whether threads may be reading shared memory behind a block, since they met. */
function after(block: Block, walk: Walk, before: boolean): boolean {
  return block.reduce((reading, s: Stmt) => {
    if (holdsSpread(s) && !isOverThreads(s)) {
      return blocksOf(s).reduce((r, body) => after(body, walk, r) || r, reading)
    }
    return !writesAny(s, walk.shared) && (reading || readsAnyOf(s, walk.shared))
  }, before)
}

/** The part of a loop that is this thread's: consecutive iterations, whole vectors. */
function emitShare(e: Emission, s: Loop): void {
  const { emit, within, take, release } = e.code
  const [begin, end, share] = [take('i32'), take('i32'), take('i32')]
  emitScalar(e, s.from, [])
  emit('local.set', begin)
  emitScalar(e, s.to, [])
  emit('local.tee', end)
  emit('local.get', begin)
  emit('i32.gt_s')
  within('if', () => {
    emit('local.get', end)
    emit('local.get', begin)
    emit('i32.sub')
    emit('global.get', threadCount)
    emit('i32.add')
    emit('i32.const', 1)
    emit('i32.sub')
    emit('global.get', threadCount)
    emit('i32.div_s')
    roundUp(e.code, s.step * s.width)
    emit('local.tee', share)
    emit('global.get', threadIndex)
    emit('i32.mul')
    emit('local.get', begin)
    emit('i32.add')
    emit('local.tee', begin)
    emit('local.get', share)
    emit('i32.add')
    emit('local.set', share)
    smaller(e.code, end, share)
    emit('local.set', end)
    const [from, to] = [`%begin ${s.index}`, `%end ${s.index}`]
    e.wholes.set(from, begin)
    e.wholes.set(to, end)
    emitLoop(e, { ...s, from: variable(from), to: variable(to) }, emitBlock)
    e.wholes.delete(from)
    e.wholes.delete(to)
  })
  for (const local of [begin, end, share]) release(local)
}
