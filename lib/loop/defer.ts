/**
 * Defer: long work for one arm of a choice goes into a branch, for emitters that can leave it out.
 *
 *   t = …; y[i] = select(c, t, x)   →   var r = 0; if c { t = …; r = t }; y[i] = select(c, r, x)
 *
 * A condition names the exception, so only what is taken where it holds moves: a branch around
 * what most iterations need costs as much as the work (a power took twice as long). Choices of one
 * condition share a branch. Iterations in lock step run it all together if one of them must: for
 * the others it sets what the choice does not take. Only work inside loops that nothing else needs
 * moves, and none that reads what the kernel writes.
 */
import { constant, type Expr, variable } from './expression.js'
import type { Kernel } from './kernel.js'
import type { Block, Stmt } from './statement.js'
import {
  blocksOf,
  childrenOf,
  expressionsOf,
  mapBlocks,
  mapChildren,
  mapExpressions,
  nodesOf,
  statementsOf,
} from './traverse.js'

type Choice = Expr & { readonly tag: 'select' }

/** Operations that are worth a branch. */
const longWork = 64

export function deferArms(kernel: Kernel): Kernel {
  const all = statementsOf(kernel.body)
  const changing = new Set(
    all.flatMap((s) => {
      if (s.tag === 'store') return [s.buffer]
      return s.tag === 'variable' || s.tag === 'assign' || s.tag === 'accumulate' ? [s.name] : []
    }),
  )
  const taken = new Set(all.flatMap((s) => ('name' in s ? [s.name] : [])))
  let count = 0
  const fresh = (): string => {
    while (taken.has(`r${count}`)) count++
    return `r${count++}`
  }
  const walk = (block: Block): Block => {
    const inner = block.map((s) => mapBlocks(s, walk))
    return workOf(inner.flatMap(expressionsOf)) < longWork ? inner : deferIn(inner, changing, fresh)
  }
  // Outside loops work is done once, and a kernel that is lets and a loop is easily divided.
  return { ...kernel, body: kernel.body.map((s) => mapBlocks(s, walk)) }
}

/** Branches in one block, one after another. */
function deferIn(block: Block, changing: ReadonlySet<string>, fresh: () => string): Block {
  const table = tableOf(block, changing)
  for (const group of groupsIn(block)) {
    const moved = deferGroup(table, group, fresh)
    if (moved !== undefined) return deferIn(moved, changing, fresh)
  }
  return block
}

/** What is asked of a block again and again; arrays have an entry a statement. */
interface Table {
  readonly block: Block
  /** Where lets stand. */
  readonly at: ReadonlyMap<string, number>
  readonly users: ReadonlyMap<string, readonly number[]>
  /** The names that a statement reads. */
  readonly reads: readonly (readonly string[])[]
  /** Lets whose value is the same wherever it is computed. */
  readonly steady: readonly boolean[]
  readonly work: readonly number[]
  /** No less than the work that a let needs, its own included, up to a bound. */
  readonly below: readonly number[]
  readonly isSteady: (e: Expr) => boolean
}

function tableOf(block: Block, changing: ReadonlySet<string>): Table {
  const at = new Map(block.flatMap((s, i) => (s.tag === 'let' ? [[s.name, i] as const] : [])))
  const isSteady = (e: Expr): boolean =>
    ![...nodesOf(e)].some(
      (node) =>
        (node.tag === 'variable' && changing.has(node.name)) ||
        (node.tag === 'load' && changing.has(node.buffer)),
    )
  const reads = block.map((s) => [...namesOf(statementsOf([s]).flatMap(expressionsOf))])
  const users = new Map<string, number[]>()
  for (const [i, names] of reads.entries()) {
    for (const name of names) {
      const known = users.get(name)
      if (known === undefined) users.set(name, [i])
      else known.push(i)
    }
  }
  const work = block.map((s) => workOf(expressionsOf(s)))
  const below: number[] = []
  for (const [i, names] of reads.entries()) {
    const needed = names.reduce((sum, name) => sum + (below[at.get(name) ?? -1] ?? 0), work[i] ?? 0)
    below.push(Math.min(needed, 2 * longWork))
  }
  const steady = block.map((s) => s.tag === 'let' && isSteady(s.value))
  return { block, at, users, reads, steady, work, below, isSteady }
}

/** The choices by one condition. */
interface Group {
  readonly condition: Expr
  /** With the statements that they stand in. */
  readonly choices: ReadonlyMap<Expr, readonly number[]>
}

function groupsIn(block: Block): readonly Group[] {
  const groups = new Map<Expr | string, Map<Expr, number[]>>()
  for (const [i, s] of block.entries()) {
    const seen = new Set<Expr>()
    for (const e of expressionsOf(s)) nodesOf(e, seen)
    for (const e of seen) {
      if (e.tag !== 'select') continue
      const key = e.condition.tag === 'variable' ? e.condition.name : e.condition
      const group = groups.get(key) ?? new Map<Expr, number[]>()
      groups.set(key, group)
      group.set(e, [...(group.get(e) ?? []), i])
    }
  }
  return [...groups.values()].flatMap((choices) => {
    const [first] = choices.keys()
    if (first?.tag !== 'select') return []
    return [{ condition: first.condition, choices }]
  })
}

/** The block with the work of a group's arms in a branch; undefined where that is not worth it. */
function deferGroup(table: Table, group: Group, fresh: () => string): Block | undefined {
  const { block, at, below, work, isSteady } = table
  const { condition, choices } = group
  const isChoice = (e: Expr): e is Choice => e.tag === 'select' && choices.has(e)
  const arms = [...choices.keys()].flatMap((e) => (isChoice(e) ? [e.yes] : []))
  const most = [...namesOf(arms)].reduce((sum, name) => sum + (below[at.get(name) ?? -1] ?? 0), 0)
  if (most < longWork) return undefined
  const moves = exclusive(table, group)
  const moved = [...moves].map((name) => at.get(name) ?? 0).toSorted((a, b) => a - b)
  if (moved.reduce((sum, i) => sum + (work[i] ?? 0), 0) < longWork) return undefined
  const isMoved = (i: number): boolean => moved.includes(i)
  const users = new Set([...choices.values()].flat().filter((i) => !isMoved(i)))
  const first = Math.min(...users)
  const taken = [...choices].flatMap(([e, where]) =>
    isChoice(e) && where.some((i) => users.has(i)) ? [e.yes] : [],
  )
  const needed = [...namesOf([condition, ...taken]), ...moved.flatMap((i) => table.reads[i] ?? [])]
  const ready = needed.every((name) => moves.has(name) || (at.get(name) ?? -1) < first)
  if (!ready || ![condition, ...taken].every(isSteady)) return undefined
  const results = new Map([...new Set(taken)].map((e) => [e, fresh()]))
  const declared = [...results].map(([e, name]): Stmt => {
    const initial = constant(e.dtype, e.dtype === 'i64' ? 0n : 0)
    return { tag: 'variable', name, initial, combine: undefined }
  })
  const branch: Stmt = {
    tag: 'if',
    condition,
    yes: [
      ...moved.flatMap((i) => block[i] ?? []),
      ...[...results].map(([value, name]): Stmt => ({ tag: 'assign', name, value })),
    ],
    no: [],
  }
  const done = new Map<Expr, Expr>()
  const replace = (e: Expr): Expr => {
    const known = done.get(e)
    if (known !== undefined) return known
    const name = isChoice(e) ? results.get(e.yes) : undefined
    const result =
      isChoice(e) && name !== undefined
        ? {
            ...e,
            condition: replace(e.condition),
            yes: variable(name, e.dtype),
            no: replace(e.no),
          }
        : mapChildren(e, replace)
    done.set(e, result)
    return result
  }
  return block.flatMap((s, i): Block => {
    if (isMoved(i)) return []
    const rest = users.has(i) ? mapExpressions(s, replace) : s
    return i === first ? [...declared, branch, rest] : [rest]
  })
}

/** Lets that only the arms of a group need: all who read them are such arms, or move too. */
function exclusive({ block, users, steady }: Table, { choices }: Group): ReadonlySet<string> {
  const beside = new Map<number, ReadonlySet<string>>()
  for (const i of new Set([...choices.values()].flat())) {
    const s = block[i]
    if (s !== undefined) beside.set(i, readBeside(s, choices))
  }
  const moves = new Set<string>()
  for (const [i, s] of [...block.entries()].toReversed()) {
    if (s.tag !== 'let' || steady[i] !== true) continue
    const readers = users.get(s.name) ?? []
    const only = readers.every((j) => {
      const reader = block[j]
      if (reader?.tag === 'let' && moves.has(reader.name)) return true
      return beside.get(j)?.has(s.name) === false
    })
    if (only && readers.length > 0) moves.add(s.name)
  }
  return moves
}

/** The names that a statement reads outside the arms in question. */
function readBeside(s: Stmt, choices: Group['choices']): ReadonlySet<string> {
  const names = namesOf(blocksOf(s).flatMap(statementsOf).flatMap(expressionsOf))
  const seen = new Set<Expr>()
  const visit = (e: Expr): void => {
    if (seen.has(e)) return
    seen.add(e)
    if (e.tag === 'variable') names.add(e.name)
    if (e.tag !== 'select' || !choices.has(e)) {
      childrenOf(e).forEach(visit)
      return
    }
    visit(e.condition)
    visit(e.no)
  }
  expressionsOf(s).forEach(visit)
  return names
}

function namesOf(expressions: readonly Expr[]): Set<string> {
  const seen = new Set<Expr>()
  for (const e of expressions) nodesOf(e, seen)
  const names = new Set<string>()
  for (const e of seen) if (e.tag === 'variable') names.add(e.name)
  return names
}

/** Operations on elements. */
function workOf(expressions: readonly Expr[]): number {
  const seen = new Set<Expr>()
  for (const e of expressions) nodesOf(e, seen)
  let work = 0
  for (const e of seen)
    if (childrenOf(e).length > 0 && e.tag !== 'load' && e.dtype !== 'i32') work++
  return work
}
