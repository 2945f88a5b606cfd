/**
 * Unique names: each loop, binding, variable and local of a kernel gets a name of its own.
 *
 *   for i1 … { t0 = … }  for i1 … { t0 = … }    →    the second pair becomes i1_1, t0_1
 *
 * Lowering names by position, so passes over the same loops use the same names.
 */
import { type Expr, variable } from '../expression.js'
import type { Block, Stmt } from '../statement.js'
import { mapBlocks, mapExpressions, rewriteExpr } from '../traverse.js'

type Names = Map<string, string>

export function uniqueNames(block: Block, reserved: readonly string[]): Block {
  const taken = new Set(reserved)
  const fresh = (name: string): string => {
    let candidate = name
    for (let n = 1; taken.has(candidate); n++) candidate = `${name}_${n}`
    taken.add(candidate)
    return candidate
  }
  const visit = (stmts: Block, outer: Names): Block => {
    const names: Names = new Map(outer)
    return stmts.map((s) => renamed(s, names, fresh, visit))
  }
  return visit(block, new Map())
}

function renamed(
  s: Stmt,
  names: Names,
  fresh: (name: string) => string,
  visit: (block: Block, names: Names) => Block,
): Stmt {
  const again = rewriteExpr((e) => renameIn(e, names))
  const read = mapExpressions(s, again)
  const introduce = (name: string): string => {
    const own = fresh(name)
    names.set(name, own)
    return own
  }
  switch (read.tag) {
    case 'loop': {
      const index = fresh(read.index)
      return { ...read, index, body: visit(read.body, new Map(names).set(read.index, index)) }
    }
    case 'let':
    case 'variable':
    case 'local':
      return { ...read, name: introduce(read.name) }
    case 'assign':
    case 'accumulate':
      return { ...read, name: names.get(read.name) ?? read.name }
    case 'store':
    case 'touch':
      return { ...read, buffer: names.get(read.buffer) ?? read.buffer }
    case 'if':
    case 'while':
      return mapBlocks(read, (block) => visit(block, names))
  }
}

function renameIn(e: Expr, names: Names): Expr {
  if (e.tag === 'variable') {
    const name = names.get(e.name)
    return name === undefined || name === e.name ? e : variable(name, e.dtype)
  }
  if (e.tag !== 'load') return e
  const buffer = names.get(e.buffer)
  return buffer === undefined ? e : { ...e, buffer }
}
