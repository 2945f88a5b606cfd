/**
 * Closed functions: parameters, results, and the nodes between in topological order.
 *
 *   close(params, results)   → a Func and the outer terms that it captured
 *
 * Closing shares equal nodes (hash-consing), drops what no result needs, and makes each outer
 * term that the body uses a further parameter. Closed cheap leaves are copied in instead. A Func
 * has fixed slots, one per term: `fold` runs over them without a map or a stack.
 */
import { fail, invariant } from '../data/index.js'
import { nodeKey } from './key.js'
import { apply, type Binder, isParameter, type Node, parameter, type Term } from './term.js'

export interface Func {
  readonly name: string
  readonly params: readonly Term[]
  readonly nodes: readonly Node[]
  readonly results: readonly Term[]
  /** For each node the slots of its arguments; slots count params, then each node's results. */
  readonly wiring: readonly (readonly number[])[]
  readonly resultSlots: readonly number[]
  /** The structure as text: equal keys mean equal functions (`large` names big arrays). */
  readonly key: (large: Map<object, number>) => string
}

export interface Closed {
  readonly func: Func
  /** Outer terms, one for each parameter behind the given ones. */
  readonly captures: readonly Term[]
}

/** Closes over the given parameters; outer terms become parameters behind them. */
export function close(name: string, params: readonly Term[], results: readonly Term[]): Closed {
  const own = new Set(params.flatMap((p) => p.node.binders))
  const captures = new Map<Term, Term>()
  const binder: Binder = { name }
  const isOurs = (node: Node) => node.binders.some((b) => own.has(b)) || isCheap(node)
  const reach = reachable(results, isOurs, (outer) => {
    if (!captures.has(outer)) captures.set(outer, parameter(binder, `outer${captures.size}`, outer))
  })
  const all = [...params, ...captures.values()]
  return {
    func: assemble(name, all, results, reach, captures),
    captures: [...captures.keys()],
  }
}

/** Closes a function that may not use anything from outside; closed expressions are its own. */
export function closeStrict(name: string, params: readonly Term[], results: readonly Term[]): Func {
  const own = new Set(params.flatMap((p) => p.node.binders))
  const isOurs = (node: Node) => node.binders.every((b) => own.has(b))
  const reach = reachable(results, isOurs, (outer) =>
    fail({
      code: 'trace',
      where: outer.node.source?.line() ?? `'${outer.node.op.name}'`,
      what: `a tensor of '${outer.node.binders[0]?.name}' is used in '${name}'`,
      expected: 'only its own inputs and closed expressions',
      fix: 'Pass it as an input',
    }),
  )
  return assemble(name, params, results, reach, new Map())
}

/** Leaves that are better copied than captured. */
const isCheap = (node: Node): boolean =>
  node.binders.length === 0 &&
  ((node.args.length === 0 && node.outs.every((t) => t.shape.length === 0)) ||
    node.op.name === 'iota' ||
    (node.op.name === 'broadcastTo' && node.args.every((a) => isCheap(a.node))))

/** Our nodes below the results, arguments first, without recursion. */
function reachable(
  results: readonly Term[],
  isOurs: (node: Node) => boolean,
  onOuter: (term: Term) => void,
): readonly Node[] {
  const order: Node[] = []
  const seen = new Set<Node>()
  const stack: { readonly node: Node; next: number }[] = []
  const enter = (term: Term) => {
    if (seen.has(term.node)) return
    if (!isOurs(term.node)) {
      onOuter(term)
      return
    }
    seen.add(term.node)
    stack.push({ node: term.node, next: 0 })
  }
  for (const result of results) {
    enter(result)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const arg = top.node.args[top.next++]
      if (arg !== undefined) {
        enter(arg)
        continue
      }
      stack.pop()
      if (!isParameter(top.node.outs[0])) order.push(top.node)
      else if (top.node.outs.length !== 1) invariant(false, 'a parameter has one result')
    }
  }
  return order
}

/** Interns the nodes, gives them slots, and passes source lines from users to nodes without one. */
function assemble(
  name: string,
  params: readonly Term[],
  results: readonly Term[],
  reach: readonly Node[],
  captures: ReadonlyMap<Term, Term>,
): Func {
  for (let i = reach.length - 1; i >= 0; i--) {
    const user = reach[i]
    for (const arg of user.args) arg.node.source ??= user.source
  }
  const slots = new Map<Term, number>()
  params.forEach((p, slot) => {
    slots.set(p, slot)
  })
  for (const [outer, param] of captures) slots.set(outer, slots.get(param) as number)
  const terms: Term[] = [...params]
  const nodes: Node[] = []
  const wiring: (readonly number[])[] = []
  const known = new Map<string, number>()
  const large = new Map<object, number>()
  for (const node of reach) {
    const args = node.args.map((a) => slotOf(slots, a, name))
    const key = nodeKey(node, args, large)
    let at = known.get(key)
    if (at === undefined) {
      at = terms.length
      known.set(key, at)
      const kept = rewired(
        node,
        args.map((s) => terms[s]),
      )
      nodes.push(kept)
      wiring.push(args)
      terms.push(...kept.outs)
    }
    for (const out of node.outs) slots.set(out, at + out.index)
  }
  const resultSlots = results.map((r) => slotOf(slots, r, name))
  const key = (names: Map<object, number>) =>
    [
      params.map((p) => `${p.dtype}[${p.shape}]`).join(','),
      ...nodes.map((node, i) => nodeKey(node, wiring[i], names)),
      resultSlots.join(','),
    ].join(';')
  return {
    name,
    params,
    nodes,
    results: resultSlots.map((s) => terms[s]),
    wiring,
    resultSlots,
    key,
  }
}

function slotOf(slots: ReadonlyMap<Term, number>, term: Term, name: string): number {
  const slot = slots.get(term)
  if (slot !== undefined) return slot
  return fail({
    code: 'trace',
    where: `'${name}'`,
    what: `the parameter '${String(term.node.attrs.name)}' of '${term.node.binders[0]?.name}' is not bound here`,
    fix: 'A tensor cannot leave the function that it is an input of',
  })
}

function rewired(node: Node, args: readonly Term[]): Node {
  if (args.every((a, i) => a === node.args[i])) return node
  const outs = apply(node.op, args, node.attrs, node.source)
  return outs[0].node
}
