/**
 * Rows: arrays that only a loop reads are computed row by row in it, from what they are made of.
 *
 *   d = scale(c, e); scan(…, d)              →    scan(…, c, e), the product inside
 *   y, s = scan { …; y; s = 1 − y² }         →    y = scan { …; y };  s = 1 − y²
 *
 * The second, for a collected row that is cheap to have from other rows and that only loops read,
 * makes the first apply: a residual of reverse mode that is a function of another is not stored.
 * Exact. Only elementwise work moves. Ends: each step takes one elementwise op out of a loop's
 * rows and one from before a loop, and none is put back.
 */
import { type Dim, dimDivide, dimProduct } from '../data/index.js'
import { interpreters } from '../interpret/index.js'
import { broadcastTo, broadcastToOp, scanOp } from '../ops/index.js'
import {
  apply1,
  closeStrict,
  type Func,
  fold,
  type Node,
  parameter,
  rebuild,
  reclose,
  type Term,
} from '../term/index.js'
import { everywhere } from './body.js'
import { isSmallConstant } from './constant.js'
import { elementwiseOps } from './elementwise.js'
import { repeatedRow } from './hoist.js'
import { type Given, type Loop, loopOf, type Row, rebuildLoop } from './loop.js'
import type { Pass } from './pass.js'

export const rows: Pass = {
  name: 'rows',
  sentence: 'Arrays that only a loop reads are computed row by row in it.',
  exact: true,
  run: (func) => everywhere(func, rowsOne),
}

const elementwise: ReadonlySet<unknown> = new Set(elementwiseOps)

/** Up to so many scalar operations an element are done again rather than stored. */
const cheap = 6

function rowsOne(func: Func): Func {
  if (!func.nodes.some((node) => node.op === scanOp)) return func
  return intoLoops(outOfLoops(func))
}

/** Collected rows that only loops read, and that other rows give cheaply. */
function outOfLoops(func: Func): Func {
  const readers = new Map<Term, Set<Node | undefined>>()
  const read = (term: Term, by: Node | undefined) =>
    readers.set(term, (readers.get(term) ?? new Set()).add(by))
  for (const node of func.nodes) for (const arg of node.args) read(arg, node)
  for (const result of func.results) read(result, undefined)
  const onlyLoops = (term: Term) => {
    const by = [...(readers.get(term) ?? [])]
    return (
      by.length === 1 &&
      by.every((n) => n !== undefined && loopOf(n)?.xs.some((g) => g.arg === term))
    )
  }
  const results = fold<Term>(func, func.params, (node, args) => {
    const outs = rebuild(node, args)
    const loop = node.op === scanOp ? loopOf(outs[0].node) : undefined
    return loop === undefined ? outs : moveOut(loop, outs, (i) => onlyLoops(node.outs[i]))
  })
  return reclose(func, results)
}

function moveOut(
  loop: Loop,
  outs: readonly Term[],
  onlyLoops: (out: number) => boolean,
): readonly Term[] {
  const moved: Row[] = []
  // Rows that a moved one is computed from must stay.
  const pinned = new Set<Term>()
  for (const y of loop.ys) {
    if (!onlyLoops(y.out) || !elementwise.has(y.value.node.op) || pinned.has(y.value)) continue
    const others = loop.ys.filter((z) => z.value !== y.value && !moved.includes(z))
    const rowsAt = new Set([...loop.xs.map((g) => g.param), ...others.map((z) => z.value)])
    const used = new Set<Term>()
    if (workOf(y.value, rowsAt, loop, used) > cheap) continue
    moved.push(y)
    for (const row of used) pinned.add(row)
  }
  if (moved.length === 0) return outs
  const ys = loop.ys.filter((y) => !moved.includes(y))
  const built = rebuildLoop({ ...loop, ys })
  const { length } = loop.node.attrs as { length: Dim } // a scan's own
  const arrays = new Map<Term, Term>([
    ...loop.xs.map((g) => [g.param, g.arg] as const),
    ...ys.map((y) => [y.value, built[y.out] as Term] as const), // built, since it stays
  ])
  const fixed = new Map(loop.consts.map((g) => [g.param, g.arg]))
  const stacked = (term: Term): Term => {
    const array = arrays.get(term)
    if (array !== undefined) return array
    const { node } = term
    const outside = fixed.get(term) ?? (node.binders.length === 0 ? term : undefined)
    const shape = [length, ...term.shape]
    if (outside !== undefined) return broadcastTo(outside, shape)
    if (node.op === broadcastToOp) return broadcastTo(fixed.get(node.args[0]) as Term, shape) // by workOf
    return apply1(node.op, node.args.map(stacked), node.attrs)
  }
  const values = new Map(moved.map((y) => [y.out, stacked(y.value)]))
  return outs.map((out, i) => values.get(i) ?? built[i] ?? out)
}

/**
 * Scalar operations an element to have the term from rows, and which; ∞ where they do not give it.
 */
function workOf(term: Term, rowsAt: ReadonlySet<Term>, loop: Loop, used: Set<Term>): number {
  const { node } = term
  if (rowsAt.has(term)) {
    used.add(term)
    return 0
  }
  if (node.binders.length === 0) return 0
  const fixed = (x: Term) => loop.consts.some((g) => g.param === x)
  if (fixed(term) || (node.op === broadcastToOp && fixed(node.args[0]))) return 0
  if (!elementwise.has(node.op)) return Infinity
  const { op, args, attrs, outs } = node
  const { flops } = op.cost({ args, results: outs, attrs, interpret: interpreters })
  const each = Number(dimDivide(flops, dimProduct(term.shape)) ?? Infinity)
  if (!(each <= cheap)) return Infinity
  // Depth is bounded: each level of work counts, and what is dear ends the search.
  return args.reduce(
    (sum, a) => (sum > cheap ? sum : sum + workOf(a, rowsAt, loop, used)),
    Math.max(each, 1),
  )
}

/** Elementwise producers of rows that nothing else reads. */
function intoLoops(func: Func): Func {
  const uses = new Map<Term, number>()
  const use = (term: Term) => uses.set(term, (uses.get(term) ?? 0) + 1)
  for (const node of func.nodes) node.args.forEach(use)
  func.results.forEach(use)
  const results = fold<Term>(func, func.params, (node, args) => {
    const outs = rebuild(node, args)
    const loop = node.op === scanOp ? loopOf(outs[0].node) : undefined
    if (loop === undefined) return outs
    node.args.forEach((arg, i) => {
      if (args[i] !== arg) uses.set(args[i], uses.get(arg) ?? 0)
    })
    const moved = moveIn(loop, (term) => uses.get(term) === 1)
    if (moved === loop) return outs
    const built = rebuildLoop(moved)
    return outs.map((out, i) => built[i] ?? out)
  })
  return reclose(func, results)
}

function moveIn(start: Loop, isSole: (term: Term) => boolean): Loop {
  let loop = start
  for (;;) {
    const work = loop.xs.find(({ arg }) => isSole(arg) && elementwise.has(arg.node.op))
    if (work === undefined) return loop
    loop = unfold(loop, work)
  }
}

/** The loop with one array replaced by those that it is computed from. */
function unfold(loop: Loop, work: Given): Loop {
  const { op, args, attrs } = work.arg.node
  const binder = { name: loop.name }
  const consts: Given[] = [...loop.consts]
  const xs: Given[] = loop.xs.filter((g) => g !== work)
  const inner = args.map((arg): Term => {
    const repeated = repeatedRow(arg)
    if (repeated !== undefined && isSmallConstant(repeated)) return repeated
    const known = (repeated === undefined ? xs : consts).find((g) => g.arg === (repeated ?? arg))
    if (known !== undefined) return known.param
    const row = { dtype: arg.dtype, shape: arg.shape.slice(1) }
    const param = parameter(binder, `row${loop.consts.length + loop.xs.length}`, row)
    if (repeated === undefined) xs.push({ arg, param })
    else consts.push({ arg: repeated, param })
    return param
  })
  const value = apply1(op, inner, attrs)
  const params = [...loop.consts, ...loop.carries, ...loop.xs].map((g) => g.param)
  const ends = [...loop.carries.map((c) => c.next), ...loop.ys.map((y) => y.value)]
  const body = closeStrict(loop.name, params, ends)
  const replaced = fold<Term>(
    body,
    params.map((p) => (p === work.param ? value : p)),
    rebuild,
  )
  const count = loop.carries.length
  return {
    ...loop,
    consts,
    xs,
    carries: loop.carries.map((c, i) => ({ ...c, next: replaced[i] })),
    ys: loop.ys.map((y, i) => ({ ...y, value: replaced[count + i] })),
  }
}
