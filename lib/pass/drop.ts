/**
 * Drop: what no result needs goes, also within loops and branches.
 *
 *   %0, %1 = scan(c, h, xs) {…}; return %0    →    the rows of %1 are not computed
 *
 * A carry stays only if its result is used, or a carry, a row or a condition that stays needs it.
 * Unused constants and rows go, two that are equal become one, and one that is written in the
 * program stands in the body; unused operands and results of switch and checkpoint go. (Nodes
 * without a use are dropped whenever a function is closed.)
 */
import { checkpointFunc, checkpointOp, switchFunc, switchOp } from '../ops/index.js'
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
import { isSmallConstant } from './constant.js'
import { type Given, type Loop, loopOf, rebuildLoop } from './loop.js'
import type { Pass } from './pass.js'

export const drop: Pass = {
  name: 'drop',
  sentence: 'What no result needs goes, also within loops and branches.',
  // From the outside in, since what a loop needs decides what its body needs; twice, since a
  // body that lost a loop may need less.
  exact: true,
  run: (func) => everywhere(dropOne(func), dropOne),
}

function dropOne(func: Func): Func {
  if (!func.nodes.some(isPrunable)) return func
  const live = liveTerms(func)
  const results = fold<Term>(func, func.params, (node, args) => {
    if (!node.outs.some((out) => live.has(out))) return node.outs
    const outs = rebuild(node, args)
    const used = node.outs.map((out) => live.has(out))
    const kept = isPrunable(node) ? pruned(outs[0].node, used) : outs
    return outs.map((out, i) => kept[i] ?? out)
  })
  return reclose(func, results)
}

const isPrunable = (node: Node): boolean =>
  node.op === switchOp || node.op === checkpointOp || loopOf(node) !== undefined

function pruned(node: Node, used: readonly boolean[]): readonly (Term | undefined)[] {
  const loop = loopOf(node)
  if (loop !== undefined) {
    const lean = leanLoop(loop, used)
    return lean === loop ? node.outs : rebuildLoop(lean)
  }
  return node.op === switchOp ? leanSwitch(node, used) : leanCheckpoint(node, used)
}

/** The terms that the results need; through a loop, only by the arguments that still matter. */
function liveTerms(func: Func): ReadonlySet<Term> {
  const live = new Set<Term>(func.results)
  for (let i = func.nodes.length - 1; i >= 0; i--) {
    const node = func.nodes[i]
    const used = node.outs.map((out) => live.has(out))
    if (!used.includes(true)) continue
    for (const arg of neededArgs(node, used)) live.add(arg)
  }
  return live
}

function neededArgs(node: Node, used: readonly boolean[]): readonly Term[] {
  const loop = loopOf(node)
  if (loop === undefined) return node.args
  const lean = leanLoop(loop, used)
  const parts = [...lean.consts, ...lean.carries, ...lean.xs, ...(lean.condition?.consts ?? [])]
  return parts.map((g) => g.arg)
}

/** The least set of carries that holds the used ones and what these need. */
function leanLoop(loop: Loop, used: readonly boolean[]): Loop {
  const ys = loop.ys.filter((y) => used[y.out])
  const tested =
    loop.condition &&
    usesOf(
      loop.condition.name,
      [...loop.condition.consts.map((g) => g.param), ...loop.condition.params],
      [loop.condition.result],
    )
  const keeps = new Set(
    loop.carries.filter((c, i) => used[c.out] || tested?.has(loop.condition?.params[i] as Term)),
  )
  const params = [...loop.consts, ...loop.carries, ...loop.xs].map((g) => g.param)
  let needed: ReadonlySet<Term> = new Set()
  for (let before = -1; before !== keeps.size; ) {
    before = keeps.size
    const results = [...[...keeps].map((c) => c.next), ...ys.map((y) => y.value)]
    needed = usesOf(loop.name, params, results)
    for (const carry of loop.carries) if (needed.has(carry.param)) keeps.add(carry)
  }
  const consts = loop.consts.filter((g) => needed.has(g.param))
  const xs = loop.xs.filter((g) => needed.has(g.param))
  const { condition } = loop
  const testConsts = condition?.consts.filter((g) => tested?.has(g.param)) ?? []
  const same =
    ys.length === loop.ys.length &&
    keeps.size === loop.carries.length &&
    consts.length === loop.consts.length &&
    xs.length === loop.xs.length &&
    testConsts.length === (condition?.consts.length ?? 0)
  const literal = consts.some((g) => isSmallConstant(g.arg))
  const distinct =
    !literal && merged(consts).length === consts.length && merged(xs).length === xs.length
  if (same && distinct) return loop
  const lean: Loop = {
    ...loop,
    consts,
    carries: loop.carries.filter((c) => keeps.has(c)),
    xs,
    ys,
    ...(condition && {
      condition: {
        ...condition,
        consts: testConsts,
        params: condition.params.filter((_, i) => keeps.has(loop.carries[i])),
      },
    }),
  }
  return distinct ? lean : mergeEqual(lean)
}

/** The parameters that results depend on. */
function usesOf(
  name: string,
  params: readonly Term[],
  results: readonly Term[],
): ReadonlySet<Term> {
  const func = closeStrict(name, params, results)
  return new Set([...func.nodes.flatMap((n) => n.args), ...func.results])
}

const merged = (list: readonly Given[]): readonly Given[] => [
  ...new Map(list.toReversed().map((g) => [g.arg, g])).values(),
]

/** Arguments that are equal share a parameter, and those written in the program need none. */
function mergeEqual(loop: Loop): Loop {
  const stands = new Map<Term, Term>()
  for (const list of [loop.consts, loop.xs]) {
    const first = new Map(merged(list).map((g) => [g.arg, g.param]))
    for (const g of list) stands.set(g.param, first.get(g.arg) ?? g.param)
  }
  for (const g of loop.consts) if (isSmallConstant(g.arg)) stands.set(g.param, g.arg)
  const params = [...loop.consts, ...loop.carries, ...loop.xs].map((g) => g.param)
  const results = [...loop.carries.map((c) => c.next), ...loop.ys.map((y) => y.value)]
  const func = closeStrict(loop.name, params, results)
  const shared = fold<Term>(
    func,
    params.map((p) => stands.get(p) ?? p),
    rebuild,
  )
  const count = loop.carries.length
  return {
    ...loop,
    consts: merged(loop.consts).filter((g) => !isSmallConstant(g.arg)),
    xs: merged(loop.xs),
    carries: loop.carries.map((c, i) => ({ ...c, next: shared[i] })),
    ys: loop.ys.map((y, i) => ({ ...y, value: shared[count + i] })),
  }
}

/** Branches without the results that are not used, and without operands that none reads. */
function leanSwitch(node: Node, used: readonly boolean[]): readonly (Term | undefined)[] {
  const branches = node.attrs.branches as readonly Func[] // by the type rule of switch
  const lean = branches.map((b) => restricted(b, used))
  const reads = node.args.slice(1).map((_, i) => lean.some((b) => isRead(b, i)))
  if (!used.includes(false) && !reads.includes(false)) return node.outs
  const operands = node.args.slice(1).filter((_, i) => reads[i])
  const bodies = lean.map((b) => withParams(b, reads))
  return spread(switchFunc(bodies, node.args[0], operands), used, node)
}

function leanCheckpoint(node: Node, used: readonly boolean[]): readonly (Term | undefined)[] {
  const body = restricted(node.attrs.body as Func, used) // by the type rule of checkpoint
  const reads = node.args.map((_, i) => isRead(body, i))
  if (!used.includes(false) && !reads.includes(false)) return node.outs
  const args = node.args.filter((_, i) => reads[i])
  return spread(checkpointFunc(withParams(body, reads), args), used, node)
}

const restricted = (body: Func, used: readonly boolean[]): Func =>
  used.includes(false)
    ? closeStrict(
        body.name,
        body.params,
        body.results.filter((_, i) => used[i]),
      )
    : body

const withParams = (body: Func, reads: readonly boolean[]): Func =>
  closeStrict(
    body.name,
    body.params.filter((_, i) => reads[i]),
    body.results,
  )

const isRead = (body: Func, slot: number): boolean =>
  body.resultSlots.includes(slot) || body.wiring.some((wires) => wires.includes(slot))

function spread(
  built: readonly Term[],
  used: readonly boolean[],
  node: Node,
): readonly (Term | undefined)[] {
  for (const out of built) out.node.source ??= node.source
  let next = 0
  return used.map((u) => (u ? built[next++] : undefined))
}
