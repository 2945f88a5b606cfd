/**
 * Updates in place: which updates of an array may take its memory instead of a copy.
 *
 *   y = scatter x i u, nobody reads x later    →    y lives where x lived
 *
 * x must be a value computed here (or a carry that is given up), not a result, updated by one node
 * only, and every other reader of x must be able to run before. Those orders are returned too.
 */
import { type Func, isParameter, type Node, type Term } from '../../term/index.js'
import { isFree } from './access.js'

export interface InPlace {
  /** Nodes whose result takes the memory of their first argument. */
  readonly nodes: ReadonlySet<Node>
  /** The function's nodes, readers of an array before the node that overwrites it. */
  readonly order: readonly Node[]
  /** For each such node, the readers that must come before. */
  readonly readers: ReadonlyMap<Node, readonly Node[]>
}

export const updates: readonly string[] = ['scatter', 'dynamicUpdateSlice']

/** `consumed` says which parameters are given up. */
export function findInPlace(func: Func, consumed: readonly boolean[]): InPlace {
  const readersOf = directReaders(func)
  const owned = (x: Term) =>
    isParameter(x)
      ? consumed[func.params.indexOf(x)] === true
      : !isFree(x.node) && x.node.op.name !== 'constant'
  const taken = new Set<Term>(func.results)
  const nodes = new Set<Node>()
  const readers = new Map<Node, readonly Node[]>()
  let order: readonly Node[] = func.nodes
  for (const node of func.nodes) {
    if (!updates.includes(node.op.name)) continue
    const [x] = node.args
    if (taken.has(x) || !owned(x) || readsTwice(node)) continue
    const others = (readersOf.get(x) ?? []).filter((r) => r !== node)
    const earlier = sorted(order, new Map([...readers, [node, others]]))
    if (earlier === undefined) continue
    order = earlier
    taken.add(x)
    nodes.add(node)
    readers.set(node, others)
  }
  return { nodes, order, readers }
}

/** Whether an update of many elements would read, while it writes, what it has overwritten. */
function readsTwice(node: Node): boolean {
  const [x, ...others] = node.args
  const window = others[node.op.name === 'scatter' ? 1 : 0]
  if (window.shape.every((d) => d === 1)) return false
  const seen = new Set<Node>()
  const stack = others.map((t) => t)
  for (let term = stack.pop(); term !== undefined; term = stack.pop()) {
    if (term === x) return true
    const scalar = term.shape.every((d) => d === 1)
    if (seen.has(term.node) || !(isFree(term.node) || scalar)) continue
    seen.add(term.node)
    stack.push(...term.node.args)
  }
  return false
}

/** Who reads each term, through index maps. */
function directReaders(func: Func): ReadonlyMap<Term, readonly Node[]> {
  const readers = new Map<Term, Set<Node>>()
  for (const node of [...func.nodes].reverse()) {
    const mine = isFree(node) ? node.outs.flatMap((o) => [...(readers.get(o) ?? [])]) : [node]
    for (const arg of node.args) {
      const known = readers.get(arg) ?? new Set<Node>()
      for (const r of mine) known.add(r)
      readers.set(arg, known)
    }
  }
  return new Map([...readers].map(([term, set]) => [term, [...set]]))
}

/** A topological order with the further edges; undefined where they close a cycle. */
function sorted(
  nodes: readonly Node[],
  before: ReadonlyMap<Node, readonly Node[]>,
): readonly Node[] | undefined {
  const state = new Map<Node, 'open' | 'done'>()
  const inside = new Set(nodes)
  const order: Node[] = []
  const stack: { readonly node: Node; readonly needs: readonly Node[]; next: number }[] = []
  const enter = (node: Node) => {
    state.set(node, 'open')
    const needs = [...node.args.map((a) => a.node), ...(before.get(node) ?? [])]
    stack.push({ node, needs: needs.filter((n) => inside.has(n)), next: 0 })
  }
  for (const root of nodes) {
    if (state.has(root)) continue
    enter(root)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const need = top.needs[top.next++]
      if (need === undefined) {
        stack.pop()
        state.set(top.node, 'done')
        order.push(top.node)
      } else if (state.get(need) === 'open') return undefined
      else if (!state.has(need)) enter(need)
    }
  }
  return order
}
