/**
 * How accesses move with a loop: not at all, to the next element, or further.
 */
import { dimProduct } from '../../data/dim.js'
import type { Expr } from '../expression.js'
import type { Kernel } from '../kernel.js'
import {
  asNumber,
  isMultipleOf,
  linearIn,
  ofDim,
  type Polynomial,
  plus,
  polynomialOf,
  times,
  zero,
} from '../polynomial.js'
import type { Block } from '../statement.js'
import { expressionsOf, nodesOf, statementsOf } from '../traverse.js'
import { stepsIn } from './nest.js'

export type Motion = 'still' | 'next' | 'far'

export interface BufferAccess {
  readonly buffer: string
  readonly at: readonly Expr[]
  readonly store: boolean
}

export function motionOf(kernel: Kernel, access: BufferAccess, index: string): Motion {
  const step = stepOf(kernel, access, index)
  if (step === 0) return 'still'
  return step === 1 ? 'next' : 'far'
}

type Place = Pick<BufferAccess, 'buffer' | 'at'>

/** Elements from one iteration to the next; undefined where that is no number. */
export function stepOf(kernel: Kernel, access: Place, index: string): number | undefined {
  const position = positionOf(kernel, access, index)
  const coefficient = position && linearIn(position, index)?.coefficient
  return coefficient && asNumber(coefficient)
}

/** Whether an access moves to the next element, from a whole multiple of so many on. */
export function isAligned(kernel: Kernel, access: Place, index: string, by: number): boolean {
  const position = positionOf(kernel, access, index)
  const parts = position && linearIn(position, index)
  if (parts === undefined || asNumber(parts.coefficient) !== 1) return false
  const steps = stepsIn(kernel)
  return isMultipleOf(parts.rest, by, (name) => steps.get(name) ?? 1)
}

/** The position in the buffer; undefined where the index moves it in a way of its own. */
function positionOf(kernel: Kernel, { buffer, at }: Place, index: string): Polynomial | undefined {
  const shape = kernel.buffers.find((b) => b.name === buffer)?.shape ?? at.map(() => 1)
  let hidden = false
  const position = at.reduce<Polynomial>((sum, e, axis) => {
    const stride = ofDim(dimProduct(shape.slice(axis + 1)))
    const index_ = polynomialOf(e, (x) => {
      hidden ||= [...nodesOf(x)].some((node) => node.tag === 'variable' && node.name === index)
      return '$'
    })
    return plus(sum, times(index_, stride))
  }, zero)
  return hidden ? undefined : position
}

export function accessesIn(block: Block): readonly BufferAccess[] {
  return [...statementsOf(block)].flatMap((s) => {
    const loads = expressionsOf(s).flatMap((e) =>
      [...nodesOf(e)].flatMap((node) =>
        node.tag === 'load' ? [{ buffer: node.buffer, at: node.at, store: false }] : [],
      ),
    )
    return s.tag === 'store' ? [...loads, { buffer: s.buffer, at: s.at, store: true }] : loads
  })
}

/** As `laneScore`, where what stands in loops counts as often as they are taken to run. */
export function nestedScore(kernel: Kernel, block: Block, index: string): number {
  const own = block.filter((s) => s.tag !== 'loop')
  return block.reduce(
    (score, s) => score + (s.tag === 'loop' ? fewTimes * nestedScore(kernel, s.body, index) : 0),
    laneScore(kernel, own, index),
  )
}

/** Iterations that a loop has at least, about. */
const fewTimes = 8

/** Accesses that suit vector lanes of a loop, less those that do not. */
export function laneScore(kernel: Kernel, block: Block, index: string): number {
  const worth = { still: 0, next: 2, far: -1 } as const
  return accessesIn(block).reduce(
    (score, a) => score + worth[motionOf(kernel, a, index)] * (a.store ? 2 : 1),
    0,
  )
}
