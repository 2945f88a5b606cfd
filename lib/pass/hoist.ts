/**
 * Hoist: what is the same at every step of a loop is computed once, before it.
 *
 *   scan(w, h, xs) { %0 = exp(w); … }    →    %0 = exp(w); scan(%0, h, xs) { … }
 *
 * Also: a carry that never changes becomes a constant of the loop; rows that repeat one value
 * (`broadcastTo` along axis 0) likewise; a collected row that is the same at every step is
 * broadcast behind the loop, one that is a row of an input is that input. Broadcasts and scalar
 * constants stay inside: they cost less there than an array outside does. A loop of no steps
 * computes what was hoisted in vain; it has no effects.
 */
import type { Dim } from '../data/index.js'
import { broadcastTo, broadcastToOp, reshape, reshapeOp } from '../ops/index.js'
import type { Node, Term } from '../term/index.js'
import {
  closeStrict,
  type Func,
  fold,
  inline,
  isParameter,
  parameter,
  rebuild,
  reclose,
} from '../term/index.js'
import { everywhere } from './body.js'
import { type Given, type Loop, loopOf, rebuildLoop } from './loop.js'
import type { Pass } from './pass.js'

export const hoist: Pass = {
  name: 'hoist',
  sentence: 'What is the same at every step of a loop is computed once, before it.',
  exact: true,
  run: (func) => everywhere(func, hoistOne),
}

function hoistOne(func: Func): Func {
  if (!func.nodes.some((node) => loopOf(node) !== undefined)) return func
  const results = fold<Term>(func, func.params, (node, args) => {
    const outs = rebuild(node, args)
    const loop = loopOf(outs[0].node)
    return loop === undefined ? outs : hoisted(loop, outs)
  })
  return reclose(func, results)
}

function hoisted(loop: Loop, outs: readonly Term[]): readonly Term[] {
  const known = new Map<number, Term>()
  const lifted = steadyYs(liftInvariants(steadyRows(steadyCarries(loop, known))), known)
  if (lifted === loop) return outs
  const built = rebuildLoop(lifted)
  return outs.map((out, i) => known.get(i) ?? built[i] ?? out)
}

/** A carry that the body gives back unchanged is a constant, and its result is what went in. */
function steadyCarries(loop: Loop, known: Map<number, Term>): Loop {
  const same = loop.carries.filter((c) => c.next === c.param)
  if (same.length === 0) return loop
  for (const { out, arg } of same) known.set(out, arg)
  const carries = loop.carries.filter((c) => c.next !== c.param)
  const consts = [...loop.consts, ...same]
  const { condition } = loop
  if (condition === undefined) return { ...loop, consts, carries }
  const isSame = (i: number) => loop.carries[i].next === loop.carries[i].param
  const moved = condition.params.flatMap((param, i): Given[] =>
    isSame(i) ? [{ arg: loop.carries[i].arg, param }] : [],
  )
  return {
    ...loop,
    consts,
    carries,
    condition: {
      ...condition,
      consts: [...condition.consts, ...moved],
      params: condition.params.filter((_, i) => !isSame(i)),
    },
  }
}

/** Rows that all are one value: a broadcast whose source has no axis 0 of its own. */
function steadyRows(loop: Loop): Loop {
  const sources = loop.xs.map(({ arg }) => repeatedRow(arg))
  if (sources.every((s) => s === undefined)) return loop
  const consts = loop.xs.flatMap(({ param }, i): Given[] => {
    const arg = sources[i]
    return arg === undefined ? [] : [{ arg, param }]
  })
  return {
    ...loop,
    consts: [...loop.consts, ...consts],
    xs: loop.xs.filter((_, i) => sources[i] === undefined),
  }
}

/** The row that an array repeats along axis 0, if it is a broadcast that does. */
export function repeatedRow(x: Term): Term | undefined {
  if (x.node.op !== broadcastToOp) return undefined
  const [source] = x.node.args
  const row = x.shape.slice(1)
  if (source.shape.length < x.shape.length) return broadcastTo(source, row)
  return source.shape[0] === 1 && x.shape[0] !== 1
    ? broadcastTo(reshape(source, source.shape.slice(1)), row)
    : undefined
}

/** Collected rows that are a row of an input, of another place, or the same at every step. */
function steadyYs(loop: Loop, known: Map<number, Term>): Loop {
  if (loop.ys.length === 0) return loop
  const { length } = loop.node.attrs as { length: Dim } // only scans collect rows
  const inputs = new Map(loop.xs.map((g) => [g.param, g.arg]))
  const fixed = new Map(loop.consts.map((g) => [g.param, g.arg]))
  const ys = loop.ys.filter(({ value, out }) => {
    const input = inputs.get(value)
    const constant = fixed.get(value) ?? (value.node.binders.length === 0 ? value : undefined)
    if (input !== undefined) known.set(out, input)
    else if (constant !== undefined)
      known.set(out, broadcastTo(constant, [length, ...constant.shape]))
    else return true
    return false
  })
  return ys.length === loop.ys.length ? loop : { ...loop, ys }
}

/** Moves what depends on constants of the loop alone, in the body and in the condition. */
function liftInvariants(loop: Loop): Loop {
  const bodyOuts = [...loop.carries.map((c) => c.next), ...loop.ys.map((y) => y.value)]
  const inBody = lift(loop.name, loop.consts, bodyOuts, [
    ...loop.carries.map((c) => c.param),
    ...loop.xs.map((g) => g.param),
  ])
  const { condition } = loop
  const inTest =
    condition && lift(condition.name, condition.consts, [condition.result], condition.params)
  if (inBody === undefined && inTest === undefined) return loop
  const results = inBody?.results ?? bodyOuts
  const carried = loop.carries.length
  return {
    ...loop,
    consts: inBody?.consts ?? loop.consts,
    carries: loop.carries.map((c, i) => ({ ...c, next: results[i] })),
    ys: loop.ys.map((y, i) => ({ ...y, value: results[carried + i] })),
    ...(condition && inTest
      ? { condition: { ...condition, consts: inTest.consts, result: inTest.results[0] } }
      : {}),
  }
}

/** The results over further constants, in place of what could be computed outside. */
function lift(
  name: string,
  consts: readonly Given[],
  results: readonly Term[],
  moving: readonly Term[],
): { readonly consts: readonly Given[]; readonly results: readonly Term[] } | undefined {
  const params = [...consts.map((g) => g.param), ...moving]
  const func = closeStrict(name, params, results)
  const isFixed = new Set<Term>(func.params.slice(0, consts.length))
  for (const node of func.nodes) {
    if (node.args.length > 0 && node.args.every((a) => isFixed.has(a) || isLeaf(a.node))) {
      for (const out of node.outs) isFixed.add(out)
    }
  }
  const wanted = frontier(func, isFixed)
  if (wanted.length === 0) return undefined
  const fixedParams = func.params.slice(0, consts.length)
  const outside = inline(
    closeStrict(name, fixedParams, wanted),
    consts.map((g) => g.arg),
  )
  const binder = { name }
  const added = wanted.map((term, i): Given => {
    return { arg: outside[i], param: parameter(binder, `fixed${consts.length + i}`, term) }
  })
  const stands = new Map(wanted.map((term, i) => [term, added[i].param]))
  const again = fold<Term>(func, func.params, (node, args) => {
    if (!node.outs.some((out) => stands.has(out))) return rebuild(node, args)
    return node.outs.map((out) => stands.get(out) ?? out)
  })
  return { consts: [...consts, ...added], results: again }
}

const isLeaf = (node: Node): boolean => node.args.length === 0 && !isParameter(node.outs[0])

/** Invariant terms that something moving uses; of broadcasts and reshapes, what they repeat. */
function frontier(func: Func, isFixed: ReadonlySet<Term>): readonly Term[] {
  const wanted = new Set<Term>()
  const want = (term: Term) => {
    let inner = term
    while (inner.node.op === broadcastToOp || inner.node.op === reshapeOp) [inner] = inner.node.args
    if (isFixed.has(inner) && !isParameter(inner)) wanted.add(inner)
  }
  for (const node of func.nodes) {
    if (!isFixed.has(node.outs[0])) node.args.forEach(want)
  }
  func.results.forEach(want)
  return [...wanted]
}
