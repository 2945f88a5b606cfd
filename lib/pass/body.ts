/**
 * Applying a change to a function and to every body in it.
 */
import {
  type Attrs,
  apply,
  type Func,
  fold,
  mapBodies,
  type Node,
  rebuild,
  reclose,
  type Term,
} from '../term/index.js'

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
  return reclose(func, results)
}
