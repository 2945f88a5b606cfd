/**
 * Sink: work that only one branch of a switch uses moves into that branch, and runs only there.
 *
 *   e = exp x; switch i [(a) ↦ a, (b) ↦ −b] e    →    switch i [(x) ↦ exp x, (x) ↦ −(exp x)] x
 *
 * holds where `e` is used by one of the two alone. Closing a branch captures outer terms, and so
 * computes before the choice what its author wrote inside; sinking puts it back. Work inside a
 * loop's branch that does not depend on the loop was hoisted out of the loop, and stays out.
 */
import { restrict, usedParams } from '../ops/control/body.js'
import { switchOp } from '../ops/control/switch.js'
import {
  apply,
  bodiesOf,
  closeStrict,
  type Func,
  inline,
  mapBodies,
  type Node,
  parameter,
  rebuild,
  type Term,
} from '../term/index.js'

/** Where a value is used: only in one branch of one node, or in the function itself. */
interface Place {
  readonly node: Node | undefined
  readonly branch: number
}

const here: Place = { node: undefined, branch: 0 }

/** The same function, its branches computing what only they need. */
export function sink(func: Func): Func {
  if (!func.nodes.some((node) => bodiesOf(node.attrs).length > 0)) return func
  const places = findPlaces(func)
  const slots: (Term | undefined)[] = [...func.params]
  const terms = (wiring: readonly number[]) => wiring.map((slot) => slots[slot] as Term) // built before its users
  const members = membersOf(places)
  func.nodes.forEach((node, i) => {
    if (places[i].node !== undefined) {
      // Rebuilt inside its branch.
      for (const _ of node.outs) slots.push(undefined)
      return
    }
    const outs =
      node.op === switchOp
        ? sinkInto(func, i, members.get(node) ?? [], (slot) => slots[slot] as Term)
        : apply(node.op, terms(func.wiring[i]), mapBodies(node.attrs, sink), node.source)
    slots.push(...outs)
  })
  return closeStrict(func.name, func.params, terms(func.resultSlots))
}

/** For each node, where its results are used. */
function findPlaces(func: Func): readonly Place[] {
  const uses: (Place | undefined)[] = []
  const use = (slot: number, place: Place) => {
    const before = uses[slot]
    uses[slot] = before === undefined || samePlace(before, place) ? place : here
  }
  for (const slot of func.resultSlots) use(slot, here)
  const places: Place[] = []
  let end = func.params.length + func.nodes.reduce((total, node) => total + node.outs.length, 0)
  for (let i = func.nodes.length - 1; i >= 0; i--) {
    const node = func.nodes[i]
    end -= node.outs.length
    const place = node.outs.reduce<Place | undefined>((all, _, k) => {
      const own = uses[end + k]
      if (all === undefined || own === undefined) return all ?? own
      return samePlace(all, own) ? all : here
    }, undefined)
    places[i] = place ?? here
    const split =
      node.op === switchOp && places[i].node === undefined ? branchUses(node) : undefined
    func.wiring[i].forEach((slot, k) => {
      if (split === undefined || k === 0) use(slot, places[i])
      else if (split[k - 1].length === 1) use(slot, { node, branch: split[k - 1][0] })
      else if (split[k - 1].length > 1) use(slot, here)
    })
  }
  return places
}

const samePlace = (a: Place, b: Place): boolean => a.node === b.node && a.branch === b.branch

/** For each operand of a switch, the branches that use it. */
function branchUses(node: Node): readonly (readonly number[])[] {
  const used = branchesOf(node).map(usedParams)
  return used[0].map((_, k) => used.flatMap((u, b) => (u[k] ? [b] : [])))
}

const branchesOf = (node: Node): readonly Func[] => bodiesOf(node.attrs)

/** For each switch, for each of its branches the nodes that move there, in order. */
function membersOf(places: readonly Place[]): ReadonlyMap<Node, readonly (readonly number[])[]> {
  const members = new Map<Node, number[][]>()
  places.forEach(({ node, branch }, i) => {
    if (node === undefined) return
    const own = members.get(node) ?? branchesOf(node).map(() => [])
    own[branch].push(i)
    members.set(node, own)
  })
  return members
}

/** The switch with branches that start with their own work, over what that takes from outside. */
function sinkInto(
  func: Func,
  at: number,
  members: readonly (readonly number[])[],
  outer: (slot: number) => Term,
): readonly Term[] {
  const node = func.nodes[at]
  const [index, ...operands] = func.wiring[at]
  const firsts = firstSlots(func)
  const parts = branchesOf(node).map((branch, b) => {
    const used = usedParams(branch)
    const moved = members[b] ?? []
    const made = new Set(moved.flatMap((i) => func.nodes[i].outs.map((_, k) => firsts[i] + k)))
    const taken = [...moved.flatMap((i) => func.wiring[i]), ...operands.filter((_, k) => used[k])]
    return { branch, used, moved, free: taken.filter((slot) => !made.has(slot)) }
  })
  const free = [...new Set(parts.flatMap((part) => part.free))]
  const branches = parts.map(({ branch, used, moved }) => {
    const binder = { name: branch.name }
    const params = free.map((slot, k) => parameter(binder, `x${k}`, outer(slot)))
    const slots = new Map(free.map((slot, k) => [slot, params[k]]))
    const inside = (slot: number) => slots.get(slot) as Term // a member before, or free
    for (const i of moved) {
      rebuild(func.nodes[i], func.wiring[i].map(inside)).forEach((out, k) => {
        slots.set(firsts[i] + k, out)
      })
    }
    const kept = restrict(
      branch,
      (_, k) => used[k],
      () => true,
    )
    const args = operands.filter((_, k) => used[k]).map(inside)
    return sink(closeStrict(branch.name, params, inline(kept, args)))
  })
  return apply(
    node.op,
    [outer(index), ...free.map(outer)],
    { ...node.attrs, branches },
    node.source,
  )
}

/** The slot of each node's first result. */
function firstSlots(func: Func): readonly number[] {
  let slot = func.params.length
  return func.nodes.map((node) => {
    const first = slot
    slot += node.outs.length
    return first
  })
}
