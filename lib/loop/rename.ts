/**
 * Rename: every loop, let, variable and local of a kernel has a name of its own.
 *
 *   for i { … }; for i { … }    →    for i { … }; for i.1 { … }
 *
 * So decisions and analyses may speak of a loop by its name. Meaning is unchanged: a name refers to
 * what defines it in scope.
 */
import { type Expr, variable } from './expression.js'
import type { Block, Stmt } from './statement.js'
import { mapBlocks, mapExpressions, rewriteExpr } from './traverse.js'

export function uniqueNames(block: Block, taken: ReadonlySet<string>): Block {
  const used = new Set(taken)
  const fresh = (name: string): string => {
    let candidate = name
    for (let n = 1; used.has(candidate); n++) candidate = `${name}.${n}`
    used.add(candidate)
    return candidate
  }
  return walk(block, new Map(), fresh)
}

type Names = ReadonlyMap<string, string>

function walk(block: Block, outer: Names, fresh: (name: string) => string): Block {
  let names = outer
  return block.map((s): Stmt => {
    const before = names
    const here = mapExpressions(s, renamed(before))
    if (here.tag === 'loop') {
      const index = fresh(here.index)
      const inner = rebound(before, here.index, index)
      return { ...here, index, body: walk(here.body, inner, fresh) }
    }
    if (here.tag === 'let' || here.tag === 'variable') {
      const name = fresh(here.name)
      names = rebound(before, here.name, name)
      return { ...here, name }
    }
    if (here.tag === 'assign' || here.tag === 'accumulate') {
      return { ...here, name: before.get(here.name) ?? here.name }
    }
    return mapBlocks(here, (body) => walk(body, before, fresh))
  })
}

const rebound = (names: Names, from: string, to: string): Names =>
  from === to && !names.has(from) ? names : new Map([...names, [from, to]])

const renamed = (names: Names): ((e: Expr) => Expr) =>
  names.size === 0
    ? (e) => e
    : rewriteExpr((e) => {
        const name = e.tag === 'variable' ? names.get(e.name) : undefined
        return name === undefined ? e : variable(name, e.dtype)
      })
