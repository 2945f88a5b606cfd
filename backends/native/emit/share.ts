/**
 * How threads share a kernel: `division.ts` says in which way, this writes it.
 *
 *   pieces     for (;;) { take the next piece of the range, of the own part first; run it }
 *   lock step  every thread walks through the statements; loops over threads are cut into shares,
 *              and threads meet behind what writes memory that all see, and before it where one of
 *              them may still be reading
 */
import { type Block, blocksOf, type Loop, type Stmt, variable } from '../../../lib/loop/index.js'
import { holdsSpread, isOverThreads, readsAnyOf, writesAny } from '../../division.js'
import { common, divisorOf } from './divisor.js'
import type { Emission } from './emission.js'
import { emitLoop } from './loop.js'
import { scalarText } from './scalar.js'
import { emitBlock, emitBlockBy, emitStatement } from './statement.js'

/** Pieces a thread, at most, so that a thread that is held up leaves the rest to others. */
const pieces = 16

/** A kernel whose one loop is `range`: threads take pieces of it until none is left. */
export function emitPieces(e: Emission, block: Block, range: Loop): void {
  const { line, fresh } = e.writer
  const [from, to, steps] = [fresh('from'), fresh('to'), fresh('steps')]
  const [piece, next, begin, end] = [fresh('piece'), fresh('next'), fresh('begin'), fresh('end')]
  const [count, turn] = [fresh('count'), fresh('turn')]
  const most = `(threads > 1 ? threads * ${pieces} : 1)`
  const stride = range.step * Math.max(range.width, 1)
  line(`const int64_t ${from} = ${scalarText(e, range.from, [])};`)
  line(`const int64_t ${to} = ${scalarText(e, range.to, [])};`)
  line(
    `const int64_t ${steps} = ${to} > ${from} ? (${to} - ${from} + ${stride - 1}) / ${stride} : 0;`,
  )
  line(`const int64_t ${piece} = ${steps} > 0 ? (${steps} - 1) / ${most} + 1 : 1;`)
  line(`const int64_t ${count} = (${steps} + ${piece} - 1) / ${piece};`)
  line(`int64_t ${turn} = 0;`)
  e.wholes.set('%begin', begin)
  e.wholes.set('%end', end)
  const divisor = common(divisorOf(e, range.from), stride)
  e.divisors.set('%begin', divisor)
  e.divisors.set('%end', common(divisor, divisorOf(e, range.to)))
  const cut = { ...range, from: variable('%begin'), to: variable('%end') }
  e.writer.block(`for (int64_t ${next} = 0;; ${next}++)`, () => {
    line(`if (threads > 1) ${next} = take(meeting, &${turn}, thread, threads, ${count});`)
    line(`if (${next} >= ${count}) break;`)
    line(`const int64_t ${begin} = ${from} + ${next} * ${piece} * ${stride};`)
    line(`const int64_t ${end}_ = ${begin} + ${piece} * ${stride};`)
    line(`const int64_t ${end} = ${end}_ < ${to} ? ${end}_ : ${to};`)
    emitBlock(
      e,
      block.map((s) => (s === range ? cut : s)),
    )
  })
}

/** The whole body; threads meet once more after the kernel, so not behind its last statement. */
export function emitLockstep(e: Emission, block: Block, shared: ReadonlySet<string>): void {
  walkBlock(e, block, shared, false, true)
}

/** `reading`: some thread may still read what a statement of the block writes. */
function walkBlock(
  e: Emission,
  block: Block,
  shared: ReadonlySet<string>,
  reading: boolean,
  final: boolean,
): void {
  const meet = (): void => e.writer.line('if (threads > 1) meet(meeting, threads);')
  let pending = reading
  emitBlockBy(e, block, (s) => {
    const writes = writesAny(s, shared)
    const last = final && s === block.at(-1)
    if (holdsSpread(s) && !isOverThreads(s)) {
      if (s.tag !== 'loop') return
      const inside = pending || after(s.body, shared, false)
      emitLoop(e, s, (_, body) => walkBlock(e, body, shared, inside, false))
    } else if (writes) {
      if (pending) meet()
      if (isOverThreads(s)) emitShare(e, s)
      else e.writer.block('if (thread == 0)', () => emitStatement(e, s))
      if (!last) meet()
    } else if (isOverThreads(s)) emitShare(e, s)
    else emitStatement(e, s)
    pending = after([s], shared, pending)
  })
}

/** Whether threads may be reading shared memory behind a block, since they met. */
function after(block: Block, shared: ReadonlySet<string>, before: boolean): boolean {
  return block.reduce((reading, s: Stmt) => {
    if (holdsSpread(s) && !isOverThreads(s)) {
      return blocksOf(s).reduce((r, body) => after(body, shared, r) || r, reading)
    }
    return !writesAny(s, shared) && (reading || readsAnyOf(s, shared))
  }, before)
}

/** The part of a loop that is this thread's: consecutive iterations, whole vectors, evenly. */
function emitShare(e: Emission, s: Loop): void {
  const { line, fresh } = e.writer
  const [from, to, steps] = [fresh('from'), fresh('to'), fresh('steps')]
  const [begin, end] = [fresh('begin'), fresh('end')]
  const stride = s.step * Math.max(s.width, 1)
  line(`const int64_t ${from} = ${scalarText(e, s.from, [])};`)
  line(`const int64_t ${to} = ${scalarText(e, s.to, [])};`)
  line(
    `const int64_t ${steps} = ${to} > ${from} ? (${to} - ${from} + ${stride - 1}) / ${stride} : 0;`,
  )
  line(`const int64_t ${begin} = ${from} + ${steps} * thread / threads * ${stride};`)
  line(`const int64_t ${end}_ = ${from} + ${steps} * (thread + 1) / threads * ${stride};`)
  line(`const int64_t ${end} = ${end}_ < ${to} ? ${end}_ : ${to};`)
  const [first, last] = [`%begin ${s.index}`, `%end ${s.index}`]
  e.wholes.set(first, begin)
  e.wholes.set(last, end)
  const divisor = common(divisorOf(e, s.from), stride)
  e.divisors.set(first, divisor)
  e.divisors.set(last, common(divisor, divisorOf(e, s.to)))
  emitLoop(e, { ...s, from: variable(first), to: variable(last) }, emitBlock)
  e.wholes.delete(first)
  e.wholes.delete(last)
  e.divisors.delete(first)
  e.divisors.delete(last)
}
