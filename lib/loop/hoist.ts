/**
 * Hoist: what does not change in a loop is computed before it.
 *
 *   for i { for j { y[i, j] = x[i, j] · s[i] / 2 } }    →    for i { t = s[i]; for j { … · t / 2 } }
 *
 * Loads move only if the loop writes nothing to their buffer. A loop that runs zero times then
 * reads an element that it would not have read; emitters keep such reads harmless. Nothing moves
 * out of a branch or a while, and index arithmetic stays where it is read.
 */
import type { Expr } from './expression.js'
import { variable } from './expression.js'
import type { Kernel } from './kernel.js'
import type { Block, Loop, Stmt } from './statement.js'
import {
  childrenOf,
  isLeaf,
  mapBlocks,
  mapChildren,
  mapExpressions,
  statementsOf,
} from './traverse.js'

export function hoistInvariants(kernel: Kernel): Kernel {
  let count = 0
  const fresh = (): string => `h${count++}`
  const written = new Set(
    [...statementsOf(kernel.body)].flatMap((s) => (s.tag === 'store' ? [s.buffer] : [])),
  )
  return { ...kernel, body: hoistBlock(kernel.body, { written, fresh, plain: new Map() }) }
}

interface Hoisting {
  /** Buffers that the kernel stores to. */
  readonly written: ReadonlySet<string>
  readonly fresh: () => string
  /** What `isPlain` found: most of a kernel's nodes are indices, seen again by each loop. */
  readonly plain: Map<Expr, boolean>
}

function hoistBlock(block: Block, h: Hoisting): Block {
  return block.flatMap((s): readonly Stmt[] => {
    const inner = mapBlocks(s, (body) => hoistBlock(body, h))
    return inner.tag === 'loop' ? hoistLoop(inner, h) : [inner]
  })
}

function hoistLoop(loop: Loop, h: Hoisting): readonly Stmt[] {
  const changing = new Set([loop.index, ...[...statementsOf(loop.body)].flatMap(namesBoundBy)])
  const moved = new Map<Expr, Expr>()
  const before: Stmt[] = []
  const memo = new Map<Expr, boolean>()
  const invariant = (e: Expr): boolean => {
    const known = memo.get(e)
    if (known !== undefined) return known
    const here =
      e.tag === 'variable' ? !changing.has(e.name) : e.tag !== 'load' || !h.written.has(e.buffer)
    const result = here && (isLeaf(e) || childrenOf(e).every(invariant))
    memo.set(e, result)
    return result
  }
  const move = (e: Expr): Expr => {
    if (isPlain(e, h.plain)) return e
    if (!worthMoving(e) || !invariant(e)) return mapChildren(e, move)
    const known = moved.get(e)
    if (known !== undefined) return known
    const name = h.fresh()
    before.push({ tag: 'let', name, value: e })
    const reference = variable(name, e.dtype)
    moved.set(e, reference)
    return reference
  }
  const walk = (body: Block): Block =>
    body.flatMap((s): readonly Stmt[] => {
      if (s.tag === 'if' || s.tag === 'while') return [s]
      // A let that moves as a whole keeps its name.
      if (s.tag === 'let' && !isVariable(s.value) && invariant(s.value)) {
        before.push(s)
        changing.delete(s.name)
        memo.clear()
        return []
      }
      return [mapBlocks(s.tag === 'loop' ? s : mapExpressions(s, move), walk)]
    })
  const body = walk(loop.body)
  return [...before, { ...loop, body }]
}

const isVariable = (e: Expr): boolean => e.tag === 'variable'

function namesBoundBy(s: Stmt): readonly string[] {
  if (s.tag === 'loop') return [s.index]
  const binds = s.tag === 'let' || s.tag === 'variable' || s.tag === 'assign'
  return binds || s.tag === 'accumulate' ? [s.name] : []
}

/** Constants, names and index arithmetic are as cheap where they are. */
function worthMoving(e: Expr): boolean {
  if (isLeaf(e)) return false
  return e.tag !== 'binary' || e.dtype !== 'i32' || hasWork(e.x) || hasWork(e.y)
}

/** Names and index arithmetic on them throughout: nothing in it is worth moving. */
function isPlain(e: Expr, known: Map<Expr, boolean>): boolean {
  if (isLeaf(e)) return true
  if (e.tag !== 'binary' || e.dtype !== 'i32') return false
  const plain = known.get(e) ?? (isPlain(e.x, known) && isPlain(e.y, known))
  known.set(e, plain)
  return plain
}

const hasWork = (e: Expr): boolean =>
  e.tag === 'load' || (!isLeaf(e) && childrenOf(e).some(hasWork))
