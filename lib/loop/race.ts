/**
 * Races: two iterations of a loop with independent iterations must not meet at one element.
 *
 *   parallel i { y[0] = x[i] }    both i and i + Δ write y[0]
 *
 * For a store and any other access to the same buffer in the body, some axis must differ between
 * iteration p and p + step·Δ for every Δ ≥ 1, whatever the inner loops do on either side.
 */
import { type Binder, type Facts, isNonNegative, toPolynomial } from './bounds.js'
import { add, type Expr, mul, size, variable } from './expression.js'
import { loopBinder, walkFacts } from './facts.js'
import type { Fault } from './fault.js'
import type { Kernel } from './kernel.js'
import { minus, type Polynomial, whole } from './polynomial.js'
import { showStatement } from './print.js'
import type { Block, Loop, Stmt } from './statement.js'
import {
  expressionsOf,
  namesIn,
  nodesOf,
  rewriteBlock,
  statementsOf,
  substitute,
} from './traverse.js'

/** The distance between two iterations; no name of a program is spelt so. */
const distance = 'Δ'

export function races(kernel: Kernel): readonly Fault[] {
  const faults: Fault[] = []
  walkFacts(kernel, (s, facts) => {
    if (s.tag === 'loop' && s.mode !== 'sequential') faults.push(...racesOf(s, facts))
  })
  return faults
}

interface Access {
  readonly buffer: string
  readonly at: readonly Expr[]
  readonly statement: Stmt
  readonly store: boolean
}

function racesOf(loop: Loop, outer: Facts): readonly Fault[] {
  const inner = [...statementsOf(loop.body)]
  const own = new Set(
    inner.flatMap((s) =>
      'name' in s && s.tag !== 'assign' && s.tag !== 'accumulate' ? [s.name] : [],
    ),
  )
  const faults: Fault[] = inner.flatMap((s): readonly Fault[] =>
    s.tag === 'assign' && !own.has(s.name)
      ? [{ kind: 'race', what: `iterations of ${loop.index} assign to one '${s.name}'` }]
      : [],
  )
  const added = new Set(inner.flatMap((s) => (s.tag === 'accumulate' ? [s.name] : [])))
  for (const s of inner) {
    const read = expressionsOf(s).flatMap((e) => [...namesIn(e)])
    const early = read.find((name) => added.has(name) && !own.has(name))
    if (early === undefined) continue
    faults.push({
      kind: 'race',
      what: `iterations of ${loop.index} read '${early}' while others add to it`,
    })
  }
  const accesses = accessesOf(inner).filter((a) => !own.has(a.buffer))
  const other = shifted(loop)
  const twins = accessesOf([...statementsOf(other.body)]).filter((a) => !own.has(a.buffer))
  const facts: Facts = {
    ...outer,
    binders: [
      ...outer.binders,
      loopBinder(loop),
      ...bindersOf(loop.body),
      ...bindersOf(other.body),
    ],
  }
  for (const [i, a] of accesses.entries()) {
    for (const [k, b] of twins.entries()) {
      if (a.buffer !== b.buffer || (!a.store && !b.store)) continue
      if (disjoint(facts, a.at, b.at)) continue
      const plain = accesses[k] ?? a
      if (k < i && accesses[k]?.store && a.store) continue
      faults.push({
        kind: 'race',
        what: `iterations of ${loop.index} may meet at ${a.buffer}: ${showStatement(a.statement)}${
          plain.statement === a.statement ? '' : ` and ${showStatement(plain.statement)}`
        }`,
      })
    }
  }
  return dedupe(faults)
}

const dedupe = (faults: readonly Fault[]): readonly Fault[] =>
  faults.filter((f, i) => faults.findIndex((g) => g.what === f.what) === i)

/** Whether some axis of the two accesses always differs. */
function disjoint(facts: Facts, a: readonly Expr[], b: readonly Expr[]): boolean {
  return a.some((x, axis) => {
    const y = b[axis]
    if (y === undefined) return false
    const [p, q] = [toPolynomial(facts, x), toPolynomial(facts, y)]
    const above = (u: Polynomial, v: Polynomial): boolean =>
      isNonNegative(facts, minus(minus(u, v), whole(1)))
    return above(q, p) || above(p, q)
  })
}

/** The body at iteration p + step·Δ, every name bound in it marked. */
function shifted(loop: Loop): { readonly body: Block } {
  const later = add(variable(loop.index), mul(size(distance), loop.step))
  const renamed = new Map<string, Expr>([[loop.index, later]])
  for (const s of statementsOf(loop.body)) {
    if (s.tag === 'loop') renamed.set(s.index, variable(mark(s.index)))
    else if (s.tag === 'let') renamed.set(s.name, variable(mark(s.name), s.value.dtype))
    else if (s.tag === 'variable') renamed.set(s.name, variable(mark(s.name), s.initial.dtype))
  }
  return { body: rewriteBlock(renameBinders(loop.body), substitute(renamed)) }
}

const mark = (name: string): string => `${name}′`

function renameBinders(block: Block): Block {
  return block.map((s): Stmt => {
    if (s.tag === 'loop') return { ...s, index: mark(s.index), body: renameBinders(s.body) }
    if (s.tag === 'let' || s.tag === 'variable') return { ...s, name: mark(s.name) }
    if (s.tag === 'while') return { ...s, body: renameBinders(s.body) }
    if (s.tag === 'if') return { ...s, yes: renameBinders(s.yes), no: renameBinders(s.no) }
    return s
  })
}

function bindersOf(block: Block): readonly Binder[] {
  return [...statementsOf(block)].flatMap((s): readonly Binder[] => {
    if (s.tag === 'loop') return [loopBinder(s)]
    if (s.tag === 'variable') return [{ name: s.name, range: { tag: 'unknown' } }]
    if (s.tag !== 'let') return []
    const whole = s.value.dtype === 'i32'
    return [{ name: s.name, range: whole ? { tag: 'let', value: s.value } : { tag: 'unknown' } }]
  })
}

function accessesOf(statements: readonly Stmt[]): readonly Access[] {
  return statements.flatMap((s): readonly Access[] => {
    if (s.tag === 'touch') return []
    const stores =
      s.tag === 'store' ? [{ buffer: s.buffer, at: s.at, statement: s, store: true }] : []
    const loads = expressionsOf(s).flatMap((e) =>
      [...nodesOf(e)].flatMap((node) =>
        node.tag === 'load'
          ? [{ buffer: node.buffer, at: node.at, statement: s, store: false }]
          : [],
      ),
    )
    return [...stores, ...loads]
  })
}
