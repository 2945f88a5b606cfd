/**
 * Collect: a sum that a loop only accumulates is taken after the loop, as one contraction.
 *
 *   scan: dw ← dw + dot(x, d)          →    scan collects the rows d;  dw + dot(xs, ds) over rows
 *   scan: db ← db + d                  →    db + sum(ds)
 *
 * So the gradient of a weight that a recurrent network uses at each step is one matrix product,
 * not as many updates of a matrix. A product's factors are collected, if they are not rows
 * already; anything else only where it is a row, or collected for another reason. The order of
 * the sum changes. Memory: the rows collected, in number as those that the loop forward kept.
 */
import { add, addOp, type DotAxes, dot, dotOp, scanOp, sumAxes, sumOp } from '../ops/index.js'
import {
  closeStrict,
  type Func,
  fold,
  type Node,
  rebuild,
  reclose,
  type Term,
} from '../term/index.js'
import { everywhere } from './body.js'
import { isSplat } from './constant.js'
import { type Carry, type Loop, loopOf, type Row, rebuildLoop } from './loop.js'
import type { Pass } from './pass.js'

export const collect: Pass = {
  name: 'collect',
  sentence: 'A sum that a loop only accumulates is taken after the loop, as one contraction.',
  run: (func) => everywhere(func, collectOne),
}

function collectOne(func: Func): Func {
  if (!func.nodes.some((node) => node.op === scanOp)) return func
  const results = fold<Term>(func, func.params, (node, args) => {
    const outs = rebuild(node, args)
    const loop = node.op === scanOp ? loopOf(outs[0].node) : undefined
    return loop === undefined ? outs : collected(loop, outs)
  })
  return reclose(func, results)
}

/** Rows that are summed over steps and axes, or multiplied and summed. */
type Sum =
  | { readonly tag: 'rows'; readonly value: Term; readonly axes: readonly number[] }
  | { readonly tag: 'product'; readonly a: Term; readonly b: Term; readonly axes: DotAxes }

function collected(loop: Loop, outs: readonly Term[]): readonly Term[] {
  const users = usersWithin(loop)
  const addends = new Map(loop.carries.map((c) => [c, addendsOf(c, users)]))
  const fixed = new Set(loop.consts.map((g) => g.param))
  const rows = new Set([...loop.xs.map((g) => g.param), ...loop.ys.map((y) => y.value)])
  const sums = new Map<Carry, readonly Sum[]>()
  // Products first: the rows that they collect are there for plain sums.
  for (const isOpen of [false, true]) {
    for (const [carry, terms] of addends) {
      const planned = terms?.map((t) => sumOf(t, rows, fixed)) ?? [undefined]
      const ready = planned.flatMap((p) => p ?? [])
      const open = isOpen || ready.some((p) => p.tag === 'product')
      if (sums.has(carry) || ready.length < planned.length || !open) continue
      sums.set(carry, ready)
      for (const p of ready) {
        if (p.tag === 'product') rows.add(p.a).add(p.b)
      }
    }
  }
  if (sums.size === 0) return outs
  const known = new Set([...loop.xs.map((g) => g.param), ...loop.ys.map((y) => y.value)])
  const fresh = [...rows].filter((value) => !known.has(value))
  const ys = [...loop.ys, ...fresh.map((value, i): Row => ({ value, out: outs.length + i }))]
  const built = rebuildLoop({ ...loop, carries: loop.carries.filter((c) => !sums.has(c)), ys })
  const arrays = new Map([
    ...loop.xs.map((g) => [g.param, g.arg] as const),
    ...ys.map((y) => [y.value, built[y.out]] as const),
  ])
  const totals = new Map<number, Term>()
  for (const [carry, parts] of sums) {
    totals.set(
      carry.out,
      parts.reduce((acc: Term | undefined, p) => {
        const sum = sumAfter(p, (row) => arrays.get(row) as Term) // every row has its array
        return acc === undefined || isSplat(acc, 0) ? sum : add(acc, sum)
      }, carry.arg) as Term,
    ) // there is a first term
  }
  for (const sum of totals.values()) sum.node.source ??= loop.node.source
  return outs.map((out, i) => totals.get(i) ?? built[i] ?? out)
}

/** The node that uses a term, once for each use; undefined stands for a result. */
function usersWithin(loop: Loop): (term: Term) => readonly (Node | undefined)[] {
  const params = [...loop.consts, ...loop.carries, ...loop.xs].map((g) => g.param)
  const results = [...loop.carries.map((c) => c.next), ...loop.ys.map((y) => y.value)]
  const users = new Map<Term, (Node | undefined)[]>()
  const use = (term: Term, by: Node | undefined) => {
    const list = users.get(term)
    if (list === undefined) users.set(term, [by])
    else list.push(by)
  }
  for (const node of closeStrict(loop.name, params, results).nodes) {
    for (const arg of node.args) use(arg, node)
  }
  for (const result of results) use(result, undefined)
  return (term) => users.get(term) ?? []
}

/** What is added to a carry on its way to the next step, if nothing else happens to it. */
function addendsOf(
  carry: Carry,
  users: (term: Term) => readonly (Node | undefined)[],
): readonly Term[] | undefined {
  const terms: Term[] = []
  let at = carry.param
  while (at !== carry.next) {
    const [user, ...others] = users(at)
    if (user?.op !== addOp || others.length > 0) return undefined
    const [a, b] = user.args
    terms.push(a === at ? b : a)
    at = user.outs[0]
  }
  const [, ...others] = users(at)
  return terms.length > 0 && others.length === 0 ? terms : undefined
}

/** How the sum of a term over all steps can be had from rows; undefined where it cannot. */
function sumOf(term: Term, rows: ReadonlySet<Term>, fixed: ReadonlySet<Term>): Sum | undefined {
  const { op, args, attrs } = term.node
  if (rows.has(term)) return { tag: 'rows', value: term, axes: [] }
  if (op === sumOp && rows.has(args[0])) {
    return { tag: 'rows', value: args[0], axes: attrs.axes as readonly number[] } // sum's own
  }
  if (op !== dotOp) return undefined
  const [a, b] = args
  const moves = (x: Term) => !fixed.has(x) && x.node.binders.length > 0
  return moves(a) && moves(b)
    ? { tag: 'product', a, b, axes: attrs as typeof attrs & DotAxes } // dot's own
    : undefined
}

function sumAfter(sum: Sum, arrayOf: (row: Term) => Term): Term {
  const shift = (axes: readonly number[]) => axes.map((a) => a + 1)
  if (sum.tag === 'rows') return sumAxes(arrayOf(sum.value), [0, ...shift(sum.axes)])
  const { lhsBatch, rhsBatch, lhsContract, rhsContract } = sum.axes
  return dot(arrayOf(sum.a), arrayOf(sum.b), {
    lhsBatch: shift(lhsBatch),
    rhsBatch: shift(rhsBatch),
    lhsContract: [0, ...shift(lhsContract)],
    rhsContract: [0, ...shift(rhsContract)],
  })
}
