/**
 * Closed functions: parameters, results, and the nodes between in topological order.
 *
 *   close(params, results)   → a Func and the outer terms that it captured
 *
 * Closing shares equal nodes (hash-consing), drops what no result needs, and makes each outer
 * term that the body uses a further parameter. Closed cheap leaves are copied in instead. A Func
 * has fixed slots, one per term: `fold` runs over them without a map or a stack.
 */
import { fail } from '../data/index.js'
import { knownNodes, nodeKey } from './key.js'
import { type Binder, isParameter, type Node, parameter, type Term, withArgs } from './term.js'

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

/**
 * Closes over the given parameters; outer terms become parameters behind them. `isInner` says which
 * nodes belong inside although they depend on nothing of the function's own.
 */
export function close(
  name: string,
  params: readonly Term[],
  results: readonly Term[],
  isInner: (node: Node) => boolean = () => false,
): Closed {
  const own = new Set(params.flatMap((p) => p.node.binders))
  const captures = new Map<Term, Term>()
  const binder: Binder = { name }
  const isOwn = remembered((binders) => binders.some((b) => own.has(b)))
  const isOurs = (node: Node) => isOwn(node.binders) || isCheap(node) || isInner(node)
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
  const isOwn = remembered((binders) => binders.every((b) => own.has(b)))
  const isOurs = (node: Node) => isOwn(node.binders)
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

/** The function with other results over its parameters; itself where they are the old ones. */
export const reclose = (func: Func, results: readonly Term[]): Func =>
  results.every((result, i) => result === func.results[i])
    ? func
    : closeStrict(func.name, func.params, results)

/** A question about lists of binders, asked once for neighbours that share a list. */
function remembered(ask: (binders: readonly Binder[]) => boolean) {
  let last: readonly Binder[] | undefined
  let answer = false
  return (binders: readonly Binder[]): boolean => {
    if (binders !== last) answer = ask(binders)
    last = binders
    return answer
  }
}

/** Leaves that are better copied than captured. */
export const isCheap = (node: Node): boolean =>
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
  // The path from a result down to here, and for each node on it the argument to visit next.
  const path: Node[] = []
  const next: number[] = []
  const enter = (term: Term) => {
    const { node } = term
    if (seen.has(node)) return
    if (!isOurs(node)) {
      onOuter(term)
      return
    }
    seen.add(node)
    path.push(node)
    next.push(0)
  }
  for (const result of results) {
    enter(result)
    while (path.length > 0) {
      const top = path.length - 1
      const node = path[top]
      if (next[top] < node.args.length) {
        enter(node.args[next[top]++])
        continue
      }
      path.pop()
      next.pop()
      if (!isParameter(node.outs[0])) order.push(node)
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
  // The slot of a node is that of its first result; captured terms have slots of their own.
  const slots = new Map<Node, number>()
  const captured = new Map<Term, number>()
  params.forEach((p, slot) => {
    slots.set(p.node, slot)
  })
  for (const [outer, param] of captures) captured.set(outer, slots.get(param.node) as number)
  const slotOf = (term: Term): number => {
    const slot = slots.get(term.node)
    return slot !== undefined ? slot + term.index : (captured.get(term) ?? unbound(term, name))
  }
  const terms: Term[] = [...params]
  const nodes: Node[] = []
  const wiring: (readonly number[])[] = []
  const known = knownNodes()
  for (const node of reach) {
    const args = node.args.map(slotOf)
    let at = known.find(node, args, terms.length)
    if (at === undefined) {
      at = terms.length
      const kept = rewire(node, args, terms)
      nodes.push(kept)
      wiring.push(args)
      for (const out of kept.outs) terms.push(out)
    }
    slots.set(node, at)
  }
  const resultSlots = results.map(slotOf)
  const key = keptKey((names) => {
    const types = params.map((p) => `${p.dtype}[${p.shape}]`).join(',')
    const body = nodes.map((node, i) => nodeKey(node, wiring[i], names)).join(';')
    return `${types};${body};${resultSlots.join(',')}`
  })
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

/** The text, made once where no object is named in it by its identity. */
function keptKey(write: (names: Map<object, number>) => string) {
  let kept: string | undefined
  let named = false
  return (names: Map<object, number>): string => {
    if (kept !== undefined) return kept
    if (named) return write(names)
    const own = new Map<object, number>()
    const text = write(own)
    named = own.size > 0
    if (named) return write(names)
    kept = text
    return text
  }
}

function unbound(term: Term, name: string): never {
  return fail({
    code: 'trace',
    where: `'${name}'`,
    what: `the parameter '${String(term.node.attrs.name)}' of '${term.node.binders[0]?.name}' is not bound here`,
    fix: 'A tensor cannot leave the function that it is an input of',
  })
}

/** The node over the terms that now stand for its arguments; they have the same types. */
function rewire(node: Node, slots: readonly number[], terms: readonly Term[]): Node {
  const { args } = node
  let same = true
  for (let i = 0; i < slots.length; i++) same &&= terms[slots[i]] === args[i]
  if (same) return node
  const rewired = withArgs(
    node,
    slots.map((slot) => terms[slot]),
  )
  return rewired[0].node
}
