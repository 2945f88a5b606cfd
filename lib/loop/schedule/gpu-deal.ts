/**
 * Deal: the iterations of an elementwise loop are dealt out to the invocations of workgroups.
 *
 *   for i in 0..n { y[i] = f(x[i]) }    dealt to 256 for 4 turns    →
 *   for g in 0..n step 1024 over groups { for v in 0..256 over invocations {
 *     for q in 0..1024 step 256 unrolled { j = min(g + q + v, n − 1); …; if (g + q + v < n) y[j] = … } } }
 *
 * Neighbours touch neighbours in each turn, and the turns advance in lock step, so that all loads
 * of an invocation are on their way together. Past the end the last element is read again, and
 * nothing is stored. With lanes, an invocation takes as many elements side by side in each turn, of
 * a loop whose extent is a multiple of them.
 */
import { add, lt, min, mul, size, sub, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { type Block, type Loop, parallel, type Stmt } from '../statement.js'
import { rewriteBlock, substitute } from '../traverse.js'
import { four, isMultipleOfFour, vector } from './gpu-tiles.js'
import { extentOf, findLoop, illegal, isZero, replaceLoop, requireFresh } from './nest.js'

export interface Deal {
  readonly width: number
  readonly turns: number
  /** Elements side by side: 1 or 4. */
  readonly lanes: number
  readonly outer: string
}

export function dealLoop(
  kernel: Kernel,
  name: string,
  { width, turns, lanes, outer }: Deal,
): Kernel {
  const loop = findLoop(kernel, name)
  const extent = extentOf(loop)
  const plain = isZero(loop.from) && loop.step === 1 && loop.mode !== 'sequential'
  if (extent === undefined || !plain || loop.to.tag === 'binary') {
    return illegal(kernel, `'${name}' is not a plain parallel loop`)
  }
  if (!loop.body.every((s) => s.tag === 'let' || s.tag === 'store')) {
    return illegal(kernel, `'${name}' holds more than lets and stores`)
  }
  if (lanes !== 1 && (lanes !== four || !isMultipleOfFour(extent))) {
    return illegal(kernel, `'${name}' is not a multiple of ${lanes} lanes`)
  }
  const [lane, turn, place] = [`${name}.lane`, `${name}.turn`, `${name}.at`]
  const [first, each] = [`${name}.first`, `${name}.vector`]
  for (const fresh of [outer, lane, turn, place, first, each]) requireFresh(kernel, fresh)
  const run = width * turns * lanes
  const exact = typeof extent === 'number' && extent % run === 0
  const from = add(variable(outer), add(variable(turn), mul(variable(lane), lanes)))
  const at = lanes === 1 ? from : add(from, variable(each))
  const start = exact ? from : min(from, sub(size(extent), lanes))
  const here = lanes === 1 ? start : add(variable(first), variable(each))
  // Lanes are told by the index itself too: side by side in memory.
  const read = lanes === 1 ? variable(place) : here
  const body = rewriteBlock(loop.body, substitute(new Map([[name, read]])))
  // Where something is stored is told by the index itself, so that no two meet.
  const target = substitute(new Map([[name, at]]))
  const guarded = (s: Stmt, i: number): Stmt => {
    const source = loop.body[i]
    if (s.tag !== 'store' || source?.tag !== 'store') return s
    const stored: Stmt = { ...s, at: source.at.map(target) }
    return exact ? stored : { tag: 'if', condition: lt(from, size(extent)), yes: [stored], no: [] }
  }
  const all = body.map(guarded)
  const inner: Block =
    lanes === 1
      ? [{ tag: 'let', name: place, value: here }, ...all]
      : [{ tag: 'let', name: first, value: start }, vector(each, lanes, () => all)]
  const dealt: Loop = {
    ...parallel(outer, extent, () => [
      {
        ...parallel(lane, width, () => [
          {
            ...parallel(turn, run, () => inner),
            step: width * lanes,
            mode: 'unrolled',
            width: turns,
          },
        ]),
        spread: 'invocations',
      },
    ]),
    step: run,
    spread: 'groups',
  }
  return replaceLoop(kernel, name, () => [dealt])
}
