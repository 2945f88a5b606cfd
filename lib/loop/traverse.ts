/**
 * The shape of expressions and statements, once: children, rebuilding, folding.
 *
 * Every analysis and rewrite of the loop language goes through these, so that a new node has one
 * place to be taught.
 */
import { absurd } from '../data/error.js'
import type { Expr } from './expression.js'
import type { Block, Stmt } from './statement.js'

export function childrenOf(e: Expr): readonly Expr[] {
  switch (e.tag) {
    case 'constant':
    case 'size':
    case 'variable':
      return []
    case 'load':
      return e.at
    case 'unary':
    case 'convert':
    case 'reinterpret':
      return [e.x]
    case 'binary':
    case 'compare':
      return [e.x, e.y]
    case 'select':
      return [e.condition, e.yes, e.no]
    case 'fma':
      return [e.x, e.y, e.z]
  }
  return absurd(e)
}

/** Calls `f` on each child in turn; a list of them would cost more than most visits. */
export function eachChild(e: Expr, f: (child: Expr) => void): void {
  switch (e.tag) {
    case 'constant':
    case 'size':
    case 'variable':
      return
    case 'load':
      for (let axis = 0; axis < e.at.length; axis++) f(e.at[axis])
      return
    case 'unary':
    case 'convert':
    case 'reinterpret':
      f(e.x)
      return
    case 'binary':
    case 'compare':
      f(e.x)
      f(e.y)
      return
    case 'select':
      f(e.condition)
      f(e.yes)
      f(e.no)
      return
    case 'fma':
      f(e.x)
      f(e.y)
      f(e.z)
      return
  }
  absurd(e)
}

/** A constant or a name. */
export const isLeaf = (e: Expr): boolean =>
  e.tag === 'constant' || e.tag === 'size' || e.tag === 'variable'

/** The same node over other children; the node itself where no child changed. */
export function mapChildren(e: Expr, f: (child: Expr) => Expr): Expr {
  switch (e.tag) {
    case 'constant':
    case 'size':
    case 'variable':
      return e
    case 'load': {
      const at = e.at.map(f)
      return at.every((a, i) => a === e.at[i]) ? e : { ...e, at }
    }
    case 'unary':
    case 'convert':
    case 'reinterpret': {
      const x = f(e.x)
      return x === e.x ? e : { ...e, x }
    }
    case 'binary':
    case 'compare': {
      const x = f(e.x)
      const y = f(e.y)
      return x === e.x && y === e.y ? e : { ...e, x, y }
    }
    case 'select': {
      const condition = f(e.condition)
      const yes = f(e.yes)
      const no = f(e.no)
      if (condition === e.condition && yes === e.yes && no === e.no) return e
      return { ...e, condition, yes, no }
    }
    case 'fma': {
      const x = f(e.x)
      const y = f(e.y)
      const z = f(e.z)
      return x === e.x && y === e.y && z === e.z ? e : { ...e, x, y, z }
    }
  }
  return absurd(e)
}

/** Rewrites bottom-up; a node shared in the input stays shared in the output. */
export function rewriteExpr(f: (e: Expr) => Expr): (e: Expr) => Expr {
  const done = new Map<Expr, Expr>()
  const go = (e: Expr): Expr => {
    const known = done.get(e)
    if (known !== undefined) return known
    const result = f(mapChildren(e, go))
    done.set(e, result)
    return result
  }
  return go
}

/** Every node of an expression, each once, children first. */
export function nodesOf(e: Expr, seen: Set<Expr> = new Set()): ReadonlySet<Expr> {
  const visit = (node: Expr): void => {
    if (seen.has(node)) return
    eachChild(node, visit)
    seen.add(node)
  }
  visit(e)
  return seen
}

/** Calls `f` on every node once, children first; on leaves each time that they occur. */
export function visitNodes(e: Expr, seen: Set<Expr>, f: (node: Expr) => void): void {
  const visit = (node: Expr): void => {
    if (!isLeaf(node)) {
      if (seen.has(node)) return
      seen.add(node)
      eachChild(node, visit)
    }
    f(node)
  }
  visit(e)
}

/** How many nodes expressions have, shared ones once. */
export function countNodes(expressions: Iterable<Expr>): number {
  const seen = new Set<Expr>()
  for (const e of expressions) visitNodes(e, seen, () => {})
  return seen.size
}

/** The expressions that stand directly in a statement, not those of its blocks. */
export function expressionsOf(s: Stmt): readonly Expr[] {
  switch (s.tag) {
    case 'loop':
      return [s.from, s.to]
    case 'let':
    case 'assign':
    case 'accumulate':
      return [s.value]
    case 'variable':
      return [s.initial]
    case 'store':
      return [...s.at, s.value]
    case 'local':
      return []
    case 'if':
    case 'while':
      return [s.condition]
    case 'touch':
      return s.at
  }
  return absurd(s)
}

export function blocksOf(s: Stmt): readonly Block[] {
  if (s.tag === 'loop' || s.tag === 'while') return [s.body]
  return s.tag === 'if' ? [s.yes, s.no] : []
}

/** Rewrites the expressions that stand directly in a statement. */
export function mapExpressions(s: Stmt, f: (e: Expr) => Expr): Stmt {
  switch (s.tag) {
    case 'loop':
      return { ...s, from: f(s.from), to: f(s.to) }
    case 'let':
    case 'assign':
    case 'accumulate':
      return { ...s, value: f(s.value) }
    case 'variable':
      return { ...s, initial: f(s.initial) }
    case 'store':
      return { ...s, at: s.at.map(f), value: f(s.value) }
    case 'local':
      return s
    case 'if':
    case 'while':
      return { ...s, condition: f(s.condition) }
    case 'touch':
      return { ...s, at: s.at.map(f) }
  }
  return absurd(s)
}

/** Rewrites the blocks of a statement; the statement itself where none changes. */
export function mapBlocks(s: Stmt, f: (block: Block) => Block): Stmt {
  if (s.tag === 'loop' || s.tag === 'while') {
    const body = f(s.body)
    return body === s.body ? s : { ...s, body }
  }
  if (s.tag !== 'if') return s
  const [yes, no] = [f(s.yes), f(s.no)]
  return yes === s.yes && no === s.no ? s : { ...s, yes, no }
}

/** Rewrites every expression of a block, inner blocks included. */
export const rewriteBlock = (block: Block, f: (e: Expr) => Expr): Block =>
  block.map((s) => mapBlocks(mapExpressions(s, f), (inner) => rewriteBlock(inner, f)))

/** Every statement, outer ones first. */
export function statementsOf(block: Block): readonly Stmt[] {
  const all: Stmt[] = []
  const walk = (inner: Block): void => {
    for (const s of inner) {
      all.push(s)
      if (s.tag === 'loop' || s.tag === 'while') walk(s.body)
      else if (s.tag === 'if') {
        walk(s.yes)
        walk(s.no)
      }
    }
  }
  walk(block)
  return all
}

/** Names that an expression reads: variables, lets, loop indices. */
export function namesIn(e: Expr): ReadonlySet<string> {
  const names = new Set<string>()
  visitNodes(e, new Set(), (node) => {
    if (node.tag === 'variable') names.add(node.name)
  })
  return names
}

/** Buffers that an expression reads. */
export function buffersIn(e: Expr): ReadonlySet<string> {
  const names = new Set<string>()
  for (const node of nodesOf(e)) if (node.tag === 'load') names.add(node.buffer)
  return names
}

/** Replaces variables by expressions. */
export const substitute = (by: ReadonlyMap<string, Expr>): ((e: Expr) => Expr) =>
  rewriteExpr((e) => (e.tag === 'variable' ? (by.get(e.name) ?? e) : e))
