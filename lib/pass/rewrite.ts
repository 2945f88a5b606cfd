/**
 * Rewriting by a table: each rule is a pattern → consequence; rules run until none applies.
 *
 *   rule('x · 1 → x', [mulOp], ({ args: [x, y] }) => (isSplat(y, 1) ? x : undefined))
 *
 * Arguments are in normal form before a node is matched, and what a rule builds is matched again.
 * Each table argues in its header that this ends; a table that does not is stopped and named.
 * Bodies are rewritten like any function. No recursion over nodes.
 */
import { invariant } from '../data/index.js'
import {
  type Attrs,
  closeStrict,
  type Func,
  fold,
  isParameter,
  type Node,
  type Op,
  rebuild,
  type Term,
} from '../term/index.js'
import { everywhere } from './body.js'
import { type Range, rangesOf } from './range.js'

export interface Match {
  readonly node: Node
  readonly args: readonly Term[]
  readonly attrs: Attrs
  /** The first result, for its type. */
  readonly out: Term
  /** How many nodes and results use the term; 0 for one that a rule just built. */
  readonly uses: (term: Term) => number
  readonly range: (term: Term) => Range
}

export interface Rule {
  /** Pattern and consequence, as `explain` shows them. */
  readonly name: string
  /**
   * `exact` keeps every bit; `reorders` changes the order of a sum (and so the sign of a zero
   * sum); `nearer` brings the result nearer to the exact one.
   */
  readonly kind: 'exact' | 'reorders' | 'nearer'
  readonly ops: readonly Op[]
  /** What stands for the node's results, of the same types; undefined where it does not match. */
  readonly rewrite: (match: Match) => Term | readonly Term[] | undefined
}

type MakeRule = (name: string, ops: readonly Op[], rewrite: Rule['rewrite']) => Rule

const ruleOf =
  (kind: Rule['kind']): MakeRule =>
  (name, ops, rewrite) => ({ name, kind, ops, rewrite })

export const rule = ruleOf('exact')
export const reorders = ruleOf('reorders')
export const nearer = ruleOf('nearer')

/** How often each rule of a table was used, by name. */
export type Firings = Map<string, number>

/** The function, and every body in it, in the normal form of the rules. */
export function rewriteBy(rules: readonly Rule[], firings?: Firings): (func: Func) => Func {
  const table = new Map<Op, Rule[]>()
  for (const r of rules) {
    for (const op of r.ops) table.set(op, [...(table.get(op) ?? []), r])
  }
  return (func) => everywhere(func, (f) => toFixpoint(f, table, firings))
}

/** Sharing after a round can enable a rule again; a handful of rounds is plenty. */
function toFixpoint(func: Func, table: ReadonlyMap<Op, readonly Rule[]>, firings?: Firings): Func {
  let current = func
  for (let round = 0; round < 8; round++) {
    const next = rewriteOnce(current, table, firings)
    if (next === current) return current
    current = next
  }
  return current
}

interface Frame {
  readonly node: Node
  /** The node with its arguments in normal form, once they are. */
  normal: readonly Term[] | undefined
  /** What a rule replaced it by. */
  replaced: readonly Term[] | undefined
}

function rewriteOnce(
  func: Func,
  table: ReadonlyMap<Op, readonly Rule[]>,
  firings: Firings | undefined,
): Func {
  if (!func.nodes.some((node) => table.has(node.op))) return func
  const settled = new Map<Node, readonly Term[]>()
  const counts = usesIn(func)
  const uses = (term: Term) => counts.get(term) ?? 0
  const range = rangesOf()
  const history: string[] = []
  const match = (outs: readonly Term[]): readonly Term[] | undefined => {
    const [out] = outs
    const { node } = out
    const { args, attrs } = node
    const given: Match = { node, args, attrs, out, uses, range }
    for (const r of table.get(node.op) ?? []) {
      const result = r.rewrite(given)
      if (result === undefined) continue
      history.push(r.name)
      firings?.set(r.name, (firings.get(r.name) ?? 0) + 1)
      const endless = history.length > 100 + 50 * func.nodes.length
      invariant(!endless, `rules do not end: ${[...new Set(history.slice(-20))].join('; ')}`)
      const terms: readonly Term[] = Array.isArray(result) ? result : [result as Term] // or one
      for (const term of terms) term.node.source ??= node.source
      return terms
    }
    return undefined
  }
  const results = fold<Term>(func, func.params, (node, args) => {
    const start = rebuild(node, args)
    if (start !== node.outs) {
      node.outs.forEach((out, i) => {
        counts.set(start[i], uses(out))
      })
    }
    // Arguments are in normal form here, so what no rule is about is too.
    if (!table.has(start[0].node.op)) {
      settled.set(start[0].node, start)
      return start
    }
    const outs = settle(start, settled, match)
    outs.forEach((out, i) => {
      if (out !== start[i]) counts.set(out, uses(out) + uses(node.outs[i]))
    })
    return outs
  })
  return history.length === 0 ? func : closeStrict(func.name, func.params, results)
}

/** The normal form of the terms; arguments that rules built are settled first, on a stack. */
function settle(
  start: readonly Term[],
  settled: Map<Node, readonly Term[]>,
  match: (outs: readonly Term[]) => readonly Term[] | undefined,
): readonly Term[] {
  const normalOf = (term: Term): Term | undefined =>
    isParameter(term) ? term : settled.get(term.node)?.[term.index]
  const stack: Frame[] = [{ node: start[0].node, normal: undefined, replaced: undefined }]
  const pend = (terms: readonly Term[]): boolean => {
    const open = terms.filter((t) => normalOf(t) === undefined)
    for (const t of open) stack.push({ node: t.node, normal: undefined, replaced: undefined })
    return open.length > 0
  }
  const finish = (frame: Frame, outs: readonly Term[]) => {
    settled.set(frame.node, outs)
    if (frame.normal !== undefined) settled.set(frame.normal[0].node, outs)
    for (const out of outs) if (!settled.has(out.node)) settled.set(out.node, out.node.outs)
    stack.pop()
  }
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (settled.has(frame.node)) {
      stack.pop()
      continue
    }
    if (frame.normal === undefined) {
      if (pend(frame.node.args)) continue
      frame.normal = rebuild(
        frame.node,
        frame.node.args.map((a) => normalOf(a) ?? a),
      )
      frame.replaced = match(frame.normal)
    }
    const { replaced } = frame
    if (replaced === undefined) finish(frame, frame.normal)
    else if (!pend(replaced))
      finish(
        frame,
        replaced.map((t) => normalOf(t) ?? t),
      )
  }
  return settled.get(start[0].node) ?? start
}

function usesIn(func: Func): Map<Term, number> {
  const uses = new Map<Term, number>()
  const use = (term: Term) => uses.set(term, (uses.get(term) ?? 0) + 1)
  for (const node of func.nodes) node.args.forEach(use)
  func.results.forEach(use)
  return uses
}
