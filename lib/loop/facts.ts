/**
 * What is known at each statement of a kernel: the ranges of names, the conditions around it.
 */
import type { Dim } from '../data/dim.js'
import { type Binder, type Facts, noFacts, toPolynomial } from './bounds.js'
import { type BufferType, type Expr, size } from './expression.js'
import type { Kernel } from './kernel.js'
import { minus, type Polynomial, whole } from './polynomial.js'
import type { Block, Loop, Stmt } from './statement.js'
import { statementsOf } from './traverse.js'

interface Shape {
  readonly dtype: BufferType
  readonly shape: readonly Dim[]
  readonly writable: boolean
}

/** Buffers and locals by name. */
export function shapesOf(kernel: Kernel): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>()
  for (const b of kernel.buffers) shapes.set(b.name, { ...b, writable: b.access !== 'read' })
  for (const s of statementsOf(kernel.body)) {
    if (s.tag === 'local') shapes.set(s.name, { ...s, writable: true })
  }
  return shapes
}

/** Calls `visit` on every statement with what is known where it stands. */
export function walkFacts(kernel: Kernel, visit: (s: Stmt, facts: Facts) => void): void {
  const counters = kernel.counters.map((c): Binder => ({ name: c.name, range: countOf(c.below) }))
  const walk = (block: Block, outer: Facts): void => {
    let facts = outer
    for (const s of block) {
      visit(s, facts)
      if (s.tag === 'let') facts = withBinder(facts, { name: s.name, range: letOf(s.value) })
      else if (s.tag === 'variable') {
        facts = withBinder(facts, { name: s.name, range: { tag: 'unknown' } })
      } else if (s.tag === 'if') {
        walk(s.yes, {
          ...facts,
          known: [...facts.known, ...conditionsOf(facts, s.condition, true)],
        })
        walk(s.no, {
          ...facts,
          known: [...facts.known, ...conditionsOf(facts, s.condition, false)],
        })
      } else if (s.tag === 'while') walk(s.body, facts)
      else if (s.tag === 'loop') walk(s.body, withBinder(facts, loopBinder(s)))
    }
  }
  walk(kernel.body, { ...noFacts(), binders: counters })
}

const countOf = (below: Dim): Binder['range'] => ({
  tag: 'loop',
  from: size(0),
  to: size(below),
  step: 1,
})

const letOf = (value: Expr): Binder['range'] =>
  value.dtype === 'i32' ? { tag: 'let', value } : { tag: 'unknown' }

export const loopBinder = (s: Loop): Binder => ({
  name: s.index,
  range: { tag: 'loop', from: s.from, to: s.to, step: s.step },
})

const withBinder = (facts: Facts, binder: Binder): Facts => ({
  ...facts,
  binders: [...facts.binders, binder],
})

/** What a condition on indices says, as polynomials ≥ 0. */
function conditionsOf(facts: Facts, e: Expr, holds: boolean): readonly Polynomial[] {
  if (e.tag === 'unary' && e.op === 'not') return conditionsOf(facts, e.x, !holds)
  if (e.tag === 'binary' && e.op === (holds ? 'and' : 'or')) {
    return [...conditionsOf(facts, e.x, holds), ...conditionsOf(facts, e.y, holds)]
  }
  if (e.tag !== 'compare' || e.x.dtype !== 'i32') return []
  const difference = minus(toPolynomial(facts, e.x), toPolynomial(facts, e.y))
  const opposite = minus(toPolynomial(facts, e.y), toPolynomial(facts, e.x))
  const less = (p: Polynomial): Polynomial => minus(p, whole(1))
  const says = {
    lt: holds ? [less(opposite)] : [difference],
    le: holds ? [opposite] : [less(difference)],
    gt: holds ? [less(difference)] : [opposite],
    ge: holds ? [difference] : [less(opposite)],
    eq: holds ? [difference, opposite] : [],
    ne: holds ? [] : [difference, opposite],
  }
  return says[e.op]
}
