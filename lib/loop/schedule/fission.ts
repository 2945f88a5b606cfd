/**
 * Fission: what stands behind a loop in the body of another runs in a loop of its own.
 *
 *   for i { m = x[i]; for r { t[r] = f(m, r) }; for k { s += t[k] }; y[i] = s − m }    after r    →
 *   local t[I, R]
 *   for i { m = x[i]; for r { t[i, r] = f(m, r) } }
 *   for i.rest { m.rest = x[i.rest]; for k { s += t[i.rest, k] }; y[i.rest] = s − m.rest }
 *
 * The iterations must be independent. What stands before the loop `after` is computed again where
 * it is needed; what that loop adds up is kept, an element an iteration. Locals that both loops use
 * get an axis.
 */
import { type Expr, load, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { isReduction } from '../reduction.js'
import { type Block, type Loop, type Stmt, store, type Variable } from '../statement.js'
import {
  buffersIn,
  expressionsOf,
  mapBlocks,
  mapExpressions,
  namesIn,
  rewriteExpr,
  statementsOf,
} from '../traverse.js'
import { extentOf, findLoop, illegal, isZero, replaceLoop, requireFresh } from './nest.js'

export function fissionLoop(kernel: Kernel, name: string, after: string): Kernel {
  const loop = findLoop(kernel, name)
  const extent = extentOf(loop)
  const plain = loop.mode === 'parallel' && loop.step === 1 && isZero(loop.from)
  if (!plain || extent === undefined || loop.to.tag === 'binary') {
    return illegal(kernel, `'${name}' is not a plain parallel loop`)
  }
  const place = loop.body.findIndex((s) => s.tag === 'loop' && s.index === after)
  const middle = loop.body[place]
  const behind = loop.body.slice(place + 1)
  if (middle?.tag !== 'loop' || behind.length === 0) {
    return illegal(kernel, `nothing in '${name}' stands behind a loop '${after}'`)
  }
  const before = loop.body.slice(0, place)
  const locals = before.filter((s) => s.tag === 'local')
  const { again, kept } = neededBehind(kernel, loop, before, middle, behind)
  const first = [...neededFor(before, middle), middle]
  const index = `${name}.rest`
  const renamed = namesBehind(kernel, name, first, again, kept)
  const tiles = kept.map(({ name: of, initial }): Stmt => {
    if (initial.dtype === 'i64') return illegal(kernel, 'an i64 cannot be stored')
    return { tag: 'local', name: keptIn(of), dtype: initial.dtype, shape: [extent] }
  })
  const read = kept.map((v) => readBack(v, index, [...again, ...behind]))
  const second = renameIn([...read, ...again, ...behind], renamed)
  const stores = kept.map((v) =>
    store(keptIn(v.name), [variable(name)], variable(v.name, v.initial.dtype)),
  )
  const shared = new Set<string>()
  const isUsed = (block: Block, { name: local }: Local): boolean => usedBuffers(block).has(local)
  const own = (block: Block, other: Block): Block =>
    locals.filter((l) => isUsed(block, l) && !isUsed(other, l))
  for (const l of locals) if (isUsed(first, l) && isUsed(second, l)) shared.add(l.name)
  const hoisted = locals.filter((l) => shared.has(l.name))
  const halves: Block = [
    { ...loop, body: withAxis([...own(first, second), ...first, ...stores], shared, name) },
    { ...loop, index, body: withAxis([...own(second, first), ...second], shared, index) },
  ]
  return replaceLoop(kernel, name, () => [
    ...hoisted.map((l): Stmt => ({ ...l, shape: [extent, ...l.shape] })),
    ...tiles,
    ...halves,
  ])
}

type Local = Stmt & { readonly tag: 'local' }

const keptIn = (name: string): string => `${name}.kept`

interface Needed {
  /** Statements to run again, in order. */
  readonly again: Block
  /** Variables that the loop between changes: their values are kept. */
  readonly kept: readonly Variable[]
}

/** What the statements behind a loop need of those before it and of itself. */
function neededBehind(
  kernel: Kernel,
  loop: Loop,
  before: Block,
  middle: Loop,
  behind: Block,
): Needed {
  const changed = changedIn([middle])
  const needed = freeNames(behind)
  const again: Stmt[] = []
  const kept: Variable[] = []
  const repeat = (s: Stmt): void => {
    again.unshift(s)
    for (const name of freeNames([s])) {
      if (changed.has(name)) illegal(kernel, `'${name}' has another value later`)
      needed.add(name)
    }
  }
  for (const s of before.toReversed()) {
    if (s.tag === 'let' && needed.has(s.name)) repeat(s)
    else if (s.tag === 'variable' && needed.has(s.name)) {
      if (changed.has(s.name)) kept.unshift(s)
      else repeat(s)
    } else {
      const changes = [...changedIn([s])].filter((name) => needed.has(name))
      const settled = changes.every((name) => changed.has(name))
      if (changes.length === 0 || settled) continue
      const plain = s.tag === 'assign' || s.tag === 'accumulate'
      const pure = plain || (s.tag === 'loop' && isReduction(s))
      if (!pure || changes.some((name) => changed.has(name))) {
        return illegal(kernel, `what changes '${changes[0]}' cannot be computed again`)
      }
      repeat(s)
    }
  }
  const written = new Set(
    statementsOf(loop.body).flatMap((s) => (s.tag === 'store' ? [s.buffer] : [])),
  )
  for (const s of statementsOf(again)) {
    const lost = expressionsOf(s).flatMap((e) => [...buffersIn(e)])
    const one = lost.find((buffer) => written.has(buffer))
    if (one !== undefined) illegal(kernel, `'${one}' is read before it is written`)
  }
  return { again, kept }
}

/** The statements before a loop that it needs, and those that store. */
function neededFor(before: Block, middle: Loop): Block {
  const needed = freeNames([middle])
  const taken: Stmt[] = []
  for (const s of before.toReversed()) {
    const stores = statementsOf([s]).some((t) => t.tag === 'store')
    const defines = (s.tag === 'let' || s.tag === 'variable') && needed.has(s.name)
    const changes = [...changedIn([s])].some((name) => needed.has(name))
    if (!stores && !defines && !changes) continue
    taken.unshift(s)
    for (const name of freeNames([s])) needed.add(name)
  }
  return taken
}

/** A kept value as the second loop begins with it. */
function readBack({ name, initial, combine }: Variable, index: string, rest: Block): Stmt {
  const { dtype } = initial
  const value = load(keptIn(name), dtype === 'i64' ? 'i32' : dtype, [variable(index)])
  return changedIn(rest).has(name)
    ? { tag: 'variable', name, initial: value, combine }
    : { tag: 'let', name, value }
}

/** New names for what both loops define, the index among them. */
function namesBehind(
  kernel: Kernel,
  loop: string,
  first: Block,
  again: Block,
  kept: readonly Variable[],
): ReadonlyMap<string, string> {
  const here = new Set([...definedIn(first), ...kept.map((v) => v.name)])
  const names = new Map<string, string>([[loop, `${loop}.rest`]])
  for (const name of [...definedIn(again), ...kept.map((v) => v.name)]) {
    if (here.has(name)) names.set(name, `${name}.rest`)
  }
  for (const fresh of [...names.values(), ...kept.map((v) => keptIn(v.name))]) {
    requireFresh(kernel, fresh)
  }
  return names
}

const definedIn = (block: Block): readonly string[] =>
  statementsOf(block).flatMap((s) =>
    s.tag === 'loop' ? [s.index] : s.tag === 'let' || s.tag === 'variable' ? [s.name] : [],
  )

/** Variables that statements assign or add to. */
export const changedIn = (block: Block): ReadonlySet<string> =>
  new Set(
    statementsOf(block).flatMap((s) =>
      s.tag === 'assign' || s.tag === 'accumulate' ? [s.name] : [],
    ),
  )

/** Names that statements read or change and do not define. */
export function freeNames(block: Block): Set<string> {
  const names = new Set(changedIn(block))
  for (const s of statementsOf(block)) {
    for (const e of expressionsOf(s)) for (const name of namesIn(e)) names.add(name)
  }
  for (const name of definedIn(block)) names.delete(name)
  return names
}

function usedBuffers(block: Block): ReadonlySet<string> {
  const names = new Set<string>()
  for (const s of statementsOf(block)) {
    if (s.tag === 'store') names.add(s.buffer)
    for (const e of expressionsOf(s)) for (const name of buffersIn(e)) names.add(name)
  }
  return names
}

function renameIn(block: Block, names: ReadonlyMap<string, string>): Block {
  const next = (name: string): string => names.get(name) ?? name
  const rewrite = rewriteExpr((e) => (e.tag === 'variable' ? { ...e, name: next(e.name) } : e))
  const walk = (inner: Block): Block =>
    inner.map((s): Stmt => {
      const t = mapBlocks(mapExpressions(s, rewrite), walk)
      if (t.tag === 'loop') return { ...t, index: next(t.index) }
      const named = t.tag === 'let' || t.tag === 'variable'
      if (named || t.tag === 'assign' || t.tag === 'accumulate') return { ...t, name: next(t.name) }
      return t
    })
  return walk(block)
}

/** The block with the index of a loop before those of the locals that are shared. */
function withAxis(block: Block, shared: ReadonlySet<string>, index: string): Block {
  const first: Expr = variable(index)
  const rewrite = rewriteExpr((e) =>
    e.tag === 'load' && shared.has(e.buffer) ? { ...e, at: [first, ...e.at] } : e,
  )
  const walk = (inner: Block): Block =>
    inner.map((s): Stmt => {
      const t = mapBlocks(mapExpressions(s, rewrite), walk)
      return t.tag === 'store' && shared.has(t.buffer) ? { ...t, at: [first, ...t.at] } : t
    })
  return walk(block)
}
