/**
 * Names: the named sizes that a node depends on, by shapes, attributes and bodies, its own or those
 * of what it is computed from.
 *
 *   sum(iota('n') · s)   →   ['n'], though its own shape is []
 */
import { dimNames } from '../data/index.js'
import { isFunc } from './key.js'
import type { Node } from './term.js'

/** The names, each once. Every node remembers its own, so that asking again costs nothing. */
export function namesOf(node: Node): readonly string[] {
  const path: Node[] = [node]
  while (path.length > 0) {
    const top = path[path.length - 1]
    const pending = top.names === undefined ? belowOf(top).filter((n) => n.names === undefined) : []
    if (pending.length > 0) {
      path.push(...pending)
      continue
    }
    top.names ??= ownNames(top)
    path.pop()
  }
  return node.names ?? none
}

const none: readonly string[] = []

/** The nodes that this one is made of: arguments, and the nodes of bodies. */
function belowOf(node: Node): readonly Node[] {
  const args = node.args.map((a) => a.node)
  const bodies = Object.values(node.attrs).flatMap(funcsIn)
  return bodies.length === 0 ? args : [...args, ...bodies.flatMap((body) => body.nodes)]
}

const funcsIn = (value: unknown) =>
  isFunc(value) ? [value] : Array.isArray(value) ? value.filter(isFunc) : []

/** The names of a node whose parts know theirs; a part's list where it is all of them. */
function ownNames(node: Node): readonly string[] {
  const lists = belowOf(node).map((n) => n.names ?? none)
  const shapes = node.outs.flatMap(({ shape }) => shape)
  const written = (node.op.dims ?? []).flatMap((key) => [node.attrs[key]].flat(2))
  const own = [...shapes, ...written].flatMap((d) => (typeof d === 'string' ? dimNames(d) : none))
  const longest = lists.reduce((a, b) => (b.length > a.length ? b : a), none)
  const all = new Set([...longest, ...lists.flat(), ...own])
  return all.size === longest.length ? longest : [...all]
}
