import { add, constant, type Expr, min, size, sub, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { isMultipleOf } from '../polynomial.js'
import { addedTo, addsUp, isIndependent, isReduction } from '../reduction.js'
import { type Block, identityOf, type Loop, type Stmt } from '../statement.js'
import { namesIn, rewriteBlock, statementsOf, substitute } from '../traverse.js'
import { withoutOrder } from './free.js'
import {
  chainFrom,
  findLoop,
  illegal,
  isZero,
  lengthsOf,
  replaceLoop,
  requireFresh,
  stepsIn,
} from './nest.js'

/** The loop in steps of `by`, and its iterations from 0 inside. */
export function splitLoop(kernel: Kernel, name: string, by: number, outer: string): Kernel {
  requireFresh(kernel, outer)
  return replaceLoop(kernel, name, (loop) => {
    if (loop.step !== 1) illegal(kernel, `'${name}' has a step already`)
    return [tiles(loop, by, outer, loop.body, isInSteps(kernel, loop, by))]
  })
}

/** Whether a loop from 0 makes whole steps of so many iterations, whatever its bound is. */
export function isInSteps(kernel: Kernel, loop: Loop, by: number): boolean {
  const steps = stepsIn(kernel)
  return (
    isZero(loop.from) &&
    lengthsOf(loop).every((length) => isMultipleOf(length, by, (name) => steps.get(name) ?? 1))
  )
}

function tiles(loop: Loop, by: number, outer: string, body: Block, exact: boolean): Loop {
  const start = variable(outer)
  const rest = sub(loop.to, start)
  const shift = substitute(new Map([[loop.index, add(start, variable(loop.index))]]))
  const inner: Loop = {
    ...loop,
    from: size(0),
    to: exact ? size(by) : min(size(by), rest),
    body: rewriteBlock(body, shift),
  }
  // Lanes stay inside; what they add up is added in order, whatever else they do.
  const mode = loop.width === 1 ? loop.mode : addedTo(loop).size > 0 ? 'sequential' : 'parallel'
  return { ...loop, index: outer, step: by, mode, width: 1, body: [inner] }
}

/** Loops that lie perfectly in one another, in a new order. */
export function orderLoops(kernel: Kernel, names: readonly string[]): Kernel {
  const wanted = new Set(names)
  if (wanted.size < names.length) illegal(kernel, 'the order names a loop twice')
  const outermost = [...statementsOf(kernel.body)].find(
    (s): s is Loop => s.tag === 'loop' && wanted.has(s.index),
  )
  if (outermost === undefined) return illegal(kernel, `there are no loops ${names.join(', ')}`)
  const chain = chainFrom(outermost).slice(0, names.length)
  const byName = new Map(chain.map((loop) => [loop.index, loop]))
  const innermost = chain.at(-1)
  if (innermost === undefined || names.some((name) => !byName.has(name))) {
    return illegal(kernel, `${names.join(', ')} are not perfectly nested`)
  }
  if (!chain.every(isIndependent)) illegal(kernel, 'a loop to be reordered runs in sequence')
  const inScope = new Set<string>()
  const later = new Set(names)
  for (const name of names) {
    const loop = byName.get(name) ?? innermost
    for (const used of [...namesIn(loop.from), ...namesIn(loop.to)]) {
      if (later.has(used)) illegal(kernel, `the bounds of '${name}' depend on '${used}'`)
    }
    later.delete(name)
    inScope.add(name)
  }
  const nest = names
    .toReversed()
    .reduce<Block>((body, name) => [{ ...(byName.get(name) ?? innermost), body }], innermost.body)
  return replaceLoop(kernel, outermost.index, () => nest)
}

/** Lock step: in vector lanes or in registers. */
export function widenLoop(
  kernel: Kernel,
  name: string,
  mode: 'vector' | 'unrolled',
  width: number,
): Kernel {
  const loop = findLoop(kernel, name)
  if (!isIndependent(loop) && !mayAddApart(kernel, loop))
    illegal(kernel, `the iterations of '${name}' depend on one another`)
  if (mode === 'vector' && (width % 4 !== 0 || width > 64)) {
    illegal(kernel, `a vector width is 4, 8, … 64, not ${width}`)
  }
  return replaceLoop(kernel, name, (l) => [{ ...l, mode, width }])
}

/** A reduction whose blocks of `by` iterations have accumulators of their own. */
export function blockLoop(kernel: Kernel, name: string, by: number, outer: string): Kernel {
  requireFresh(kernel, outer)
  const loop = findLoop(kernel, name)
  if (!mayAddApart(kernel, loop)) illegal(kernel, `'${name}' is not a reduction`)
  const combined = accumulatorsOf(kernel, loop)
  const partial = (target: string): string => `${target}.${outer}`
  const rename = (block: Block): Block =>
    block.map((s): Stmt => {
      if (s.tag === 'accumulate' && combined.has(s.name)) return { ...s, name: partial(s.name) }
      return s.tag === 'loop' ? { ...s, body: rename(s.body) } : s
    })
  const blocks = tiles(loop, by, outer, rename(loop.body), isInSteps(kernel, loop, by))
  const entries = [...combined]
  return replaceLoop(kernel, name, () => [
    {
      ...blocks,
      mode: 'sequential',
      width: 1,
      body: [
        ...entries.map(
          ([target, { initial, combine }]): Stmt => ({
            tag: 'variable',
            name: partial(target),
            initial: constant(initial.dtype, identityOf(combine, initial.dtype)),
            combine,
          }),
        ),
        ...blocks.body,
        ...entries.map(
          ([target, { initial }]): Stmt => ({
            tag: 'accumulate',
            name: target,
            value: variable(partial(target), initial.dtype),
          }),
        ),
      ],
    },
  ])
}

/** Whether iterations meet in what they add up only, whatever else each stores. */
export const mayAddApart = (kernel: Kernel, loop: Loop): boolean =>
  isReduction(loop) || (addsUp(loop) && withoutOrder(kernel, loop.index) !== undefined)

interface Accumulator {
  readonly initial: Expr
  readonly combine: NonNullable<(Stmt & { tag: 'variable' })['combine']>
}

/** Accumulators declared outside a loop that its body adds to. */
export function accumulatorsOf(kernel: Kernel, loop: Loop): ReadonlyMap<string, Accumulator> {
  const targets = new Set<string>()
  const inner = statementsOf(loop.body)
  for (const s of inner) {
    if (s.tag === 'accumulate') targets.add(s.name)
    if (s.tag === 'if') illegal(kernel, `'${loop.index}' has branches`)
  }
  for (const s of inner) if (s.tag === 'variable') targets.delete(s.name)
  const found = new Map<string, Accumulator>()
  for (const s of statementsOf(kernel.body)) {
    if (s.tag !== 'variable' || !targets.has(s.name) || s.combine === undefined) continue
    found.set(s.name, { initial: s.initial, combine: s.combine })
  }
  return found
}
