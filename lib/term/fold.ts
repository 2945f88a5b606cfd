/**
 * The one fold over closed functions that every interpreter is written with.
 *
 *   fold(f, args, step)   calls `step` once a node, arguments first, without recursion
 *
 * With `A = NDArray` it evaluates, with `A = Term` it substitutes, with `A = string` it prints.
 */
import type { Func } from './func.js'
import type { Node, Term } from './term.js'
import { apply, withArgs } from './term.js'

export function fold<A>(
  func: Func,
  args: readonly A[],
  step: (node: Node, args: readonly A[]) => readonly A[],
): readonly A[] {
  const slots: A[] = [...args]
  func.nodes.forEach((node, i) => {
    const inputs = func.wiring[i].map((slot) => slots[slot])
    for (const out of step(node, inputs)) slots.push(out)
  })
  return func.resultSlots.map((slot) => slots[slot])
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
