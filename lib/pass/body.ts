/**
 * Bodies of control flow as passes see them: the functions among a node's attributes.
 */
import {
  type Attrs,
  apply,
  closeStrict,
  type Func,
  fold,
  isFunc,
  type Node,
  rebuild,
  type Term,
} from '../term/index.js'

/** The attributes with `f` applied to every function in them; the same record where none changed. */
export function mapBodies(attrs: Attrs, f: (body: Func) => Func): Attrs {
  return mapValue(attrs, f) as Attrs // a record gives a record
}

function mapValue(value: unknown, f: (body: Func) => Func): unknown {
  if (isFunc(value)) return f(value)
  if (Array.isArray(value)) {
    const items = value.map((v) => mapValue(v, f))
    return items.every((v, i) => v === value[i]) ? value : items
  }
  if (!isPlain(value)) return value
  const entries = Object.entries(value)
  const mapped = entries.map(([key, v]) => [key, mapValue(v, f)] as const)
  return mapped.every(([, v], i) => v === entries[i][1]) ? value : Object.fromEntries(mapped)
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** The node with other attributes. */
export const withAttrs = (node: Node, attrs: Attrs): readonly Term[] =>
  attrs === node.attrs ? node.outs : apply(node.op, node.args, attrs, node.source)

/** `f` on every body within, innermost first, then on the function itself; each body once. */
export function everywhere(func: Func, f: (func: Func) => Func): Func {
  const done = new Map<Func, Func>()
  const visit = (g: Func): Func => {
    const known = done.get(g)
    if (known !== undefined) return known
    const result = f(inBodies(g, visit))
    done.set(g, result)
    return result
  }
  return visit(func)
}

/** The function with `f` applied to the bodies of its own nodes. */
export function inBodies(func: Func, f: (body: Func) => Func): Func {
  const changed = new Map<Node, Attrs>()
  for (const node of func.nodes) {
    const attrs = mapBodies(node.attrs, f)
    if (attrs !== node.attrs) changed.set(node, attrs)
  }
  if (changed.size === 0) return func
  const results = fold<Term>(func, func.params, (node, args) => {
    const attrs = changed.get(node)
    return attrs === undefined ? rebuild(node, args) : apply(node.op, args, attrs, node.source)
  })
  return closeStrict(func.name, func.params, results)
}
