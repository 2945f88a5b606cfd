/**
 * Share: what a kernel computes twice in one place, it computes once.
 *
 *   y[i] = exp(x[i]) / (1 + exp(x[i]))    →    t0 = exp(x[i]); y[i] = t0 / (1 + t0)
 *
 * Equality is structural, so functions that build expressions need not care about sharing. A value
 * is reused in inner blocks, never moved out of a branch or a loop. Short index arithmetic (i32 without
 * loads) stays inline, where the analyses read it. Conditions of `while` are left as they are.
 */
import { type Expr, variable } from './expression.js'
import { labelOf } from './label.js'
import type { Block, Stmt } from './statement.js'
import {
  blocksOf,
  childrenOf,
  expressionsOf,
  mapBlocks,
  mapChildren,
  mapExpressions,
  statementsOf,
} from './traverse.js'

export function shareExpressions(block: Block): Block {
  const interned = internBlock(block, new Interner())
  const taken = new Set<string>()
  for (const s of statementsOf(block)) {
    if (s.tag === 'loop') taken.add(s.index)
    if (s.tag === 'let' || s.tag === 'variable') taken.add(s.name)
  }
  let count = 0
  const fresh = (): string => {
    while (taken.has(`t${count}`)) count++
    return `t${count++}`
  }
  return bindBlock(interned, new Map(), fresh, inlineLengths())
}

/**
 * Equal expressions become one object, as long as nothing that they read was written in between:
 * each read carries the number of writes before it.
 */
class Interner {
  private readonly nodes = new Map<string, Expr>()
  private readonly ids = new Map<Expr, number>()
  private readonly versions = new Map<string, number>()

  wrote(name: string): void {
    this.versions.set(name, (this.versions.get(name) ?? 0) + 1)
  }

  readonly expr = (e: Expr): Expr => this.walk(e, new Map())

  private walk(e: Expr, done: Map<Expr, Expr>): Expr {
    const known = done.get(e)
    if (known !== undefined) return known
    const node = mapChildren(e, (child) => this.walk(child, done))
    const key = this.key(node)
    const same = this.nodes.get(key)
    // A fresh object, so that a node built once but read at two versions does not stay one.
    const result = same ?? { ...node }
    if (same === undefined) {
      this.nodes.set(key, result)
      this.ids.set(result, this.ids.size)
    }
    done.set(e, result)
    return result
  }

  private key(e: Expr): string {
    const below = childrenOf(e).map((child) => this.ids.get(child))
    switch (e.tag) {
      case 'variable':
        return `var ${e.dtype} ${e.name} ${this.versions.get(e.name) ?? 0}`
      case 'load':
        return `load ${e.buffer} ${this.versions.get(`[${e.buffer}`) ?? 0} ${below}`
      default:
        return `${labelOf(e)} ${below}`
    }
  }
}

function internBlock(block: Block, nodes: Interner): Block {
  return block.map((s) => {
    const writes = s.tag === 'loop' || s.tag === 'while' ? [...writtenIn(s.body)] : []
    const outside = s.tag === 'while' ? s : mapExpressions(s, nodes.expr)
    for (const name of writes) nodes.wrote(name)
    const result = mapBlocks(outside, (inner) => internBlock(inner, nodes))
    for (const name of [...writes, ...writesOf(s)]) nodes.wrote(name)
    return result
  })
}

/** Variables by name, buffers by `[name`. */
const writesOf = (s: Stmt): readonly string[] => {
  if (s.tag === 'assign' || s.tag === 'accumulate' || s.tag === 'variable') return [s.name]
  return s.tag === 'store' ? [`[${s.buffer}`] : []
}

const writtenIn = (block: Block): ReadonlySet<string> =>
  new Set([...statementsOf(block)].flatMap(writesOf))

type Bound = ReadonlyMap<Expr, Expr>

function bindBlock(
  block: Block,
  outer: Bound,
  fresh: () => string,
  isIndexArithmetic: (e: Expr) => boolean,
): Block {
  const uses = countUses(block)
  const bound = new Map(outer)
  const result: Stmt[] = []
  for (const s of block) {
    const bindings: Stmt[] = []
    const go = (e: Expr): Expr => {
      const known = bound.get(e)
      if (known !== undefined) return known
      const node = mapChildren(e, go)
      if (isIndexArithmetic(e) || (uses.get(e) ?? 0) < 2) return node
      const name = fresh()
      bindings.push({ tag: 'let', name, value: node })
      const reference = variable(name, e.dtype)
      bound.set(e, reference)
      return reference
    }
    const outside = s.tag === 'while' ? s : mapExpressions(s, go)
    result.push(
      ...bindings,
      mapBlocks(outside, (inner) => bindBlock(inner, bound, fresh, isIndexArithmetic)),
    )
    // A `let` of a whole expression names it already.
    if (s.tag === 'let' && !bound.has(s.value)) bound.set(s.value, variable(s.name, s.value.dtype))
  }
  return result
}

/** Edges into each node from this block and the blocks in it; a shared parent counts once. */
function countUses(block: Block): ReadonlyMap<Expr, number> {
  const uses = new Map<Expr, number>()
  const visit = (e: Expr): void => {
    const before = uses.get(e) ?? 0
    uses.set(e, before + 1)
    if (before === 0) childrenOf(e).forEach(visit)
  }
  const walk = (inner: Block): void => {
    for (const s of inner) {
      if (s.tag !== 'while') expressionsOf(s).forEach(visit)
      blocksOf(s).forEach(walk)
    }
  }
  walk(block)
  return uses
}

/** How many names and operations index arithmetic may have, written out, to stay inline. */
const mostInline = 512

/**
 * Whether an expression is short arithmetic on indices. Its length is that of the text, where what
 * occurs twice counts twice: squares of squares double it each time.
 */
function inlineLengths(): (e: Expr) => boolean {
  const lengths = new Map<Expr, number>()
  const lengthOf = (e: Expr): number => {
    if (e.tag === 'constant' || e.tag === 'size' || e.tag === 'variable') return 1
    if (e.tag !== 'binary' || e.dtype !== 'i32') return Number.POSITIVE_INFINITY
    const known = lengths.get(e) ?? 1 + lengthOf(e.x) + lengthOf(e.y)
    lengths.set(e, known)
    return known
  }
  return (e) => lengthOf(e) <= mostInline
}
