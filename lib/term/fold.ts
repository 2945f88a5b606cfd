/**
 * The one fold over closed functions that every interpreter is written with.
 *
 *   fold(f, args, step)   calls `step` once a node, arguments first, without recursion
 *
 * With `A = NDArray` it evaluates, with `A = Term` it substitutes, with `A = string` it prints.
 * A value is let go after its last use, so a chain of n arrays holds two of them, not n.
 */
import type { Func } from './func.js'
import type { Node, Term } from './term.js'
import { apply, withArgs } from './term.js'

export function fold<A>(
  func: Func,
  args: readonly A[],
  step: (node: Node, args: readonly A[]) => readonly A[],
): readonly A[] {
  const slots: (A | undefined)[] = [...args]
  const last = lastUses(func)
  // The casts hold because a slot is cleared only after the last node or result that reads it.
  func.nodes.forEach((node, i) => {
    const wires = func.wiring[i]
    const outs = step(
      node,
      wires.map((slot) => slots[slot] as A),
    )
    for (const slot of wires) if (last[slot] === i) slots[slot] = undefined
    for (const out of outs) slots.push(last[slots.length] < 0 ? undefined : out)
  })
  return func.resultSlots.map((slot) => slots[slot] as A)
}

/** For each slot the node that reads it last: −1 for none, the number of nodes for a result. */
function lastUses(func: Func): Int32Array {
  const outs = func.nodes.reduce((total, node) => total + node.outs.length, 0)
  const last = new Int32Array(func.params.length + outs).fill(-1)
  func.wiring.forEach((wires, i) => {
    for (const slot of wires) last[slot] = i
  })
  for (const slot of func.resultSlots) last[slot] = func.nodes.length
  return last
}

/** The results of a function at the given arguments, as terms: its body copied in place. */
export function inline(func: Func, args: readonly Term[]): readonly Term[] {
  return fold(func, args, rebuild)
}

/** The node over new arguments; itself where they are the old ones. */
export function rebuild(node: Node, args: readonly Term[]): readonly Term[] {
  let same = true
  let alike = true
  for (let i = 0; i < args.length; i++) {
    const before = node.args[i]
    same &&= args[i] === before
    alike &&= args[i].shape === before.shape && args[i].dtype === before.dtype
  }
  if (same) return node.outs
  return alike ? withArgs(node, args) : apply(node.op, args, node.attrs, node.source)
}
